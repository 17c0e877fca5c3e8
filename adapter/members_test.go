package adapter_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"hostscim/legacyclient/legacytest"
)

const group1 = "/host_groups/1"

// member returns the operation on members that the client sends.
func member(op string, ids ...int) string {
	values := make([]string, len(ids))
	for i, id := range ids {
		values[i] = fmt.Sprintf(`{"value":"%d"}`, id)
	}
	return fmt.Sprintf(`{"op":%q,"path":"members","value":[%s]}`, op, strings.Join(values, ","))
}

func count(from, to int) []int {
	var ids []int
	for i := from; i <= to; i++ {
		ids = append(ids, i)
	}
	return ids
}

// wantMembers checks the members of group 1 behind the API.
func (f *fixture) wantMembers(want ...int) {
	f.Helper()
	if got := f.api.Members(1); fmt.Sprint(got) != fmt.Sprint(want) {
		f.Errorf("members %v, want %v", got, want)
	}
}

// TestMembers: one change after the other to group 1 of 300 hosts, and what
// each costs.
func TestMembers(t *testing.T) {
	f := start(t, setup{legacy: []legacytest.Option{legacytest.WithHosts(300)}})
	f.api.AddGroup(group("Reception"), 1, 2)
	const add, list = "POST /host_groups/1/hosts", "GET /host_groups/1/hosts"
	remove := func(ids ...int) (calls []string) {
		for _, id := range ids {
			calls = append(calls, fmt.Sprintf("DELETE /host_groups/1/hosts/%d", id))
		}
		return calls
	}
	for _, test := range []struct {
		name    string
		body    string
		members []int
		calls   []string
	}{
		{"add one", patch(member("Add", 3)), count(1, 3), []string{add}},
		{"add one that is there", patch(member("add", 3)), count(1, 3), []string{add}},
		{"add one twice", patch(member("add", 4, 4), member("add", 4)), count(1, 4), []string{add}},
		{"add as Entra's old form", patch(`{"op":"Add","path":"members","value":[{"$ref":null,"value":"5"}]}`), count(1, 5), []string{add}},
		{"add without a path", patch(`{"op":"add","value":{"members":[{"value":"6"}]}}`), count(1, 6), []string{add}},
		{"remove one", patch(`{"op":"remove","path":"members[value eq \"6\"]"}`), count(1, 5), remove(6)},
		{"remove as Entra's old form", patch(member("Remove", 5)), count(1, 4), remove(5)},
		{"remove several", patch(`{"op":"remove","path":"members[value eq \"3\"]"}`, `{"op":"remove","path":"members[value eq \"4\"]"}`), count(1, 2), remove(3, 4)},
		{"remove one that is gone", patch(member("remove", 4)), count(1, 2), append(remove(4), "GET "+group1)},
		{"remove several that are gone", patch(member("remove", 3, 4)), count(1, 2), []string{remove(3)[0], "GET " + group1, remove(4)[0]}},
		{"remove one that cannot be", patch(`{"op":"remove","path":"members[value eq \"abc\"]"}`), count(1, 2), []string{"GET " + group1}},
		{"remove nobody", patch(member("remove")), count(1, 2), []string{"GET " + group1}},
		{"add and remove", patch(member("add", 3), member("remove", 1)), []int{2, 3}, []string{add, remove(1)[0]}},
		{"add what is then removed", patch(member("add", 9), member("remove", 9)), []int{2, 3}, []string{remove(9)[0], "GET " + group1}},
		{"add 250", patch(member("add", count(1, 250)...)), count(1, 250), []string{add, add, add}},
		{"set to others", patch(member("replace", append(count(1, 249), 300)...)), append(count(1, 249), 300), append([]string{list, list, list, add}, remove(250)...)},
		{"set to the same", patch(member("replace", append(count(1, 249), 300)...)), append(count(1, 249), 300), []string{list, list, list}},
		{"set to few", patch(member("replace", 1, 2, 3)), count(1, 3), append([]string{list, list, list}, remove(append(count(4, 249), 300)...)...)},
		{"remove by a filter that has to look", patch(`{"op":"remove","path":"members[value ne \"2\"]"}`), []int{2}, append([]string{list}, remove(1, 3)...)},
		{"remove all", patch(`{"op":"remove","path":"members"}`), nil, append([]string{list}, remove(2)...)},
		{"set to nobody", patch(member("replace")), nil, []string{list}},
		{"rename and add", patch(`{"op":"replace","path":"displayName","value":"Front"}`, member("add", 7)), []int{7}, []string{add, "PATCH " + group1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f.T = t
			a := f.want(204, "PATCH", "/Groups/1", test.body)
			if a.header.Get("Location") != f.url+base+"/Groups/1" {
				t.Errorf("Location = %q", a.header.Get("Location"))
			}
			f.wantMembers(test.members...)
			f.wantCalls(test.calls...)
		})
	}
}

