package legacyclient

import (
	"math"
	"time"

	"golang.org/x/time/rate"
)

const (
	// fall is what is left of the rate when the API says that it is called too
	// often, recovery the time in which the whole of it comes back.
	fall     = 0.8
	recovery = 30 * time.Second
	// slowest is the rate, per second, below which nothing falls by itself:
	// whoever allows less says so by Retry-After, or in the configuration.
	slowest = 1
)

// pace is a token bucket that learns: its rate falls by a part when the API says
// that it is called too often, and rises by equal steps back to the configured
// one. Where none is configured, the first fall is from the rate that was
// reached, and the bucket is let go of at twice the rate at which the API last
// complained. It is not safe for use by several goroutines.
type pace struct {
	perSecond float64 // configured; zero: none
	burst     int
	maxPause  time.Duration

	bucket   *rate.Limiter // nil: all pass
	learning bool          // what follows up to fell counts
	rate     float64       // just after the last fall
	limit    float64       // just before it
	fell     time.Time
	until    time.Time // nothing passes before
	seen     meter
}

func newPace(perSecond float64, burst int, maxPause time.Duration) pace {
	if burst == 0 {
		burst = secondsWorth(perSecond)
	}
	p := pace{perSecond: perSecond, burst: burst, maxPause: maxPause}
	p.forget()
	return p
}

// secondsWorth is the burst of a rate for which none was named.
func secondsWorth(perSecond float64) int { return max(1, int(math.Ceil(perSecond))) }

// forget returns to what was configured.
func (p *pace) forget() {
	p.learning = false
	if p.perSecond == 0 {
		p.bucket = nil
		return
	}
	if p.bucket == nil {
		p.bucket = rate.NewLimiter(rate.Limit(p.perSecond), p.burst)
		return
	}
	p.bucket.SetLimit(rate.Limit(p.perSecond))
	p.bucket.SetBurst(p.burst)
}

// take takes a token if there is one.
func (p *pace) take(now time.Time) bool {
	if now.Before(p.until) {
		return false
	}
	if p.learning {
		p.rise(now)
	}
	if p.bucket != nil && !p.bucket.AllowN(now, 1) {
		return false
	}
	if p.perSecond == 0 {
		p.seen.add(now)
	}
	return true
}

// delay returns when the n-th token from now on is due.
func (p *pace) delay(now time.Time, n int) time.Duration {
	wait := max(0, p.until.Sub(now))
	if p.bucket == nil {
		return wait
	}
	missing := float64(n) - p.bucket.TokensAt(now.Add(wait))
	return wait + max(0, time.Duration(missing/float64(p.bucket.Limit())*float64(time.Second)))
}

// slower lets the rate fall. An attempt that started before the last fall, or
// with it, tells nothing new.
func (p *pace) slower(now, started time.Time) {
	if p.learning && !started.After(p.fell) {
		return
	}
	p.limit = p.current(now)
	lowest := float64(slowest)
	if p.perSecond > 0 {
		lowest = min(lowest, p.perSecond)
	}
	p.rate = max(p.limit*fall, lowest)
	p.learning, p.fell = true, now
	// What the old bucket holds is what the API refuses. The new one holds one
	// token: a call that is alone has no more than its own wait before it.
	p.bucket = rate.NewLimiter(rate.Limit(p.rate), p.burstAt(p.rate))
	p.bucket.AllowN(now, p.bucket.Burst()-1)
}

// current returns the rate that holds, or was reached where none holds.
func (p *pace) current(now time.Time) float64 {
	if p.learning {
		return p.risen(now)
	}
	if p.perSecond > 0 {
		return p.perSecond
	}
	return max(slowest, p.seen.perSecond(now))
}

// risen returns how far the rate has come since its last fall.
func (p *pace) risen(now time.Time) float64 {
	whole := p.perSecond
	if whole == 0 {
		whole = p.limit
	}
	return p.rate + whole*now.Sub(p.fell).Seconds()/recovery.Seconds()
}

func (p *pace) rise(now time.Time) {
	r := p.risen(now)
	if p.perSecond > 0 && r >= p.perSecond || p.perSecond == 0 && r >= 2*p.limit {
		p.forget()
		return
	}
	p.bucket.SetLimitAt(now, rate.Limit(r))
	p.bucket.SetBurstAt(now, p.burstAt(r))
}

func (p *pace) burstAt(perSecond float64) int {
	if p.perSecond == 0 {
		return secondsWorth(perSecond)
	}
	return min(p.burst, secondsWorth(perSecond))
}

// pause lets nothing pass for that long, but no longer than maxPause: what an
// API says to one call is believed for that call, and may be absurd.
func (p *pace) pause(now time.Time, d time.Duration) {
	if until := now.Add(min(d, p.maxPause)); until.After(p.until) {
		p.until = until
	}
}

// meter counts what passes in a second.
type meter struct {
	since       time.Time
	count, last int
}

func (m *meter) add(now time.Time) {
	m.turn(now)
	m.count++
}

func (m *meter) turn(now time.Time) {
	switch age := now.Sub(m.since); {
	case age >= 2*time.Second:
		m.since, m.count, m.last = now, 0, 0
	case age >= time.Second:
		m.since, m.count, m.last = now, 0, m.count
	}
}

func (m *meter) perSecond(now time.Time) float64 {
	m.turn(now)
	return float64(max(m.count, m.last))
}
