package rehearse

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// OAuth is how a client fetches tokens, for the gallery's tests of it (RFC
// 6749 section 4.4, RFC 7523 section 2.2). The zero value has no token
// endpoint, and skips them.
type OAuth struct {
	TokenURL string // of the token endpoint
	ClientID string
	Scope    string // "" sends none with a secret, and scim with an assertion, as Entra does

	Secret       string // of the client; "" skips Validate_Credentials
	SecondSecret string // another that is live; "" leaves the test of rotation out

	Assertion string // a JWT of the client's identity provider; "" skips Federated_Identity
	// Refused are JWTs that must be refused, such as one for another audience
	// or one that has expired.
	Refused []string
}

// check refuses what cannot be.
func (o *OAuth) check(suite string) error {
	if o.TokenURL == "" && o.ClientID == "" && o.Scope == "" && o.Secret == "" && o.SecondSecret == "" && o.Assertion == "" && len(o.Refused) == 0 {
		return nil
	}
	u, err := url.Parse(o.TokenURL)
	switch {
	case suite != "gallery":
		return errors.New("only the suite gallery tests the token endpoint; the other runs want a token")
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || (u.Scheme != "http" && u.Scheme != "https"):
		return errors.New("the URL of the token endpoint must be http or https with a host, such as https://scim.example.com/oauth/token")
	case o.ClientID == "":
		return errors.New("the token endpoint wants a client id too")
	case o.Secret == "" && o.Assertion == "":
		return errors.New("the token endpoint wants a client secret or an assertion too")
	case o.SecondSecret != "" && (o.Secret == "" || o.SecondSecret == o.Secret):
		return errors.New("the second client secret must be another than the first")
	case len(o.Refused) > 0 && o.Assertion == "":
		return errors.New("assertions that must be refused want one that must not")
	}
	for _, jwt := range append([]string{o.Assertion}, o.Refused...) {
		if jwt != "" && strings.Count(jwt, ".") != 2 {
			return errors.New("an assertion must be a signed JWT: three parts with dots between them")
		}
	}
	return nil
}

// secrets returns what must not be shown.
func (o *OAuth) secrets() []string {
	return append([]string{o.Secret, o.SecondSecret, o.Assertion}, o.Refused...)
}

// tokenRequest is a request for a token.
type tokenRequest struct {
	url   string
	form  url.Values
	basic *url.Userinfo // client and secret in the header; nil: the form says all
}

const (
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	masked        = "<secret>"
)

// withSecret asks with a secret, in the header or in the body.
func (o *OAuth) withSecret(secret string, header bool) *tokenRequest {
	form := url.Values{"grant_type": {"client_credentials"}}
	if o.Scope != "" {
		form.Set("scope", o.Scope)
	}
	if header {
		// Both parts are form-encoded (RFC 6749 section 2.3.1).
		return &tokenRequest{o.TokenURL, form, url.UserPassword(url.QueryEscape(o.ClientID), url.QueryEscape(secret))}
	}
	form.Set("client_secret", secret)
	form.Set("client_id", o.ClientID)
	return &tokenRequest{url: o.TokenURL, form: form}
}

// withAssertion asks with a JWT. The gallery's test says the base URL too.
func (o *OAuth) withAssertion(jwt, base string) *tokenRequest {
	scope := o.Scope
	if scope == "" {
		scope = "scim"
	}
	return &tokenRequest{url: o.TokenURL, form: url.Values{
		"grant_type": {"client_credentials"}, "client_id": {o.ClientID}, "scope": {scope}, "baseAddress": {base},
		"client_assertion_type": {assertionType}, "client_assertion": {jwt},
	}}
}

// shown returns the form as it may be shown.
func (q *tokenRequest) shown() []byte {
	form := make(url.Values, len(q.form))
	for k, v := range q.form {
		if k == "client_secret" || k == "client_assertion" {
			v = []string{masked}
		}
		form[k] = v
	}
	return []byte(strings.ReplaceAll(form.Encode(), url.QueryEscape(masked), masked))
}

// tokenFields are what may be shown of an answer to a token request.
var tokenFields = []string{"token_type", "expires_in", "scope", "error", "error_description", "error_uri", "schemas", "status", "detail"}

// conceal leaves of an answer what is no token. The object keeps all of it.
func (a *answer) conceal() {
	if a.object == nil {
		if a.status/100 == 2 {
			a.body = fmt.Appendf(nil, "(%d bytes that are no JSON object)", len(a.body))
		}
		return
	}
	shown := make(object, len(a.object))
	for k, v := range a.object {
		if shown[k] = masked; slices.Contains(tokenFields, k) {
			shown[k] = v
		}
	}
	a.body = bytes.ReplaceAll(raw(shown), raw(masked), []byte(`"`+masked+`"`))
}
