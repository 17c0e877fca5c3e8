package legacytest

import (
	"slices"
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
	// hostList is ordered by id, so that a page at any depth is a slice of it.
	hostList []*record
	// texts holds what a fuzzy query looks at, folded, host by host as hostList. It lies
	// apart from the records because a search reads all of it and little of them.
	texts     []string
	hostByID  map[int64]*record
	usernames map[string]int64 // folded
	lastHost  int64            // ids are never given twice

	groupList  []*group
	groupByID  map[int64]*group
	groupNames map[string]int64 // folded
	lastGroup  int64

	batches map[string]batch

	calls        atomic.Int64 // how many there were
	hostChanges  changes[record]
	groupChanges changes[group]
}

func newStore(clock func() time.Time) *store {
	return &store{
		clock:      clock,
		hostByID:   make(map[int64]*record),
		usernames:  make(map[string]int64),
		groupByID:  make(map[int64]*group),
		groupNames: make(map[string]int64),
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

// cut returns a copy of at most limit elements from offset on.
func cut[T any](list []T, offset, limit int) []T {
	list = list[min(offset, len(list)):]
	return slices.Clone(list[:min(limit, len(list))])
}
