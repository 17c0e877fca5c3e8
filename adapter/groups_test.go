package adapter_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hostscim/adapter/scim"
	"hostscim/legacyclient/legacytest"
)

// groupsOf is a legacy API that also tells the groups of a host, at
// /hosts/{id}/host_groups: what was asked there, and how.
type groupsOf struct {
	api   *legacytest.Handler
	calls []string
}

// answer answers calls of the route, two groups a page.
func (g *groupsOf) answer(w http.ResponseWriter, r *http.Request) bool {
	path, ofHost := strings.CutPrefix(r.URL.Path, legacytest.Prefix+"/hosts/")
	text, ours := strings.CutSuffix(path, "/host_groups")
	if !ofHost || !ours {
		return false
	}
	g.calls = append(g.calls, strings.TrimPrefix(r.URL.Path, legacytest.Prefix))
	id, err := strconv.ParseInt(text, 10, 64)
	if _, exists := g.api.Host(id); err != nil || !exists {
		respond(404, faults(`{"domain":"host","attribute":null,"code":"not_found","message":"does not exist"}`))(w, r)
		return true
	}
	var in []legacytest.Group
	for _, group := range g.api.Groups() {
		if slices.Contains(g.api.Members(group.ID), id) {
			in = append(in, group)
		}
	}
	total := len(in)
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	in = in[min(offset, total):]
	in = append([]legacytest.Group{}, in[:min(2, len(in))]...)
	body, err := json.Marshal(map[string]any{"host_groups": in, "pagination": map[string]int{"total_records": total}})
	if err != nil {
		panic(err)
	}
	respond(200, string(body))(w, r)
	return true
}

var groupsEdit = []string{"    id: {legacy: id, type: integer}\n", `    groups: {request: "GET /hosts/{id}/host_groups", items: host_groups, value: id}
    id: {legacy: id, type: integer}
`}

// startGroups starts an adapter before such an API: noa is in groups 1 and 3
// to 5, ivo in 1 and mia in none.
func startGroups(t *testing.T, edits ...string) (*fixture, *groupsOf) {
	t.Helper()
	g := new(groupsOf)
	f := seeded(t, setup{before: g.answer, edits: append(slices.Clone(groupsEdit), edits...)})
	g.api = f.api
	for _, name := range []string{"Three", "Four", "Five"} {
		f.api.AddGroup(group(name), 1)
	}
	return f, g
}

// take returns how often the groups of a host were asked for, and the other
// calls, since the last time.
func (g *groupsOf) take(f *fixture) (int, []string) {
	n := len(g.calls)
	g.calls = nil
	return n, f.calls()
}

func TestGroupsOfUser(t *testing.T) {
	f, g := startGroups(t)
	ref := func(ids ...string) string {
		for i, id := range ids {
			ids[i] = `{"value":"` + id + `","$ref":"` + f.url + base + "/Groups/" + id + `"}`
		}
		return "[" + strings.Join(ids, ",") + "]"
	}
	for _, test := range []struct {
		query, id, groups string
		asked             int // calls for the groups
	}{
		{"", "1", "", 0},
		{"?attributes=userName", "1", "", 0},
		{"?excludedAttributes=name", "1", "", 0},
		{"?attributes=groups", "1", ref("1", "3", "4", "5"), 2},
		{"?attributes=userName,GROUPS", "1", ref("1", "3", "4", "5"), 2},
		{"?attributes=" + userURN + ":groups", "2", ref("1"), 1},
		{"?attributes=groups", "3", "", 1},
		{"?attributes=groups.value", "2", `[{"value":"1"}]`, 1},
		{"?attributes=groups.$ref", "2", `[{"$ref":"` + f.url + base + `/Groups/1"}]`, 1},
		{"?attributes=groups&excludedAttributes=groups", "1", "", 0},
	} {
		v := f.want(200, "GET", "/Users/"+test.id+test.query, "").value(t)
		asked, calls := g.take(f)
		if got := v.Get("groups").String(); v.Get("groups").Kind() != scim.Absent && got != test.groups || v.Get("groups").Kind() == scim.Absent && test.groups != "" {
			t.Errorf("%s of user %s: groups %s, want %s", test.query, test.id, got, test.groups)
		}
		if asked != test.asked || !slices.Equal(calls, []string{"GET /hosts/" + test.id}) {
			t.Errorf("%s of user %s asks %d times for groups and calls %q, want %d", test.query, test.id, asked, calls, test.asked)
		}
	}
	list := f.want(200, "GET", "/Users?attributes=groups", "").value(t).Get("Resources")
	asked, _ := g.take(f)
	if list.Len() != 3 || list.At(0).Get("groups").Len() != 4 || list.At(1).Get("groups").String() != ref("1") || list.At(2).Get("groups").Kind() != scim.Absent || asked != 4 {
		t.Errorf("the list %s took %d calls", list, asked)
	}
	found := f.want(200, "GET", "/Users?attributes=groups&filter="+url.QueryEscape(`userName eq "ivo@example.com"`), "").value(t).Get("Resources")
	if asked, _ := g.take(f); found.Len() != 1 || found.At(0).Get("groups").String() != ref("1") || asked != 1 {
		t.Errorf("a filter on something else finds %s with %d calls for groups", found, asked)
	}
	// A write answers them too, if they are asked for.
	if v := f.want(200, "PATCH", "/Users/2?attributes=groups", deactivate).value(t); v.Get("groups").String() != ref("1") {
		t.Errorf("PATCH answers %s", v)
	}
}

