package adapter

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"hostscim/mapping"
)

// oauth is the token endpoint of one tenant: its clients, and the keys that
// its tokens are signed with. The tokens carry all that is needed to know them
// again, so every replica knows those of the others.
type oauth struct {
	tenant   *tenant
	keys     []signingKey // the first signs
	lifetime time.Duration
	clients  []oauthClient
}

type signingKey struct {
	id    string
	bytes []byte
}

// oauthClient is one client of the token endpoint.
type oauthClient struct {
	principal
	secrets   []token   // their hashes and expiry
	assertion *verifier // nil: it has none
	subject   string    // that the assertion must have
}

func newOAuth(t *tenant, c *mapping.OAuth, now func() time.Time) *oauth {
	o := &oauth{tenant: t, lifetime: time.Duration(c.Lifetime)}
	for _, key := range c.SigningKey {
		// The key itself is a hash, so that what signs is not what is written
		// into the file for anything else as well.
		bytes := sha256.Sum256([]byte("hostscim access token 1\x00" + string(key)))
		id := sha256.Sum256(bytes[:])
		o.keys = append(o.keys, signingKey{hex.EncodeToString(id[:8]), bytes[:]})
	}
	for _, client := range c.Clients {
		of := oauthClient{principal: principal{name: client.ID, tenant: t, readOnly: client.ReadOnly}}
		for _, s := range client.Secrets {
			secret := token{expires: time.Time(s.Expires)}
			hex.Decode(secret.sum[:], []byte(s.Sum())) // checked at load
			of.secrets = append(of.secrets, secret)
		}
		if a := client.Assertion; a != nil {
			of.assertion, of.subject = new(newVerifier(a.Issuer, a.Audience, a.JWKSURL, now)), a.Subject
		}
		o.clients = append(o.clients, of)
	}
	return o
}

// oauthError is an error of the token endpoint (RFC 6749 section 5.2).
type oauthError struct {
	status      int
	code        string
	description string
}

// Error returns the code and the description.
func (e *oauthError) Error() string { return e.code + ": " + e.description }

const (
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	maxTokenBody  = 64 << 10
)

// issueToken answers the token endpoint: client credentials by Basic or in the
// body, or a signed assertion (RFC 6749 sections 2.3.1 and 4.4, RFC 7523
// section 2.2).
func (s *Server) issueToken(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store") // RFC 6749 section 5.1
	w.Header().Set("Pragma", "no-cache")
	note(r, func(e *entry) { e.route = "POST " + s.config.TokenPath })
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		s.refuseClient(w, r, &oauthError{http.StatusMethodNotAllowed, "invalid_request", "a token is asked for by POST"})
		return
	}
	client, of, err := s.client(r)
	if err != nil {
		s.refuseClient(w, r, err)
		return
	}
	note(r, func(e *entry) { e.token, e.tenant = client.name, client.tenant })
	if !client.tenant.allowed.contains(s.source(r)) {
		s.refuseClient(w, r, &oauthError{http.StatusForbidden, "unauthorized_client", "requests may not come from this network"})
		return
	}
	raw, err := of.sign(client.name, s.now())
	if err != nil {
		s.refuseClient(w, r, &oauthError{http.StatusInternalServerError, "server_error", "the token could not be signed"})
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"access_token": raw, "token_type": "Bearer", "expires_in": int(of.lifetime / time.Second),
	})
}

func (s *Server) refuseClient(w http.ResponseWriter, r *http.Request, err error) {
	var known *oauthError
	if !errors.As(err, &known) {
		known = &oauthError{http.StatusUnauthorized, "invalid_client", "the client is not known, or its secret is wrong or has expired"}
	}
	note(r, func(e *entry) { e.err = fmt.Errorf("issuing a token: %s", known.code) })
	s.metrics.countRefused(known.code)
	if known.status == http.StatusUnauthorized {
		s.strangers.delay(r.Context(), s.source(r))
		w.Header().Set("WWW-Authenticate", `Basic realm="hostscim"`)
	}
	writeJSON(w, known.status, map[string]any{"error": known.code, "error_description": known.description})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts and numbers
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(body) // a client that went away is seen in the next read
}

// client returns the client that the token request is proved to come from.
func (s *Server) client(r *http.Request) (*oauthClient, *oauth, error) {
	form, err := tokenForm(r)
	if err != nil {
		return nil, nil, err
	}
	if grant := form.Get("grant_type"); grant != "client_credentials" {
		return nil, nil, &oauthError{http.StatusBadRequest, "unsupported_grant_type", "grant_type must be client_credentials"}
	}
	if form.Has("client_assertion") || form.Has("client_assertion_type") {
		if form.Get("client_assertion_type") != assertionType {
			return nil, nil, &oauthError{http.StatusBadRequest, "invalid_request", "client_assertion_type must be " + assertionType}
		}
		return s.asserted(r.Context(), form.Get("client_id"), form.Get("client_assertion"))
	}
	id, secret, err := clientSecret(r, form)
	if err != nil {
		return nil, nil, err
	}
	return s.known(id, secret)
}

