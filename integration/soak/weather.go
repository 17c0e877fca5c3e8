package main

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"hostscim/legacyclient/legacytest"
)

// recovery is how long after a phase of faults its traces may be seen: an open
// breaker, a rate that fell and rises again, the waits of Retry-After, calls
// that were already on their way.
const recovery = 8 * time.Second

// phase is a kind of bad weather.
type phase struct {
	name   string
	faults []legacytest.Fault
}

// phases are what happens to the host API, one at a time. In each but the last
// most calls work. Searches that lag and pages that shift are left out: this
// configuration does not say that the API does so.
var phases = []phase{
	{"throttled, with Retry-After", []legacytest.Fault{{Kind: legacytest.Throttle, Probability: 0.05, RetryAfter: "1"}}},
	{"throttled", []legacytest.Fault{{Kind: legacytest.Throttle, Probability: 0.1}}},
	{"reset before the work", []legacytest.Fault{{Kind: legacytest.Reset, Probability: 0.15}}},
	{"reset after the work", []legacytest.Fault{{Kind: legacytest.Reset, Committed: true, Probability: 0.15}}},
	{"hanging", []legacytest.Fault{{Kind: legacytest.Hang, Probability: 0.02}, {Kind: legacytest.Hang, Committed: true, Probability: 0.02}}},
	{"slow", []legacytest.Fault{{Kind: legacytest.Slow, Delay: 250 * time.Millisecond, Probability: 0.2}}},
	{"trickling", []legacytest.Fault{{Kind: legacytest.Trickle, Delay: time.Millisecond, Probability: 0.1}}},
	{"5xx", []legacytest.Fault{
		{Kind: legacytest.Error, Status: 500, Probability: 0.1}, {Kind: legacytest.Error, Status: 502, Committed: true, Probability: 0.1},
		{Kind: legacytest.Error, Status: 503, RetryAfter: "1", Probability: 0.1},
	}},
	{"HTML pages", []legacytest.Fault{
		{Kind: legacytest.HTML, Status: 502, Probability: 0.1}, {Kind: legacytest.HTML, Status: 200, Committed: true, Probability: 0.1},
	}},
	{"broken JSON", []legacytest.Fault{{Kind: legacytest.Truncate, Probability: 0.1}, {Kind: legacytest.Cut, Probability: 0.1}}},
	{"false successes", []legacytest.Fault{{Kind: legacytest.FalseSuccess, Probability: 0.1}, {Kind: legacytest.Mistype, Probability: 0.1}}},
	{"connections refused", []legacytest.Fault{{Kind: legacytest.Refuse, Probability: 0.5}}},
	{"down", []legacytest.Fault{{Kind: legacytest.Error, Status: 503, Probability: 1}}},
}

// weather makes the faults of the host API come and go.
type weather struct {
	legacy *legacy
	tally  *tally
	every  time.Duration // how long from the begin of one phase to that of the next
	random *rand.Rand

	mu      sync.Mutex
	now     string                  // the phase; "": fair
	spans   []span                  // of all phases, recovery included; the last may be open
	applied map[legacytest.Kind]int // how often
}

// span is a time in which the host API fails; a zero end: it still does.
type span struct{ begin, end time.Time }

// run lets all phases come in turn, each for a fifth of the time, until ctx
// ends. The host API is well when it returns.
func (w *weather) run(ctx context.Context) {
	order := w.random.Perm(len(phases))
	for i := 0; sleep(ctx, w.every*4/5); i++ {
		p := phases[order[i%len(order)]]
		w.begin(p)
		sleep(ctx, w.every/5)
		w.end()
	}
}

func (w *weather) begin(p phase) {
	w.mu.Lock()
	w.spans, w.now = append(w.spans, span{begin: time.Now()}), p.name
	w.mu.Unlock()
	if err := w.legacy.inject(p.faults); err != nil {
		w.tally.blame("injecting faults: %v", err)
	}
}

func (w *weather) end() {
	applied, err := w.legacy.clear()
	if err != nil {
		w.tally.blame("clearing faults: %v", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now, w.spans[len(w.spans)-1].end = "", time.Now().Add(recovery)
	for kind, n := range applied {
		w.applied[kind] += n
	}
}

// foul reports whether a request of that time may have met a fault.
func (w *weather) foul(begin, end time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.spans {
		if !end.Before(s.begin) && (s.end.IsZero() || begin.Before(s.end)) {
			return true
		}
	}
	return false
}

// phase returns what happens now.
func (w *weather) phase() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// sleep waits, and reports whether it was to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
