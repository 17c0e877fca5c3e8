package adapter

import (
	"context"
	"sync"
)

// locks serialises work on one record at a time, for an API that takes whole
// records, or whole lists in them: of two that are read, changed and written
// side by side, the second would undo the first. It holds nothing of records that nobody works on, and
// knows nothing of other processes.
type locks struct {
	mu   sync.Mutex
	held map[string]*lock
}

type lock struct {
	turn  chan struct{} // holds one token when free
	users int           // who hold it or wait for it
}

func newLocks() *locks { return &locks{held: make(map[string]*lock)} }

// lock waits for the record, and returns what gives it free again. The error
// is that of the context.
func (l *locks) lock(ctx context.Context, id string) (unlock func(), err error) {
	l.mu.Lock()
	k := l.held[id]
	if k == nil {
		k = &lock{turn: make(chan struct{}, 1)}
		k.turn <- struct{}{}
		l.held[id] = k
	}
	k.users++
	l.mu.Unlock()
	leave := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if k.users--; k.users == 0 {
			delete(l.held, id)
		}
	}
	select {
	case <-k.turn:
		return func() { k.turn <- struct{}{}; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
