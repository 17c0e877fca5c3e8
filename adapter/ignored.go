package adapter

import "sync"

// ignored is an attribute that a client sent and the mapping has no row for.
type ignored struct{ tenant, resource, attribute string }

// ignoredNames are the attributes that were ignored so far, so that each is
// logged once and not with every object of a cycle. The zero value is ready.
type ignoredNames struct {
	mu   sync.Mutex
	seen map[ignored]bool // true: logged
}

// maxIgnored bounds what is remembered and what is counted by name: names
// come from clients.
const maxIgnored = 1000

// others is the name under which attributes are counted once there are too
// many of them.
const others = "(others)"

// count returns the name under which the attribute is counted, and whether it
// is to be logged: the first time, unless the mapping says that it is quiet.
func (n *ignoredNames) count(i ignored, quiet bool) (name string, log bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	logged, known := n.seen[i]
	if !known && len(n.seen) >= maxIgnored {
		return others, false
	}
	if n.seen == nil {
		n.seen = make(map[ignored]bool)
	}
	log = !quiet && !logged
	n.seen[i] = logged || log
	return i.attribute, log
}
