package adapter_test

import (
	"fmt"
	"strings"
	"testing"

	"hostscim/adapter/scim"
)

// tag returns the entity tag of a resource, which must be that of its meta.
func (f *fixture) tag(path string) string {
	f.Helper()
	a := f.want(200, "GET", path, "")
	f.wantTag(a)
	f.api.TakeCalls()
	return a.header.Get("ETag")
}

// opaque returns what stands between the quotes of a weak tag.
func opaque(tag string) string { return tag[3 : len(tag)-1] }

// wantTag checks that the answer has its version as the header ETag.
func (f *fixture) wantTag(a answer) {
	f.Helper()
	tag, version := a.header.Get("ETag"), a.value(f.T).Get("meta").Get("version").Text()
	if tag != version || !strings.HasPrefix(tag, `W/"`) || !strings.HasSuffix(tag, `"`) || len(tag) < 5 {
		f.Errorf("%s has ETag %s and meta.version %s", a.request, tag, version)
	}
}

func TestETag(t *testing.T) {
	f := seeded(t, setup{})
	created := f.want(201, "POST", "/Users", user("new"))
	f.wantTag(created)
	if got, want := f.tag("/Users/4"), created.header.Get("ETag"); got != want {
		t.Errorf("read after POST, ETag = %s, want %s", got, want)
	}
	put := f.want(200, "PUT", "/Users/4", user("newer"))
	patched := f.want(200, "PATCH", "/Users/4", deactivate)
	last := created
	for _, a := range []answer{put, patched} {
		if f.wantTag(a); a.header.Get("ETag") == last.header.Get("ETag") {
			t.Errorf("%s did not change the ETag", a.request)
		}
		last = a
	}
	if got, want := f.tag("/Users/4"), patched.header.Get("ETag"); got != want {
		t.Errorf("read after PATCH, ETag = %s, want %s", got, want)
	}
	group := f.want(201, "POST", "/Groups", team("Desk"))
	f.wantTag(group)
	if got, want := f.tag("/Groups/3"), group.header.Get("ETag"); got != want {
		t.Errorf("read after POST, ETag = %s, want %s", got, want)
	}
	f.wantTag(f.want(200, "PUT", "/Groups/3", team("Hall", "1")))
	f.wantTag(f.want(200, "PATCH", "/Groups/3?attributes=meta", patch(member("add", 2))))
	for _, r := range f.want(200, "GET", "/Users", "").value(t).Get("Resources").Parts() {
		if got, want := r.Value.Get("meta").Get("version").Text(), f.tag("/Users/"+r.Value.Get("id").Text()); got != want {
			t.Errorf("in a list, meta.version = %s, want %s", got, want)
		}
	}
	// A view without meta has the header all the same.
	if a := f.want(200, "GET", "/Users/1?attributes=userName", ""); a.header.Get("ETag") != f.tag("/Users/1") {
		t.Errorf("with attributes, ETag = %s, want %s", a.header.Get("ETag"), f.tag("/Users/1"))
	}
}

// TestETagChanges: the tag follows every mapped value, and nothing else.
func TestETagChanges(t *testing.T) {
	f := seeded(t, setup{edits: []string{"      meta.lastModified: {legacy: updated_at}\n", ""}})
	seen := map[string]string{f.tag("/Users/1"): "nothing", f.tag("/Users/2"): "another user"}
	if len(seen) != 2 {
		t.Error("two users have one tag")
	}
	for _, change := range []string{
		`{"username":"x@example.com"}`, `{"visible":false}`, `{"first_name":"x"}`, `{"last_name":"x"}`, `{"email":"x@example.com"}`,
		`{"alternate_email":"y@example.com"}`, `{"alternate_email":null}`, `{"phone_number":"1"}`, `{"mobile_number":"1"}`,
		`{"mobile_number":null,"phone_number":null}`, `{"phone_number":"2"}`, `{"phone_number":null,"mobile_number":"2"}`, `{"company":"x"}`, `{"department":"x"}`,
	} {
		f.behind("PATCH", "/hosts/1", change)
		tag := f.tag("/Users/1")
		if before, same := seen[tag]; same {
			t.Errorf("after %s the tag is that of %s", change, before)
		}
		seen[tag] = change
	}
	before := f.tag("/Users/1")
	f.behind("PATCH", "/hosts/1", `{"custom_fields":{"badge":"7"}}`)
	if got := f.tag("/Users/1"); got != before {
		t.Error("a field that is not mapped changed the tag")
	}
}

