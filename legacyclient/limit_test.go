package legacyclient

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// slowAPI answers after a time and remembers in which order it was asked, and
// how many calls were under way at most.
type slowAPI struct {
	after time.Duration

	mu            sync.Mutex
	order         []string
	inFlight, top int
}

func (a *slowAPI) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	a.order = append(a.order, r.URL.Path)
	a.inFlight++
	a.top = max(a.top, a.inFlight)
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		a.inFlight--
		a.mu.Unlock()
	}()
	select {
	case <-time.After(a.after):
		return answer(200, "{}"), nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// get calls GET /hosts/{id}.
func get(ctx context.Context, c *Client, ep *Endpoint, id int) error {
	_, err := c.Do(ctx, ep, Vars{"id": strconv.Itoa(id)}, nil)
	return err
}

// TestQueue holds that no more than MaxInFlight attempts are under way, that the
// others go in the order in which they came, and that who goes away gives up its
// place and nothing else.
func TestQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &slowAPI{after: time.Second}
		o := memoryOptions(t, api)
		o.MaxInFlight = 2
		c := newClient(t, o)
		ep := compile(t, Endpoint{Method: "GET", Path: "/hosts/{id}"})
		left, leave := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for i := range 8 {
			ctx := t.Context()
			if i == 3 || i == 5 {
				ctx = left
			}
			wg.Go(func() {
				if err := get(ctx, c, ep, i); (err != nil) != (ctx == left) || err != nil && !errors.Is(err, ErrCanceled) {
					t.Errorf("call %d: %v", i, err)
				}
			})
			synctest.Wait()
		}
		if got := c.Stats(); got.InFlight != 2 || got.Queued != 6 {
			t.Errorf("Stats() = %+v, want 2 in flight and 6 queued", got)
		}
		leave()
		start := time.Now()
		wg.Wait()
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("6 calls of 1s, 2 at once, took %v, want 3s", took)
		}
		// Two begin at the same moment, in either order.
		want := []string{"0 1", "2 4", "6 7"}
		for i := range want {
			pair := []string{path.Base(api.order[2*i]), path.Base(api.order[2*i+1])}
			slices.Sort(pair)
			if got := strings.Join(pair, " "); got != want[i] {
				t.Errorf("calls %d and %d are %s, want %s", 2*i, 2*i+1, got, want[i])
			}
		}
		if api.top != 2 {
			t.Errorf("%d calls at once, want 2", api.top)
		}
		if got := c.Stats(); got.InFlight != 0 || got.Queued != 0 {
			t.Errorf("Stats() = %+v, want none left", got)
		}
	})
}

// TestQueueRefuses holds that a call which would wait too long fails at once.
func TestQueueRefuses(t *testing.T) {
	tests := []struct {
		name     string
		change   func(*Options)
		before   int // calls that are there already
		deadline time.Duration
		refused  bool
		after    time.Duration
	}{
		{"queue is full", func(o *Options) { o.MaxQueue = 3 }, 5, time.Minute, true, 2 * time.Second},
		{"queue has a place", func(o *Options) { o.MaxQueue = 3 }, 4, time.Minute, false, 0},
		{"queue is full at the rate", func(o *Options) { o.MaxInFlight, o.MaxQueue, o.PerSecond, o.Burst = 100, 3, 0.1, 1 }, 4, time.Hour, true, 40 * time.Second},
		{"tokens come too late", func(o *Options) { o.MaxInFlight, o.PerSecond, o.Burst = 100, 2, 1 }, 4, 2 * time.Second, true, 2 * time.Second},
		{"tokens come in time", func(o *Options) { o.MaxInFlight, o.PerSecond, o.Burst = 100, 2, 1 }, 3, 4 * time.Second, false, 0},
		{"places come too late", func(*Options) {}, 9, 4 * time.Second, true, 4 * time.Second},
		{"places come in time", func(*Options) {}, 7, 6 * time.Second, false, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := &slowAPI{after: time.Second}
				o := memoryOptions(t, api)
				o.MaxInFlight = 2
				tt.change(&o)
				c := newClient(t, o)
				c.limiter.took = time.Second // learned from earlier calls
				ep := compile(t, Endpoint{Method: "GET", Path: "/hosts/{id}"})
				var wg sync.WaitGroup
				for i := range tt.before {
					wg.Go(func() { _ = get(t.Context(), c, ep, i) })
					synctest.Wait()
				}
				ctx, cancel := context.WithTimeout(t.Context(), tt.deadline)
				defer cancel()
				start := time.Now()
				err := get(ctx, c, ep, 99)
				took := time.Since(start)
				e, _ := errors.AsType[*Error](err)
				switch {
				case !tt.refused && err != nil:
					t.Errorf("Do() = %v, want success", err)
				case tt.refused && (e == nil || e.Kind != ErrThrottled || e.Attempts != 0 || took != 0 || e.RetryAfter.Round(100*time.Millisecond) != tt.after):
					t.Errorf("Do() = %#v after %v, want ErrThrottled at once with %v", err, took, tt.after)
				}
				wg.Wait()
			})
		})
	}
}

