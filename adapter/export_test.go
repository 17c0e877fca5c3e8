package adapter

import (
	"context"
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