// TestIfNoneMatch: a GET of what the client has is 304.
func TestIfNoneMatch(t *testing.T) {
	f := seeded(t, setup{})
	for _, path := range []string{"/Users/1", "/Groups/1"} {
		tag := f.tag(path)
		other := f.tag(path[:len(path)-1] + "2")
		for _, method := range []string{"GET", "HEAD"} {
			for _, list := range []string{tag, strings.TrimPrefix(tag, "W/"), "*", other + ", " + tag, other + "," + tag + `,"x"`, ` "", ` + tag} {
				a := f.want(304, method, path, "", "If-None-Match", list)
				if a.body != "" || a.header.Get("ETag") != tag || a.header.Get("Content-Type") != "" {
					t.Errorf("%s with If-None-Match %s: body %q, header %v", a.request, list, a.body, a.header)
				}
			}
			f.api.TakeCalls()
			f.want(304, method, path, "", "If-None-Match", tag)
			f.wantCalls("GET " + map[bool]string{true: "/hosts/1", false: group1}[path == "/Users/1"]) // and no members
			for _, list := range []string{other, `"x"`, opaque(tag), "W/" + strings.ToUpper(tag), ",", `"*"`} {
				f.want(200, method, path, "", "If-None-Match", list)
			}
		}
	}
	f.api.TakeCalls()
	f.want(404, "GET", "/Users/9", "", "If-None-Match", "*")
	f.want(200, "GET", "/Users", "", "If-None-Match", "*") // a list has no tag
}

// TestIfMatch: a write of what has changed is 412 and does nothing.
func TestIfMatch(t *testing.T) {
	type write struct{ method, body, call string }
	byResource := map[string][]write{
		"/Users/1": {
			{"PUT", user("one"), "PATCH /hosts/1"},
			{"PATCH", deactivate, "PATCH /hosts/1"},
			{"DELETE", "", "DELETE /hosts/1"},
		},
		"/Groups/1": {
			{"PUT", `{"displayName":"Front"}`, "PATCH /host_groups/1"},
			{"PATCH", patch(member("add", 3)), "POST /host_groups/1/hosts"},
			{"DELETE", "", "DELETE /host_groups/1"},
		},
	}
	for path, writes := range byResource {
		read := "GET " + map[bool]string{true: "/hosts/1", false: group1}[path == "/Users/1"]
		for _, w := range writes {
			f := seeded(t, setup{})
			tag, before := f.tag(path), f.state()
			for _, list := range []string{`"x"`, `W/"x", "y"`, ",", `"*"`, opaque(tag)} {
				a := f.call(w.method, path, w.body, "If-Match", list)
				a.checkError(t, 412, "", "the resource has changed")
				f.wantCalls(read)
			}
			f.untouched(before)
			unknown := path[:len(path)-1] + "9"
			for _, list := range []string{"*", `"x"`} {
				a := f.call(w.method, unknown, w.body, "If-Match", list)
				a.checkError(t, 404, "", "there is no")
				f.call(w.method, path+"x", w.body, "If-Match", list).checkError(t, 404, "", "there is no")
			}
			f.api.TakeCalls()
			f.untouched(before)
			for _, list := range []string{"*", tag, strings.TrimPrefix(tag, "W/"), `"x", ` + tag} {
				f = seeded(t, setup{})
				if list != "*" {
					list = strings.ReplaceAll(list, opaque(tag), opaque(f.tag(path)))
				}
				a := f.call(w.method, path, w.body, "If-Match", list)
				if a.status != 200 && a.status != 204 {
					t.Errorf("%s with If-Match %s = %d %s, want it done", a.request, list, a.status, a.body)
				}
				calls := f.calls()
				if len(calls) < 2 || calls[0] != read || calls[1] != w.call {
					t.Errorf("%s with If-Match made the calls %q, want %s and %s first", a.request, calls, read, w.call)
				}
			}
		}
	}
}

