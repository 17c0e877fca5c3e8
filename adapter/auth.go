package adapter

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strings"

	"hostscim/adapter/scim"
	"hostscim/mapping"
)

// token is one bearer token that is let in, as its SHA-256: comparing hashes
// takes the same time whatever was sent.
type token struct {
	name   string
	tenant *tenant // whom it selects
	sum    [sha256.Size]byte
}

func newTokens(t *tenant, bearer []mapping.BearerToken) []token {
	tokens := make([]token, len(bearer))
	for i, b := range bearer {
		tokens[i] = token{name: b.Name, tenant: t, sum: sha256.Sum256([]byte(b.Token))}
		if b.SHA256 != "" {
			hex.Decode(tokens[i].sum[:], []byte(b.SHA256)) // checked at load
		}
	}
	return tokens
}

// authenticate lets requests with one of the tokens through.
func (s *Server) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := s.bearer(r.Header.Get("Authorization"))
		if t.tenant == nil {
			e := &scim.Error{Status: http.StatusUnauthorized, Detail: "the bearer token is missing or wrong; enter the secret token of this service, without the word Bearer"}
			s.fail(w, r, e, e)
			return
		}
		note(r, func(e *entry) { e.token, e.tenant = t.name, t.tenant })
		next.ServeHTTP(w, r)
	})
}

// bearer returns the token in an Authorization header; one without a tenant
// when it is none of ours. Every token is compared, so that the time does not
// tell which one came close, nor of which tenant.
func (s *Server) bearer(header string) (found token) {
	scheme, credential, _ := strings.Cut(header, " ")
	credential = strings.TrimSpace(credential)
	if !strings.EqualFold(scheme, "Bearer") || credential == "" {
		return token{}
	}
	sum := sha256.Sum256([]byte(credential))
	for _, t := range s.tokens {
		if subtle.ConstantTimeCompare(sum[:], t.sum[:]) == 1 {
			found = t
		}
	}
	return found
}
