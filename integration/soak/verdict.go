package main

import (
	"fmt"
	"time"
)

// What may be more in the last fifth of a run than in the second. A leak of one
// thing for each reload comes to 70 in ten minutes, one for each request to
// tens of thousands; what comes and goes with the faults and the slow clients of
// the moment is less than this:
const (
	// moreGoroutines: a fifth has as many phases of faults as another, but not the
	// same; a connection of either side is two.
	moreGoroutines = 20
	// moreFDs: a connection is one.
	moreFDs = 20
	// moreHeap: what is remembered has a bound, and is full in the second fifth but
	// for some of the 500 operations of the status page and of the names.
	moreHeap = 4 << 20
	// moreRSS: the runtime gives back what it has collected when it likes.
	moreRSS = 8 << 20
	// left: after the run, of goroutines and descriptors; the last connections
	// to the host API may be idle, and are few.
	left = 10
)

// warm is how long a run has to be for its growth to be judged: in a shorter
// one the second fifth is still the start, when caches and pools fill.
const warm = time.Minute

// evidence is all that a run is judged by.
type evidence struct {
	Time          time.Duration
	Complaints    []string
	Answers       answers
	Did, Counted  reloads
	Early, Late   sample // the second fifth of the run, and the last
	Before, After sample // without load
	Panics        int    // lines of the log
	Exit          error  // of the adapter, when it was told to stop
}

// judge returns what is wrong.
func (e *evidence) judge() []string {
	wrong := append([]string(nil), e.Complaints...)
	blame := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	blame(e.Answers.All == 0 || e.Answers.OK < e.Answers.All/2, "of %d requests %d succeeded, which proves nothing", e.Answers.All, e.Answers.OK)
	blame(e.Answers.Dropped > 0, "%d requests were dropped", e.Answers.Dropped)
	blame(e.Answers.Other > 0, "%d answers were of a status that is neither good nor asks to come again", e.Answers.Other)
	blame(e.Did != e.Counted, "the adapter has counted %d configurations as applied and %d as refused, want %d and %d", e.Counted.Applied, e.Counted.Refused, e.Did.Applied, e.Did.Refused)
	blame(e.Panics > 0, "the log has %d lines of panics", e.Panics)
	blame(e.Exit != nil, "told to stop, the adapter ended with %v", e.Exit)
	if e.Time >= warm {
		grown := func(what string, early, late, most, unit float64, name string) {
			blame(late-early > most, "%s have grown from %.1f to %.1f%s, by more than %.0f", what, early/unit, late/unit, name, most/unit)
		}
		grown("goroutines", e.Early.Goroutines, e.Late.Goroutines, moreGoroutines, 1, "")
		grown("file descriptors", e.Early.FDs, e.Late.FDs, moreFDs, 1, "")
		grown("heap bytes", e.Early.Heap, e.Late.Heap, moreHeap, 1<<20, " MiB")
		grown("resident bytes", e.Early.RSS, e.Late.RSS, moreRSS, 1<<20, " MiB")
	}
	blame(!e.settled(), "after the run there are %.0f goroutines and %.0f file descriptors, before it %.0f and %.0f", e.After.Goroutines, e.After.FDs, e.Before.Goroutines, e.Before.FDs)
	return wrong
}

// settled reports whether the adapter is as it was before the load.
func (e *evidence) settled() bool {
	return e.After.Goroutines <= e.Before.Goroutines+left && e.After.FDs <= e.Before.FDs+left
}
