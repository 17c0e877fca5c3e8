package legacyclient

import (
	"context"
	"net/http"
)

type credentialKey struct{}

var errNotPassed = &reason{text: "the request brings no credential"}

// WithCredential returns a context whose calls carry the credential, which is a
// whole value of the Authorization header such as "Bearer token", where the
// client has Options.Passthrough. Calls with different credentials share nothing.
func WithCredential(ctx context.Context, credential string) context.Context {
	return context.WithValue(ctx, credentialKey{}, credential)
}

func credentialOf(ctx context.Context) string {
	credential, _ := ctx.Value(credentialKey{}).(string)
	return credential
}

// passthrough is the Authorizer of Options.Passthrough.
func passthrough(r *http.Request) error {
	credential := credentialOf(r.Context())
	if credential == "" {
		return &Error{Kind: ErrDenied, Op: "authorize", Cause: errNotPassed}
	}
	r.Header["Authorization"] = []string{credential}
	return nil
}
