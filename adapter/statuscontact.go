package adapter

import (
	"sync"
	"time"
)

// contact is when a legacy API answered last, and when it failed to. It is
// ready as its zero value, and its methods may be called at the same time.
type contact struct {
	mu   sync.Mutex
	last heard
}

// heard is what a [contact] knows.
type heard struct {
	answered, failed time.Time // zero: not since the start
	reason           string    // of the failure
}

// heard notes an operation that called the API. silent says that it got no
// usable answer.
func (c *contact) heard(o *operation, silent bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if silent {
		c.last.failed, c.last.reason = o.At, o.Reason
	} else {
		c.last.answered = o.At
	}
}

func (c *contact) get() heard {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}
