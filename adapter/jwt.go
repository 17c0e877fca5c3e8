package adapter

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"hostscim/mapping"
)

// allowedAlgorithms are those that an issuer's keys may sign with: none that
// uses a secret, and not "none".
var allowedAlgorithms = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.ES256, jose.ES384}

// issuer verifies the tokens that one issuer signs for one tenant.
type issuer struct {
	principal
	verifier verifier
	claims   mapping.Ordered[string]
}

func newIssuer(p principal, j mapping.JWTIssuer, now func() time.Time) issuer {
	return issuer{p, newVerifier(j.Issuer, j.Audience, j.JWKSURL, now), j.Claims}
}

// verifier holds a token to issuer, audience, time and keys.
type verifier struct {
	tokens *oidc.IDTokenVerifier
	keys   *keySet
}

func newVerifier(issuer, audience string, keys mapping.URL, now func() time.Time) verifier {
	u := url.URL(keys)
	names := make([]string, len(allowedAlgorithms))
	for i, a := range allowedAlgorithms {
		names[i] = string(a)
	}
	set := newKeySet(u.String(), now)
	return verifier{oidc.NewVerifier(issuer, set, &oidc.Config{
		ClientID: audience, SupportedSigningAlgs: names, Now: now,
	}), set}
}

// verify returns the token if all is right with it. The error is errNoKeys
// where nobody can tell.
func (v verifier) verify(ctx context.Context, raw string) (*oidc.IDToken, error) {
	// The library does not pass on what kind of error its keys had.
	var unknown bool
	token, err := v.tokens.Verify(context.WithValue(ctx, keysUnknown{}, &unknown), raw)
	if err != nil && unknown {
		return nil, errNoKeys
	}
	return token, err
}

// keysUnknown is the key of a context under which a keySet notes that it
// cannot tell.
type keysUnknown struct{}

// verify returns nil for a token that is one of the issuer's and says all that
// it must.
func (i *issuer) verify(ctx context.Context, raw string) error {
	token, err := i.verifier.verify(ctx, raw)
	if err != nil {
		return err
	}
	var claims map[string]any
	if err := token.Claims(&claims); err != nil {
		return err
	}
	for _, want := range i.claims {
		if got, _ := claims[want.Key].(string); got != want.Value {
			return errors.New("a claim of the token is another")
		}
	}
	return nil
}

// signed returns whom a signed token stands for: one that this service gave
// out, or one of an issuer that is trusted. A token that fits two tenants fits
// none.
func (s *Server) signed(ctx context.Context, raw string) (principal, error) {
	if p, err := s.issued(raw); !errors.Is(err, errNotIssued) {
		return p, err
	}
	var fits []principal
	refused := errJWTRefused
	for i := range s.issuers {
		var expired *oidc.TokenExpiredError
		switch err := s.issuers[i].verify(ctx, raw); {
		case err == nil:
			fits = append(fits, s.issuers[i].principal)
		case errors.Is(err, errNoKeys):
			refused = errKeysUnknown
		case errors.As(err, &expired) && refused == errJWTRefused:
			refused = errJWTExpired
		}
	}
	if len(fits) == 0 || slices.ContainsFunc(fits, func(p principal) bool { return p.tenant != fits[0].tenant }) {
		return principal{}, refused
	}
	return fits[0], nil
}