func TestGroupsPublished(t *testing.T) {
	published := func(f *fixture) scim.Value {
		for _, p := range f.want(200, "GET", "/Schemas/"+userURN, "").value(t).Get("attributes").Parts() {
			if p.Value.Get("name").Text() == "groups" {
				return p.Value
			}
		}
		return scim.Value{}
	}
	f, _ := startGroups(t)
	v := published(f)
	if v.Get("mutability").Text() != "readOnly" || v.Get("returned").Text() != "request" || !v.Get("multiValued").True() || v.Get("type").Text() != "complex" {
		t.Errorf("groups is published as %s", v)
	}
	var subs []string
	for _, p := range v.Get("subAttributes").Parts() {
		subs = append(subs, p.Value.Get("name").Text()+" "+p.Value.Get("mutability").Text())
	}
	if got := strings.Join(subs, ", "); got != "value readOnly, $ref readOnly" {
		t.Errorf("groups has %s", got)
	}
	// Without the call they do not exist.
	f = seeded(t, setup{})
	if v := published(f); v.Kind() != scim.Absent {
		t.Errorf("groups is published as %s without the call", v)
	}
	for _, filter := range []string{`groups.value eq "1"`, `groups eq "1"`, `groups[value eq "1"]`, "groups pr"} {
		f.wantError(400, scim.InvalidFilter, "GET", "/Users?filter="+url.QueryEscape(filter), "", "groups")
	}
	f.want(200, "GET", "/Users/1?attributes=groups", "")
	f.wantCalls("GET /hosts/1")
}

// TestGroupsReadOnly: membership is written at the group.
func TestGroupsReadOnly(t *testing.T) {
	f, g := startGroups(t)
	before := f.state()
	for _, o := range []string{
		`{"op":"add","path":"groups","value":[{"value":"2"}]}`, `{"op":"replace","path":"groups","value":[]}`, `{"op":"remove","path":"groups"}`,
		`{"op":"remove","path":"groups[value eq \"1\"]"}`, `{"op":"replace","path":"groups.value","value":"2"}`, `{"op":"add","path":"groups[value eq \"1\"].display","value":"x"}`,
	} {
		f.wantError(400, scim.Mutability, "PATCH", "/Users/1", patch(deactivateOp, o), "groups")
	}
	if asked, calls := g.take(f); asked+len(calls) > 0 {
		t.Errorf("refusing took %d calls and %q", asked, calls)
	}
	f.untouched(before)
	// Clients send back what they read.
	with := func(name, groups string) string {
		return strings.Replace(user(name), "{", `{"groups":`+groups+",", 1)
	}
	f.want(200, "PUT", "/Users/1", with("noa", `[{"value":"2"}]`))
	f.want(201, "POST", "/Users", with("new", `[{"value":"2"}]`))
	if asked, calls := g.take(f); asked > 0 || !slices.Equal(calls, []string{"PATCH /hosts/1", "POST /hosts"}) {
		t.Errorf("PUT and POST took %d calls and %q", asked, calls)
	}
	if got := f.api.Members(2); len(got) != 0 {
		t.Errorf("group 2 has members %v", got)
	}
}

