package chaos

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"hostscim/legacyclient/legacytest"
)

// truth is the host API as it is behind its faults.
type truth struct {
	api    *legacytest.Server
	listed bool // members are a list in the record
}

// fails reports whether the API has a fault of that kind.
func (t truth) fails(kind legacytest.Kind) bool {
	return slices.ContainsFunc(t.api.Faults(), func(f legacytest.FaultState) bool { return f.Kind == kind })
}

func number(id string) int64 {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (t truth) host(id string) bool {
	_, there := t.api.Host(number(id))
	return there
}

func (t truth) group(id string) bool {
	_, there := t.api.Group(number(id))
	return there
}

// hostsNamed returns the ids of the hosts with the name.
func (t truth) hostsNamed(name string) []string {
	var ids []string
	for _, h := range t.api.Hosts() {
		if strings.EqualFold(h.Username, name) {
			ids = append(ids, strconv.FormatInt(h.ID, 10))
		}
	}
	return ids
}

// groupsNamed returns the ids of the groups with the name.
func (t truth) groupsNamed(name string) []string {
	var ids []string
	for _, g := range t.api.Groups() {
		if strings.EqualFold(g.Name, name) {
			ids = append(ids, strconv.FormatInt(g.ID, 10))
		}
	}
	return ids
}

// held returns what a host holds, by SCIM path.
func held(h legacytest.Host) map[string]string {
	all := map[string]string{
		userName: h.Username, active: strconv.FormatBool(h.Visible), given: h.FirstName, family: h.LastName,
		email: h.Email, phone: h.MobileNumber, department: h.Department,
	}
	maps.DeleteFunc(all, func(_, value string) bool { return value == "" })
	return all
}

// checkUser holds that the host has these values at the paths.
func (t truth) checkUser(r *record, what, id string, want map[string]string, paths []string) {
	host, there := t.api.Host(number(id))
	if !there {
		r.blame("%s succeeded, and there is no host %q", what, id)
		return
	}
	have := held(host)
	for _, path := range paths {
		if have[path] != want[path] {
			r.blame("%s succeeded, and %s of host %s is %q, want %q", what, path, id, have[path], want[path])
		}
	}
}

// checkGroup holds that the group has the name.
func (t truth) checkGroup(r *record, what, id, name string) {
	if g, there := t.api.Group(number(id)); !there || g.Name != name {
		r.blame("%s succeeded, and group %q is %+v, want the name %q", what, id, g, name)
	}
}

// checkMembers holds that some are in the group and others are not.
func (t truth) checkMembers(r *record, id string, in, out []string) {
	members := t.members(id)
	for _, m := range in {
		if !slices.Contains(members, m) {
			r.blame("%s was added to group %s, and is not in %v", m, id, members)
		}
	}
	for _, m := range out {
		if slices.Contains(members, m) {
			r.blame("%s was removed from group %s, and is in %v", m, id, members)
		}
	}
}

// checkAllMembers holds that these are in the group and no others.
func (t truth) checkAllMembers(r *record, id string, ids []string) {
	want := t.members(id)
	slices.Sort(want)
	slices.Sort(ids)
	if !slices.Equal(ids, want) {
		r.blame("GET /Groups/%s shows the members %v, want %v", id, ids, want)
	}
}

func (t truth) members(id string) []string {
	members := t.api.Members(number(id))
	if t.listed {
		g, _ := t.api.Group(number(id))
		members = listedIn(g)
	}
	var ids []string
	for _, m := range members {
		ids = append(ids, strconv.FormatInt(m, 10))
	}
	return ids
}

// listedIn returns the list in the record of a group.
func listedIn(g legacytest.Group) []int64 {
	var fields struct{ Members []int64 }
	if len(g.CustomFields) > 0 && json.Unmarshal(g.CustomFields, &fields) != nil {
		return []int64{-1} // which nobody is
	}
	return fields.Members
}

// checkDirectory holds that the API has what the directory wants, and nothing
// else.
func (t truth) checkDirectory(r *record, d *directory) {
	var want, have []string
	for _, p := range d.people {
		if p.wanted != nil {
			want = append(want, fmt.Sprint(p.wanted))
		}
	}
	names := make(map[int64]string)
	for _, h := range t.api.Hosts() {
		have, names[h.ID] = append(have, fmt.Sprint(held(h))), h.Username
	}
	compare(r, "hosts", want, have)

	want, have = nil, nil
	for _, team := range d.teams {
		if team.name == "" {
			continue
		}
		var members []string
		for i := range team.members {
			members = append(members, d.people[i].wanted[userName])
		}
		slices.Sort(members)
		want = append(want, fmt.Sprint(team.name, members))
	}
	for _, g := range t.api.Groups() {
		var members []string
		for _, id := range t.members(strconv.FormatInt(g.ID, 10)) {
			if name, there := names[number(id)]; there { // a list may hold who is gone
				members = append(members, name)
			}
		}
		slices.Sort(members)
		have = append(have, fmt.Sprint(g.Name, members))
	}
	compare(r, "groups", want, have)
}

func compare(r *record, what string, want, have []string) {
	slices.Sort(want)
	slices.Sort(have)
	if !slices.Equal(want, have) {
		r.blame("in the end the %s are\n\t%s\nwant\n\t%s", what, strings.Join(have, "\n\t"), strings.Join(want, "\n\t"))
	}
}
