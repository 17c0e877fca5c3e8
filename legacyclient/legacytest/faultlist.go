package legacytest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
)

// FaultState is a fault and what became of it so far.
type FaultState struct {
	Fault

	// Seen is how many calls on its route there were, Applied in how many of
	// them the fault applied.
	Seen, Applied int
}

// faultList holds the faults of a handler.
type faultList struct {
	seed uint64

	some atomic.Bool // there are faults; calls need not look if there are none

	mu     sync.Mutex
	faults []*FaultState
	added  uint64        // how many there ever were
	draws  []*rand.Rand  // of the faults with a probability, else nil
	clear  chan struct{} // closed when the faults that hang are cleared
}

func newFaultList(seed uint64) *faultList {
	return &faultList{seed: seed, clear: make(chan struct{})}
}

func (l *faultList) add(faults []Fault) error {
	for i := range faults {
		if err := faults[i].check(); err != nil {
			return fmt.Errorf("fault %d: %w", i+1, err)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range faults {
		l.added++
		var draw *rand.Rand
		if f.Probability > 0 {
			// Each has its own, so that one does not decide for another. The n-th
			// call has the n-th number, whatever other calls come between.
			draw = rand.New(rand.NewPCG(l.seed, l.added))
		}
		l.faults, l.draws = append(l.faults, &FaultState{Fault: f.clone()}), append(l.draws, draw)
		l.some.Store(true)
	}
	return nil
}

func (l *faultList) list() []FaultState {
	l.mu.Lock()
	defer l.mu.Unlock()
	states := make([]FaultState, len(l.faults))
	for i, f := range l.faults {
		states[i] = FaultState{f.clone(), f.Seen, f.Applied}
	}
	return states
}

func (l *faultList) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults, l.draws = nil, nil
	l.some.Store(false)
	close(l.clear)
	l.clear = make(chan struct{})
}

// call counts a call of the route and returns the fault that applies to it, if
// one does, and what is closed when faults are cleared.
func (l *faultList) call(route string) (f *Fault, cleared <-chan struct{}) {
	return l.pick(func(f *Fault) bool { return f.Kind != Refuse && f.covers(route) })
}

// connection is call for a new connection.
func (l *faultList) connection() bool {
	f, _ := l.pick(func(f *Fault) bool { return f.Kind == Refuse })
	return f != nil
}

// refuses reports whether connections are counted.
func (l *faultList) refuses() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.faults, func(f *FaultState) bool { return f.Kind == Refuse })
}

func (l *faultList) pick(covers func(*Fault) bool) (*Fault, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var picked *Fault
	for i, f := range l.faults {
		if !covers(&f.Fault) {
			continue
		}
		f.Seen++
		hit := f.chosen(l.draws[i])
		if picked == nil && hit && (f.Count == 0 || f.Applied < f.Count) {
			f.Applied++
			picked = &f.Fault
		}
	}
	return picked, l.clear
}

// chosen reports whether the call that was counted last is one of those that
// the fault is for.
func (f *FaultState) chosen(draw *rand.Rand) bool {
	switch {
	case draw != nil:
		return draw.Float64() < f.Probability
	case f.Nth > 0:
		return f.Seen == f.Nth
	case f.Every > 0:
		return f.Seen%f.Every == 0
	}
	return true
}

// Inject adds faults to those that the handler has. It panics if one of them
// makes no sense.
func (h *Handler) Inject(faults ...Fault) {
	if err := h.faults.add(faults); err != nil {
		panic("legacytest: injecting faults: " + err.Error())
	}
}

// Faults returns the faults in the order in which they were injected.
func (h *Handler) Faults() []FaultState { return h.faults.list() }

// ClearFaults takes all faults away. Calls that hang end without an answer.
func (h *Handler) ClearFaults() { h.faults.reset() }
