package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// progress prints where the run stands.
func (s *soak) progress(out io.Writer, passed time.Duration) {
	a, now := s.tally.count(), s.meter.now()
	weather := s.weather.phase()
	if weather == "" {
		weather = "well"
	}
	fmt.Fprintf(out, "%v: %d requests, %d dropped, %d to come later, %d other; %d complaints; host API %s; %.0f goroutines, %.0f descriptors, %.1f MiB resident\n",
		passed.Round(time.Second), a.All, a.Dropped, a.Later, a.Other, len(s.tally.complaints()), weather, now.Goroutines, now.FDs, now.RSS/(1<<20))
}

// markdown writes what the run came to.
func (s *soak) markdown(out io.Writer, e *evidence) error {
	b := new(strings.Builder)
	row := func(what, format string, args ...any) {
		fmt.Fprintf(b, "| %s | %s |\n", what, fmt.Sprintf(format, args...))
	}
	a := e.Answers
	fmt.Fprintf(b, "\n| | |\n|---|---|\n")
	row("Time", "%v, seed %d", e.Time.Round(time.Second), s.seed)
	row("Requests", "%d, %.0f a second of %d; %d not sent, since all connections were waiting", a.All, float64(a.All)/e.Time.Seconds(), s.rate, s.skipped.Load())
	row("Dropped", "%d", a.Dropped)
	row("Answers", "%d good, %d refused as they should be, %d told to come later, %d other", a.OK, a.Refused, a.Later, a.Other)
	row("p50, p99", "%s; of those that met no fault %s", times(s.tally.took), times(s.tally.fair))
	row("Reloads", "%d applied, %d refused (with the first)", e.Counted.Applied, e.Counted.Refused)
	row("Faults", "%s", counts(s.weather.applied))
	for _, kind := range slowKinds {
		row("A slow client that "+kind.name, "%s", counts(s.slow.outcomes[kind.name]))
	}
	figures := func(what string, of func(sample) float64, unit float64, format string) {
		row(what, strings.ReplaceAll("F, then F; F before and F after", "F", format), of(e.Early)/unit, of(e.Late)/unit, of(e.Before)/unit, of(e.After)/unit)
	}
	fmt.Fprintf(b, "| | in the second fifth of the run, then in the last |\n")
	figures("Goroutines", func(s sample) float64 { return s.Goroutines }, 1, "%.0f")
	figures("File descriptors", func(s sample) float64 { return s.FDs }, 1, "%.0f")
	figures("Heap, least", func(s sample) float64 { return s.Heap }, 1<<20, "%.1f MiB")
	figures("Resident", func(s sample) float64 { return s.RSS }, 1<<20, "%.1f MiB")
	_, err := io.WriteString(out, b.String()+"\n")
	return err
}

func times(took []time.Duration) string {
	return fmt.Sprintf("%.1f and %.1f ms", percentile(took, 0.5).Seconds()*1e3, percentile(took, 0.99).Seconds()*1e3)
}

// counts prints how many there are of what.
func counts[K ~string](of map[K]int) string {
	var parts []string
	for _, what := range slices.Sorted(maps.Keys(of)) {
		if of[what] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", of[what], what))
		}
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, ", ")
}
