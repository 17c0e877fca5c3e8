package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Auth says who may come in. The ways may be combined; each credential has a
// name, which the log shows.
type Auth struct {
	// Bearer are tokens that the operator gives out.
	Bearer []BearerToken `yaml:"bearer"`
	// JWT are issuers whose signed tokens are let in, such as Entra's own.
	JWT []JWTIssuer `yaml:"jwt"`
	// OAuth are clients that fetch short-lived tokens at server.token_path.
	OAuth *OAuth `yaml:"oauth"`
	// Allow are the networks that requests may come from; none: any.
	Allow []Prefix `yaml:"allow"`
}

// BearerToken is one token that a client may present: in clear, or as the
// hex SHA-256 of it.
type BearerToken struct {
	Name     string `yaml:"name" need:"entra"` // who presents it; it stands in the log
	Token    Secret `yaml:"token"`             // as it is presented
	SHA256   Secret `yaml:"sha256"`            // in place of token: the hexadecimal SHA-256 of it
	Expires  Date   `yaml:"expires"`           // the first day on which it is refused; zero: never
	ReadOnly bool   `yaml:"read_only"`         // nothing may be written with it
}

// JWTIssuer is an issuer of signed tokens (RFC 7519) and what a token of it
// must say.
type JWTIssuer struct {
	Name   string `yaml:"name" need:"entra"`                                // it stands in the log
	Issuer string `yaml:"issuer" need:"https://sts.windows.net/TENANT-ID/"` // exactly as in iss
	// Audience is what aud must hold. It is no proof of who calls: Entra gives
	// the same one to every custom application of every customer.
	Audience string `yaml:"audience" need:"8adf8e6e-67b2-4cf2-a259-e3dc5476c621"`
	// JWKSURL is where the issuer publishes its keys.
	JWKSURL URL `yaml:"jwks_url" need:"https://login.microsoftonline.com/TENANT-ID/discovery/keys"`
	// Claims must be in the token with just these values, such as tid or
	// appid.
	Claims   Ordered[string] `yaml:"claims"`
	ReadOnly bool            `yaml:"read_only"` // nothing may be written with it
}

// OAuth are the clients of the token endpoint (RFC 6749 section 4.4).
type OAuth struct {
	// SigningKey signs the tokens that are given out, the first of several;
	// all are known when one comes back. At least 32 characters.
	SigningKey []Secret `yaml:"signing_key" need:"\"${HOSTSCIM_SIGNING_KEY}\""`
	// Lifetime is that of a token: 1h, which is also the default, to 6h.
	Lifetime Duration      `yaml:"lifetime"`
	Clients  []OAuthClient `yaml:"clients" need:"[{id: entra, secrets: [{secret: \"${ENTRA_CLIENT_SECRET}\"}]}]"`
}

// OAuthClient is one client: it proves itself by a secret, or by a token that
// its own identity provider signed (RFC 7523 section 2.2).
type OAuthClient struct {
	ID        string           `yaml:"id" need:"entra"` // client_id, and the name in the log
	Secrets   []ClientSecret   `yaml:"secrets"`         // all that are live, so that one can be replaced
	Assertion *ClientAssertion `yaml:"assertion"`
	ReadOnly  bool             `yaml:"read_only"` // nothing may be written with its tokens
}

// ClientSecret is one secret of a client, in clear or as the hex SHA-256 of
// it.
type ClientSecret struct {
	Secret  Secret `yaml:"secret"`  // as it is presented
	SHA256  Secret `yaml:"sha256"`  // in place of secret: the hexadecimal SHA-256 of it
	Expires Date   `yaml:"expires"` // the first day on which it is refused
}

// ClientAssertion is what the signed token of a client must say.
type ClientAssertion struct {
	Issuer   string `yaml:"issuer" need:"https://login.microsoftonline.com/TENANT-ID/v2.0"`                  // exactly as in iss
	Subject  string `yaml:"subject" need:"11111111-2222-3333-4444-555555555555"`                             // exactly as in sub
	Audience string `yaml:"audience" need:"api://hostscim"`                                                  // what aud must hold
	JWKSURL  URL    `yaml:"jwks_url" need:"https://login.microsoftonline.com/TENANT-ID/discovery/v2.0/keys"` // where the issuer publishes its keys
}

// Date is a day, written as 2027-01-31. It begins at midnight UTC.
type Date time.Time

func (v *Date) decodeText(text string) error {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return errors.New("must be a day; write for example 2027-01-31")
	}
	*v = Date(t)
	return nil
}

// Sum returns the SHA-256 of the token in lower-case hexadecimal digits.
func (b *BearerToken) Sum() string { return sumOf(b.Token, b.SHA256) }

// Sum returns the SHA-256 of the secret in lower-case hexadecimal digits.
func (s *ClientSecret) Sum() string { return sumOf(s.Secret, s.SHA256) }

func sumOf(clear, sum Secret) string {
	if sum != "" {
		return strings.ToLower(string(sum))
	}
	hash := sha256.Sum256([]byte(clear))
	return hex.EncodeToString(hash[:])
}

