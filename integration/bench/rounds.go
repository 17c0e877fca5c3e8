package main

import (
	"slices"
	"time"
)

// spread is the median of some rounds, with the least and the most.
type spread struct {
	Median float64 `json:"median"`
	Least  float64 `json:"least"`
	Most   float64 `json:"most"`
}

func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{}
	}
	v := slices.Sorted(slices.Values(values))
	half := len(v) / 2
	median := v[half]
	if len(v)%2 == 0 {
		median = (v[half-1] + v[half]) / 2
	}
	return spread{median, v[0], v[len(v)-1]}
}

// figures are what one contestant did with one operation.
type figures struct {
	Name      string  `json:"name"`
	CPU       spread  `json:"cpu_us_per_operation"` // which is milliseconds for 1,000
	Ratio     spread  `json:"cpu_to_floor"`
	PerSecond spread  `json:"operations_per_second"`
	P50       spread  `json:"p50_ms"`
	P99       spread  `json:"p99_ms"`
	Added     *added  `json:"added_ms,omitempty"`
	Calls     float64 `json:"legacy_calls"`
	Objects   spread  `json:"allocations"`
	Bytes     spread  `json:"bytes_allocated"`
}

// added is how much later the answer comes than the host API gives it when it
// is asked directly, in milliseconds.
type added struct {
	P50 spread `json:"p50"`
	P99 spread `json:"p99"`
}

// outcome is what an operation came to.
type outcome struct {
	Operation   string    `json:"operation"`
	Goal        float64   `json:"goal,omitempty"`
	Calls       int       `json:"budget"`
	Contestants []figures `json:"contestants"`
}

// of returns the figures of a contestant, and whether it took part.
func (o *outcome) of(name string) (figures, bool) {
	for _, f := range o.Contestants {
		if f.Name == name {
			return f, true
		}
	}
	return figures{}, false
}

// connections is how many requests are under way at a time.
const connections = 16

// repeat runs the operations over and over, the contestants in turn.
func (b *bench) repeat(f *field, ops []*operation, rounds int, d time.Duration, what string) ([]outcome, error) {
	samples := make(map[*operation]map[string][]sample)
	for _, op := range ops {
		samples[op] = make(map[string][]sample)
	}
	for round := -1; round < rounds; round++ { // the first warms up
		l := limit{d: d}
		if round < 0 {
			l = limit{ops: 64}
		}
		b.say("%s: round %d of %d", what, round+1, rounds)
		for _, op := range ops {
			for j := range f.contestants {
				c := f.contestants[(j+max(round, 0))%len(f.contestants)]
				if c.legacy && op.legacy == nil {
					continue
				}
				s, err := f.measure(c, op, connections, l)
				if err != nil {
					return nil, err
				}
				if round >= 0 {
					samples[op][c.name] = append(samples[op][c.name], s)
				}
			}
		}
	}
	var all []outcome
	for _, op := range ops {
		o := outcome{Operation: op.name, Goal: op.goal, Calls: op.calls}
		for _, c := range f.contestants {
			if own := samples[op][c.name]; own != nil {
				o.Contestants = append(o.Contestants, summarize(c.name, own, samples[op][floorName], samples[op][directName]))
			}
		}
		all = append(all, o)
	}
	return all, nil
}

// summarize makes figures of samples, beside those of the floor and of the host
// API alone in the same rounds.
func summarize(name string, own, floor, direct []sample) figures {
	f := figures{Name: name}
	over := func(value func(i int) float64) spread {
		values := make([]float64, len(own))
		for i := range own {
			values[i] = value(i)
		}
		return spreadOf(values)
	}
	f.CPU = over(func(i int) float64 { return own[i].each(own[i].cpu.Seconds() * 1e6) })
	if len(floor) == len(own) {
		f.Ratio = over(func(i int) float64 {
			return own[i].each(own[i].cpu.Seconds()) / max(floor[i].each(floor[i].cpu.Seconds()), 1e-9)
		})
	}
	if len(direct) == len(own) {
		later := func(p int) spread {
			return over(func(i int) float64 { return own[i].percentile(p) - direct[i].percentile(p) })
		}
		f.Added = &added{later(50), later(99)}
	}
	f.PerSecond = over(func(i int) float64 { return float64(own[i].ops) / own[i].wall.Seconds() })
	f.P50 = over(func(i int) float64 { return own[i].percentile(50) })
	f.P99 = over(func(i int) float64 { return own[i].percentile(99) })
	f.Objects = over(func(i int) float64 { return own[i].each(own[i].objects) })
	f.Bytes = over(func(i int) float64 { return own[i].each(own[i].bytes) })
	f.Calls = over(func(i int) float64 { return own[i].each(float64(own[i].calls)) }).Median
	return f
}

// each returns the part of the whole that each operation has.
func (s *sample) each(whole float64) float64 { return whole / float64(max(s.ops, 1)) }

// percentile returns how many milliseconds so many of a hundred operations
// took at most.
func (s *sample) percentile(p int) float64 {
	if len(s.took) == 0 {
		return 0
	}
	return s.took[min(len(s.took)*p/100, len(s.took)-1)].Seconds() * 1e3
}