// tokenForm reads the body of a token request, which is a form.
func tokenForm(r *http.Request) (url.Values, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" {
		return nil, &oauthError{http.StatusBadRequest, "invalid_request", "the body must be application/x-www-form-urlencoded"}
	}
	body, err := readAll(r, maxTokenBody)
	if err != nil {
		return nil, &oauthError{http.StatusBadRequest, "invalid_request", "the body is too large or ended early"}
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, &oauthError{http.StatusBadRequest, "invalid_request", "the body is no form"}
	}
	for _, values := range form {
		if len(values) > 1 {
			return nil, &oauthError{http.StatusBadRequest, "invalid_request", "a parameter is given twice"} // RFC 6749 section 3.2
		}
	}
	return form, nil
}

// clientSecret returns what the client says of itself: in the header, where
// both parts are form-encoded (RFC 6749 section 2.3.1), or in the body.
func clientSecret(r *http.Request, form url.Values) (id, secret string, err error) {
	rawID, rawSecret, basic := r.BasicAuth()
	if !basic {
		return form.Get("client_id"), form.Get("client_secret"), nil
	}
	if form.Has("client_secret") {
		return "", "", &oauthError{http.StatusBadRequest, "invalid_request", "the client's secret is in the header and in the body; send it once"}
	}
	id, errID := url.QueryUnescape(rawID)
	secret, errSecret := url.QueryUnescape(rawSecret)
	if errID != nil || errSecret != nil {
		id, secret = rawID, rawSecret // not encoded, as many clients send it
	}
	return id, secret, nil
}

// known returns the client of that id and secret. Every secret is compared,
// so that the time tells neither whether the id exists nor which one came
// close.
func (s *Server) known(id, secret string) (*oauthClient, *oauth, error) {
	sum := sha256.Sum256([]byte(secret))
	now := s.now()
	var found *oauthClient
	var of *oauth
	for _, o := range s.oauths {
		for i := range o.clients {
			c := &o.clients[i]
			for _, live := range c.secrets {
				right := subtle.ConstantTimeCompare(sum[:], live.sum[:]) == 1
				if right && c.name == id && (live.expires.IsZero() || now.Before(live.expires)) {
					found, of = c, o
				}
			}
		}
	}
	if found == nil || secret == "" {
		return nil, nil, errNoCredential
	}
	return found, of, nil
}

// asserted returns the client that the signed assertion is from. The id is
// optional (RFC 7523 section 2.2), and the subject tells it then.
func (s *Server) asserted(ctx context.Context, id, assertion string) (*oauthClient, *oauth, error) {
	for _, o := range s.oauths {
		for i := range o.clients {
			c := &o.clients[i]
			if c.assertion == nil || id != "" && c.name != id {
				continue
			}
			token, err := c.assertion.verify(ctx, assertion)
			if errors.Is(err, errNoKeys) {
				return nil, nil, &oauthError{http.StatusServiceUnavailable, "temporarily_unavailable", "the keys of the assertion's issuer cannot be had now; try again later"}
			}
			if err == nil && token.Subject == c.subject {
				return c, o, nil
			}
		}
	}
	return nil, nil, errNoCredential
}

// issuerName is the iss of the tokens that are given out.
const issuerName = "hostscim"

// sign returns a token for the client.
func (o *oauth) sign(client string, now time.Time) (string, error) {
	key := o.keys[0]
	options := new(jose.SignerOptions).
		WithType("at+jwt"). // RFC 9068: no other token of ours looks like it
		WithHeader("kid", key.id)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: key.bytes}, options)
	if err != nil {
		return "", err
	}
	return jwt.Signed(signer).Claims(jwt.Claims{
		Issuer: issuerName, Subject: client, Audience: jwt.Audience{o.tenant.name}, ID: rand.Text(),
		IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(o.lifetime)),
	}).Serialize()
}

// errNotIssued says that a token is none that this service gave out.
var errNotIssued = errors.New("no token of ours")

// issued returns the client that a token was given out to. A client that was
// taken out of the configuration is not let in by the tokens that it has.
func (s *Server) issued(raw string) (principal, error) {
	if len(s.oauths) == 0 {
		return principal{}, errNotIssued
	}
	parsed, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.HS256})
	if err != nil || len(parsed.Headers) != 1 {
		return principal{}, errNotIssued
	}
	for _, o := range s.oauths {
		for _, key := range o.keys {
			if key.id != parsed.Headers[0].KeyID {
				continue
			}
			var claims jwt.Claims
			if err := parsed.Claims(key.bytes, &claims); err != nil {
				return principal{}, errJWTRefused
			}
			return o.holder(claims, s.now())
		}
	}
	return principal{}, errNotIssued
}

// holder returns whom the claims of a token, whose signature is right, are of.
func (o *oauth) holder(claims jwt.Claims, now time.Time) (principal, error) {
	if claims.Issuer != issuerName || !claims.Audience.Contains(o.tenant.name) || claims.Expiry == nil {
		return principal{}, errJWTRefused
	}
	if !now.Before(claims.Expiry.Time()) {
		return principal{}, errJWTExpired
	}
	for i := range o.clients {
		if o.clients[i].name == claims.Subject {
			return o.clients[i].principal, nil
		}
	}
	return principal{}, errJWTRefused
}

// tokenEndpoint answers the path of the token endpoint, where a tenant has
// clients for it, and passes all else on.
func (s *Server) tokenEndpoint(next http.Handler) http.Handler {
	if len(s.oauths) == 0 {
		return next
	}
	issue := s.accessLog(s.recoverPanics(s.deadline(http.HandlerFunc(s.issueToken))))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.TrimSuffix(r.URL.Path, "/") == s.config.TokenPath {
			issue.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
