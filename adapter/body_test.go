package adapter_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"hostscim/adapter/scim"
)

var reads = regexp.MustCompile(`^GET /(hosts|host_groups|host_groups/[0-9]/hosts)\?`)

// untouched checks that nothing reached the legacy API but reads of lists,
// and that its data is as it was.
func (f *fixture) untouched(before string) {
	f.Helper()
	for _, c := range f.calls() {
		if !reads.MatchString(c) {
			f.Errorf("legacy call %q", c)
		}
	}
	if after := f.state(); after != before {
		f.Errorf("legacy data\n%s\nwant it unchanged:\n%s", after, before)
	}
}

// state returns all that the legacy API holds.
func (f *fixture) state() string {
	var s strings.Builder
	for _, h := range f.api.Hosts() {
		fmt.Fprintf(&s, "%+v\n", h)
	}
	for _, g := range f.api.Groups() {
		fmt.Fprintf(&s, "%+v %v\n", g, f.api.Members(g.ID))
	}
	return s.String()
}

func seeded(t *testing.T, s setup) *fixture {
	t.Helper()
	f := start(t, s)
	for _, name := range []string{"noa", "ivo", "mia"} {
		f.api.AddHost(host(name))
	}
	f.api.AddGroup(group("Reception"), 1, 2)
	f.api.AddGroup(group("Security"))
	return f
}

// TestBadBodies sends each body to every operation that takes one.
func TestBadBodies(t *testing.T) {
	f := seeded(t, setup{})
	before := f.state()
	deep := strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)
	for _, test := range []struct{ name, body, scimType string }{
		{"empty", "", scim.InvalidSyntax},
		{"space", " \n", scim.InvalidSyntax},
		{"cut off", noa[:len(noa)-1], scim.InvalidSyntax},
		{"a tail", noa + noa, scim.InvalidSyntax},
		{"no JSON", "userName=noa", scim.InvalidSyntax},
		{"not UTF-8", "{\"userName\":\"\xff\"}", scim.InvalidSyntax},
		{"array", "[" + noa + "]", scim.InvalidSyntax},
		{"text", `"noa"`, scim.InvalidSyntax},
		{"number", "1", scim.InvalidSyntax},
		{"null", "null", scim.InvalidSyntax},
		{"nested deeply", deep, scim.InvalidSyntax},
		{"nested deeply in a value", `{"userName":` + deep + `}`, scim.InvalidSyntax},
		{"objects nested deeply", strings.Repeat(`{"a":`, 10_000), scim.InvalidSyntax},
		{"a name twice", `{"userName":"a","userName":"b"}`, scim.InvalidSyntax},
	} {
		for _, op := range []string{"POST /Users", "PUT /Users/1", "PATCH /Users/1", "POST /Groups", "PUT /Groups/1", "PATCH /Groups/1"} {
			method, path, _ := strings.Cut(op, " ")
			t.Run(test.name+" "+op, func(t *testing.T) {
				f.T = t
				f.wantError(400, test.scimType, method, path, test.body, "body")
			})
		}
	}
	f.T = t
	f.untouched(before)
}

