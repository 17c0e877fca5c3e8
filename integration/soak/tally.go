package main

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// kept is how many complaints are printed; the rest is counted.
const kept = 20

// tally counts what well-behaved clients got, and collects what was wrong. Its
// methods may be called at the same time.
type tally struct {
	mu       sync.Mutex
	byStatus map[int]int
	dropped  int
	took     []time.Duration // of all that were answered
	fair     []time.Duration // of those that met no fault
	wrong    []string
	more     int // complaints beyond those
}

func newTally() *tally { return &tally{byStatus: make(map[int]int)} }

// answered counts a complete answer.
func (t *tally) answered(status int, took time.Duration, fair bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.byStatus[status]++
	t.took = append(t.took, took)
	if fair {
		t.fair = append(t.fair, took)
	}
}

// drop counts a request without a complete answer.
func (t *tally) drop(format string, args ...any) {
	t.blame("dropped: "+format, args...)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.dropped++
}

// blame notes what must not be.
func (t *tally) blame(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.wrong) == kept {
		t.more++
		return
	}
	t.wrong = append(t.wrong, fmt.Sprintf(format, args...))
}

// complaints returns what was wrong.
func (t *tally) complaints() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := slices.Clone(t.wrong)
	if t.more > 0 {
		all = append(all, fmt.Sprintf("and %d more complaints", t.more))
	}
	return all
}

// answers are counts of answers by what they mean.
type answers struct{ All, OK, Refused, Later, Other, Dropped int }

// count returns the answers so far. Refused are those of 4xx that are about
// the request, Later those that ask to come again.
func (t *tally) count() answers {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := answers{Dropped: t.dropped, All: t.dropped}
	for status, n := range t.byStatus {
		a.All += n
		switch {
		case status < 300:
			a.OK += n
		case slices.Contains(later, status):
			a.Later += n
		case status >= 400 && status < 500:
			a.Refused += n
		default:
			a.Other += n
		}
	}
	return a
}

// percentile returns the time that so much of the answers took at most.
func percentile(took []time.Duration, part float64) time.Duration {
	if len(took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(took))
	return sorted[min(len(sorted)-1, int(part*float64(len(sorted))))]
}
