package legacyclient

import (
	"errors"
	"net/http"
	"testing"
)

// TestPassthrough holds that a call has the credential of its context, and is
// not sent without one.
func TestPassthrough(t *testing.T) {
	var sent []string
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		sent = append(sent, r.Header.Get("Authorization"))
		if r.Header.Get("Authorization") == "Bearer bad" {
			status(403)(w, r)
			return
		}
		writeJSON(w, 200, "{}")
	})
	o := s.options(t)
	o.Authorize, o.Passthrough = nil, true
	c := newClient(t, o)
	for _, method := range []string{"GET", "POST"} {
		sent = nil
		ep := compile(t, Endpoint{Method: method, Path: "/hosts"})
		for _, credential := range []string{"Bearer one", "Bearer two"} {
			if _, err := c.Do(WithCredential(t.Context(), credential), ep, nil, nil); err != nil {
				t.Errorf("%s with %s: %v", method, credential, err)
			}
		}
		_, err := c.Do(t.Context(), ep, nil, nil)
		e, _ := errors.AsType[*Error](err)
		if e == nil || e.Kind != ErrDenied || !e.Passed || e.Attempts != 0 || e.Status != 0 {
			t.Errorf("%s without a credential: %#v, want ErrDenied without a call", method, err)
		}
		_, err = c.Do(WithCredential(t.Context(), "Bearer bad"), ep, nil, nil)
		if e, _ := errors.AsType[*Error](err); e == nil || e.Kind != ErrDenied || !e.Passed || e.Status != 403 {
			t.Errorf("%s with a credential that is refused: %#v, want ErrDenied of a 403", method, err)
		}
		if len(sent) != 3 || sent[0] != "Bearer one" || sent[1] != "Bearer two" {
			t.Errorf("%s: sent %q", method, sent)
		}
	}

	// A client with a credential of its own does not take that of a context.
	sent = nil
	c = newClient(t, s.options(t))
	if _, err := c.Do(WithCredential(t.Context(), "Bearer one"), compile(t, Endpoint{Method: "GET", Path: "/hosts"}), nil, nil); err != nil || sent[0] != "Bearer tok-SECRET" {
		t.Errorf("Do() = %v with %q, want the client's own credential", err, sent)
	}
}
