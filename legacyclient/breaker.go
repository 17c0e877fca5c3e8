package legacyclient

import (
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
)

// Breaker says when the API counts as down. Calls then fail at once, without
// being sent, until a probe finds it up again.
type Breaker struct {
	// Failures is how many attempts have to fail in a row, with none between
	// that the API answered; zero: there is no breaker. An attempt fails by no
	// connection, a broken one, no answer in time, or a status of 500 and above;
	// an answer below 500, a 429 too, shows that the API is there.
	Failures int
	// Window is the time within which they have to; zero: a minute.
	Window time.Duration
	// Open is how long no call is sent, until one is sent as a probe; zero: 5s.
	Open time.Duration
}

var (
	// errDown and errUntold are what the breaker is told of an attempt that
	// found the API down, and of one that says neither that nor the contrary.
	errDown   = errors.New("down")
	errUntold = errors.New("untold")

	errOpen = &reason{text: "the API was found down and is left alone until the next probe"}
)

// probing is when a call should come again that met a probe under way.
const probing = time.Second

// breaker refuses attempts while the API is down; a nil breaker lets all pass.
type breaker struct {
	gate *gobreaker.TwoStepCircuitBreaker[struct{}]
	// next is when a probe may be sent; nil: the API is not known to be down.
	next atomic.Pointer[time.Time]
}

func newBreaker(o Breaker) *breaker {
	if o.Failures == 0 {
		return nil
	}
	b := new(breaker)
	b.gate = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		MaxRequests: 1, Interval: o.Window, Timeout: o.Open,
		ReadyToTrip: func(c gobreaker.Counts) bool { return int(c.ConsecutiveFailures) >= o.Failures },
		IsExcluded:  func(err error) bool { return errors.Is(err, errUntold) },
		OnStateChange: func(_ string, _, to gobreaker.State) {
			if to == gobreaker.StateOpen {
				b.next.Store(new(time.Now().Add(o.Open)))
			} else {
				b.next.Store(nil)
			}
		},
	})
	return b
}

// enter lets an attempt pass, which then must tell by done how it went: nil,
// errDown or errUntold. A nil done: it is refused, and may come again after wait.
func (b *breaker) enter() (done func(error), wait time.Duration) {
	if b == nil {
		return func(error) {}, 0
	}
	if wait := b.closedFor(); wait > 0 {
		return nil, wait
	}
	done, err := b.gate.Allow()
	if err != nil {
		return nil, max(b.closedFor(), probing)
	}
	return done, 0
}

// closedFor returns how long the way is closed; zero: it is not.
func (b *breaker) closedFor() time.Duration {
	if b == nil {
		return 0
	}
	if next := b.next.Load(); next != nil {
		return max(0, time.Until(*next))
	}
	return 0
}

func (b *breaker) state() string {
	if b == nil {
		return "off"
	}
	return b.gate.State().String()
}

// verdict returns what an attempt that was sent, or found no connection, says
// of the API. A deadline of ours that was short says nothing, nor do our caller
// who went away and a certificate that we refuse.
func (k *call) verdict(took time.Duration) error {
	o := &k.last
	switch {
	case o.status == http.StatusNotImplemented, o.status == http.StatusHTTPVersionNotSupported:
		return nil
	case o.status >= 500:
		return errDown
	case o.status > 0:
		return nil
	case errors.Is(o.kind, ErrTimeout) && took < k.client.timeout/2,
		errors.Is(o.kind, ErrCanceled), o.kind == nil, certificateRefused(o.cause):
		return errUntold
	}
	return errDown
}
