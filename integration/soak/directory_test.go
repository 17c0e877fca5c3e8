package main

import (
	"strings"
	"testing"

	"hostscim/legacyclient/legacytest"
)

// world is a user and a group with that user in it, and the directory that has
// them, as well as one that nobody touches.
func world() (*record, *record, *directory) {
	u := newRecord(users, "u")
	u.id, u.there = "501", sure(yes)
	u.held = map[string]maybe{userName: sure("u@example.com"), active: sure("true"), department: sure("Old")}
	g := newRecord(groups, "g")
	g.id, g.there = "1", sure(yes)
	g.held[displayName] = sure("g.v1.")
	g.members[u] = sure(yes)
	return u, g, &directory{
		Hosts: []legacytest.Host{
			{ID: seeded, Username: "nobody@example.com"},
			{ID: 501, Username: "u@example.com", Visible: true, Department: "Old"},
		},
		Groups:  []legacytest.Group{{ID: 1, Name: "g.v1."}},
		Members: map[int64][]int64{1: {501}},
	}
}

func TestDirectory(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(u, g *record, d *directory)
		want   string // "": it is as it may be
	}{
		{"as written", func(_, _ *record, _ *directory) {}, ""},
		{"a value was lost", func(_, _ *record, d *directory) { d.Hosts[1].Department = "" }, `department is "", want ["Old"]`},
		{"another is visible", func(_, _ *record, d *directory) { d.Hosts[1].Visible = false }, `active is "false"`},
		{"in doubt, old", func(u, _ *record, _ *directory) { u.held[department] = u.held[department].or("New") }, ""},
		{"in doubt, new", func(u, _ *record, d *directory) {
			u.held[department], d.Hosts[1].Department = u.held[department].or("New"), "New"
		}, ""},
		{"in doubt, neither", func(u, _ *record, d *directory) {
			u.held[department], d.Hosts[1].Department = u.held[department].or("New"), "Newer"
		}, `want ["Old" "New"]`},
		{"a user is gone", func(_, g *record, d *directory) {
			d.Hosts, d.Members = d.Hosts[:1], nil
			clear(g.members)
		}, "u 501 is there: no, want yes"},
		{"a delete in doubt, done", func(u, g *record, d *directory) {
			u.there, d.Hosts, d.Members = u.there.or(no), d.Hosts[:1], nil
			clear(g.members)
		}, ""},
		{"a create in doubt, done", func(u, g *record, d *directory) {
			u.id, u.there, d.Members = "", sure(no).or(yes), nil
			clear(g.members)
		}, ""},
		{"created twice", func(_, _ *record, d *directory) {
			d.Hosts = append(d.Hosts, legacytest.Host{ID: 502, Username: "u2@example.com"})
		}, "/Users/502 is nobody's"},
		{"deleted and there", func(u, g *record, d *directory) {
			u.gone()
			d.Members = nil
			clear(g.members)
		}, "/Users/501 is nobody's"},
		{"a member was lost", func(_, _ *record, d *directory) { d.Members = nil }, "u is a member: no, want yes"},
		{"a member stayed", func(_, g *record, _ *directory) { clear(g.members) }, "user 501 is a member and was never added"},
		{"a member in doubt", func(u, g *record, d *directory) { g.members[u], d.Members = g.members[u].or(no), nil }, ""},
		{"another name", func(_, _ *record, d *directory) { d.Groups[0].Name = "g.v2." }, "displayName"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u, g, d := world()
			tt.change(u, g, d)
			got := d.check([]*record{u, g})
			if tt.want == "" && len(got) > 0 || tt.want != "" && (len(got) != 1 || !strings.Contains(got[0], tt.want)) {
				t.Errorf("check() = %q, want one with %q", got, tt.want)
			}
		})
	}
}
