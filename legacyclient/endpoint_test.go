package legacyclient

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestIDEscaping holds that an id reaches the server as one path segment and
// decodes to what it was, or is refused before any call.
func TestIDEscaping(t *testing.T) {
	var gotURI, gotID string
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		gotURI = r.RequestURI
		escaped, ok := strings.CutPrefix(r.URL.EscapedPath(), "/hosts/")
		id, err := url.PathUnescape(escaped)
		if !ok || err != nil || strings.Contains(escaped, "/") {
			t.Errorf("server got %q", r.RequestURI)
		}
		gotID = id
		writeJSON(w, 200, "{}")
	})
	c := newClient(t, s.options(t))
	ep := compile(t, Endpoint{Method: "GET", Path: "/hosts/{id}"})
	tests := []struct{ name, id, want string }{
		{"plain", "42", "42"},
		{"slash", "a/b", "a%2Fb"},
		{"escaped slash", "%2F", "%252F"},
		{"escaped dots", "%2e%2e", "%252e%252e"},
		{"dots and slash", "../hosts", "..%2Fhosts"},
		{"three dots", "...", "..."},
		{"query", "a?b=c#d", "a%3Fb=c%23d"},
		{"semicolon", "a;b,c", "a%3Bb%2Cc"},
		{"space and plus", "a b+c", "a%20b+c"},
		{"backslash", `..\x`, "..%5Cx"},
		{"braces", "{id}", "%7Bid%7D"},
		{"unicode", "Zoë/日本", "Zo%C3%AB%2F%E6%97%A5%E6%9C%AC"},
		{"e-mail", "babs@example.com", "babs@example.com"},
		{"empty", "", ""},
		{"dot", ".", ""},
		{"dot dot", "..", ""},
		{"NUL", "a\x00b", ""},
		{"newline", "a\r\nb", ""},
		{"DEL", "a\x7f", ""},
		{"C1 control", "a\u0085b", ""},
		{"invalid UTF-8", "a\xffb", ""},
		{"10 kB", strings.Repeat("x", 10_000), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := s.calls.Load()
			_, err := c.Do(t.Context(), ep, Vars{"id": tt.id}, nil)
			if tt.want == "" {
				if !errors.Is(err, ErrBadID) || s.calls.Load() != before {
					t.Errorf("Do() = %v with %d calls, want ErrBadID without", err, s.calls.Load()-before)
				}
				return
			}
			if err != nil {
				t.Fatalf("Do() = %v", err)
			}
			if gotURI != "/api/v3/hosts/"+tt.want || gotID != tt.id {
				t.Errorf("server got %q, id %q, want %q", gotURI, gotID, tt.want)
			}
		})
	}
}

