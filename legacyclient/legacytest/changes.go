package legacytest

import (
	"cmp"
	"slices"
	"time"
)

// maxChanges is how many changes are kept; an index is never further behind.
const maxChanges = 1024

// changes are the latest writes of hosts or of groups, for a search index that
// has not seen them. The store's lock guards them.
type changes[T any] struct {
	list []change[T]
}

type change[T any] struct {
	at     time.Time
	call   int64 // the number of the latest call then
	id     int64
	before *T // nil: it was made by this
}

func (c *changes[T]) note(s *store, id int64, before *T) {
	if len(c.list) == 2*maxChanges {
		c.list = slices.Clone(c.list[maxChanges:])
	}
	c.list = append(c.list, change[T]{s.clock(), s.calls.Load(), id, before})
}

// unseen returns what an index that lags as the fault says holds in place of
// what was written since: nil where it holds nothing.
func (c *changes[T]) unseen(s *store, f *Fault) map[int64]*T {
	old := make(map[int64]*T)
	now, call := s.clock(), s.calls.Load()
	for _, change := range slices.Backward(c.list) {
		byCalls := f.Calls > 0 && change.call >= call-int64(f.Calls)
		byTime := f.Delay > 0 && now.Sub(change.at) < f.Delay
		if !byCalls && !byTime {
			break
		}
		old[change.id] = change.before // the earliest stays
	}
	return old
}

// lagging returns the list, which it changes, as an index holds it that has old
// in place of the records with those ids.
func lagging[T any](list []*T, old map[int64]*T, id func(*T) int64) []*T {
	list = slices.DeleteFunc(list, func(v *T) bool {
		_, stale := old[id(v)]
		return stale
	})
	for _, v := range old {
		if v != nil {
			list = append(list, v)
		}
	}
	slices.SortFunc(list, func(a, b *T) int { return cmp.Compare(id(a), id(b)) })
	return list
}

// cut returns at most limit elements from offset on.
func cut[T any](list []T, offset, limit int) []T {
	list = list[min(offset, len(list)):]
	return list[:min(limit, len(list))]
}

// staleHosts is hosts as an index answers that lags as the fault says.
func (s *store) staleHosts(f *Fault, win window) (page []*record, total int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := lagging(s.hostsByID.all(), s.hostChanges.unseen(s, f), func(rec *record) int64 { return rec.ID })
	list = slices.DeleteFunc(list, func(rec *record) bool { return !matchesAny(searchText(&rec.Host), win.words) })
	return cut(list, win.offset, win.limit), len(list)
}

// staleGroups is groups as an index answers that lags as the fault says.
func (s *store) staleGroups(f *Fault, win window) (page []Group, total int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := lagging(s.groupsByID.all(), s.groupChanges.unseen(s, f), func(g *group) int64 { return g.ID })
	list = slices.DeleteFunc(list, func(g *group) bool { return !matchesAny(g.text, win.words) })
	for _, g := range cut(list, win.offset, win.limit) {
		page = append(page, g.Group)
	}
	return page, len(list)
}
