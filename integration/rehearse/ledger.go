package rehearse

import (
	"cmp"
	"slices"
	"sync"
)

// ledger knows what the run made at the endpoint: nothing else may be
// written to, and all of it is to go away again.
type ledger struct {
	mu      sync.Mutex
	owned   map[entry]string // and the name that it was made with
	pending map[entry]bool   // asked for, by name, without a clear answer
}

// entry is a resource by its type and its id, or by its type and its name.
type entry struct{ resource, key string }

func newLedger() *ledger {
	return &ledger{owned: make(map[entry]string), pending: make(map[entry]bool)}
}

// intend notes that the name is about to be created. Until made or refused
// says what became of it, it may or may not exist.
func (l *ledger) intend(resource, name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending[entry{resource, name}] = true
}

// refused notes that the name was not created.
func (l *ledger) refused(resource, name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.pending, entry{resource, name})
}

// intended reports whether the run tried to create the name and does not know
// what became of it.
func (l *ledger) intended(resource, name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pending[entry{resource, name}]
}

// made notes that the name was created under the id.
func (l *ledger) made(resource, id, name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.pending, entry{resource, name})
	l.owned[entry{resource, id}] = name
}

// gone notes that the id was deleted. It stays ours: nobody else gets it, and
// asking for its deletion again does no harm.
func (l *ledger) gone(resource, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.owned[entry{resource, id}] = ""
}

// absent makes the id of nobody ours, for requests that are to find nothing.
func (l *ledger) absent(resource, id string) { l.gone(resource, id) }

// owns reports whether the run made the id.
func (l *ledger) owns(resource, id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.owned[entry{resource, id}]
	return ok
}

// name returns the name that the id was made with, "" if it was deleted.
func (l *ledger) name(resource, id string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.owned[entry{resource, id}]
}

// left returns what is still there, groups first, and the names of which the
// run does not know whether they are.
func (l *ledger) left() (made, doubtful []entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for e, name := range l.owned {
		if name != "" {
			made = append(made, e)
		}
	}
	for e := range l.pending {
		doubtful = append(doubtful, e)
	}
	order := func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.resource, b.resource), cmp.Compare(a.key, b.key))
	}
	slices.SortFunc(made, order)
	slices.SortFunc(doubtful, order)
	return made, doubtful
}
