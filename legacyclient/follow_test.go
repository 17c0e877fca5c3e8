package legacyclient

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// references are URLs that an answer may hold, as met on a page at
// https://host.example.com/api/v3/groups/7/hosts?p=1, and where they lead to;
// empty: nowhere.
var references = []struct{ name, ref, want string }{
	{"absolute", "https://host.example.com/api/v3/hosts?p=2", "https://host.example.com/api/v3/hosts?p=2"},
	{"absolute path", "/api/v3/hosts?p=2", "https://host.example.com/api/v3/hosts?p=2"},
	{"relative path", "hosts?p=2", "https://host.example.com/api/v3/groups/7/hosts?p=2"},
	{"climbing within", "../8/hosts", "https://host.example.com/api/v3/groups/8/hosts"},
	{"query alone", "?p=2", "https://host.example.com/api/v3/groups/7/hosts?p=2"},
	{"same host, no scheme", "//host.example.com/api/v3/x", "https://host.example.com/api/v3/x"},
	{"default port", "https://host.example.com:443/api/v3/x", "https://host.example.com/api/v3/x"},
	{"capitals", "HTTPS://HOST.Example.COM/api/v3/x", "https://host.example.com/api/v3/x"},
	{"query as it is", "?q=~a%7Eb;c=%c3%A9&&[x]=1/2?", "https://host.example.com/api/v3/groups/7/hosts?q=~a%7Eb;c=%c3%A9&&[x]=1/2?"},
	{"query that is none", "?q=a b\u00e9", "https://host.example.com/api/v3/groups/7/hosts?q=a%20b%C3%A9"},
	{"fragment", "?p=2#top", "https://host.example.com/api/v3/groups/7/hosts?p=2"},
	{"escaped slash", "/api/v3/a%2Fb?p=2", "https://host.example.com/api/v3/a%2Fb?p=2"},
	{"cleaned dots", "https://host.example.com/api/v3/x/../hosts", "https://host.example.com/api/v3/hosts"},

	{"other host", "https://evil.example.org/api/v3/hosts", ""},
	{"other host, no scheme", "//evil.example.org/api/v3/hosts", ""},
	{"host as prefix", "https://host.example.com.evil.example.org/api/v3/hosts", ""},
	{"subdomain", "https://a.host.example.com/api/v3/hosts", ""},
	{"host with dot", "https://host.example.com./api/v3/hosts", ""},
	{"other port", "https://host.example.com:8443/api/v3/hosts", ""},
	{"other scheme", "http://host.example.com/api/v3/hosts", ""},
	{"other scheme, same port", "http://host.example.com:443/api/v3/hosts", ""},
	{"file", "file:///api/v3/hosts", ""},
	{"opaque", "https:evil", ""},
	{"no host", "https:///api/v3/hosts", ""},
	{"user", "https://u:p@host.example.com/api/v3/hosts", ""},
	{"empty user", "https://@host.example.com/api/v3/hosts", ""},
	{"host as user", "https://host.example.com@evil.example.org/api/v3/hosts", ""},
	{"above the base", "/api/hosts", ""},
	{"root", "/", ""},
	{"the base itself", "/api/v3?p=2", ""},
	{"beside the base", "/api/v3x/hosts", ""},
	{"base in capitals", "/API/v3/hosts", ""},
	{"climbing", "../../../../admin", ""},
	{"climbing, absolute", "https://host.example.com/api/v3/../admin", ""},
	{"escaped climbing", "/api/v3/%2e%2e/admin", ""},
	{"half escaped climbing", "/api/v3/.%2E/admin", ""},
	{"escaped slash and climbing", "/api/v3/x%2f..%2f..%2fadmin", ""},
	{"backslash climbing", `/api/v3/..\..\admin`, ""},
	{"backslashes for slashes", `\\evil.example.org/api/v3`, "https://host.example.com/api/v3/groups/7/%5C%5Cevil.example.org/api/v3"},
	{"escaped base", "/%61pi/v3/hosts", ""},
	{"control", "/api/v3/ho\nsts", ""},
	{"bad escape", "/api/v3/%zz", ""},
	{"bad port", "https://host.example.com:x/api/v3/", ""},
	{"too long", "?p=" + strings.Repeat("x", maxReference), ""},
}

func TestFollow(t *testing.T) {
	for _, tt := range references {
		t.Run(tt.name, func(t *testing.T) {
			m := &memoryTransport{f: func(n int, r *http.Request) (*http.Response, error) {
				if n > 1 {
					if r.URL.String() != tt.want || r.Host != "host.example.com" || r.Header.Get("Authorization") == "" {
						t.Errorf("call of %s at %s, want %s", r.URL, r.Host, tt.want)
					}
					return answer(200, `{"hosts":[]}`), nil
				}
				return answer(200, `{"hosts":[{}],"next":`+string(quote(tt.ref))+`}`), nil
			}}
			ep := compile(t, Endpoint{Method: "GET", Path: "/groups/{id}/hosts", Query: []Param{{"p", "1"}}, Items: "hosts", Paging: Paging{Style: PagingNext, Next: "next"}})
			var last error
			for _, err := range newClient(t, memoryOptions(t, m)).Pages(t.Context(), ep, Vars{"id": "7"}, 0) {
				last = err
			}
			if tt.want != "" {
				if last != nil || m.calls.Load() != 2 {
					t.Errorf("Pages() = %v after %d calls", last, m.calls.Load())
				}
				return
			}
			if !errors.Is(last, ErrMisconfigured) || !errors.Is(last, errForeign) && !strings.HasSuffix(last.Error(), errNoURL.text) || m.calls.Load() != 1 {
				t.Errorf("Pages() = %v after %d calls, want ErrMisconfigured after one", last, m.calls.Load())
			}
			if last != nil && (strings.Contains(last.Error(), "evil") || strings.Contains(last.Error(), "api/")) {
				t.Errorf("%v quotes the url", last)
			}
		})
	}
}

