package adapter_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// from makes every request come from the address.
func from(addr string) func(http.Handler, *http.Request) *http.Request {
	return func(_ http.Handler, r *http.Request) *http.Request {
		r.RemoteAddr = addr
		return r
	}
}

// TestBaseURL asks for a user and looks at its location.
func TestBaseURL(t *testing.T) {
	const trusted, stranger = "127.0.0.1:4242", "192.0.2.1:4242"
	for _, test := range []struct {
		name, peer string
		header     []string
		want       string // "": what the request itself says
	}{
		{"nothing said", trusted, nil, ""},
		{"host of the request", trusted, []string{"Host", "scim.example.com"}, "http://scim.example.com/scim/v2"},
		{"host with a port", stranger, []string{"Host", "scim.example.com:8443"}, "http://scim.example.com:8443/scim/v2"},
		{"IPv6 host", stranger, []string{"Host", "[2001:db8::1]:8443"}, "http://[2001:db8::1]:8443/scim/v2"},
		{"a proxy", trusted, []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "scim.example.com", "X-Forwarded-Prefix", "/tenant/1"}, "https://scim.example.com/tenant/1/scim/v2"},
		{"a proxy on IPv6", "[::1]:4242", []string{"X-Forwarded-Host", "scim.example.com"}, "http://scim.example.com/scim/v2"},
		{"a proxy on mapped IPv6", "[::ffff:127.0.0.1]:4242", []string{"X-Forwarded-Host", "scim.example.com"}, "http://scim.example.com/scim/v2"},
		{"a stranger", stranger, []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "evil.example.com", "X-Forwarded-Prefix", "/evil", "Forwarded", "host=evil.example.com"}, ""},
		{"no address", "@", []string{"X-Forwarded-Host", "evil.example.com"}, ""},
		{"proto alone", trusted, []string{"Host", "scim.example.com", "X-Forwarded-Proto", "HTTPS"}, "https://scim.example.com/scim/v2"},
		{"host alone with a port", trusted, []string{"X-Forwarded-Host", "[2001:db8::1]:443"}, "http://[2001:db8::1]:443/scim/v2"},
		{"the last of a list", trusted, []string{"X-Forwarded-Proto", "http, http, https", "X-Forwarded-Host", "evil.example.com,bad.example.com,scim.example.com", "X-Forwarded-Prefix", "/evil, /good/"}, "https://scim.example.com/good/scim/v2"},
		{"Forwarded", trusted, []string{"Forwarded", `for=192.0.2.9;proto=https;host="scim.example.com:444"`}, "https://scim.example.com:444/scim/v2"},
		{"the last of Forwarded", trusted, []string{"Forwarded", `host=evil.example.com;proto=http, For="[2001:db8::9]"; Host=scim.example.com ;PROTO=HTTPS`}, "https://scim.example.com/scim/v2"},
		{"X-Forwarded before Forwarded", trusted, []string{"Forwarded", "host=other.example.com;proto=http", "X-Forwarded-Host", "scim.example.com", "X-Forwarded-Proto", "https"}, "https://scim.example.com/scim/v2"},
		{"Forwarded with a prefix", trusted, []string{"Forwarded", "host=scim.example.com", "X-Forwarded-Prefix", "a/b/"}, "http://scim.example.com/a/b/scim/v2"},
		{"an unknown proto", trusted, []string{"Host", "scim.example.com", "X-Forwarded-Proto", "javascript"}, "http://scim.example.com/scim/v2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := seeded(t, setup{wrap: from(test.peer)})
			if test.want == "" {
				test.want = f.url + base
			}
			f.wantLocation(test.want+"/Users/1", test.header...)
		})
	}
}

func (f *fixture) wantLocation(want string, header ...string) {
	f.Helper()
	a := f.want(200, "GET", "/Users/1", "", header...)
	if got := a.value(f.T).Get("meta").Get("location").Text(); got != want || a.header.Get("Location") != want {
		f.Errorf("%q: meta.location = %q, Location = %q, want %q", header, got, a.header.Get("Location"), want)
	}
}