func TestTarget(t *testing.T) {
	paged := Paging{Style: PagingOffset}
	tests := []struct {
		name, base string
		ep         Endpoint
		vars       Vars
		at         place
		want       string
	}{
		{"no prefix", "http://host.example.com", Endpoint{Path: "/hosts"}, nil, place{}, "http://host.example.com/hosts"},
		{"prefix with slash", "http://host.example.com/api/v3/", Endpoint{Path: "/hosts"}, nil, place{}, "http://host.example.com/api/v3/hosts"},
		{"escaped prefix", "http://host.example.com/a%2Fb", Endpoint{Path: "/hosts/{id}"}, Vars{"id": "7"}, place{}, "http://host.example.com/a%2Fb/hosts/7"},
		{"space in literal", "http://host.example.com", Endpoint{Path: "/all hosts/{id}"}, Vars{"id": "a/b"}, place{}, "http://host.example.com/all%20hosts/a%2Fb"},
		{"two names", "http://host.example.com", Endpoint{Path: "/g/{id}/hosts/{value}"}, Vars{"id": "1", "value": "2"}, place{}, "http://host.example.com/g/1/hosts/2"},
		{"fixed query", "http://host.example.com", Endpoint{Path: "/h", Query: []Param{{"include", "a&b"}, {"x", ""}}}, nil, place{}, "http://host.example.com/h?include=a%26b&x="},
		{"query value", "http://host.example.com", Endpoint{Path: "/h", Query: []Param{{"q", "={value}*"}, {"z", "1"}}}, Vars{"value": "a b&c=d\x00.."}, place{}, "http://host.example.com/h?q=%3Da+b%26c%3Dd%00..%2A&z=1"},
		{"empty query value", "http://host.example.com", Endpoint{Path: "/h", Query: []Param{{"q", "{value}"}}}, Vars{"value": ""}, place{}, "http://host.example.com/h?q="},
		{"paging", "http://host.example.com", Endpoint{Path: "/h", Paging: paged}, nil, place{offset: 200, limit: 50}, "http://host.example.com/h?limit=50&offset=200"},
		{"page", "http://host.example.com", Endpoint{Path: "/h", Paging: Paging{Style: PagingPage}}, nil, place{number: 2, limit: 50}, "http://host.example.com/h?page=3&per_page=50"},
		{"page from zero", "http://host.example.com", Endpoint{Path: "/h", Paging: Paging{Style: PagingPage, FirstPage: new(0), PageParam: "p", LimitParam: "n"}}, nil, place{limit: 50}, "http://host.example.com/h?p=0&n=50"},
		{"first cursor", "http://host.example.com", Endpoint{Path: "/h", Items: "h", Paging: Paging{Style: PagingCursor, Next: "n"}}, nil, place{limit: 50}, "http://host.example.com/h?limit=50"},
		{"next cursor", "http://host.example.com", Endpoint{Path: "/h", Items: "h", Query: []Param{{"q", "x"}}, Paging: Paging{Style: PagingCursor, Next: "n", CursorParam: "after"}}, nil, place{limit: 50, token: "a=&+/"}, "http://host.example.com/h?q=x&limit=50&after=a%3D%26%2B%2F"},
		{"link", "http://host.example.com", Endpoint{Path: "/h", Paging: Paging{Style: PagingLink}}, nil, place{limit: 50}, "http://host.example.com/h"},
		{"link with limit and query", "http://host.example.com", Endpoint{Path: "/h", Query: []Param{{"q", "x"}}, Paging: Paging{Style: PagingLink, LimitParam: "n"}}, nil, place{limit: 50}, "http://host.example.com/h?q=x&n=50"},
		{"paging and query", "http://host.example.com", Endpoint{Path: "/h", Query: []Param{{"q", "{v}"}}, Paging: paged}, Vars{"v": "x"}, place{limit: 100}, "http://host.example.com/h?q=x&limit=100&offset=0"},
		{"paging and fixed query", "http://host.example.com", Endpoint{Path: "/h", Query: []Param{{"q", "x"}}, Paging: Paging{Style: PagingOffset, LimitParam: "page size", OffsetParam: "skip"}}, nil, place{offset: 5, limit: 1}, "http://host.example.com/h?q=x&page+size=1&skip=5"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u, err := url.Parse(tt.base)
			if err != nil {
				t.Fatal(err)
			}
			b, err := newBase(u)
			if err != nil {
				t.Fatal(err)
			}
			tt.ep.Method = "GET"
			got, err := compile(t, tt.ep).target(&b, tt.vars, tt.at)
			if err != nil || got.String() != tt.want {
				t.Errorf("target() = %v, %v, want %s", got, err, tt.want)
			}
		})
	}
}

func TestQueryValueMissing(t *testing.T) {
	c := newClient(t, memoryOptions(t, nil))
	ep := compile(t, Endpoint{Method: "GET", Path: "/hosts", Query: []Param{{"q", "{value}"}}})
	if diff := cmp.Diff([]string{"value"}, ep.Names()); diff != "" {
		t.Errorf("Names() differs (-want +got):\n%s", diff)
	}
	if _, err := c.Do(t.Context(), ep, nil, nil); !errors.Is(err, ErrMisconfigured) {
		t.Errorf("Do() = %v, want ErrMisconfigured", err)
	}
	for _, ep := range []*Endpoint{nil, {Method: "GET", Path: "/hosts"}} {
		if _, err := c.Do(t.Context(), ep, nil, nil); !errors.Is(err, ErrMisconfigured) {
			t.Errorf("Do(not compiled) = %v, want ErrMisconfigured", err)
		}
		if _, err := c.Page(t.Context(), ep, nil, 0, 0); !errors.Is(err, ErrMisconfigured) {
			t.Errorf("Page(not compiled) = %v, want ErrMisconfigured", err)
		}
	}
}