// limitedAPI is an API with a token bucket of its own, as legacytest has.
type limitedAPI struct {
	perSecond, tokens float64
	last              time.Time
	served, refused   int
	header            []string // of refusals
}

func (a *limitedAPI) RoundTrip(*http.Request) (*http.Response, error) {
	now := time.Now()
	a.tokens = min(a.perSecond, a.tokens+now.Sub(a.last).Seconds()*a.perSecond)
	a.last = now
	if a.tokens < 1 {
		a.refused++
		return answer(429, "", a.header...), nil
	}
	a.tokens--
	a.served++
	return answer(200, "{}"), nil
}

// load makes calls at that rate for that long, in bursts of three seconds' worth,
// each call with 25 seconds of time, and returns how many failed.
func load(t *testing.T, c *Client, perSecond int, during time.Duration) (failed int64) {
	ep := compile(t, Endpoint{Method: "GET", Path: "/hosts/{id}"})
	var wg sync.WaitGroup
	var failures atomic.Int64
	ticker := time.NewTicker(3 * time.Second)
	defer ticker.Stop()
	for i := range perSecond * int(during/time.Second) {
		if i%(3*perSecond) == 0 {
			<-ticker.C
		}
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
			defer cancel()
			if err := get(ctx, c, ep, i); err != nil {
				failures.Add(1)
			}
		})
	}
	wg.Wait()
	return failures.Load()
}

// locked makes a transport one that is asked one call at a time.
func locked(rt http.RoundTripper) http.RoundTripper {
	var mu sync.Mutex
	return roundTripFunc(func(r *http.Request) (*http.Response, error) {
		mu.Lock()
		defer mu.Unlock()
		return rt.RoundTrip(r)
	})
}

// TestPaceLearns holds that a load not far below what the API allows is served
// whole, whatever was configured, and that almost nothing is refused on the way.
func TestPaceLearns(t *testing.T) {
	tests := []struct {
		name      string
		perSecond float64 // configured
		allowed   float64 // by the API
		load      int     // a second
		header    []string
	}{
		{"nothing configured", 0, 25, 20, []string{"Retry-After", "1"}},
		{"nothing configured and nothing told", 0, 25, 20, nil},
		{"the same configured", 25, 25, 25, []string{"Retry-After", "1"}},
		{"twice as much configured", 50, 25, 20, []string{"Retry-After", "1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := &limitedAPI{perSecond: tt.allowed, tokens: tt.allowed, last: time.Now(), header: tt.header}
				o := memoryOptions(t, locked(api))
				o.Logger = nil
				o.PerSecond, o.MinWait, o.MaxWait, o.MaxAttempts = tt.perSecond, 0, 0, 8
				failed := load(t, newClient(t, o), tt.load, 5*time.Minute)
				if calls := tt.load * 300; failed > 0 || api.served != calls || api.refused > calls/50 {
					t.Errorf("%d of %d calls failed, %d served, %d refused on the way", failed, calls, api.served, api.refused)
				}
			})
		})
	}
}

// TestPaceFalls holds by how much the rate falls, how often, and that it comes
// back.
func TestPaceFalls(t *testing.T) {
	at := func(seconds float64) time.Time { return time.Unix(1e9, 0).Add(time.Duration(seconds * 1e9)) }
	rateOf := func(p *pace, seconds float64) float64 {
		p.take(at(seconds))
		if p.bucket == nil {
			return 0
		}
		return float64(p.bucket.Limit())
	}
	check := func(what string, got, want float64) {
		t.Helper()
		if got < want*0.999 || got > want*1.001 {
			t.Errorf("%s: rate = %v, want %v", what, got, want)
		}
	}
	p := newPace(30, 0, time.Second)
	p.slower(at(10), at(9))
	check("after a fall", rateOf(&p, 10), 30*fall)
	p.slower(at(10.5), at(9.9))
	check("an attempt from before the fall", rateOf(&p, 10), 30*fall)
	p.slower(at(12), at(11)) // it has risen by 2
	check("the next fall", rateOf(&p, 12), (30*fall+2)*fall)
	p.slower(at(12), at(12))
	check("an attempt of the same moment", rateOf(&p, 12), (30*fall+2)*fall)
	for i := range 100 {
		p.slower(at(13+float64(i)/100), at(12.999+float64(i)/100))
	}
	check("the slowest", rateOf(&p, 13.99), slowest)
	check("half of recovery", rateOf(&p, 13.99+15), slowest+15)
	check("all of recovery", rateOf(&p, 13.99+30), 30)
	if p.learning || p.bucket.Burst() != 30 {
		t.Errorf("after recovery: learning = %t, burst = %d, want what was configured", p.learning, p.bucket.Burst())
	}

	p = newPace(0.1, 1, time.Second)
	p.slower(at(10), at(9))
	check("configured below the slowest", rateOf(&p, 10), 0.1)

	p = newPace(0, 0, time.Second)
	for i := range 40 {
		p.take(at(10 + float64(i)/40))
	}
	p.slower(at(11), at(10.5))
	check("none configured", rateOf(&p, 11), 40*fall)
	check("none configured, a while after", rateOf(&p, 11+30), 40*fall+40)
	check("none configured, let go", rateOf(&p, 11+40), 0)

	p.pause(at(60), time.Hour)
	if p.take(at(60.9)) || !p.take(at(61)) {
		t.Error("a pause of an hour does not end after a second, its bound")
	}
}

