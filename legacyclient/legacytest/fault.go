package legacytest

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"
)

// Kind is what a [Fault] does to a call.
type Kind string

// The kinds of fault. A fault keeps the work of the call from being done,
// unless Committed is set or the kind says that the answer is the real one.
const (
	// Refuse closes a new connection before anything is read from it. It is
	// for a Server: it counts connections and not calls, so it has no Route;
	// while it is there, no connection is kept alive.
	Refuse Kind = "refuse"
	// Reset breaks the connection off without an answer.
	Reset Kind = "reset"
	// Hang gives no answer. After Delay the connection is broken off; a Delay
	// of zero waits until the client goes away or the fault is cleared.
	Hang Kind = "hang"
	// Slow does the work of the call Delay later, though its client may be gone
	// by then, and sends the real answer.
	Slow Kind = "slow"
	// Error answers Status, 500 by default, with the errors envelope.
	Error Kind = "error"
	// Throttle answers 429, with RetryAfter if there is one.
	Throttle Kind = "throttle"
	// HTML answers Status, 502 by default, with a page for people.
	HTML Kind = "html"
	// FalseSuccess answers 200 with an errors envelope.
	FalseSuccess Kind = "false_success"
	// Trickle sends the real answer byte by byte, Delay after each.
	Trickle Kind = "trickle"
	// Truncate announces the real answer and breaks off in the middle of it.
	// An answer without a body is not sent at all.
	Truncate Kind = "truncate"
	// Cut sends half of a real body as if that were all of it.
	Cut Kind = "cut"
	// Mistype sends the real answer as text/html.
	Mistype Kind = "mistype"
	// Headers adds Header to the real answer and changes nothing else, as for
	// a RateLimit that runs out. The other kinds add Header as well.
	Headers Kind = "headers"
	// Shift answers a page of a list behind the first as if Shift records
	// before it had been deleted, or added if it is below zero, since the first
	// page was read. No data is changed.
	Shift Kind = "shift"
	// Stale answers a search by query from an index that has not seen the
	// writes of the latest Calls calls, nor those of the latest Delay.
	Stale Kind = "stale"
)

// Fault says what goes wrong, and in which calls. Of the faults of a handler
// the first that applies to a call decides; the others count the call. Its
// JSON is that of the control endpoint, with delay in milliseconds.
type Fault struct {
	// Kind is mandatory.
	Kind Kind
	// Route limits the fault to calls of one method and path, named as in
	// [Handler.Calls]: "POST /hosts". Either may be "*", and a path may end in
	// "*", as in "* /hosts*". Empty is every call.
	Route string

	// Of the calls on the route, the fault applies to all, or to those that
	// one of these names: call number Nth, counted from 1; every call whose
	// number Every divides; each with a Probability, which WithSeed decides.
	Nth, Every  int
	Probability float64
	// Count is how often the fault applies at most. Zero is without end.
	Count int

	// Committed does the work of the call first, so that only the answer is
	// faulty: a write that is lost, or reported as failed, and stands.
	Committed bool
	Status    int
	// RetryAfter is the header of that name, as it is: seconds, a date, or
	// nonsense. A duration with a sign, such as "+90s" or "-1h", becomes the
	// date that is so far away from now.
	RetryAfter string
	Delay      time.Duration
	Header     map[string]string
	Shift      int
	Calls      int
}

// rules is what each kind takes of a fault.
var rules = map[Kind]struct{ status, committed, delay, retryAfter, unrouted bool }{
	Refuse:       {unrouted: true},
	Reset:        {committed: true},
	Hang:         {committed: true, delay: true},
	Error:        {status: true, committed: true, retryAfter: true},
	Throttle:     {committed: true, retryAfter: true},
	HTML:         {status: true, committed: true, retryAfter: true},
	FalseSuccess: {committed: true},
	Slow:         {delay: true},
	Trickle:      {delay: true},
	Truncate:     {},
	Cut:          {},
	Mistype:      {},
	Headers:      {},
	Shift:        {},
	Stale:        {delay: true},
}

// check returns what is wrong with the fault.
func (f *Fault) check() error {
	takes, known := rules[f.Kind]
	if !known {
		return fmt.Errorf("kind %q is unknown", f.Kind)
	}
	var errs []error
	refuse := func(bad bool, text string) {
		if bad {
			errs = append(errs, fmt.Errorf("%s: %s", f.Kind, text))
		}
	}
	method, path, routed := strings.Cut(f.Route, " ")
	refuse(f.Route != "" && (!routed || method == "" || path != "*" && !strings.HasPrefix(path, "/")), `route must be a method and a path, such as "GET /hosts/{id}"`)
	refuse(f.Route != "" && takes.unrouted, "has no route: a connection is refused before it says what it is for")
	chosen := 0
	for _, set := range []bool{f.Nth != 0, f.Every != 0, f.Probability != 0} {
		if set {
			chosen++
		}
	}
	refuse(chosen > 1, "nth, every and probability exclude each other")
	refuse(f.Nth < 0 || f.Every < 0 || f.Count < 0, "nth, every and count cannot be below zero")
	refuse(!(f.Probability >= 0 && f.Probability <= 1), "probability is between 0 and 1")
	refuse(f.Status != 0 && !takes.status, "takes no status")
	refuse(takes.status && f.Status != 0 && (f.Status < 200 || f.Status > 599), "status is between 200 and 599")
	refuse(f.Committed && !takes.committed, "takes no committed")
	refuse(f.Delay < 0 || f.Delay != 0 && !takes.delay, "takes no such delay")
	refuse(f.RetryAfter != "" && !takes.retryAfter, "takes no retry_after")
	refuse((f.Shift != 0) != (f.Kind == Shift), "shift belongs to a fault of that kind, which needs it")
	refuse(f.Calls < 0 || f.Calls != 0 && f.Kind != Stale, "takes no such calls")
	refuse(f.Kind == Stale && f.Calls == 0 && f.Delay == 0, "needs calls or a delay")
	return errors.Join(errs...)
}

// clone returns a copy that shares nothing that can be changed.
func (f Fault) clone() Fault {
	f.Header = maps.Clone(f.Header)
	return f
}

// covers reports whether the fault is for calls of the route.
func (f *Fault) covers(route string) bool {
	if f.Route == "" {
		return true
	}
	wantMethod, wantPath, _ := strings.Cut(f.Route, " ")
	method, path, _ := strings.Cut(route, " ")
	if wantMethod != "*" && wantMethod != method {
		return false
	}
	if prefix, open := strings.CutSuffix(wantPath, "*"); open {
		return strings.HasPrefix(path, prefix)
	}
	return path == wantPath
}

// status returns the status of the answer, where that is not the real one.
func (f *Fault) status() int {
	switch {
	case f.Status != 0:
		return f.Status
	case f.Kind == Throttle:
		return http.StatusTooManyRequests
	case f.Kind == HTML:
		return http.StatusBadGateway
	case f.Kind == FalseSuccess:
		return http.StatusOK
	}
	return http.StatusInternalServerError
}

// retryAfter returns the header, with a signed duration turned into a date.
func (f *Fault) retryAfter(now time.Time) string {
	if strings.HasPrefix(f.RetryAfter, "+") || strings.HasPrefix(f.RetryAfter, "-") {
		if d, err := time.ParseDuration(f.RetryAfter); err == nil {
			return now.Add(d).UTC().Format(http.TimeFormat)
		}
	}
	return f.RetryAfter
}
