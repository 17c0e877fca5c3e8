package integration

import (
	"strconv"
	"strings"
	"testing"
)

// TestCollectsSeldom: the heap of a process that serves may grow to 8 MiB before
// it is collected, however little is in it. Its CPU depends on that.
func TestCollectsSeldom(t *testing.T) {
	s := start(t, quick(t), newLegacy(t))
	ask := func(path string) string {
		a, err := try(t, s.http, "GET", s.process.AdminURL+path, nil)
		if err != nil || a.status != 200 {
			t.Fatalf("GET %s = %d, %v", path, a.status, err)
		}
		return string(a.body)
	}
	ask("/debug/pprof/heap?gc=1") // collects now
	_, rest, _ := strings.Cut(ask("/metrics"), "\ngo_memstats_next_gc_bytes ")
	value, _, _ := strings.Cut(rest, "\n")
	if next, err := strconv.ParseFloat(value, 64); err != nil || next < 8<<20 {
		t.Errorf("the heap is collected at %q bytes, want 8 MiB at least", value)
	}
}
