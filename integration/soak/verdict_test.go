package main

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// good is a run with nothing wrong, each figure at its bound.
func good() *evidence {
	early := sample{Goroutines: 100, FDs: 80, Heap: 6 << 20, RSS: 40 << 20}
	return &evidence{
		Time: 10 * time.Minute, Answers: answers{All: 100, OK: 60, Refused: 20, Later: 20}, Did: reloads{9, 2}, Counted: reloads{9, 2},
		Early: early, Late: sample{early.Goroutines + moreGoroutines, early.FDs + moreFDs, early.Heap + moreHeap, early.RSS + moreRSS},
		Before: sample{Goroutines: 14, FDs: 10}, After: sample{Goroutines: 14 + left, FDs: 10 + left},
	}
}

func TestJudge(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(e *evidence)
		want   string // "": nothing is wrong
	}{
		{"good", func(*evidence) {}, ""},
		{"a complaint", func(e *evidence) { e.Complaints = []string{"as it is"} }, "as it is"},
		{"nothing done", func(e *evidence) { e.Answers = answers{} }, "proves nothing"},
		{"hardly a success", func(e *evidence) { e.Answers.OK, e.Answers.Later = 49, 31 }, "proves nothing"},
		{"dropped", func(e *evidence) { e.Answers.Dropped = 1 }, "1 requests were dropped"},
		{"another status", func(e *evidence) { e.Answers.Other = 1 }, "1 answers"},
		{"a reload too few", func(e *evidence) { e.Counted.Applied-- }, "8 configurations as applied"},
		{"not refused", func(e *evidence) { e.Counted.Refused-- }, "1 as refused"},
		{"goroutines", func(e *evidence) { e.Late.Goroutines++ }, "goroutines have grown from 100.0 to 121.0"},
		{"descriptors", func(e *evidence) { e.Late.FDs++ }, "file descriptors have grown"},
		{"heap", func(e *evidence) { e.Late.Heap += 1 << 20 }, "heap bytes have grown from 6.0 to 11.0 MiB"},
		{"memory", func(e *evidence) { e.Late.RSS += 1 << 20 }, "resident bytes have grown from 40.0 to 49.0 MiB"},
		{"memory of a short run", func(e *evidence) { e.Time, e.Late.RSS = 5*time.Second, 1<<30 }, ""},
		{"shrunk", func(e *evidence) { e.Late = sample{} }, ""},
		{"goroutines left", func(e *evidence) { e.After.Goroutines++ }, "after the run there are 25 goroutines"},
		{"descriptors left", func(e *evidence) { e.After.FDs++ }, "21 file descriptors"},
		{"panic", func(e *evidence) { e.Panics = 2 }, "2 lines of panics"},
		{"exit", func(e *evidence) { e.Exit = errors.New("exit status 2") }, "exit status 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := good()
			tt.change(e)
			got := e.judge()
			if tt.want == "" && len(got) > 0 || tt.want != "" && (len(got) != 1 || !strings.Contains(got[0], tt.want)) {
				t.Errorf("judge() = %q, want one with %q", got, tt.want)
			}
		})
	}
}

// TestFifth: medians of the right samples, and of the heap the least.
func TestFifth(t *testing.T) {
	m := new(meter)
	for i := range 15 {
		n := float64(i)
		m.samples = append(m.samples, sample{Goroutines: n, FDs: 2 * n, RSS: 3 * n, Heap: 100 - n})
	}
	if got, want := m.fifth(1), (sample{Goroutines: 4, FDs: 8, RSS: 12, Heap: 95}); got != want {
		t.Errorf("fifth(1) = %v, want %v", got, want)
	}
	if got, want := m.fifth(4), (sample{Goroutines: 13, FDs: 26, RSS: 39, Heap: 86}); got != want {
		t.Errorf("fifth(4) = %v, want %v", got, want)
	}
	if got := new(meter).fifth(2); got != (sample{}) {
		t.Errorf("a fifth of nothing = %v", got)
	}
}

func TestPercentile(t *testing.T) {
	took := []time.Duration{5, 1, 4, 2, 3}
	for part, want := range map[float64]time.Duration{0: 1, 0.5: 3, 0.99: 5, 1: 5} {
		if got := percentile(took, part); got != want {
			t.Errorf("percentile(%v) = %d, want %d", part, got, want)
		}
	}
	if got := percentile(nil, 0.5); got != 0 {
		t.Errorf("percentile of nothing = %d", got)
	}
}

func TestLogWatch(t *testing.T) {
	l := new(logWatch)
	for _, part := range []string{"fine\nhttp: pa", "nic serving\n", "WARNING: DATA RACE\nfine", "\n"} {
		if n, err := l.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	if got := l.count(); got != 2 {
		t.Errorf("%d lines, want 2", got)
	}
}
