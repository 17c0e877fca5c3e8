package rehearse

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
)

// The gallery refuses a token that lives shorter or longer, and takes an
// answer without expires_in for one of an hour.
const (
	minTokenLife = 60 * 60
	maxTokenLife = 6 * 60 * 60
)

// validateCredentials fetches tokens with each secret of the client, in the
// body and in a header: Entra is seen to do either.
func (v *script) validateCredentials(t *trial) {
	o := &v.o.OAuth
	if o.Secret == "" {
		t.skip("It fetches a token with client credentials. Give --oauth-token-url, --oauth-client-id and --oauth-client-secret-env to run it.")
	}
	for _, secret := range []string{o.Secret, o.SecondSecret} {
		if secret != "" {
			t.entersWith(o.withSecret(secret, false))
			t.entersWith(o.withSecret(secret, true))
		}
	}
	wrong := "rehearse-" + guid()
	t.refusedToken(o.withSecret(wrong, false), "A client with a wrong secret in the body")
	t.refusedToken(o.withSecret(wrong, true), "A client with a wrong secret in the header")
	t.refusesToken()
}

// federatedIdentity fetches a token with an assertion, and holds the endpoint
// to looking at it: its signature, and whatever else the given ones lack.
func (v *script) federatedIdentity(t *trial) {
	o := &v.o.OAuth
	if o.Assertion == "" {
		t.skip("It fetches a token with an assertion of Entra. Give --oauth-token-url, --oauth-client-id and --oauth-assertion-file to run it.")
	}
	t.entersWith(o.withAssertion(o.Assertion, v.o.URL))
	t.refusedToken(o.withAssertion(forged(o.Assertion), v.o.URL), "An assertion that was changed after it was signed")
	t.refusedToken(o.withAssertion(unsigned(o.Assertion), v.o.URL), "An assertion without a signature")
	for i, jwt := range o.Refused {
		t.refusedToken(o.withAssertion(jwt, v.o.URL), fmt.Sprintf("Assertion %d of those that must be refused", i+1))
	}
	t.refusesToken()
}

// entersWith fetches a token and asks for users with it.
func (t *trial) entersWith(q *tokenRequest) {
	a := t.send(request{method: "POST", oauth: q}, 200)
	token := text(a.object, "access_token")
	switch life, there := a.object["expires_in"]; {
	case token == "":
		t.fail(a, "The answer has no access_token.")
	case !strings.EqualFold(text(a.object, "token_type"), "Bearer"):
		t.fail(a, "token_type is %s, and should be Bearer.", show(a.object["token_type"]))
	case there && !lives(life):
		t.fail(a, "expires_in is %s, and should be a number from %d to %d: 60 minutes to 6 hours.", show(life), minTokenLife, maxTokenLife)
	case !strings.Contains(strings.ToLower(a.header.Get("Cache-Control")), "no-store"):
		t.fail(a, "The answer has no Cache-Control: no-store, so that a cache may keep the token.")
	}
	t.hide(token)
	t.send(request{method: "GET", resource: users, query: "startIndex=1&count=1", token: token}, 200)
}

func lives(v any) bool {
	seconds, ok := v.(float64)
	return ok && seconds >= minTokenLife && seconds <= maxTokenLife
}

// refusedToken asks for a token that must not be given, and wants the error of
// RFC 6749 section 5.2.
func (t *trial) refusedToken(q *tokenRequest, who string) {
	a := t.client.send(t.ctx, request{step: t.test.Name, method: "POST", oauth: q, want: []int{401}})
	switch {
	case a.status/100 == 2:
		t.fail(a, "%s gets a token.", who)
	case !a.ok():
		t.fail(a, "%s is not answered with 401. %s", who, a.describe())
	case text(a.object, "error") != "invalid_client":
		t.fail(a, "%s is answered with the error %s, and should be with invalid_client.", who, show(a.object["error"]))
	case q.basic != nil && a.header.Get("WWW-Authenticate") == "":
		t.fail(a, "The 401 has no WWW-Authenticate, although the client used the Authorization header.")
	}
}

// refusesToken asks for users with a token that nobody gave out.
func (t *trial) refusesToken() {
	a := t.send(request{method: "GET", resource: users, query: "startIndex=1&count=1", token: "rehearse-" + guid()}, 401)
	if a.header.Get("WWW-Authenticate") == "" {
		t.fail(a, "The 401 has no WWW-Authenticate: Bearer.")
	}
}

// forged returns the JWT with another audience under the same signature.
func forged(jwt string) string {
	parts := strings.Split(jwt, ".")
	return parts[0] + "." + withClaim(parts[1], "aud", "api://rehearse-"+guid()) + "." + parts[2]
}

// unsigned returns the JWT with the same claims, saying that none signed it.
func unsigned(jwt string) string {
	parts := strings.Split(jwt, ".")
	return withClaim(parts[0], "alg", "none") + "." + parts[1] + "."
}

// withClaim returns the part of a JWT with a value changed; a part that is no
// JSON object has that value alone then.
func withClaim(part, name, value string) string {
	b, err := base64.RawURLEncoding.DecodeString(part)
	o := object{}
	if err != nil || json.Unmarshal(b, &o) != nil || o == nil {
		o = object{}
	}
	o[name] = value
	return base64.RawURLEncoding.EncodeToString(raw(o))
}
