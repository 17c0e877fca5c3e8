package rehearse

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// What the token endpoint of a test knows. A secret with a colon and a percent
// sign must be encoded in the header.
const (
	tokenPath    = "/oauth/token"
	fakeClient   = "fake:client"
	fakeSecret   = "fake-secret-1%:+"
	fakeSecond   = "fake-secret-2"
	fakeAudience = "api://fake"
	issuedToken  = "issued-token"
)

// fakeJWT returns a JWT that the token endpoint can check.
func fakeJWT(audience string) string {
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"HS256"}`)) + "." + encode(raw(object{"aud": audience, "iss": "https://login.example.com/"}))
	return signed + "." + encode(fakeMAC(signed))
}

func fakeMAC(text string) []byte {
	mac := hmac.New(sha256.New, []byte("fake-signing-key"))
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// issued reports whether the request has a token that was given out.
func (e *endpoint) issued(r *http.Request) bool {
	return r.Header.Get("Authorization") == "Bearer "+issuedToken && !e.has("token is not taken")
}

// token is the token endpoint, as it should be but for the flaw.
func (e *endpoint) token(w http.ResponseWriter, r *http.Request) {
	if e.has("form is 415") {
		e.refuse(w, 415, "application/scim+json only")
		return
	}
	if r.ParseForm() != nil || r.Method != "POST" || r.PostForm.Get("grant_type") != "client_credentials" {
		e.tokenAnswer(w, 400, object{"error": "unsupported_grant_type"})
		return
	}
	if !e.proves(r) {
		status, code := 401, "invalid_client"
		if e.has("wrong secret is 400") {
			status = 400
		}
		if e.has("wrong secret is access_denied") {
			code = "access_denied"
		}
		if !e.has("no Basic challenge") {
			w.Header().Set("WWW-Authenticate", "Basic")
		}
		// An answer that repeats what it got must not bring it into the report.
		e.tokenAnswer(w, status, object{"error": code, "error_description": "wrong: " + r.PostForm.Encode() + r.PostForm.Get("client_secret")})
		return
	}
	body := object{"access_token": issuedToken, "token_type": "Bearer", "expires_in": 3600}
	for flaw, change := range map[string]object{
		"token of another type": {"token_type": "mac"},
		"expires in a day":      {"expires_in": 24 * 3600},
		"expires in a minute":   {"expires_in": 60},
		"expires as a text":     {"expires_in": "3600"},
		"no access token":       {"access_token": "", "id_token": issuedToken},
	} {
		if e.has(flaw) {
			for k, v := range change {
				body[k] = v
			}
		}
	}
	if e.has("no expires_in") {
		delete(body, "expires_in")
	}
	e.tokenAnswer(w, 200, body)
}

func (e *endpoint) tokenAnswer(w http.ResponseWriter, status int, body object) {
	if !e.has("cacheable") {
		w.Header().Set("Cache-Control", "no-store")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(raw(body))
}

// proves reports whether the client is who it says.
func (e *endpoint) proves(r *http.Request) bool {
	form := r.PostForm
	if jwt := form.Get("client_assertion"); jwt != "" {
		return form.Get("client_assertion_type") == assertionType && form.Get("client_id") == fakeClient &&
			form.Get("scope") == "scim" && form.Get("baseAddress") == e.URL && e.trusts(jwt)
	}
	id, secret := form.Get("client_id"), form.Get("client_secret")
	if user, password, ok := r.BasicAuth(); ok && !e.has("only the body") {
		id, _ = url.QueryUnescape(user)
		secret, _ = url.QueryUnescape(password)
	} else if e.has("only the header") {
		return false
	}
	known := secret == fakeSecret || secret == fakeSecond && !e.has("one secret")
	return id == fakeClient && (known || e.has("any secret") && secret != "")
}

func (e *endpoint) trusts(jwt string) bool {
	parts := strings.Split(jwt, ".")
	signature, _ := base64.RawURLEncoding.DecodeString(parts[2])
	claims := object{}
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	json.Unmarshal(payload, &claims)
	switch {
	case e.has("alg none") && parts[2] == "":
	case e.has("signature unchecked") && parts[2] != "":
	default:
		if !hmac.Equal(signature, fakeMAC(parts[0]+"."+parts[1])) {
			return false
		}
	}
	return claims["aud"] == fakeAudience || e.has("audience unchecked") || e.has("signature unchecked")
}

var fakeOAuth = OAuth{
	ClientID: fakeClient, Secret: fakeSecret, SecondSecret: fakeSecond,
	Assertion: fakeJWT(fakeAudience), Refused: []string{fakeJWT("api://other")},
}

// gallery runs the suite with the endpoint's token endpoint.
func gallery(t *testing.T, e *endpoint) *Report {
	t.Helper()
	o := fakeOAuth
	o.TokenURL = e.URL + tokenPath
	return rehearseAt(t, e, Options{Suite: "gallery", OAuth: o})
}

// TestTokenEndpoint: a sound token endpoint passes both tests of it; one that
// does not say how long a token lives is read as an hour.
func TestTokenEndpoint(t *testing.T) {
	for _, flaw := range []string{"", "no expires_in"} {
		report := gallery(t, newEndpoint(t, flaw))
		if got := len(results(report, Pass)); got != 25 {
			t.Errorf("%q: %d tests pass, want 25\n%s", flaw, got, printed(report))
		}
	}
}

// TestTokenEndpointFlaws: each flaw of a token endpoint fails just the tests
// that meet it, and no secret gets into the report.
func TestTokenEndpointFlaws(t *testing.T) {
	const credentials, federated = "Validate_Credentials", "Federated_Identity"
	both := []string{credentials, federated}
	for flaw, tt := range map[string]struct {
		fails []string
		why   string
	}{
		"form is 415":                   {both, "The answer was 415."},
		"only the body":                 {both[:1], "The answer was 401."},
		"only the header":               {both[:1], "The answer was 401."},
		"one secret":                    {both[:1], "The answer was 401."},
		"any secret":                    {both[:1], "A client with a wrong secret in the body gets a token."},
		"wrong secret is 400":           {both, "is not answered with 401. The answer was 400."},
		"wrong secret is access_denied": {both, `with the error "access_denied", and should be with invalid_client.`},
		"no Basic challenge":            {both[:1], "although the client used the Authorization header"},
		"token of another type":         {both, `token_type is "mac", and should be Bearer.`},
		"expires in a day":              {both, "expires_in is 86400, and should be a number from 3600 to 21600"},
		"expires in a minute":           {both, "expires_in is 60, "},
		"expires as a text":             {both, `expires_in is "3600", `},
		"no access token":               {both, "The answer has no access_token."},
		"cacheable":                     {both, "Cache-Control: no-store"},
		"token is not taken":            {both, "The answer was 401."},
		"open door":                     {both, "Wanted was 401."},
		"no challenge":                  {both, "The 401 has no WWW-Authenticate: Bearer."},
		"signature unchecked":           {both[1:], "An assertion that was changed after it was signed gets a token."},
		"alg none":                      {both[1:], "An assertion without a signature gets a token."},
		"audience unchecked":            {both[1:], "Assertion 1 of those that must be refused gets a token."},
	} {
		t.Run(flaw, func(t *testing.T) {
			report := gallery(t, newEndpoint(t, flaw))
			if got := results(report, Fail); !slices.Equal(got, tt.fails) {
				t.Errorf("%q fail, want %q", got, tt.fails)
			}
			for _, test := range report.Tests {
				if test.Result == Fail && !strings.Contains(test.Why, tt.why) {
					t.Errorf("%s fails as %q, want %q in it", test.Name, test.Why, tt.why)
				}
			}
			text := printed(report)
			for _, secret := range append(fakeOAuth.secrets(), fakeToken, issuedToken, url.QueryEscape(fakeSecret)) {
				if strings.Contains(text, secret) {
					t.Errorf("the report holds the secret %q\n%s", secret, text)
				}
			}
		})
	}
}

// TestTokenEndpointSkipped: what is not given is said by its flags.
func TestTokenEndpointSkipped(t *testing.T) {
	e := newEndpoint(t, "")
	o := OAuth{TokenURL: e.URL + tokenPath, ClientID: fakeClient, Secret: fakeSecret}
	report := rehearseAt(t, e, Options{Suite: "gallery", OAuth: o})
	for _, test := range report.Tests {
		switch {
		case test.Name == "Validate_Credentials" && test.Result != Pass,
			test.Name == "Federated_Identity" && (test.Result != Skip || !strings.Contains(test.Why, "--oauth-assertion-file")):
			t.Errorf("%s: %s %s", test.Name, test.Result, test.Why)
		}
	}
}