// TestMembersRead: a group of 250 is read in 1 + 3 calls, each member once.
func TestMembersRead(t *testing.T) {
	f := start(t, setup{legacy: []legacytest.Option{legacytest.WithHosts(300)}})
	var ids []int64
	for _, id := range count(1, 250) {
		ids = append(ids, int64(id))
	}
	f.api.AddGroup(group("Reception"), ids...)
	v := f.want(200, "GET", "/Groups/1", "").value(t)
	f.wantCalls("GET /host_groups/1", "GET /host_groups/1/hosts", "GET /host_groups/1/hosts", "GET /host_groups/1/hosts")
	if n := v.Get("members").Len(); n != 250 || v.Get("members").At(249).String() != `{"value":"250","$ref":"`+f.url+base+`/Users/250"}` {
		t.Errorf("%d members, the last %s, want 250", n, v.Get("members").At(n-1))
	}
	f.want(204, "PATCH", "/Groups/1", patch(member("replace")))
	if v = f.want(200, "GET", "/Groups/1", "").value(t); v.Get("members").String() != "[]" {
		t.Errorf("members of an empty group = %s, want []", v.Get("members"))
	}
}

// TestUnknownMembers: what does not exist is named, and nothing is applied.
func TestUnknownMembers(t *testing.T) {
	f := seeded(t, setup{})
	before := f.state()
	for _, test := range []struct {
		name, method, path, body string
		details                  []string
	}{
		{"add", "PATCH", "/Groups/1", patch(member("add", 3, 77, 78)), []string{`"77"`, `"78"`, "provision the user first"}},
		{"add with a rename", "PATCH", "/Groups/1", patch(`{"op":"replace","path":"displayName","value":"New"}`, member("add", 77)), []string{`"77"`}},
		{"add and remove", "PATCH", "/Groups/1", patch(member("remove", 1), member("add", 77)), []string{`"77"`}},
		{"set", "PATCH", "/Groups/1", patch(member("replace", 3, 77)), []string{`"77"`}},
		{"put", "PUT", "/Groups/1", `{"displayName":"New","members":[{"value":"3"},{"value":"77"}]}`, []string{`"77"`}},
		{"create", "POST", "/Groups", `{"displayName":"New","members":[{"value":"3"},{"value":"77"}]}`, []string{`"77"`}},
		{"create with an id that cannot be", "POST", "/Groups", `{"displayName":"New","members":[{"value":"3"},{"value":"a/b"}]}`, []string{`"a/b"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f.T = t
			a := f.wantError(400, "invalidValue", test.method, test.path, test.body, append(test.details, "members")...)
			if strings.Contains(a.body, `"3\"`) {
				t.Errorf("the error names 3, which exists: %s", a.body)
			}
			if after := f.state(); after != before {
				t.Errorf("legacy data\n%s\nwant it unchanged\n%s", after, before)
			}
		})
	}
}

// TestUnknownGroup: nothing can be done to a group that is not there.
func TestUnknownGroup(t *testing.T) {
	f := seeded(t, setup{})
	before := f.state()
	for name, body := range map[string]string{
		"add":                   patch(member("add", 1)),
		"remove":                patch(member("remove", 1)),
		"remove what cannot be": patch(`{"op":"remove","path":"members[value eq \"abc\"]"}`),
		"set":                   patch(member("replace", 1)),
		"clear":                 patch(`{"op":"remove","path":"members"}`),
		"remove where":          patch(`{"op":"remove","path":"members[value ne \"1\"]"}`),
		"rename":                patch(`{"op":"replace","path":"displayName","value":"New"}`),
		"nothing":               patch(),
		"ignored":               patch(`{"op":"add","path":"externalId","value":"x"}`),
		"remove and add":        patch(member("remove", 1), member("add", 2)),
	} {
		t.Run(name, func(t *testing.T) {
			f.T = t
			f.wantError(404, "", "PATCH", "/Groups/99", body, `no Group with the id "99"`)
		})
	}
	f.T = t
	f.wantError(404, "", "PUT", "/Groups/99", `{"displayName":"New","members":[{"value":"1"}]}`, "Group")
	if after := f.state(); after != before {
		t.Errorf("legacy data\n%s\nwant it unchanged\n%s", after, before)
	}
}

