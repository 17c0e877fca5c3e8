package adapter

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"hostscim/mapping"
)

// lately remembers what this process wrote as long as the search index of the
// legacy API may be behind: a search then misses the record under its new
// values, and still finds it under its old ones, or after its deletion. It
// also remembers the names of records that may have been created. It knows
// nothing of what others wrote. The zero lag keeps nothing.
type lately struct {
	lag atomic.Int64 // a time.Duration; a reload may change it
	now func() time.Time

	mu      sync.Mutex
	writes  []write        // the oldest first
	records map[string]int // by id: how many of the writes are of it
	named   map[name][]string
}

// inDoubt stands for the id of a record that may have been created: its name
// is known, and a search that finds nothing proves nothing yet.
const inDoubt = ""

// name is a value that a search is for.
type name struct{ path, value string }

type write struct {
	at    time.Time
	id    string
	names []name
}

// maxLately bounds what is kept; the oldest is dropped first.
const maxLately = 10_000

func newLately(lag time.Duration) *lately {
	l := &lately{now: time.Now, records: make(map[string]int), named: make(map[name][]string)}
	l.lag.Store(int64(lag))
	return l
}

// wrote notes that the record of the id was written, and what it can be found
// by now: nothing, if it was deleted.
func (l *lately) wrote(id string, names []name) {
	if l.lag.Load() == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire()
	l.writes = append(l.writes, write{l.now(), id, names})
	l.records[id]++
	for _, n := range names {
		l.named[n] = append(l.named[n], id)
	}
}

// expire drops what the index has caught up with.
func (l *lately) expire() {
	old, lag := 0, time.Duration(l.lag.Load())
	for old < len(l.writes) && (l.now().Sub(l.writes[old].at) > lag || len(l.writes)-old >= maxLately) {
		w := l.writes[old]
		if l.records[w.id]--; l.records[w.id] == 0 {
			delete(l.records, w.id)
		}
		for _, n := range w.names {
			ids := l.named[n]
			if i := slices.Index(ids, w.id); i >= 0 {
				ids = slices.Delete(ids, i, i+1)
			}
			if l.named[n] = ids; len(ids) == 0 {
				delete(l.named, n)
			}
		}
		old++
	}
	l.writes = slices.Delete(l.writes, 0, old)
}

// knows reports whether the record was written lately, so that what a search
// says of it may be old.
func (l *lately) knows(id string) bool {
	if l.lag.Load() == 0 {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire()
	return l.records[id] > 0
}

// ids returns the ids of records that were lately given the value.
func (l *lately) ids(n name) []string {
	if l.lag.Load() == 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire()
	return slices.Clone(l.named[n])
}

// names returns what a search can find the record by after the changes.
func (e *endpoint) names(c *mapping.Changes) []name {
	var all []name
	for _, s := range e.table.Searched() {
		if value, given := c.Set(s.Text); given {
			all = append(all, name{s.Text, fold(value.Text())})
		}
	}
	return all
}
