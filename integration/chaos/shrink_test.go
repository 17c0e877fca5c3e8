package chaos

import (
	"slices"
	"testing"
	"time"
)

const (
	// tries is how often a shorter schedule is run before it is believed that
	// it does not fail: its requests go side by side.
	tries = 4
	// shrinkTime bounds the search.
	shrinkTime = 40 * time.Second
)

// shrink returns a schedule that fails and of which, as far as was found, every
// step matters, with what was wrong and the story of a run.
func shrink(t testing.TB, p plan, wrong, story string) (plan, string, string) {
	if p.real {
		p.real = false // faster, if it fails inside as well
		if w, _ := fails(t, p); w == "" {
			p.real = true
			return p, wrong, story
		}
	}
	end := time.Now().Add(shrinkTime)
	for size := len(p.steps) / 2; size > 0; size /= 2 {
		for from := 0; from < len(p.steps) && time.Now().Before(end); {
			shorter := p
			shorter.steps = slices.Delete(slices.Clone(p.steps), from, min(from+size, len(p.steps)))
			w, s := fails(t, shorter)
			if w == "" {
				from += size
				continue
			}
			p, wrong, story = shorter, w, s
		}
	}
	return p, wrong, story
}

// fails runs a schedule until it fails, a few times at most.
func fails(t testing.TB, p plan) (wrong, story string) {
	for range tries {
		if wrong, story = run(t, p); wrong != "" {
			break
		}
	}
	return wrong, story
}
