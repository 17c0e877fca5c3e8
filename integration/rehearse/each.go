package rehearse

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

// The provider tries an object that failed for a passing reason again in a
// later cycle. A rehearsal does so when the rest of the step is done.
const (
	rounds    = 3
	firstWait = time.Second
	maxWait   = 30 * time.Second
)

// each calls f with 0 to n-1, as many at a time as the provider has requests
// in flight, and again for what is to be tried later. It returns how many
// failed in the end.
func (r *rehearsal) each(ctx context.Context, step string, n int, f func(i int) outcome) (failed int) {
	work := make([]int, 0)
	next := func(k int) int { return k }
	total := n
	for round := range rounds {
		later, bad, wait := r.round(ctx, step, total, round == rounds-1, func(k int) (int, outcome) {
			i := next(k)
			return i, f(i)
		})
		failed += bad
		if len(later) == 0 || ctx.Err() != nil {
			return failed
		}
		work, total = later, len(later)
		next = func(k int) int { return work[k] }
		r.sleep(ctx, min(max(wait, firstWait<<round), maxWait))
	}
	return failed
}

// round does n pieces of work. It returns those that are to be tried later
// and how long the endpoint asked to wait; in the last round these are
// failures as the others.
func (r *rehearsal) round(ctx context.Context, step string, n int, last bool, f func(k int) (int, outcome)) (later []int, failed int, wait time.Duration) {
	var mu sync.Mutex
	taken, done := 0, 0
	var wg sync.WaitGroup
	for range min(r.o.InFlight, n) {
		wg.Go(func() {
			for ctx.Err() == nil {
				mu.Lock()
				k := taken
				taken++
				mu.Unlock()
				if k >= n {
					return
				}
				i, out := f(k)
				if ctx.Err() != nil {
					return // cut off, and no fault of the endpoint
				}
				mu.Lock()
				done++
				r.progress(step, done, n)
				switch {
				case out.later && !last:
					later = append(later, i)
					wait = max(wait, out.a.retryAfter())
				case out.failed():
					failed++
				}
				mu.Unlock()
				if out.failed() && (last || !out.later) {
					r.find(out.kind, out.a, "%s", out.seen)
				}
			}
		})
	}
	wg.Wait()
	r.count(n-len(later), failed)
	return later, failed, wait
}

// send sends, and sends again what failed for a passing reason: the provider
// would do so in its next cycle. A creation is left to [stage.ensure], which
// first looks whether it was done.
func (r *rehearsal) send(ctx context.Context, q request) *answer {
	for round := 0; ; round++ {
		a := r.client.send(ctx, q)
		if !a.transient() || q.method == http.MethodPost || round == rounds-1 || ctx.Err() != nil {
			return a
		}
		if q.method == http.MethodDelete {
			q.want = append(slices.Clone(a.want), http.StatusNotFound) // it may have been done
		}
		r.sleep(ctx, min(max(a.retryAfter(), firstWait<<round), maxWait))
	}
}

// one does a single piece of work as each does it, and reports whether it
// succeeded.
func (r *rehearsal) one(ctx context.Context, step string, f func() outcome) bool {
	return r.each(ctx, step, 1, func(int) outcome { return f() }) == 0 && ctx.Err() == nil
}

// some returns how many of n objects change between two cycles.
func some(n int) int { return max(min(n, 10), n/10) }

// maxRead bounds how many objects of a step are read back.
const maxRead = 1000

// spread returns at most k of the numbers 0 to n-1, evenly spread, the first
// and the last among them.
func spread(n, k int) []int {
	k = min(n, k)
	list := make([]int, 0, k)
	for j := range k {
		if k == 1 {
			list = append(list, 0)
			continue
		}
		list = append(list, j*(n-1)/(k-1))
	}
	return list
}
