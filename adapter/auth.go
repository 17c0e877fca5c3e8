package adapter

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strings"

	"hostscim/adapter/scim"
	"hostscim/legacyclient"
	"hostscim/mapping"
)

// token is one bearer token that is let in, as its SHA-256: comparing hashes
// takes the same time whatever was sent.
type token struct {
	name string
	sum  [sha256.Size]byte
}

func newTokens(bearer []mapping.BearerToken) []token {
	tokens := make([]token, len(bearer))
	for i, b := range bearer {
		tokens[i] = token{name: b.Name, sum: sha256.Sum256([]byte(b.Token))}
		if b.SHA256 != "" {
			hex.Decode(tokens[i].sum[:], []byte(b.SHA256)) // checked at load
		}
	}
	return tokens
}

// authenticate lets requests with one of the tokens through. Under passthrough
// it is the legacy API that judges the token, by every call that is made with it.
func (s *Server) authenticate(next http.Handler) http.Handler {
	if s.config.Legacy.Auth.Passthrough {
		return s.passThrough(next)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, ok := s.bearer(r.Header.Get("Authorization"))
		if !ok {
			e := &scim.Error{Status: http.StatusUnauthorized, Detail: "the bearer token is missing or wrong; enter the secret token of this service, without the word Bearer"}
			s.fail(w, r, e, e)
			return
		}
		note(r, func(e *entry) { e.token = name })
		next.ServeHTTP(w, r)
	})
}

// passedToken is the name under which a token that is passed on is logged.
const passedToken = "passthrough"

// passThrough lets requests with any token through, and gives it to their calls.
func (s *Server) passThrough(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		credential := bearerToken(r.Header.Get("Authorization"))
		if credential == "" || strings.ContainsFunc(credential, notInToken) {
			e := &scim.Error{Status: http.StatusUnauthorized, Detail: "the bearer token is missing or none; enter a token of the legacy API, without the word Bearer"}
			s.fail(w, r, e, e)
			return
		}
		note(r, func(e *entry) { e.token = passedToken })
		next.ServeHTTP(w, r.WithContext(legacyclient.WithCredential(r.Context(), "Bearer "+credential)))
	})
}

// notInToken says whether a character cannot be in a bearer token: what is
// passed on must stay one value of one header.
func notInToken(r rune) bool { return r <= ' ' || r > '~' }

// bearerToken returns the token in an Authorization header; "": there is none.
func bearerToken(header string) string {
	scheme, credential, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(credential)
}

// bearer returns the name of the token in an Authorization header. Every
// token is compared, so that the time does not tell which one came close.
func (s *Server) bearer(header string) (name string, ok bool) {
	credential := bearerToken(header)
	if credential == "" {
		return "", false
	}
	sum := sha256.Sum256([]byte(credential))
	for _, t := range s.tokens {
		if subtle.ConstantTimeCompare(sum[:], t.sum[:]) == 1 {
			name, ok = t.name, true
		}
	}
	return name, ok
}
