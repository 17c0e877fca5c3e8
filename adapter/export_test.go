package adapter

import "time"

// SetClock makes the time by which the server remembers its own writes that
// of the test.
func (s *Server) SetClock(now func() time.Time) {
	for _, e := range []*endpoint{s.users, s.groups} {
		if e != nil {
			e.lately.now = now
		}
	}
}
