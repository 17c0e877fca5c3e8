package adapter

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// What is kept for the status page: operations of clients, and, in a list of
// their own, requests of strangers, which must not push the others out.
const (
	keptOperations = 500
	keptStrangers  = 50
)

// operation is what the status page says of one request. It holds ids and
// names, as the access log does, and no value.
type operation struct {
	Number  uint64 // counts up from 1
	At      time.Time
	Request string // the id under which the log has it
	Tenant  string // "" of a stranger
	Client  string // the name of the credential; "" of a stranger
	Name    string // the route, or the method alone where there is none
	ID      string // of the resource; "" where the request names none
	Status  int
	Calls   int // of the legacy API, repeats included
	Took    time.Duration
	Reason  string // why it failed and what to do; "" when it did not
}

// Failed reports whether the client got an error.
func (o *operation) Failed() bool { return o.Status >= http.StatusBadRequest }

// Outcome returns the status as number and words.
func (o *operation) Outcome() string { return statusText(o.Status) }

// keep keeps for the page what a request came to.
func (s *Server) keep(r *http.Request, e *entry, status int, took time.Duration) {
	o, silent := e.operation(r, s.now(), status, took)
	s.status.operations.add(o)
	if e.tenant != nil && o.Calls > 0 {
		e.tenant.contact.heard(&o, silent)
	}
}

// operationLog keeps the last operations. Its zero value is ready, its methods
// may be called at the same time.
type operationLog struct {
	mu               sync.Mutex
	last             uint64 // the number of the newest
	known, strangers ring
}

// add keeps o under the next number.
func (l *operationLog) add(o operation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	o.Number = l.last
	if o.Tenant == "" {
		l.strangers.add(o, keptStrangers)
		return
	}
	l.known.add(o, keptOperations)
}

// since returns the operations after that number, the newest first, and the
// number of the newest of all. A number that is yet to come is one of a
// process that ran before: then all are returned.
func (l *operationLog) since(number uint64) (list []operation, last uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if number == l.last {
		return nil, l.last
	}
	if number > l.last {
		number = 0
	}
	list = l.strangers.since(l.known.since(nil, number), number)
	slices.SortFunc(list, func(a, b operation) int { return int(int64(b.Number) - int64(a.Number)) })
	return list, l.last
}

// ring holds the last operations that were added to it.
type ring struct {
	kept []operation
	next int // where the oldest is, once it is full
}

func (r *ring) add(o operation, most int) {
	if len(r.kept) < most {
		r.kept = append(r.kept, o)
		return
	}
	r.kept[r.next] = o
	r.next = (r.next + 1) % most
}

// since appends to list the operations after that number.
func (r *ring) since(list []operation, number uint64) []operation {
	for i := range r.kept {
		if r.kept[i].Number > number {
			list = append(list, r.kept[i])
		}
	}
	return list
}

// operationFilter is what the query string of the page asks for; "" is all.
type operationFilter struct {
	Tenant    string // by name
	Operation string // a route such as PATCH /Users/:id
	Outcome   string // succeeded or failed
	ID        string // of the resource
}

func parseOperationFilter(r *http.Request) operationFilter {
	q := r.URL.Query()
	return operationFilter{
		Tenant: q.Get("tenant"), Operation: q.Get("operation"), Outcome: q.Get("outcome"), ID: strings.TrimSpace(q.Get("id")),
	}
}

// Any reports whether the filter lets everything through.
func (f operationFilter) Any() bool { return f == operationFilter{} }

func (f operationFilter) matches(o *operation) bool {
	outcome := "succeeded"
	if o.Failed() {
		outcome = "failed"
	}
	return (f.Tenant == "" || f.Tenant == o.Tenant) && (f.Operation == "" || f.Operation == o.Name) &&
		(f.Outcome == "" || f.Outcome == outcome) && (f.ID == "" || f.ID == o.ID)
}

// apply returns the operations that match. It reuses the list.
func (f operationFilter) apply(list []operation) []operation {
	return slices.DeleteFunc(list, func(o operation) bool { return !f.matches(&o) })
}