// TestSpentWindow holds that headers which say that a window is spent stop the
// next call until it is over.
func TestSpentWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memoryTransport{f: func(n int, _ *http.Request) (*http.Response, error) {
			if n == 1 {
				return answer(200, "{}", "RateLimit", `"default";r=0;t=3`), nil
			}
			return answer(200, "{}", "RateLimit", `"default";r=9;t=10`), nil
		}}
		o := memoryOptions(t, m)
		o.MaxWait = 5 * time.Second
		c := newClient(t, o)
		ep := compile(t, Endpoint{Method: "GET", Path: "/hosts/{id}"})
		start := time.Now()
		for i := range 2 {
			if err := get(t.Context(), c, ep, i); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start).Round(time.Millisecond); took != 3*time.Second {
			t.Errorf("the call after the last of a window came after %v, want 3s", took)
		}
		if s := c.Stats(); !s.Learned || s.Rate < slowest {
			t.Errorf("Stats() = %+v, want a learned rate", s)
		}
	})
}

// TestLimiter holds that each attempt takes a token, and that one which would
// come too late is refused at once and given back.
func TestLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memoryTransport{f: func(n int, _ *http.Request) (*http.Response, error) {
			if n < 4 {
				return answer(503, ""), nil
			}
			return answer(200, "{}"), nil
		}}
		o := memoryOptions(t, m)
		o.PerSecond, o.Burst = 1, 1
		c := newClient(t, o)
		ep := compile(t, Endpoint{Method: "GET", Path: "/hosts"})
		start := time.Now()
		if _, err := c.Do(t.Context(), ep, nil, nil); err != nil || time.Since(start).Round(time.Second) != 3*time.Second {
			t.Errorf("4 attempts at 1/s: %v after %v, want nil after 3s", err, time.Since(start))
		}
		for range 2 { // twice: the refused one must not have cost a token
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			at := time.Now()
			_, err := c.Do(ctx, ep, nil, nil)
			e, _ := errors.AsType[*Error](err)
			if e == nil || e.Kind != ErrThrottled || e.RetryAfter.Round(time.Second) != time.Second || e.Attempts != 0 || time.Since(at) != 0 {
				t.Errorf("Do() = %#v after %v, want ErrThrottled at once with 1s", err, time.Since(at))
			}
			cancel()
		}
		if m.calls.Load() != 4 {
			t.Errorf("%d calls, want 4", m.calls.Load())
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		if _, err := c.Do(ctx, ep, nil, nil); !errors.Is(err, ErrCanceled) {
			t.Errorf("canceled while waiting for a token: Do() = %v, want ErrCanceled", err)
		}
	})
}

// TestQueueStorm holds, for callers who come, wait and go away at random before
// an API that refuses at random, that every one of them gets an answer in time,
// that no place is lost or given twice, and that nothing is left at the end.
func TestQueueStorm(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			api := &slowAPI{after: 30 * time.Millisecond}
			var refusals atomic.Int64
			o := memoryOptions(t, roundTripFunc(func(r *http.Request) (*http.Response, error) {
				resp, err := api.RoundTrip(r)
				if err == nil && refusals.Add(1)%17 == 0 {
					return answer(429, "", "Retry-After", "1"), nil
				}
				return resp, err
			}))
			o.MaxInFlight, o.MaxQueue, o.PerSecond, o.Burst, o.Logger = 5, 40, 60, 10, nil
			c := newClient(t, o)
			ep := compile(t, Endpoint{Method: "GET", Path: "/hosts/{id}"})
			var wg sync.WaitGroup
			for i := range 400 {
				time.Sleep(time.Duration(random.IntN(20)) * time.Millisecond)
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+random.IntN(4000))*time.Millisecond)
				if random.IntN(3) == 0 {
					time.AfterFunc(time.Duration(random.IntN(500))*time.Millisecond, cancel)
				}
				wg.Go(func() {
					defer cancel()
					end, _ := ctx.Deadline()
					err := get(ctx, c, ep, i)
					if late := time.Since(end); late > 0 {
						t.Errorf("seed %d: call %d ended %v after its deadline with %v", seed, i, late, err)
					}
				})
			}
			wg.Wait()
			if s := c.Stats(); s.InFlight != 0 || s.Queued != 0 || api.top > 5 {
				t.Errorf("seed %d: Stats() = %+v with %d at once, want nothing left and at most 5", seed, s, api.top)
			}
			if err := get(t.Context(), c, ep, 1); err != nil {
				t.Errorf("seed %d: a call after all = %v", seed, err)
			}
		})
	}
}
