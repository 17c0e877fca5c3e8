package adapter

import "time"

// SetClock makes the time by which the server remembers its own writes that
// of the test.
func (s *Server) SetClock(now func() time.Time) {
	for _, t := range s.tenants {
		for _, e := range t.endpoints() {
			e.lately.now = now
		}
	}
}