// TestWrongTypes sends values of the wrong shape.
func TestWrongTypes(t *testing.T) {
	f := seeded(t, setup{})
	before := f.state()
	for _, test := range []struct{ name, method, path, body, scimType, detail string }{
		{"userName a list", "POST", "/Users", `{"userName":["a","b"]}`, scim.InvalidValue, "userName"},
		{"active an object", "PATCH", "/Users/1", patch(`{"op":"replace","path":"active","value":{"x":1}}`), scim.InvalidValue, "active"},
		{"active a word", "PATCH", "/Users/1", patch(`{"op":"replace","path":"active","value":"maybe"}`), scim.InvalidValue, "active"},
		{"name a number", "PATCH", "/Users/1", patch(`{"op":"replace","path":"name","value":7}`), scim.InvalidValue, "name"},
		{"emails a number", "PUT", "/Users/1", strings.Replace(noa, `[{"type":"work","value":"noa.l@example.com","primary":true}]`, `7`, 1), scim.InvalidValue, "emails"},
		{"nothing required", "POST", "/Users", `{}`, scim.InvalidValue, "userName"},
		{"required is null", "PUT", "/Users/1", strings.Replace(noa, `"noa@example.com"`, `null`, 1), scim.InvalidValue, "userName"},
		{"required removed", "PATCH", "/Users/1", patch(`{"op":"remove","path":"name.familyName"}`), scim.Mutability, "name.familyName"},
		{"id written", "PATCH", "/Users/1", patch(`{"op":"replace","path":"id","value":"9"}`), scim.Mutability, "id"},
		{"Operations missing", "PATCH", "/Users/1", `{"schemas":[]}`, scim.InvalidSyntax, "Operations"},
		{"Operations an object", "PATCH", "/Users/1", `{"Operations":{}}`, scim.InvalidSyntax, "Operations"},
		{"an operation a text", "PATCH", "/Users/1", patch(`"x"`), scim.InvalidSyntax, "operation 1"},
		{"op missing", "PATCH", "/Users/1", patch(`{"path":"active","value":false}`), scim.InvalidSyntax, "op is missing"},
		{"op unknown", "PATCH", "/Users/1", patch(`{"op":"move","path":"active"}`), scim.InvalidSyntax, "op must be"},
		{"path a number", "PATCH", "/Users/1", patch(`{"op":"add","path":1,"value":false}`), scim.InvalidPath, "path"},
		{"path broken", "PATCH", "/Users/1", patch(`{"op":"add","path":"emails[type eq","value":"x"}`), scim.InvalidPath, "path"},
		{"value missing", "PATCH", "/Users/1", patch(`{"op":"replace","path":"userName"}`), scim.InvalidValue, "value"},
		{"remove without a path", "PATCH", "/Users/1", patch(`{"op":"remove"}`), scim.NoTarget, "path"},
		{"the second operation is wrong", "PATCH", "/Users/1", patch(`{"op":"replace","path":"active","value":false}`, `{"op":"add","path":"active","value":"maybe"}`), scim.InvalidValue, "operation 2"},
		{"a member without a value", "PATCH", "/Groups/1", patch(`{"op":"add","path":"members","value":[{"value":"3"},{"display":"x"}]}`), scim.InvalidValue, "members"},
		{"a group as a member", "PATCH", "/Groups/1", patch(`{"op":"add","path":"members","value":[{"value":"3"},{"value":"2","type":"Group"}]}`), scim.InvalidValue, "members"},
		{"members in POST that cannot be", "POST", "/Groups", `{"displayName":"New","members":[{"value":"3"},{"value":"x"}]}`, scim.InvalidValue, `"x"`},
		{"members in PATCH that cannot be", "PATCH", "/Groups/1", patch(`{"op":"replace","path":"displayName","value":"New"}`, `{"op":"add","path":"members","value":[{"value":"3"},{"value":"../1"}]}`), scim.InvalidValue, `"../1"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			f.T = t
			f.wantError(400, test.scimType, test.method, test.path, test.body, test.detail)
		})
	}
	f.T = t
	f.untouched(before)
}

// TestBodySize: max_body_bytes is let in to the byte, whether or not the
// client says how much it will send.
func TestBodySize(t *testing.T) {
	const limit = 4096
	f := start(t, setup{edits: []string{"max_body_bytes: 1048576", fmt.Sprintf("max_body_bytes: %d", limit)}})
	for _, test := range []struct{ size, status int }{
		{limit, 201}, {limit + 1, 413}, {2 << 20, 413},
	} {
		user := strings.ReplaceAll(noa, "noa@", fmt.Sprintf("noa%d@", test.size))
		body := user + strings.Repeat(" ", test.size-len(user))
		for _, chunked := range []bool{false, true} {
			if chunked {
				body = strings.Replace(body, "noa4", "nob4", 1)
			}
			a := f.send(body, chunked)
			switch {
			case test.status == 413:
				a.checkError(t, 413, "", "4096 bytes")
			case a.status != test.status:
				t.Errorf("%d bytes, chunked %v = %d %s, want %d", test.size, chunked, a.status, a.body, test.status)
			}
		}
	}
	if n := len(f.api.Hosts()); n != 2 {
		t.Errorf("%d hosts, want those of the 2 bodies of the right size", n)
	}
}

// send posts a user, with or without a Content-Length.
func (f *fixture) send(body string, chunked bool) answer {
	f.Helper()
	req, err := http.NewRequestWithContext(f.Context(), "POST", f.url+base+"/Users", strings.NewReader(body))
	if err != nil {
		f.Fatal(err)
	}
	if chunked {
		req.ContentLength = -1
	}
	req.Header.Set("Authorization", "Bearer "+clientToken)
	return f.do(req)
}

func TestContentType(t *testing.T) {
	f := start(t, setup{})
	for i, test := range []struct {
		contentType, encoding string
		status                int
	}{
		{"application/scim+json", "", 201},
		{"application/scim+json; charset=utf-8", "", 201},
		{`application/scim+json;charset="UTF-8"`, "", 201},
		{"APPLICATION/SCIM+JSON", "", 201},
		{"application/json", "", 201},
		{"Application/Json; Charset=utf-8; odata=none", "", 201},
		{"", "", 201},
		{"application/json", "identity", 201},
		{"text/plain", "", 415},
		{"application/x-www-form-urlencoded", "", 415},
		{"application/json-patch+json", "", 415},
		{"application/scim+json; charset=iso-8859-1", "", 415},
		{"application", "", 415},
		{";", "", 415},
		{"application/scim+json", "gzip", 415},
		{"application/scim+json", "deflate, gzip", 415},
	} {
		user := strings.ReplaceAll(noa, "noa@", fmt.Sprintf("noa%d@", i))
		a := f.call("POST", "/Users", user, "Content-Type", test.contentType, "Content-Encoding", test.encoding)
		if test.status == 415 {
			a.checkError(t, 415, "")
			f.wantCalls()
			continue
		}
		if a.status != test.status {
			t.Errorf("Content-Type %q, Content-Encoding %q = %d %s, want %d", test.contentType, test.encoding, a.status, a.body, test.status)
		}
		f.wantCalls("POST /hosts")
	}
	// What the client would like to read is not asked: there is one type.
	f.want(200, "GET", "/Users", "", "Accept", "text/html", "User-Agent", "")
}

// TestBodyEndsEarly breaks a request off within its body.
func TestBodyEndsEarly(t *testing.T) {
	f := start(t, setup{})
	a := f.raw("POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "+clientToken+"\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"use\r\nzz\r\n", "")
	a.checkError(t, 400, scim.InvalidSyntax, "ended early")
	f.wantCalls()
}

// raw sends a request as it is written.
func (f *fixture) raw(request, name string) answer {
	f.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(f.url, "http://"))
	if err != nil {
		f.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(request)); err != nil {
		f.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		f.Fatalf("%s: %v", name, err)
	}
	return read(f.T, name, resp)
}
