package adapter

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"hostscim/adapter/scim"
	"hostscim/legacyclient"
	"hostscim/mapping"
)

// principal is who a request comes from: whom its credential selects, and
// what may be done with it.
type principal struct {
	name     string // in the log
	tenant   *tenant
	readOnly bool
	passed   string // the token, where the legacy API judges it; "": it is judged here
}

// token is one bearer token that is let in, as its SHA-256: comparing hashes
// takes the same time whatever was sent.
type token struct {
	principal
	sum     [sha256.Size]byte
	expires time.Time // zero: never
}

func newTokens(t *tenant, bearer []mapping.BearerToken) []token {
	tokens := make([]token, len(bearer))
	for i, b := range bearer {
		tokens[i] = token{principal: principal{name: b.Name, tenant: t, readOnly: b.ReadOnly}, expires: time.Time(b.Expires)}
		hex.Decode(tokens[i].sum[:], []byte(b.Sum())) // checked at load
	}
	return tokens
}

// credentialError says why a credential is not let in.
type credentialError struct {
	status int
	word   string // in metrics
	reason string // for the client
}

// Error returns the reason.
func (e *credentialError) Error() string { return e.reason }

var (
	errNoCredential = &credentialError{http.StatusUnauthorized, "unknown", "the bearer token is missing or wrong; enter the secret token of this service, without the word Bearer"}
	errNoToken      = &credentialError{http.StatusUnauthorized, "malformed", "the bearer token has characters that none can have; enter a token of the legacy API, without the word Bearer"}
	errExpired      = &credentialError{http.StatusUnauthorized, "expired", "the bearer token has expired; enter the one that took its place"}
	errJWTExpired   = &credentialError{http.StatusUnauthorized, "expired", "the token has expired; get a new one from its issuer"}
	errJWTRefused   = &credentialError{http.StatusUnauthorized, "refused", "the signed token is not one that this service accepts: its signature, issuer, audience or a claim is another"}
	errKeysUnknown  = &credentialError{http.StatusServiceUnavailable, "undecided", "the keys of the token's issuer cannot be had now, so nobody can tell whether it is valid; try again later"}
)

// authenticate lets requests through that have a credential, come from where
// they may, and do what they may. For anybody else nothing behind it runs.
func (s *Server) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := s.principal(r)
		if err != nil {
			s.refuseStranger(w, r, err)
			return
		}
		note(r, func(e *entry) { e.token, e.tenant = p.name, p.tenant })
		if e := s.forbids(p, r); e != nil {
			s.metrics.countRefused("forbidden")
			s.fail(w, r, e, e)
			return
		}
		if p.passed != "" {
			r = r.WithContext(legacyclient.WithCredential(r.Context(), "Bearer "+p.passed))
		}
		next.ServeHTTP(w, r)
	})
}

// forbids returns why the request is refused although its credential is
// right, or nil.
func (s *Server) forbids(p principal, r *http.Request) *scim.Error {
	switch {
	case len(p.tenant.allowed) > 0 && !p.tenant.allowed.contains(s.source(r)):
		return &scim.Error{Status: http.StatusForbidden, Detail: "requests may not come from this network; add it to auth.allow, or send them from one that is there"}
	case p.readOnly && writes(r):
		return &scim.Error{Status: http.StatusForbidden, Detail: "the credential " + p.name + " may only read; use another one to provision"}
	}
	return nil
}

// writes reports whether the request may change something.
func writes(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	case http.MethodPost:
		return !strings.HasSuffix(strings.TrimSuffix(r.URL.Path, "/"), "/.search")
	}
	return true
}

// principal returns whom the Authorization header of the request stands for.
func (s *Server) principal(r *http.Request) (principal, error) {
	scheme, credential, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	credential = strings.TrimSpace(credential)
	if !strings.EqualFold(scheme, "Bearer") || credential == "" {
		return principal{}, errNoCredential
	}
	if s.passing != nil {
		return s.passThrough(credential)
	}
	if t, ok := s.bearer(credential); ok {
		if !t.expires.IsZero() && !s.now().Before(t.expires) {
			return principal{}, errExpired
		}
		return t.principal, nil
	}
	if strings.Count(credential, ".") == 2 {
		return s.signed(r.Context(), credential)
	}
	return principal{}, errNoCredential
}

// passThrough lets any token in: it is the legacy API that judges it, by every
// call that is made with it.
func (s *Server) passThrough(credential string) (principal, error) {
	if strings.ContainsFunc(credential, notInToken) {
		return principal{}, errNoToken
	}
	return principal{name: "passthrough", tenant: s.passing, passed: credential}, nil
}

// notInToken says whether a character cannot be in a bearer token: what is
// passed on must stay one value of one header.
func notInToken(r rune) bool { return r <= ' ' || r > '~' }

// bearer returns the token that the credential is. Every token is compared,
// so that the time does not tell which one came close, nor of which tenant.
func (s *Server) bearer(credential string) (found token, ok bool) {
	sum := sha256.Sum256([]byte(credential))
	for _, t := range s.tokens {
		if subtle.ConstantTimeCompare(sum[:], t.sum[:]) == 1 {
			found, ok = t, true
		}
	}
	return found, ok
}

// refuseStranger answers a request whose credential is not let in. Whoever
// keeps trying is answered later and later.
func (s *Server) refuseStranger(w http.ResponseWriter, r *http.Request, err error) {
	var known *credentialError
	if !errors.As(err, &known) {
		known = errNoCredential
	}
	s.metrics.countRefused(known.word)
	e := &scim.Error{Status: known.status, Detail: known.reason}
	if known.status == http.StatusUnauthorized {
		s.strangers.delay(r.Context(), s.source(r))
	} else {
		e.RetryAfter = defaultRetryAfter
	}
	s.fail(w, r, e, fmt.Errorf("authenticating: %w", err))
}
