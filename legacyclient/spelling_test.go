package legacyclient

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestSpelling holds how a value stands in an expression, and that none ends
// its literal early.
func TestSpelling(t *testing.T) {
	var got string
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.URL.Query().Get("filter")
		writeJSON(w, 200, "{}")
	})
	c := newClient(t, s.options(t))
	tests := []struct{ value, json, odata, fexpr string }{
		{"plain", `"plain"`, `'plain'`, `'plain'`},
		{"", `""`, `''`, `''`},
		{"O'Neil", `"O'Neil"`, `'O''Neil'`, `'O\'Neil'`},
		{`say "hi"`, `"say \"hi\""`, `'say "hi"'`, `'say "hi"'`},
		{`x' or 'a' eq 'a`, `"x' or 'a' eq 'a"`, `'x'' or ''a'' eq ''a'`, `'x\' or \'a\' eq \'a'`},
		{`" || "a"="a`, `"\" || \"a\"=\"a"`, `'" || "a"="a'`, `'" || "a"="a'`},
		{`dom\user`, `"dom\\user"`, `'dom\user'`, `'dom\user'`},
		{"Zoë <&> {value}", `"Zoë <&> {value}"`, `'Zoë <&> {value}'`, `'Zoë <&> {value}'`},
		{"a\tb\x00", `"a\tb\u0000"`, "'a\tb\x00'", "'a\tb\x00'"},
		{"a\xff", "\"a\ufffd\"", "'a\xff'", "'a\xff'"},
	}
	for _, tt := range tests {
		for spelling, want := range map[string]string{"json": tt.json, "odata": tt.odata, "fexpr": tt.fexpr} {
			ep := compile(t, Endpoint{Method: "GET", Path: "/hosts", Query: []Param{{"filter", "name = {value|" + spelling + "} && x = 1"}}})
			if _, err := c.Do(t.Context(), ep, Vars{"value": tt.value}, nil); err != nil {
				t.Fatal(err)
			}
			if want = "name = " + want + " && x = 1"; got != want {
				t.Errorf("%s of %q = %s, want %s", spelling, tt.value, got, want)
			}
		}
		var back string
		if err := json.Unmarshal([]byte(tt.json), &back); err != nil || back != strings.ToValidUTF8(tt.value, "\uFFFD") {
			t.Errorf("json of %q reads back as %q, %v", tt.value, back, err)
		}
	}
}

func TestSpellingRefused(t *testing.T) {
	for _, tt := range []struct {
		e    Endpoint
		want string
	}{
		{Endpoint{Path: "/hosts", Query: []Param{{"q", "{value|sql}"}}}, "{value|sql} is no name; known spellings are json, odata and fexpr"},
		{Endpoint{Path: "/hosts", Query: []Param{{"q", "{|json}"}}}, "{|json} is no name"},
		{Endpoint{Path: "/hosts", Query: []Param{{"q", "{value|}"}}}, "{value|} is no name"},
		{Endpoint{Path: "/hosts/{id|json}"}, "{id|json} is no name; a value is spelt in a way of its own in a query only"},
	} {
		tt.e.Method = "GET"
		if _, err := CompileEndpoint(tt.e); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("CompileEndpoint(%s %v) = %v, want %q", tt.e.Path, tt.e.Query, err, tt.want)
		}
	}
}

// TestVersionHeader holds that a version goes out with every attempt of a call
// that has one, and with no other.
func TestVersionHeader(t *testing.T) {
	var got []string
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, strings.Join(r.Header.Values("If-Match"), ","))
		if len(got) == 1 {
			w.WriteHeader(503)
			return
		}
		w.WriteHeader(204)
	})
	c := newClient(t, s.options(t))
	ep := compile(t, Endpoint{Method: "PUT", Path: "/hosts/{id}", VersionHeader: "if-match"})
	for _, vars := range []Vars{{"id": "7", "version": `W/"3"`}, {"id": "7"}} {
		if _, err := c.Do(t.Context(), ep, vars, []byte("{}")); err != nil {
			t.Fatal(err)
		}
	}
	if want := `W/"3"|W/"3"|`; strings.Join(got, "|") != want {
		t.Errorf("If-Match %q, want %q", strings.Join(got, "|"), want)
	}
	for _, name := range []string{"If Match", "Authorization"} {
		if _, err := CompileEndpoint(Endpoint{Method: "PUT", Path: "/hosts/{id}", VersionHeader: name}); err == nil {
			t.Errorf("CompileEndpoint() accepts the version header %q", name)
		}
	}
}