// TestCreateGroup: made with its members, or not at all.
func TestCreateGroup(t *testing.T) {
	t.Run("with members", func(t *testing.T) {
		f := seeded(t, setup{})
		a := f.want(201, "POST", "/Groups", `{"displayName":"Roof","members":[{"value":"3"},{"value":"1"},{"value":"3"}]}`)
		f.wantCalls("POST /host_groups", "POST /host_groups/3/hosts")
		if got := a.value(t).Get("members").String(); got != fmt.Sprintf(`[{"value":"3","$ref":"%[1]s3"},{"value":"1","$ref":"%[1]s1"}]`, f.url+base+"/Users/") || fmt.Sprint(f.api.Members(3)) != "[1 3]" {
			t.Errorf("members answered %s, stored %v, want 3 and 1", got, f.api.Members(3))
		}
		if a.header.Get("Location") != f.url+base+"/Groups/3" {
			t.Errorf("Location = %q", a.header.Get("Location"))
		}
	})
	t.Run("without", func(t *testing.T) {
		f := seeded(t, setup{})
		a := f.want(201, "POST", "/Groups", `{"displayName":"Roof","members":[],"schemas":["http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"]}`)
		f.wantCalls("POST /host_groups")
		if got := a.value(t).Get("members").String(); got != "[]" {
			t.Errorf("members = %s, want []", got)
		}
	})
	t.Run("undone", func(t *testing.T) {
		f := seeded(t, setup{})
		f.wantError(400, "invalidValue", "POST", "/Groups", `{"displayName":"Roof","members":[{"value":"77"}]}`, `"77"`)
		f.wantCalls("POST /host_groups", "POST /host_groups/3/hosts", "DELETE /host_groups/3")
		f.want(201, "POST", "/Groups", `{"displayName":"Roof","members":[{"value":"2"}]}`)
	})
	t.Run("cannot be undone", func(t *testing.T) {
		f := seeded(t, setup{before: func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == "DELETE" {
				respond(500, "")(w, r)
			}
			return r.Method == "DELETE"
		}})
		f.wantError(400, "invalidValue", "POST", "/Groups", `{"displayName":"Roof","members":[{"value":"77"}]}`, `"77"`, "created with the id 3", "could not be deleted")
		logged := false
		for _, l := range f.logs() {
			logged = logged || l["level"] == "ERROR" && l["id"] == "3" && l["request_id"] == f.lastLog()["request_id"]
		}
		if !logged {
			t.Errorf("log %v has no error that names group 3 under the request's id", f.logs())
		}
	})
	t.Run("undone after an outage", func(t *testing.T) {
		f := start(t, setup{legacy: []legacytest.Option{legacytest.WithHosts(150)}, before: failSecondAdd()})
		a := f.call("POST", "/Groups", `{"displayName":"Roof","members":`+memberValues(150)+`}`)
		a.checkError(t, 503, "")
		if strings.Contains(a.body, "stay so") {
			t.Errorf("the error says that members stay in a group that is gone: %s", a.body)
		}
		if n := len(f.api.Groups()); n != 0 {
			t.Errorf("%d groups, want none", n)
		}
	})
}

// TestUndoAfterTheBudget: a group whose members could not be added in time is
// deleted in a time of its own.
func TestUndoAfterTheBudget(t *testing.T) {
	f := start(t, setup{
		edits: []string{"request_timeout: 25s", "request_timeout: 300ms"},
		before: func(w http.ResponseWriter, r *http.Request) bool {
			adds := strings.HasSuffix(r.URL.Path, "/hosts") && r.URL.Path != "/api/v3/hosts"
			if adds {
				hang(w, r)
			}
			return adds
		},
	})
	f.wantError(504, "", "POST", "/Groups", `{"displayName":"Roof","members":[{"value":"1"}]}`)
	if n := len(f.api.Groups()); n != 0 {
		t.Errorf("%d groups, want none", n)
	}
}

func memberValues(n int) string {
	op := member("add", count(1, n)...)
	return op[strings.Index(op, "[") : len(op)-1]
}

// failSecondAdd refuses every add of members after the first.
func failSecondAdd() func(http.ResponseWriter, *http.Request) bool {
	var mu sync.Mutex
	adds := 0
	return func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if r.Method != "POST" || !strings.HasSuffix(r.URL.Path, "/hosts") || !strings.Contains(r.URL.Path, "group") {
			return false
		}
		if adds++; adds > 1 {
			respond(503, "")(w, r)
			return true
		}
		return false
	}
}

// TestHalfDone: the error of a change that stopped half-way says what stands.
func TestHalfDone(t *testing.T) {
	f := start(t, setup{legacy: []legacytest.Option{legacytest.WithHosts(150)}, before: failSecondAdd()})
	f.api.AddGroup(group("Reception"))
	f.wantError(503, "", "PATCH", "/Groups/1", patch(member("add", count(1, 150)...)), "100 of 150 members were added", "repeating the request is safe")
	f.wantMembers(count(1, 100)...)
}

// TestConcurrentMembers: many requests change one group at once, and none
// undoes another (law 4, case 59).
func TestConcurrentMembers(t *testing.T) {
	f := start(t, setup{legacy: []legacytest.Option{legacytest.WithHosts(100)}})
	var first []int64
	for _, id := range count(51, 75) {
		first = append(first, int64(id))
	}
	f.api.AddGroup(group("Reception"), first...)
	var wg sync.WaitGroup
	for id := 1; id <= 75; id++ {
		body := patch(member("add", id))
		if id > 50 {
			body = patch(member("Remove", id))
		}
		wg.Go(func() {
			if a, err := f.try("PATCH", f.url+base+"/Groups/1", body); err != nil || a.status != 204 {
				t.Errorf("member %d: %v %d %s", id, err, a.status, a.body)
			}
		})
	}
	wg.Wait()
	f.wantMembers(count(1, 50)...)
}
