package adapter

import (
	"context"
	"net/http"
	"time"
)

// SetClock makes the time by which the server remembers its own writes that
// of the test.
func (s *Server) SetClock(now func() time.Time) {
	for _, t := range s.tenants {
		for _, e := range t.endpoints() {
			e.lately.now = now
		}
	}
}

// SetWait takes the place of waiting before a wrong credential is answered.
func (s *Server) SetWait(wait func(context.Context, time.Duration)) { s.strangers.wait = wait }

// IgnoredNames are the names under which ignored attributes are counted.
type IgnoredNames struct{ names ignoredNames }

// Count returns the name that an attribute is counted under.
func (n *IgnoredNames) Count(attribute string) (name string, log bool) {
	return n.names.count(ignored{"default", "User", attribute}, false)
}

// ProbeTransport is what a probe puts around the transport.
func ProbeTransport(next http.RoundTripper) http.RoundTripper { return &watcher{next: next} }

// Mentions reports whether a text names an attribute.
func Mentions(text, path string) bool { return mentions(text, path) }