func TestCompileEndpointErrors(t *testing.T) {
	tests := []struct {
		name string
		ep   Endpoint
		want string
	}{
		{"method", Endpoint{Method: "get", Path: "/h"}, `unknown method "get"`},
		{"no slash", Endpoint{Method: "GET", Path: "h"}, "does not begin with a slash"},
		{"query in path", Endpoint{Method: "GET", Path: "/h?x=1"}, "belong under query"},
		{"escape in path", Endpoint{Method: "GET", Path: "/a%2Fb"}, "belong under query"},
		{"dots", Endpoint{Method: "GET", Path: "/a/../b"}, "dot segment"},
		{"open brace", Endpoint{Method: "GET", Path: "/h/{id"}, "braces do not match"},
		{"close brace", Endpoint{Method: "GET", Path: "/h/id}"}, "braces do not match"},
		{"nested braces", Endpoint{Method: "GET", Path: "/h/{a{b}}"}, "braces do not match"},
		{"empty name", Endpoint{Method: "GET", Path: "/h/{}"}, "is no name"},
		{"query name", Endpoint{Method: "GET", Path: "/h", Query: []Param{{"", "x"}}}, "has no name"},
		{"query braces", Endpoint{Method: "GET", Path: "/h", Query: []Param{{"q", "{"}}}, "braces do not match"},
		{"items", Endpoint{Method: "GET", Path: "/h", Items: "a..b"}, "empty name"},
		{"total of an array", Endpoint{Method: "GET", Path: "/h", Total: "total"}, "bare array"},
		{"style", Endpoint{Method: "GET", Path: "/h", Paging: Paging{Style: "keyset"}}, `unknown paging style "keyset"; known are none, offset, page, cursor, link, next`},
		{"limit", Endpoint{Method: "GET", Path: "/h", Paging: Paging{Style: PagingOffset, Limit: -1}}, "below zero"},
		{"next without items", Endpoint{Method: "GET", Path: "/h", Paging: Paging{Style: PagingCursor, Next: "next"}}, "paging next is a path into an answer that is a bare array"},
		{"cursor without next", Endpoint{Method: "GET", Path: "/h", Items: "h", Paging: Paging{Style: PagingCursor}}, "paging style cursor needs next"},
		{"next without next", Endpoint{Method: "GET", Path: "/h", Items: "h", Paging: Paging{Style: PagingNext}}, "paging style next needs next"},
		{"next path", Endpoint{Method: "GET", Path: "/h", Items: "h", Paging: Paging{Style: PagingNext, Next: "a."}}, `paging next: path "a." has an empty name`},
		{"first page", Endpoint{Method: "GET", Path: "/h", Paging: Paging{Style: PagingPage, FirstPage: new(2)}}, "paging first page is 2; want 0 or 1"},
		{"same page parameter", Endpoint{Method: "GET", Path: "/h", Paging: Paging{Style: PagingPage, LimitParam: "page"}}, "same parameter"},
		{"same cursor parameter", Endpoint{Method: "GET", Path: "/h", Items: "h", Paging: Paging{Style: PagingCursor, Next: "n", CursorParam: "limit"}}, "same parameter"},
		{"limit of link", Endpoint{Method: "GET", Path: "/h", Paging: Paging{Style: PagingLink, Limit: -1}}, "below zero"},
		{"item", Endpoint{Method: "GET", Path: "/h", Item: "a..b"}, `item: path "a..b" has an empty name`},
		{"each", Endpoint{Method: "GET", Path: "/h", Each: ".b"}, `each: path ".b" has an empty name`},
		{"wrap", Endpoint{Method: "POST", Path: "/h", Wrap: "."}, `wrap: path "." has an empty name`},
		{"wrap in no UTF-8", Endpoint{Method: "POST", Path: "/h", Wrap: "a\xff"}, "is not UTF-8"},
		{"format", Endpoint{Method: "POST", Path: "/h", Format: "xml"}, `unknown format "xml"; known are json, merge-patch, form`},
		{"total header", Endpoint{Method: "GET", Path: "/h", TotalHeader: "X Total"}, "is no header name"},
		{"same parameter", Endpoint{Method: "GET", Path: "/h", Paging: Paging{Style: PagingOffset, LimitParam: "offset"}}, "same parameter"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := CompileEndpoint(tt.ep); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("CompileEndpoint() = %v, want an error with %q", err, tt.want)
			}
		})
	}
	_, err := CompileEndpoint(Endpoint{
		Method: "X", Path: "h", Items: ".", Item: ".", Each: ".", Wrap: ".", TotalHeader: ":",
		Headers: []Param{{"Host", ""}, {"a b", ""}}, Paging: Paging{Style: PagingCursor, Limit: -1, LimitParam: "cursor"},
	})
	if n := strings.Count(err.Error(), "\n"); n != 11 {
		t.Errorf("CompileEndpoint() = %v, want twelve faults at once", err)
	}
}
