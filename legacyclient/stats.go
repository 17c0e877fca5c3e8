package legacyclient

import "time"

// Stats is the state of a client at one moment.
type Stats struct {
	// Rate is how many attempts a second may begin; zero: not limited.
	Rate float64
	// Learned says that Rate is lower than what was configured, because the API
	// said that it was called too often.
	Learned bool
	// InFlight is the number of attempts under way, Queued of those that wait.
	InFlight, Queued int
	// Breaker is closed while the API answers, open while it is down, half-open
	// when a probe may find out; off where there is no breaker.
	Breaker string
}

// Stats returns the state of the client, for metrics.
func (c *Client) Stats() Stats {
	s := c.limiter.stats(time.Now())
	s.Breaker = c.breaker.state()
	return s
}

func (l *limiter) stats(now time.Time) Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pace.learning {
		l.pace.rise(now)
	}
	s := Stats{Learned: l.pace.learning, InFlight: l.inFlight, Queued: l.queue.Len()}
	if l.pace.bucket != nil {
		s.Rate = float64(l.pace.bucket.Limit())
	}
	return s
}