// TestBadForwarding: whatever a proxy passes on, the location is a URL of this
// service.
func TestBadForwarding(t *testing.T) {
	f := seeded(t, setup{})
	bad := []string{
		"evil.example.com/path", "evil.example.com?x", "evil.example.com#x", "user@evil.example.com", "user:pw@evil", "evil example", `evil"><script>`,
		"evil\\x", "http://evil", "evil%41", ":80", "evil:port", "evil:80:80", "::1", "[::1", "[::1]x", "[fe80::1%25eth0]", "[]", "[", "evil{}", "evil^", "évil.example.com", strings.Repeat("e", 300),
		"evil:", "evil|x", "..", "",
	}
	for _, text := range bad {
		for _, name := range []string{"X-Forwarded-Host", "Forwarded", "X-Forwarded-Prefix", "X-Forwarded-Proto"} {
			value := text
			if name == "Forwarded" {
				value = `host="` + text + `"`
			}
			a := f.want(200, "GET", "/Users/1", "", name, value)
			location := a.header.Get("Location")
			u, err := url.Parse(location)
			if err != nil || u.Scheme != "http" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || !strings.HasSuffix(u.Path, "/scim/v2/Users/1") || strings.Contains(u.Path, "..") {
				t.Errorf("%s: %s: Location %q, want a plain URL", name, value, location)
				continue
			}
			if strings.ContainsFunc(location, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"<>\^{|}`, r) }) {
				t.Errorf("%s: %s: Location %q has characters that no URL has", name, value, location)
			}
			if name != "X-Forwarded-Prefix" && text != "evil:" && text != ".." && strings.Contains(strings.ToLower(u.Host), "vil") {
				t.Errorf("%s: %s: Location %q, want the host of the request", name, value, location)
			}
		}
	}
}

// TestPublicURL: what the file says counts before everything else, in every
// place where a URL is told.
func TestPublicURL(t *testing.T) {
	const public = "https://scim.example.com/t/scim/v2"
	f := seeded(t, setup{edits: []string{"# public_url: https://scim.example.com/scim/v2", "public_url: " + public + "/"}})
	header := []string{"Host", "x.example.com", "X-Forwarded-Host", "y.example.com", "X-Forwarded-Proto", "http"}
	f.wantLocation(public+"/Users/1", header...)
	a := f.want(201, "POST", "/Users", strings.ReplaceAll(noa, "noa@", "new@"), header...)
	if got := a.header.Get("Location"); got != public+"/Users/4" || a.value(t).Get("meta").Get("location").Text() != got {
		t.Errorf("POST: Location %q, body %s, want %s/Users/4", got, a.body, public)
	}
	for path, want := range map[string]string{
		"/ServiceProviderConfig": "/ServiceProviderConfig", "/ResourceTypes/user": "/ResourceTypes/User", "/Schemas/" + strings.ToUpper(enterprise): "/Schemas/" + enterprise,
	} {
		a := f.want(200, "GET", path, "", header...)
		if got := a.value(t).Get("meta").Get("location").Text(); got != public+want || a.header.Get("Location") != got {
			t.Errorf("GET %s: meta.location = %q, Location %q, want %q", path, got, a.header.Get("Location"), public+want)
		}
	}
	for _, path := range []string{"/Users", "/Groups?filter=displayName+eq+%22security%22", "/Schemas", "/ResourceTypes"} {
		for _, r := range f.want(200, "GET", path, "", header...).value(t).Get("Resources").Parts() {
			if got := r.Value.Get("meta").Get("location").Text(); !strings.HasPrefix(got, public+"/") {
				t.Errorf("GET %s: meta.location = %q, want it below %s", path, got, public)
			}
		}
	}
}

// TestBaseURLInTurn: a host that was valid once vouches for no other, whoever
// is asked for after it.
func TestBaseURLInTurn(t *testing.T) {
	f := seeded(t, setup{wrap: from("127.0.0.1:4242")})
	for _, step := range []struct{ forwarded, want string }{
		{"scim.example.com", "http://scim.example.com"},
		{"scim.example.com/evil", f.url},
		{"scim.example.com", "http://scim.example.com"},
		{"other.example.com:8443", "http://other.example.com:8443"},
		{"other.example.com:8443?", f.url},
		{"scim.example.com", "http://scim.example.com"},
	} {
		f.wantLocation(step.want+base+"/Users/1", "X-Forwarded-Host", step.forwarded)
	}
}