// TestGroupsFilter: exact, and for one group no more than its members are
// read.
func TestGroupsFilter(t *testing.T) {
	f, g := startGroups(t)
	const (
		members = "GET /host_groups/1/hosts?limit=100&offset=0"
		scan    = "GET /hosts?limit=100&offset=0"
	)
	both := []string{members, "GET /hosts/1", "GET /hosts/2"}
	for _, test := range []struct {
		filter, ids string
		asked       int
		calls       []string
	}{
		{`groups.value eq "1"`, "1 2", 3, both},
		{`groups[value eq "1"]`, "1 2", 3, both},
		{`groups eq "1"`, "1 2", 3, both},
		{`GROUPS.VALUE EQ "1"`, "1 2", 3, both},
		{userURN + `:groups.value eq "1"`, "1 2", 3, both},
		{`groups.value eq "1" and active eq true`, "1 2", 3, both},
		{`groups.value eq "2"`, "", 0, []string{strings.Replace(members, "/1/", "/2/", 1)}},
		{`groups.value eq "4"`, "1", 2, []string{strings.Replace(members, "/1/", "/4/", 1), "GET /hosts/1"}},
		{`groups.value eq "99"`, "", 0, []string{strings.Replace(members, "/1/", "/99/", 1)}},
		{`groups.value eq "x"`, "", 0, nil},
		{`groups.value eq ""`, "", 0, nil},
		{`groups.value eq "1" and id eq "2"`, "2", 1, []string{"GET /hosts/2"}},
		{`groups.value eq "4" and id eq "2"`, "", 1, []string{"GET /hosts/2"}},
		{`groups.value eq "1" or groups.value eq "3"`, "1 2", 5, append(slices.Clone(both), strings.Replace(members, "/1/", "/3/", 1), "GET /hosts/1")},
		{"groups pr", "1 2", 4, []string{scan}},
		{"not (groups pr)", "3", 4, []string{scan}},
		{`not (groups.value eq "1")`, "3", 4, []string{scan}},
		{`groups.value ne "1"`, "1 3", 4, []string{scan}},
		{`groups.value sw "4"`, "1", 4, []string{scan}},
		{`groups.$ref ew "/Groups/5"`, "1", 4, []string{scan}},
		{`groups[value eq "1" and value eq "3"]`, "", 3, both},
		{`groups[value eq "1" or value eq "5"]`, "1 2", 4, []string{scan}},
	} {
		a := f.want(200, "GET", "/Users?filter="+url.QueryEscape(test.filter), "")
		got := strings.Join(a.ids(t), " ")
		asked, calls := g.take(f)
		if got != test.ids {
			t.Errorf("%s finds %q, want %q", test.filter, got, test.ids)
		}
		if asked != test.asked || !slices.Equal(calls, test.calls) {
			t.Errorf("%s asks %d times for groups and calls %q, want %d and %q", test.filter, asked, calls, test.asked, test.calls)
		}
		if strings.Contains(a.body, `"groups"`) {
			t.Errorf("%s shows groups that nobody asked for: %s", test.filter, a.body)
		}
	}
	a := f.want(200, "GET", "/Users?attributes=groups&filter="+url.QueryEscape(`groups.value eq "4"`), "")
	if got := a.value(t).Get("Resources").At(0).Get("groups").Len(); got != 4 {
		t.Errorf("%d groups in the answer, want 4", got)
	}
	// An unknown sub-attribute is 400, an outage is no empty list.
	f.wantError(400, scim.InvalidFilter, "GET", "/Users?filter="+url.QueryEscape(`groups.display eq "x"`), "", "groups")
	g.take(f)
	f = seeded(t, setup{edits: groupsEdit, before: brokenAt(legacytest.Prefix + "/hosts/1/host_groups")})
	f.wantError(503, "", "GET", "/Users?filter="+url.QueryEscape(`groups.value eq "1"`), "")
	f.wantError(503, "", "GET", "/Users/1?attributes=groups", "")
}

