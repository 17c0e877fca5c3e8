package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"hostscim/integration/child"
)

// sample is what the adapter's process needs at a moment.
type sample struct {
	Goroutines, FDs float64
	Heap, RSS       float64 // bytes; Heap is what is allocated, garbage included
}

// measure reads the metrics and /proc.
func measure(p *child.Process) (sample, error) {
	var s sample
	text, err := p.Ask("/metrics")
	if err != nil {
		return s, err
	}
	rss, err := p.Memory("VmRSS")
	s.RSS = float64(rss)
	errs := []error{err}
	for name, to := range map[string]*float64{
		"go_goroutines": &s.Goroutines, "process_open_fds": &s.FDs, "go_memstats_heap_alloc_bytes": &s.Heap,
	} {
		*to, err = child.Metric(text, name)
		errs = append(errs, err)
	}
	return s, errors.Join(errs...)
}

// meter takes samples while the run goes.
type meter struct {
	process *child.Process
	tally   *tally
	every   time.Duration

	mu      sync.Mutex
	samples []sample
}

func (m *meter) run(ctx context.Context) {
	for sleep(ctx, m.every) {
		s, err := measure(m.process)
		if err != nil {
			m.tally.blame("measuring: %v", err)
			continue
		}
		m.mu.Lock()
		m.samples = append(m.samples, s)
		m.mu.Unlock()
	}
}

// now returns the last sample.
func (m *meter) now() sample {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.samples) == 0 {
		return sample{}
	}
	return m.samples[len(m.samples)-1]
}

// fifth returns what the n-th fifth of the run came to, of 0 to 4.
func (m *meter) fifth(n int) sample {
	m.mu.Lock()
	defer m.mu.Unlock()
	return summarize(m.samples[len(m.samples)*n/5 : len(m.samples)*(n+1)/5])
}

// summarize returns the median of each figure, and of the heap the least: what
// is allocated just after a collection is what is in use, and all above it is
// garbage.
func summarize(all []sample) sample {
	if len(all) == 0 {
		return sample{}
	}
	figure := func(of func(sample) float64) []float64 {
		values := make([]float64, len(all))
		for i, s := range all {
			values[i] = of(s)
		}
		slices.Sort(values)
		return values
	}
	middle := len(all) / 2
	return sample{
		Goroutines: figure(func(s sample) float64 { return s.Goroutines })[middle],
		FDs:        figure(func(s sample) float64 { return s.FDs })[middle],
		RSS:        figure(func(s sample) float64 { return s.RSS })[middle],
		Heap:       figure(func(s sample) float64 { return s.Heap })[0],
	}
}
