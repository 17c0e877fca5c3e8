package rehearse

import (
	"math"
	"time"
)

// Step is a row of the table: all requests of one kind.
type Step struct {
	Dialect  string  `json:"dialect,omitempty"`
	Name     string  `json:"step"`
	Requests int     `json:"requests"`
	OK       int     `json:"ok"`
	Failed   int     `json:"failed"`
	P50      float64 `json:"p50_ms"`
	P99      float64 `json:"p99_ms"`

	took histogram
}

func (s *Step) add(a *answer) {
	s.Requests++
	if a.ok() {
		s.OK++
	} else {
		s.Failed++
	}
	s.took.add(a.took)
}

// histogram counts durations in buckets of which each is a sixteenth of an
// octave wide, so that a quantile is within 5 % of the truth and any number
// of durations needs the same room.
type histogram struct {
	counts [buckets]uint32
	n      uint32
}

const (
	perOctave = 16
	buckets   = 27 * perOctave // from a microsecond to two minutes
)

func (h *histogram) add(d time.Duration) {
	us := max(float64(d)/float64(time.Microsecond), 1)
	h.counts[min(int(math.Log2(us)*perOctave), buckets-1)]++
	h.n++
}

// quantile returns the duration below which the share q of all lies.
func (h *histogram) quantile(q float64) time.Duration {
	rank := uint32(math.Ceil(q * float64(h.n)))
	seen := uint32(0)
	for i, n := range h.counts {
		if seen += n; seen >= rank && n > 0 {
			return time.Duration(math.Exp2((float64(i)+0.5)/perOctave) * float64(time.Microsecond))
		}
	}
	return 0
}

func milliseconds(d time.Duration) float64 {
	return math.Round(float64(d)/float64(time.Millisecond)*100) / 100
}
