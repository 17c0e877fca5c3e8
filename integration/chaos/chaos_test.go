package chaos

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hostscim/integration/harness"
)

var (
	schedules = flag.Int("schedules", 100, "how many schedules are run")
	seed      = flag.Uint64("seed", 0, "run this schedule only")
	keep      = flag.String("keep", "", "of the schedule -seed, the numbers of the steps to run, such as 0,3,7; empty: all")
	workers   = flag.Int("workers", 24, "how many schedules are run at a time; they wait more than they work")
)

func TestMain(m *testing.M) {
	code := m.Run()
	harness.Cleanup()
	os.Exit(code)
}

// TestChaos runs the schedules.
func TestChaos(t *testing.T) {
	if *seed != 0 {
		p, err := chosen(*seed, *keep)
		if err != nil {
			t.Fatal(err)
		}
		if wrong, story := fails(t, p); wrong != "" {
			report(t, p, wrong, story)
		}
		return
	}
	begin := time.Now()
	var next, failed atomic.Int64
	var group sync.WaitGroup
	for range *workers {
		group.Go(func() {
			for n := next.Add(1); n <= int64(*schedules) && failed.Load() == 0; n = next.Add(1) {
				p := newPlan(uint64(n))
				// The log of a process belongs to its schedule.
				one := func(t *testing.T) {
					wrong, story := run(t, p)
					if wrong != "" && failed.Add(1) == 1 {
						p, wrong, story = shrink(t, p, wrong, story)
						report(t, p, wrong, story)
					}
				}
				if p.real {
					t.Run(fmt.Sprintf("binary %d", n), one)
				} else {
					one(t)
				}
			}
		})
	}
	group.Wait()
	t.Logf("%d schedules in %v", min(next.Load(), int64(*schedules)), time.Since(begin).Round(time.Second))
}

// chosen returns the schedule of the seed, or some steps of it.
func chosen(seed uint64, keep string) (plan, error) {
	p := newPlan(seed)
	if keep == "" {
		return p, nil
	}
	var numbers []int
	for word := range strings.SplitSeq(keep, ",") {
		n, err := strconv.Atoi(word)
		if err != nil {
			return p, fmt.Errorf("-keep: %q is no number", word)
		}
		numbers = append(numbers, n)
	}
	return p.keep(numbers), nil
}

// report fails the test with the story, and how to run it again.
func report(t *testing.T, p plan, wrong, story string) {
	t.Helper()
	var numbers []string
	for _, n := range p.numbers() {
		numbers = append(numbers, strconv.Itoa(n))
	}
	t.Errorf("schedule %d, profile %s: %s\n\n%s\n\nrun it again: go test ./integration/chaos -seed %d -keep %s",
		p.seed, p.profile, wrong, story, p.seed, strings.Join(numbers, ","))
}
