package mapping

import (
	"net/url"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// OAuth2 is how the adapter obtains its token at the legacy API: by the grant
// for client credentials (RFC 6749, section 4.4).
type OAuth2 struct {
	TokenURL     URL      `yaml:"token_url" need:"https://api.example.com/oauth/token"` // where tokens are asked for
	ClientID     string   `yaml:"client_id" need:"hostscim"`                            // the name of the adapter there
	ClientSecret Secret   `yaml:"client_secret" need:"\"${LEGACY_CLIENT_SECRET}\""`     // its secret there
	Scopes       []string `yaml:"scopes"`                                               // none: those that the client has
	Audience     string   `yaml:"audience"`                                             // sent as the parameter audience
	// Params are sent with the request for a token, for what an authorization
	// server wants besides.
	Params Ordered[string] `yaml:"params"`
	// Style says where the client id and secret are: basic (the default), in a
	// header, or post, in the body.
	Style string `yaml:"style" enum:"basic,post"`
}

// TLS is what the connections to the legacy API need beyond what the system
// trusts.
type TLS struct {
	CA   *File `yaml:"ca_file"`   // authorities, in place of those of the system
	Cert *File `yaml:"cert_file"` // the certificate of the adapter, with its chain
	Key  *File `yaml:"key_file"`  // its private key
}

// Breaker says when the legacy API counts as down, so that it is left alone and
// requests are answered at once.
type Breaker struct {
	// Failures is how many calls have to fail in a row; 0 is never; default 20.
	Failures int      `yaml:"failures" min:"0"`
	Window   Duration `yaml:"window"` // within which they have to; default 1m
	Open     Duration `yaml:"open"`   // until a call is sent as a probe; default 5s
}

// File is the content of a file that the configuration names. It may be a
// private key, and is not printed.
type File struct {
	name    string
	content Secret
}

// String returns a placeholder.
func (File) String() string { return hidden }

// GoString returns a placeholder.
func (File) GoString() string { return hidden }

func (f *File) decodeNode(d *decoder, n ast.Node, path string) {
	name, ok := d.text(n, path)
	if !ok {
		return
	}
	content, err := d.sources.lookup("file:" + name)
	switch {
	case err != nil:
		d.add(path, "%s", err)
	case strings.TrimSpace(content) == "":
		d.add(path, "file %s is empty; name one in PEM", name)
	}
	f.name, f.content = name, Secret(content)
}

// Name returns the name of the file; "": none was named.
func (f *File) Name() string {
	if f == nil {
		return ""
	}
	return f.name
}

// PEM returns the content; nil: no file was named.
func (f *File) PEM() []byte {
	if f == nil {
		return nil
	}
	return []byte(f.content)
}

// given returns the names of the credentials that the file has.
func (a *LegacyAuth) given() []string {
	var names []string
	for _, c := range []struct {
		name string
		yes  bool
	}{
		{"bearer", a.Bearer != ""}, {"basic", a.Basic != nil}, {"header", a.Header != nil},
		{"oauth2_client_credentials", a.OAuth2 != nil}, {"passthrough", a.Passthrough},
	} {
		if c.yes {
			names = append(names, c.name)
		}
	}
	return names
}

func (a *LegacyAuth) check(d *decoder) {
	if given := a.given(); len(given) > 1 {
		d.add("legacy.auth", "has %d credentials; keep one", len(given))
	}
	if a.OAuth2 == nil {
		return
	}
	const path = "legacy.auth.oauth2_client_credentials"
	if u := url.URL(a.OAuth2.TokenURL); u.User != nil || u.Fragment != "" {
		d.add(path+".token_url", "must hold no user name and no fragment; put the credentials under client_id and client_secret")
	}
	for _, c := range []struct{ key, value string }{{"client_id", a.OAuth2.ClientID}, {"client_secret", string(a.OAuth2.ClientSecret)}} {
		if _, written := d.at[path+"."+c.key]; written && c.value == "" && !d.faulty(path+"."+c.key) {
			d.add(path+"."+c.key, "is empty; write the one that the authorization server gave out")
		}
	}
	own := []string{"grant_type", "scope", "client_id", "client_secret"}
	for _, p := range a.OAuth2.Params {
		switch {
		case slices.Contains(own, p.Key):
			d.add(path+".params", "%s is sent by itself; leave it out", p.Key)
		case p.Key == "audience" && a.OAuth2.Audience != "":
			d.add(path+".params", "audience is there twice; keep one")
		}
	}
}

func (t *TLS) check(d *decoder) {
	if (t.Cert == nil) != (t.Key == nil) {
		d.add("legacy.tls", "needs both cert_file and key_file, or neither; a certificate is shown with the proof of its key")
	}
}

// checkProxy holds the proxy to be a URL. It is a secret because it may hold
// the password of the proxy.
func (l *Legacy) checkProxy(d *decoder) {
	if _, written := d.at["legacy.proxy"]; !written || d.faulty("legacy.proxy") {
		return
	}
	u, err := url.Parse(string(l.Proxy))
	if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https", "socks5"}, u.Scheme) {
		d.add("legacy.proxy", "must be a URL with http, https or socks5; write for example http://proxy.example.com:3128")
	}
}

// checkInbound holds that somebody can come in, and in one way only.
func (c *Config) checkInbound(d *decoder) {
	if !c.Legacy.Auth.Passthrough {
		if !d.given("auth") {
			d.add("", `auth is missing; write for example auth: {bearer: [{name: entra, token: "${HOSTSCIM_TOKEN}"}]}`)
		}
		return
	}
	for _, key := range []string{"bearer", "jwt", "oauth"} {
		if d.given("auth." + key) {
			d.add("auth."+key, "is not asked for where legacy.auth.passthrough lets every token in; keep one of the two")
		}
	}
}
