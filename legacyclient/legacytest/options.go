package legacytest

import "time"

// Option changes one thing about a Handler or Server.
type Option func(*options)

type options struct {
	token     string
	hosts     int
	seed      uint64
	pageCap   int
	perSecond float64
	burst     int
	latency   time.Duration
	clock     func() time.Time
	lenient   bool
	faults    []Fault
	control   string
	sameNames bool
}

func newOptions(opts []Option) options {
	o := options{seed: 1, pageCap: 100, clock: time.Now}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// WithToken asks every call for the bearer token. Without it, or with the empty
// string, no call needs one.
func WithToken(token string) Option {
	return func(o *options) { o.token = token }
}

// WithHosts stores n invented hosts with the ids 1 to n. The same n and seed give
// the same hosts, but for the timestamps, which come from the clock.
func WithHosts(n int) Option {
	return func(o *options) { o.hosts = n }
}

// WithSeed chooses among the invented hosts of WithHosts, and decides which calls are
// met by a fault with a probability. The default is 1.
func WithSeed(seed uint64) Option {
	return func(o *options) { o.seed = seed }
}

// WithPageCap cuts every limit above n to n. The default is 100; n below 1 keeps it.
func WithPageCap(n int) Option {
	return func(o *options) {
		if n >= 1 {
			o.pageCap = n
		}
	}
}

// WithRateLimit answers 429 once burst calls were made at once and to calls that
// come faster than perSecond. A perSecond of zero or less is no limit; a burst
// below 1 is 1.
func WithRateLimit(perSecond float64, burst int) Option {
	return func(o *options) { o.perSecond, o.burst = perSecond, max(burst, 1) }
}

// WithLatency delays the work of every call by d. A call whose client goes away
// meanwhile does no work at all. Refusals for want of a token or over the rate, and
// answers to a repeated Idempotency-Key, are not delayed.
func WithLatency(d time.Duration) Option {
	return func(o *options) { o.latency = d }
}

// WithClock takes the time from now instead of time.Now: for timestamps, the rate
// limit and the age of Idempotency-Keys. now must be safe for concurrent use.
func WithClock(now func() time.Time) Option {
	return func(o *options) {
		if now != nil {
			o.clock = now
		}
	}
}

// WithLenient requires only username of a host; otherwise first_name, last_name and
// email are required as well.
func WithLenient() Option {
	return func(o *options) { o.lenient = true }
}

// WithDuplicateNames lets several hosts have one username, and several groups one
// name, as in an API that leaves it to its clients to keep them apart.
func WithDuplicateNames() Option {
	return func(o *options) { o.sameNames = true }
}

// WithFaults injects faults from the start, as Inject does.
func WithFaults(faults ...Fault) Option {
	return func(o *options) { o.faults = append(o.faults, faults...) }
}

// WithControl lets programs outside inject faults over HTTP, at
// /_control/faults and with the token as bearer token; the API itself is not
// there. It is off without a token. See the package documentation.
func WithControl(token string) Option {
	return func(o *options) { o.control = token }
}