// TestForeignOrigin holds that another server is not even connected to.
func TestForeignOrigin(t *testing.T) {
	evil := newServer(t, body(200, "application/json", `[]`))
	s := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "<"+evil.URL+`/api/v3/hosts>; rel="next"`)
		writeJSON(w, 200, `[{"id":1}]`)
	})
	ep := compile(t, Endpoint{Method: "GET", Path: "/hosts", Paging: Paging{Style: PagingLink}})
	c := newClient(t, s.options(t))
	n := 0
	var last error
	for page, err := range c.Pages(t.Context(), ep, nil, 0) {
		n, last = n+len(page.Records), err
	}
	if !errors.Is(last, errForeign) || n != 1 || evil.calls.Load() != 0 {
		t.Errorf("Pages() = %d records, %v with %d calls elsewhere, want 1, %v and none", n, last, evil.calls.Load(), errForeign)
	}
	// What is there is there: the link counts only for who wants more.
	if page, err := c.Page(t.Context(), ep, nil, 0, 0); err != nil || len(page.Records) != 1 {
		t.Errorf("Page() = %v, %v, want one record", page, err)
	}
}

func TestFollowWithoutPrefix(t *testing.T) {
	asked := &url.URL{Scheme: "http", Host: "[::1]:80", Path: "/hosts"}
	l := listing{base: &base{scheme: "http", host: "[::1]:80"}, reply: Reply{asked: asked}}
	for ref, want := range map[string]string{
		"http://[::1]?p=2": "http://[::1]:80?p=2", "http://[0::1]/": "", "/hosts": "http://[::1]:80/hosts", "..": "http://[::1]:80/",
	} {
		at, _, err := l.follow(ref)
		if got := (at.url); want == "" && err == nil || want != "" && (got == nil || got.String() != want) {
			t.Errorf("follow(%s) = %v, %v, want %q", ref, got, err, want)
		}
	}
}

func TestLocation(t *testing.T) {
	tests := []struct {
		name   string
		status int
		header []string
		want   string
	}{
		{"relative", 201, []string{"hosts/7"}, "7"},
		{"absolute path", 201, []string{"/api/v3/hosts/7"}, "7"},
		{"absolute", 201, []string{"https://host.example.com/api/v3/hosts/7"}, "7"},
		{"default port", 201, []string{"https://host.example.com:443/x/7"}, "7"},
		{"other path", 201, []string{"/people/7"}, "7"},
		{"slash behind", 201, []string{"/api/v3/hosts/7/"}, "7"},
		{"query and fragment", 201, []string{"/api/v3/hosts/7?x=/9#/8"}, "7"},
		{"escaped", 201, []string{"/api/v3/hosts/a%2Fb%20c"}, "a/b c"},
		{"200", 200, []string{"/api/v3/hosts/7"}, "7"},
		{"202 is about the work", 202, []string{"/api/v3/jobs/7"}, ""},
		{"none", 201, nil, ""},
		{"empty", 201, []string{""}, ""},
		{"several", 201, []string{"/hosts/7", "/hosts/8"}, ""},
		{"what was asked", 201, []string{"/api/v3/hosts"}, ""},
		{"what was asked, slash behind", 201, []string{"https://host.example.com/api/v3/hosts/"}, ""},
		{"root", 201, []string{"/"}, ""},
		{"other host", 201, []string{"https://other.example.com/api/v3/hosts/7"}, ""},
		{"other host, no scheme", 201, []string{"//other.example.com/hosts/7"}, ""},
		{"other port", 201, []string{"https://host.example.com:444/hosts/7"}, ""},
		{"other scheme", 201, []string{"http://host.example.com/hosts/7"}, ""},
		{"user", 201, []string{"https://u@host.example.com/hosts/7"}, ""},
		{"escaped dots", 201, []string{"/api/v3/hosts/%2e%2e"}, ""},
		{"control", 201, []string{"/api/v3/hosts/%00"}, ""},
		{"no url", 201, []string{"::"}, ""},
	}
	ep := compile(t, Endpoint{Method: "POST", Path: "/hosts"})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &memoryTransport{f: func(int, *http.Request) (*http.Response, error) {
				a := answer(tt.status, "")
				a.Header["Location"] = tt.header
				return a, nil
			}}
			reply, err := newClient(t, memoryOptions(t, m)).Do(t.Context(), ep, nil, []byte(`{}`))
			if err != nil {
				t.Fatal(err)
			}
			if got := reply.Location(); got != tt.want {
				t.Errorf("Location() = %q, want %q", got, tt.want)
			}
		})
	}
	if got := (Reply{Header: http.Header{"Location": {"/hosts/7"}}}).Location(); got != "" {
		t.Errorf("Location() of no answer = %q, want none", got)
	}
}
