package legacyclient

import (
	"net/url"
	"strings"
	"testing"
)

// links are values of Link headers. Those of RFC 8288 are from its section 3.5.
var links = []struct {
	name   string
	values []string
	want   string
	bad    bool
}{
	{name: "none"},
	{name: "empty", values: []string{""}},
	{name: "one", values: []string{`<?p=2>; rel="next"`}, want: "?p=2"},
	{name: "token", values: []string{`<?p=2>; rel=next`}, want: "?p=2"},
	{name: "no spaces", values: []string{`<?p=2>;rel=next`}, want: "?p=2"},
	{name: "many spaces", values: []string{" \t<?p=2> \t; \trel \t= \t\"next\" \t, <?p=9>;rel=last"}, want: "?p=2"},
	{name: "last of several", values: []string{`<?p=1>; rel="prev", <?p=9>; rel="last", <?p=3>; rel="next"`}, want: "?p=3"},
	{name: "several headers", values: []string{`<?p=1>; rel="prev"`, `<?p=3>; rel="next"`}, want: "?p=3"},
	{name: "first of two", values: []string{`<?p=3>; rel="next", <?p=4>; rel="next"`}, want: "?p=3"},
	{name: "parameters before", values: []string{`<?p=3>; title="x"; type=text/html; rel="next"`}, want: "?p=3"},
	{name: "several relations", values: []string{`<?p=3>; rel="start  Next"`}, want: "?p=3"},
	{name: "capitals", values: []string{`<?p=3>; REL="NEXT"`}, want: "?p=3"},
	{name: "comma and semicolon in target", values: []string{`<?p=1;2,3>; rel=next`}, want: "?p=1;2,3"},
	{name: "comma and link in text", values: []string{`<?p=1>; title="a, <?p=9>; rel=next"; rel=prev, <?p=3>; rel=next`}, want: "?p=3"},
	{name: "quotes in text", values: []string{`<?p=1>; title="a \"b\\"; rel="next"`}, want: "?p=1"},
	{name: "escaped relation", values: []string{`<?p=1>; rel="n\ext"`}, want: "?p=1"},
	{name: "no value", values: []string{`<?p=1>; crossorigin; rel=next`}, want: "?p=1"},
	{name: "empty parameter", values: []string{`<?p=1>;; rel=next;`}, want: "?p=1"},
	{name: "empty elements", values: []string{`, ,<?p=1>; rel=next,`}, want: "?p=1"},
	{name: "first rel counts", values: []string{`<?p=1>; rel=prev; rel=next`}},
	{name: "no relation", values: []string{`<?p=1>`}},
	{name: "other relation", values: []string{`<?p=1>; rel=nextish, <?p=2>; rel="prev"`}},
	{name: "relation of another parameter", values: []string{`<?p=1>; rev=next; title=next; rel*=next`}},
	{name: "about something else", values: []string{`<?p=1>; rel=next; anchor="#foo"`}},
	{name: "RFC 8288: previous", values: []string{`<http://example.com/TheBook/chapter2>; rel="previous"; title="previous chapter"`}},
	{name: "RFC 8288: anchor", values: []string{`</terms>; rel="copyright"; anchor="#foo"`}},
	{name: "RFC 8288: extended titles", values: []string{`</TheBook/chapter2>; rel="previous"; title*=UTF-8'de'letztes%20Kapitel, ` +
		`</TheBook/chapter4>; rel="next"; title*=UTF-8'de'n%c3%a4chstes%20Kapitel`}, want: "/TheBook/chapter4"},
	{name: "RFC 8288: several relations", values: []string{`<http://example.org/>; rel="start http://example.net/relation/other"`}},
	{name: "no angles", values: []string{`?p=2; rel=next`}, bad: true},
	{name: "open target", values: []string{`<?p=2; rel=next`}, bad: true},
	{name: "open quotes", values: []string{`<?p=2>; rel="next`}, bad: true},
	{name: "open escape", values: []string{`<?p=2>; rel="next\`}, bad: true},
	{name: "no name", values: []string{`<?p=2>; ="x"; rel=next`}, bad: true},
	{name: "no semicolon", values: []string{`<?p=2> rel=next`}, bad: true},
	{name: "text behind quotes", values: []string{`<?p=2>; title="a"b; rel=next`}, bad: true},
	{name: "broken behind the next", values: []string{`<?p=2>; rel=next, oops`}, want: "?p=2"},
	{name: "broken before the next", values: []string{`oops, <?p=2>; rel=next`}, bad: true},
}

func TestNextLink(t *testing.T) {
	for _, tt := range links {
		t.Run(tt.name, func(t *testing.T) {
			got, err := nextLink(tt.values)
			if got != tt.want || (err != nil) != tt.bad {
				t.Errorf("nextLink(%q) = %q, %v, want %q", tt.values, got, err, tt.want)
			}
		})
	}
}

// FuzzLink holds that any header leads nowhere but below the base URL, and that
// a target means the same in a header of its own.
func FuzzLink(f *testing.F) {
	for _, tt := range links {
		f.Add(strings.Join(tt.values, ","))
	}
	for _, r := range references {
		if len(r.ref) < 100 {
			f.Add("<" + r.ref + ">; rel=next")
		}
	}
	base := base{scheme: "https", host: "host.example.com", path: "/api/v3", rawPath: "/api/v3"}
	asked := &url.URL{Scheme: "https", Host: "host.example.com", Path: "/api/v3/hosts"}
	f.Fuzz(func(t *testing.T, header string) {
		target, err := nextLink([]string{header})
		if err != nil || target == "" {
			return
		}
		if !strings.Contains(header, "<"+target+">") {
			t.Fatalf("nextLink(%q) = %q, which is not in it", header, target)
		}
		if again, err := nextLink([]string{`<x>; rel=prev, <` + target + `>; title="\">,"; rel="next"`}); again != target || err != nil {
			t.Errorf("nextLink(<%s>) = %q, %v", target, again, err)
		}
		l := listing{base: &base, reply: Reply{asked: asked}}
		at, more, err := l.follow(target)
		if err != nil || !more {
			return
		}
		// What goes over the wire is read as a server would.
		uri := at.url.RequestURI()
		if at.url.Scheme != "https" || at.url.Host != "host.example.com" || at.url.User != nil ||
			!strings.HasPrefix(uri, "/api/v3/") || strings.ContainsAny(uri, " \t\r\n") {
			t.Errorf("follow(%q) = %q", target, at.url)
		}
		u, err := url.ParseRequestURI(uri)
		if err != nil {
			t.Fatalf("follow(%q) = %q: %v", target, at.url, err)
		}
		if clean := u.JoinPath("."); !strings.HasPrefix(clean.Path, "/api/v3") {
			t.Errorf("follow(%q) = %q, which climbs to %q", target, at.url, clean.Path)
		}
	})
}
