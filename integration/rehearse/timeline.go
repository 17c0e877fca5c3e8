package rehearse

import "time"

// Moment is a stretch of time and what was sent in it.
type Moment struct {
	Start  float64 `json:"start_s"` // since the run began
	Get    int     `json:"get"`
	Post   int     `json:"post"`
	Patch  int     `json:"patch"` // and PUT
	Delete int     `json:"delete"`
	Failed int     `json:"failed"` // of these
	Mean   float64 `json:"mean_ms"`
	Max    float64 `json:"max_ms"`

	sum, max time.Duration
}

func (m *Moment) requests() int { return m.Get + m.Post + m.Patch + m.Delete }

// timeline is a bounded number of moments: when there are too many, each two
// become one that is twice as long.
type timeline struct {
	width   time.Duration
	moments []Moment
}

const (
	firstWidth = 100 * time.Millisecond
	maxMoments = 240
)

// add counts an answer that came so long after the beginning.
func (t *timeline) add(at time.Duration, a *answer) {
	if t.width == 0 {
		t.width = firstWidth
	}
	for int(at/t.width) >= maxMoments {
		t.halve()
	}
	i := int(at / t.width)
	for len(t.moments) <= i {
		t.moments = append(t.moments, Moment{})
	}
	m := &t.moments[i]
	switch a.method {
	case "GET":
		m.Get++
	case "POST":
		m.Post++
	case "DELETE":
		m.Delete++
	default:
		m.Patch++
	}
	if !a.ok() {
		m.Failed++
	}
	m.sum += a.took
	m.max = max(m.max, a.took)
}

func (t *timeline) halve() {
	var half []Moment
	for i, m := range t.moments {
		if i%2 == 0 {
			half = append(half, m)
			continue
		}
		h := &half[i/2]
		h.Get, h.Post, h.Patch, h.Delete = h.Get+m.Get, h.Post+m.Post, h.Patch+m.Patch, h.Delete+m.Delete
		h.Failed += m.Failed
		h.sum, h.max = h.sum+m.sum, max(h.max, m.max)
	}
	t.moments, t.width = half, 2*t.width
}

// view returns the moments with their figures.
func (t *timeline) view() []Moment {
	view := make([]Moment, len(t.moments))
	for i, m := range t.moments {
		m.Start = (time.Duration(i) * t.width).Seconds()
		if n := m.requests(); n > 0 {
			m.Mean, m.Max = milliseconds(m.sum/time.Duration(n)), milliseconds(m.max)
		}
		view[i] = m
	}
	return view
}