// identities returns what selects the tenant, in a spelling that can be
// compared with that of another: hashes of tokens, ids of clients, issuers
// with all that their tokens must say.
func (a *Auth) identities() []string {
	var all []string
	for _, b := range a.Bearer {
		all = append(all, "bearer "+b.Sum())
	}
	for _, j := range a.JWT {
		said := fmt.Sprint("jwt ", j.Issuer, " ", j.Audience)
		for _, c := range j.Claims {
			said += fmt.Sprintf(" %q=%q", c.Key, c.Value)
		}
		all = append(all, said)
	}
	if a.OAuth != nil {
		for _, c := range a.OAuth.Clients {
			all = append(all, "client "+c.ID)
		}
	}
	return all
}

const (
	minLifetime   = time.Hour // what Entra's validation accepts
	maxLifetime   = 6 * time.Hour
	minSigningKey = 32
)

// check checks who may come in; anybody says that the legacy API judges tokens.
func (a *Auth) check(d *decoder, anybody bool) {
	if !d.given("auth") {
		return
	}
	if len(a.Bearer) == 0 && len(a.JWT) == 0 && a.OAuth == nil && !anybody {
		d.add("auth", "lets nobody in; write for example bearer: [{name: entra, token: \"${HOSTSCIM_TOKEN}\"}]")
	}
	names := make(map[string]bool)
	name := func(path, name string) {
		if names[name] {
			d.add(path, "is the name of another credential too; the name tells them apart in the log")
		}
		names[name] = true
	}
	for i, b := range a.Bearer {
		path := fmt.Sprintf("auth.bearer[%d]", i)
		checkSecret(d, path, "token", b.Token, b.SHA256, "${HOSTSCIM_TOKEN}")
		name(path+".name", b.Name)
	}
	for i, j := range a.JWT {
		path := fmt.Sprintf("auth.jwt[%d]", i)
		name(path+".name", j.Name)
		checkIssuer(d, path, j.Issuer, j.JWKSURL)
	}
	if a.OAuth != nil {
		a.OAuth.check(d, name)
	}
	for i, p := range a.Allow {
		if prefix := netip.Prefix(p); prefix.IsValid() && prefix.Bits() == 0 {
			d.add(fmt.Sprintf("auth.allow[%d]", i), "is every address; leave allow out")
		}
	}
}

func (o *OAuth) check(d *decoder, name func(path, name string)) {
	const path = "auth.oauth"
	if o.Lifetime == 0 {
		o.Lifetime = Duration(minLifetime)
	}
	if t := time.Duration(o.Lifetime); t < minLifetime || t > maxLifetime {
		d.add(path+".lifetime", "must be between 1h and 6h, which is what Entra accepts")
	}
	for i, k := range o.SigningKey {
		at := fmt.Sprintf("%s.signing_key[%d]", path, i)
		if len(k) < minSigningKey && !d.faulty(at) && !d.faulty(path+".signing_key") {
			d.add(at, "must have at least %d characters; make one with: openssl rand -hex 32", minSigningKey)
		}
	}
	for i, c := range o.Clients {
		at := fmt.Sprintf("%s.clients[%d]", path, i)
		name(at+".id", c.ID)
		if len(c.Secrets) == 0 && c.Assertion == nil {
			d.add(at, "has no way to prove itself; write for example secrets: [{secret: \"${ENTRA_CLIENT_SECRET}\"}]")
		}
		for j, s := range c.Secrets {
			checkSecret(d, fmt.Sprintf("%s.secrets[%d]", at, j), "secret", s.Secret, s.SHA256, "${ENTRA_CLIENT_SECRET}")
		}
		if a := c.Assertion; a != nil {
			checkIssuer(d, at+".assertion", a.Issuer, a.JWKSURL)
		}
	}
}

// checkSecret holds a credential to one spelling of it.
func checkSecret(d *decoder, path, key string, clear, sum Secret, example string) {
	switch {
	case d.faulty(path + "." + key), d.faulty(path + ".sha256"):
		// A variable that is not set was reported already.
	case (clear == "") == (sum == ""):
		d.add(path, "needs either %s or sha256, and not an empty one; write for example %s: \"%s\"", key, key, example)
	case sum != "" && !isHexSHA256(string(sum)):
		d.add(path+".sha256", "must be 64 hexadecimal digits; make it with: printf %%s \"$%s\" | sha256sum", strings.ToUpper(key))
	}
}

// checkIssuer refuses issuers and keys that prove nothing.
func checkIssuer(d *decoder, path, issuer string, keys URL) {
	if u, err := url.Parse(issuer); issuer != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		d.add(path+".issuer", "must be an https URL, just as it stands in the iss of a token")
	}
	for segment := range strings.SplitSeq(issuer, "/") {
		if slices.Contains([]string{"common", "organizations", "consumers"}, segment) {
			d.add(path+".issuer", "stands for every customer of the provider; write the id of your own tenant in place of %s", segment)
		}
	}
	if u := url.URL(keys); u.Scheme == "http" && !isLoopback(u.Hostname()) {
		d.add(path+".jwks_url", "must be https; over http anybody on the way could sign")
	}
}

func isHexSHA256(s string) bool {
	if len(s) != 64 {
		return false
	}
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') && (r < 'A' || r > 'F') {
			return false
		}
	}
	return true
}
