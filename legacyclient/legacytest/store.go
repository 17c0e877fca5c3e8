package legacytest

import (
	"sync"
	"sync/atomic"
	"time"
)

// store is the data behind the API. One lock guards all of it, so that a host leaves
// its groups in the same moment as it leaves the hosts.
type store struct {
	clock     func() time.Time
	sameNames bool // names need not be unique

	mu sync.RWMutex
	// hostsByID and groupsByID find by what a fuzzy query looks at, folded.
	hostsByID catalog[record]
	usernames map[string]int64 // folded
	lastHost  int64            // ids are never given twice

	groupsByID catalog[group]
	groupNames map[string]int64 // folded
	// groupsOf has the groups that a host is in, so that a host leaves them without a
	// look at all others.
	groupsOf  map[int64][]*group
	lastGroup int64

	batches map[string]batch

	calls        atomic.Int64 // how many there were
	hostChanges  changes[record]
	groupChanges changes[group]
}

func newStore(clock func() time.Time) *store {
	return &store{
		clock:      clock,
		usernames:  make(map[string]int64),
		groupNames: make(map[string]int64),
		groupsOf:   make(map[int64][]*group),
		batches:    make(map[string]batch),
	}
}

// now returns the time as precisely as it is printed, so that what a test sees
// behind the API equals what the API says.
func (s *store) now() time.Time {
	return precise(s.clock())
}

func precise(t time.Time) time.Time {
	return t.UTC().Truncate(time.Millisecond)
}

// timesOr returns the times as they are kept, now in place of those that are zero.
func timesOr(now, created, updated time.Time) (time.Time, time.Time) {
	if created.IsZero() {
		created = now
	}
	if updated.IsZero() {
		updated = created
	}
	return precise(created), precise(updated)
}
