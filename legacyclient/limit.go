package legacyclient

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// limiter lets attempts pass: no more at once than maxInFlight, no faster than
// the pace, and in the order in which they came. Those that wait hold nothing,
// so a pace that falls or rises holds for them too.
type limiter struct {
	maxInFlight, maxQueue int

	mu       sync.Mutex
	pace     pace
	inFlight int
	queue    list.List     // of *waiter
	timer    *time.Timer   // calls wake when the first in the queue is due
	took     time.Duration // an attempt, as a moving average
}

// waiter is an attempt in the queue.
type waiter struct{ pass chan struct{} }

// feedback is what an attempt tells of the limits of the API.
type feedback struct {
	slower bool          // it is called too often
	pause  time.Duration // it wants no call for so long; zero: it does not say
}

func newLimiter(o *Options) *limiter {
	return &limiter{maxInFlight: o.MaxInFlight, maxQueue: o.MaxQueue, pace: newPace(o.PerSecond, o.Burst, o.MaxWait)}
}

// acquire waits until the attempt may pass; it must then be released. Where the
// queue is full, or the wait will go beyond the deadline, the attempt may not
// pass, and acquire returns at once how long the wait would be. The error is that
// of the context.
func (l *limiter) acquire(ctx context.Context) (pass bool, wait time.Duration, err error) {
	if err := ctx.Err(); err != nil {
		return false, 0, err
	}
	l.mu.Lock()
	now := time.Now()
	if l.queue.Len() == 0 && l.admit(now) {
		l.mu.Unlock()
		return true, 0, nil
	}
	wait = l.estimate(now)
	end, bounded := ctx.Deadline()
	switch {
	case l.queue.Len() >= l.maxQueue:
		l.mu.Unlock()
		return false, max(wait, time.Second), nil
	case bounded && wait >= end.Sub(now):
		l.mu.Unlock()
		return false, wait, nil
	}
	w := &waiter{pass: make(chan struct{})}
	place := l.queue.PushBack(w)
	l.dispatch(now)
	l.mu.Unlock()
	select {
	case <-w.pass:
		return true, 0, nil
	case <-ctx.Done():
		l.leave(w, place)
		return false, 0, ctx.Err()
	}
}

// leave takes a waiter that was given up out of the queue.
func (l *limiter) leave(w *waiter, place *list.Element) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-w.pass: // its turn came all the same
		l.inFlight--
	default:
		l.queue.Remove(place)
	}
	l.dispatch(time.Now())
}

// release ends an attempt that passed at the time started.
func (l *limiter) release(started time.Time, f feedback) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.took += (now.Sub(started) - l.took) / 8
	if f.slower {
		l.pace.slower(now, started)
		l.pace.pause(now, f.pause)
	}
	l.inFlight--
	l.dispatch(now)
}

// admit lets one attempt pass if one may.
func (l *limiter) admit(now time.Time) bool {
	if l.inFlight >= l.maxInFlight || !l.pace.take(now) {
		return false
	}
	l.inFlight++
	return true
}

// dispatch lets pass who may, and sets the timer for the next. Where all places
// are taken, the next is let in by who leaves.
func (l *limiter) dispatch(now time.Time) {
	for l.queue.Len() > 0 && l.admit(now) {
		close(l.queue.Remove(l.queue.Front()).(*waiter).pass)
	}
	if l.queue.Len() == 0 || l.inFlight >= l.maxInFlight {
		return
	}
	// Rounded up, or a token that is due within the nanosecond is asked for
	// again and again.
	due := l.pace.delay(now, 1) + time.Microsecond
	if l.timer == nil {
		l.timer = time.AfterFunc(due, l.wake)
	} else {
		l.timer.Reset(due)
	}
}

func (l *limiter) wake() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dispatch(time.Now())
}

// estimate returns how long an attempt would wait that joins the queue now: for
// the tokens of all before it and its own, and for their places.
func (l *limiter) estimate(now time.Time) time.Duration {
	ahead := l.queue.Len() + 1
	wait := l.pace.delay(now, ahead)
	if l.inFlight >= l.maxInFlight {
		wait = max(wait, l.took*time.Duration(ahead)/time.Duration(l.maxInFlight))
	}
	return wait
}