// TestPatchResponse: what a PATCH answers, and what it costs.
func TestPatchResponse(t *testing.T) {
	const user, group, members = "PATCH /hosts/1", "POST /host_groups/1/hosts", "GET /host_groups/1/hosts"
	for _, test := range []struct {
		mode                string
		query               string
		user, group         int
		userCalls, grpCalls []string
	}{
		{"", "", 200, 204, []string{user}, []string{group}},
		{"auto", "", 200, 204, []string{user}, []string{group}},
		{"auto", "?excludedAttributes=members", 200, 204, []string{user}, []string{group}},
		{"auto", "?attributes=id", 200, 200, []string{user}, []string{group, "GET /host_groups/1"}},
		{"auto", "?attributes=members", 200, 200, []string{user}, []string{group, "GET /host_groups/1", members}},
		{"resource", "", 200, 200, []string{user}, []string{group, "GET /host_groups/1", members}},
		{"resource", "?excludedAttributes=members", 200, 200, []string{user}, []string{group, "GET /host_groups/1"}},
		{"none", "", 204, 204, []string{user}, []string{group}},
		{"none", "?excludedAttributes=members", 204, 204, []string{user}, []string{group}},
		{"none", "?attributes=displayName,userName", 200, 200, []string{user}, []string{group, "GET /host_groups/1"}},
	} {
		var edits []string
		if test.mode != "" {
			row := "    patch_response: " + test.mode + "\n"
			edits = []string{"    id: {legacy: id, type: integer}\n", row + "    id: { legacy: id, type: integer }\n", "  Group:\n", "  Group:\n" + row}
		}
		f := seeded(t, setup{edits: edits})
		for _, side := range []struct {
			path, body string
			status     int
			calls      []string
		}{{"/Users/1", deactivate, test.user, test.userCalls}, {"/Groups/1", patch(member("add", 3)), test.group, test.grpCalls}} {
			a := f.want(side.status, "PATCH", side.path+test.query, side.body)
			f.wantCalls(side.calls...)
			if (a.body == "") != (side.status == 204) || a.header.Get("Location") != f.url+base+side.path {
				t.Errorf("%s: %s%s = %q at %q", test.mode, side.path, test.query, a.body, a.header.Get("Location"))
			}
			// The same as a GET with the same view.
			if get := f.want(200, "GET", side.path+test.query, ""); a.body != "" && a.body != get.body {
				t.Errorf("%s: PATCH %s%s answers %s, GET %s", test.mode, side.path, test.query, a.body, get.body)
			}
			f.api.TakeCalls()
		}
	}
	// Nor is a group answered whose record happens to be known.
	f := seeded(t, setup{})
	f.want(204, "PATCH", "/Groups/1", patch(`{"op":"replace","path":"displayName","value":"Front"}`))
	f.wantCalls("PATCH /host_groups/1")
}

// TestProjectedWrites: the view of a write is that of a GET.
func TestProjectedWrites(t *testing.T) {
	for _, query := range []string{"?attributes=userName,displayName", "?attributes=emails.value,members", "?excludedAttributes=name,members,meta", "?attributes=meta.version", "?attributes=nothing"} {
		f := seeded(t, setup{})
		for _, op := range []struct {
			status                   int
			method, path, body, read string
		}{
			{201, "POST", "/Users", user("new"), "/Users/4"}, {200, "PUT", "/Users/4", user("newer"), "/Users/4"}, {200, "PATCH", "/Users/4", deactivate, "/Users/4"},
			{201, "POST", "/Groups", team("Desk"), "/Groups/3"}, {200, "PUT", "/Groups/3", team("Hall", "1", "2"), "/Groups/3"},
		} {
			a := f.want(op.status, op.method, op.path+query, op.body)
			if get := f.want(200, "GET", op.read+query, ""); a.body != get.body || a.header.Get("ETag") != get.header.Get("ETag") {
				t.Errorf("%s answers %s, GET %s", a.request, a.body, get.body)
			}
		}
	}
}
