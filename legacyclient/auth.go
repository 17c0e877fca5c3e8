package legacyclient

import (
	"encoding/base64"
	"errors"
	"net/http"
)

// Authorizer sets the credential on the request of one attempt. It is called
// for every attempt, possibly by many goroutines at once, with a request whose
// context descends from the one given to [Client.Do] and ends with the attempt.
// It may change the header of the request and nothing else. If it fails, the
// attempt was not sent; an error that unwraps to one of this package's kinds
// keeps that kind, any other is ErrUnavailable.
type Authorizer func(*http.Request) error

var errNoCredential = errors.New("no credential")

// Bearer authorizes with "Authorization: Bearer token".
func Bearer(token string) Authorizer {
	if token == "" {
		return refuse
	}
	return Header("Authorization", "Bearer "+token)
}

// Basic authorizes with HTTP basic authentication.
func Basic(user, password string) Authorizer {
	if user == "" && password == "" {
		return refuse
	}
	pair := base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
	return Header("Authorization", "Basic "+pair)
}

// Header authorizes with a header of any name, such as "X-Api-Key".
func Header(name, value string) Authorizer {
	if name == "" || value == "" {
		return refuse
	}
	name = http.CanonicalHeaderKey(name)
	values := []string{value}
	return func(r *http.Request) error {
		// Shared by all requests: its capacity is full, so an Add copies it.
		r.Header[name] = values
		return nil
	}
}

// refuse keeps a call from going out without the credential it should have.
func refuse(*http.Request) error {
	return &Error{Kind: ErrMisconfigured, Op: "authorize", Cause: errNoCredential}
}