// TestIfMatchCost: a condition costs one call, also where the change needs
// the record itself, or there is nothing to change.
func TestIfMatchCost(t *testing.T) {
	const read, write = "GET /hosts/1", "PATCH /hosts/1"
	for _, test := range []struct {
		name, body     string
		without, calls []string
	}{
		{"plain", deactivate, []string{write}, []string{read, write}},
		{"needs the record", patch(`{"op":"remove","path":"emails[value eq \"noa@other.example.com\"]"}`), []string{read, write}, []string{read, write}},
		{"nothing to do", patch(), []string{read}, []string{read}},
	} {
		f := seeded(t, setup{})
		f.want(200, "PATCH", "/Users/1", test.body)
		f.wantCalls(test.without...)
		f = seeded(t, setup{})
		a := f.want(200, "PATCH", "/Users/1", test.body, "If-Match", f.tag("/Users/1"))
		f.wantCalls(test.calls...)
		if f.wantTag(a); a.header.Get("ETag") != f.tag("/Users/1") {
			t.Errorf("%s: the answer has not the version of the resource", test.name)
		}
	}
}

// TestTagLines: a list of tags may be spread over several header lines (RFC
// 9110 section 5.3).
func TestTagLines(t *testing.T) {
	f := seeded(t, setup{})
	tag := f.tag("/Users/1")
	send := func(method, body, header string, lines ...string) {
		request := method + " " + base + "/Users/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " + clientToken + "\r\n"
		for _, line := range lines {
			request += header + ": " + line + "\r\n"
		}
		a := f.raw(request+"\r\n"+body, method)
		if want := map[string]int{"GET": 304, "DELETE": 204}[method]; a.status != want {
			t.Errorf("%s with %s in two lines = %d %s, want %d", method, header, a.status, a.body, want)
		}
	}
	send("GET", "", "If-None-Match", `"x"`, tag)
	send("DELETE", "", "If-Match", `"x"`, tag)
}

// TestMappedVersion: the legacy API's own version is the tag, if mapped.
func TestMappedVersion(t *testing.T) {
	f := seeded(t, setup{edits: []string{"      meta.created: {legacy: created_at}", "      meta.version: {legacy: custom_fields.lock, type: string, read_only: true}\n      meta.created: {legacy: created_at}"}})
	for i, test := range []struct{ lock, want string }{
		{`"7"`, `W/"7"`}, {`"a-B_9.x"`, `W/"a-B_9.x"`},
		{`"with \"quotes\""`, ""}, {`"a,b"`, ""}, {`"a b"`, ""}, {`"ä"`, ""}, {`"` + strings.Repeat("x", 65) + `"`, ""}, {"null", ""},
	} {
		f.behind("PATCH", "/hosts/1", `{"custom_fields":{"lock":`+test.lock+`}}`)
		tag := f.tag("/Users/1")
		if test.want != "" && tag != test.want || strings.ContainsAny(opaque(tag), `", `) || len(tag) > 68 {
			t.Errorf("lock %s gives the tag %s, want %s", test.lock, tag, test.want)
		}
		f.behind("PATCH", "/hosts/1", fmt.Sprintf(`{"first_name":"%d"}`, i))
		if got := f.tag("/Users/1"); got != tag {
			t.Errorf("lock %s: another field changed the tag from %s to %s", test.lock, tag, got)
		}
		f.want(304, "GET", "/Users/1", "", "If-None-Match", tag)
		f.call("PATCH", "/Users/1", deactivate, "If-Match", `W/"6"`).checkError(t, 412, "")
		f.want(200, "PATCH", "/Users/1", deactivate, "If-Match", tag)
	}
	f.wantError(400, scim.Mutability, "PATCH", "/Users/1", patch(`{"op":"replace","path":"meta.version","value":"W/\"1\""}`), "meta.version")
}

// TestHead: HEAD is GET without the body.
func TestHead(t *testing.T) {
	f := seeded(t, setup{})
	for _, path := range []string{
		"/Users/1", "/Groups/1", "/Users/1?attributes=userName", "/Users", "/Groups?count=1", "/Users?filter=userName+eq+%22x%22", "",
		"/Schemas", "/Schemas/" + userURN, "/ResourceTypes", "/ResourceTypes/User", "/ServiceProviderConfig",
		"/Users/9", "/Users/x", "/nothing", "/Users?filter=x", "/Me",
	} {
		get, head := f.call("GET", path, ""), f.call("HEAD", path, "")
		if head.status != get.status || head.body != "" {
			t.Errorf("HEAD %s = %d %q, want %d and no body", path, head.status, head.body, get.status)
		}
		for _, name := range []string{"Content-Length", "Content-Type", "ETag", "Location"} {
			if head.header.Get(name) != get.header.Get(name) || name == "Content-Length" && head.header.Get(name) == "" {
				t.Errorf("HEAD %s has %s %q, want %q", path, name, head.header.Get(name), get.header.Get(name))
			}
		}
	}
}
