package legacyclient

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"time"
)

// flights are the GETs under way. One that is asked for again while it runs is
// made once, and its answer serves all who asked.
//
// It never serves who came after a write of this client: what was read before
// the write ended may not show it. So the end of a write takes all flights off
// the list; those who wait for them came before it.
type flights struct {
	mu      sync.Mutex
	running map[flightKey]*flight
}

// flightKey is what makes two calls the same one. The endpoint stands for the
// method, the fixed headers and the reading of the answer.
type flightKey struct {
	endpoint             *Endpoint
	path, rawPath, query string
	version              string // that the record must have
	credential           string // from the context; "": that of the client
}

// flight is one call that several may wait for. What it came to must not be
// changed by any of them.
type flight struct {
	key     flightKey
	waiting int                // who made it and who joined, without those who went away
	cancel  context.CancelFunc // ends it when nobody waits any more
	end     time.Time          // its deadline; zero: none

	done  chan struct{} // closed when what follows is there
	whole bool          // it came to an end, and not to a panic
	call  *call
}

type freshKey struct{}

// Fresh returns a context whose reads are made anew and shared with nobody, for
// those that decide about a write. A write of ours that failed may be executed
// after we gave it up: a read that began before that, and is joined after it,
// would say that there is nothing yet.
func Fresh(ctx context.Context) context.Context { return context.WithValue(ctx, freshKey{}, true) }

// share makes the call of a GET, or waits for the same one that is under way,
// and leaves the result in k.last.
//
// The call is made by the first who asks, under a context that lives as long as
// anybody waits. Who joined and goes away does so at once; the first, whose
// goroutine makes the call, returns when it has ended, unless nobody else waits.
func (k *call) share(ctx context.Context, target *url.URL) {
	if ctx.Value(freshKey{}) != nil {
		k.run(ctx, target)
		return
	}
	key := flightKey{endpoint: k.endpoint, path: target.Path, rawPath: target.RawPath, query: target.RawQuery, version: k.version}
	if k.client.passes {
		key.credential = credentialOf(ctx)
	}
	f, first := k.client.flights.join(ctx, key)
	if first {
		k.lead(ctx, target, f)
		return
	}
	select {
	case <-f.done:
	case <-ctx.Done():
		k.client.flights.leave(f)
		k.last = outcome{kind: contextKind(ctx.Err()), cause: describe(ctx.Err())}
		return
	}
	if f.whole && !(f.call.short && outlives(ctx, f.end)) {
		k.copy(f.call)
		return
	}
	k.run(ctx, target) // there is time left that the shared call had not
}

// lead makes the call for all who join.
func (k *call) lead(ctx context.Context, target *url.URL, f *flight) {
	fs := &k.client.flights
	own, cancel := detach(ctx)
	defer cancel()
	f.cancel = cancel
	stop := context.AfterFunc(ctx, func() {
		// Our own context has the same deadline.
		if errors.Is(ctx.Err(), context.Canceled) {
			fs.leave(f)
		}
	})
	defer stop()
	defer fs.finish(f) // after a panic too: nobody may wait for ever
	k.run(own, target)
	settle(ctx, own)
	f.call, f.whole = k, true
}

// copy takes over what a shared call came to. Bodies, records and headers are
// read-only for all callers; each has an error of its own.
func (k *call) copy(of *call) {
	k.last, k.attempts, k.unsure, k.repeated = of.last, of.attempts, of.unsure, of.repeated
	if k.page != nil && k.last.kind == nil {
		// The place of the page in the list is the reader's own.
		k.page.fill(of.page.all, of.page.Total, of.page.token)
	}
}

// join returns the flight of the key, and whether it is the caller's to make.
func (fs *flights) join(ctx context.Context, key flightKey) (f *flight, first bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if f := fs.running[key]; f != nil {
		f.waiting++
		return f, false
	}
	f = &flight{key: key, waiting: 1, done: make(chan struct{})}
	f.end, _ = ctx.Deadline()
	if fs.running == nil {
		fs.running = make(map[flightKey]*flight)
	}
	fs.running[key] = f
	return f, true
}

// leave is for one who waits no more. The first has set cancel before it can
// leave, and the last to leave is the last to need the call.
func (fs *flights) leave(f *flight) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if f.waiting--; f.waiting == 0 {
		fs.drop(f)
		f.cancel()
	}
}

// finish lets those go on who wait for the flight.
func (fs *flights) finish(f *flight) {
	fs.mu.Lock()
	fs.drop(f)
	fs.mu.Unlock()
	close(f.done)
}

// drop takes the flight off the list, so that nobody joins it any more.
func (fs *flights) drop(f *flight) {
	if fs.running[f.key] == f {
		delete(fs.running, f.key)
	}
}

// wrote ends the joining of all flights, because a write has ended.
func (fs *flights) wrote() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	clear(fs.running)
}

// detach returns a context with the values and the deadline of ctx that does
// not end when ctx is canceled.
func detach(ctx context.Context) (context.Context, context.CancelFunc) {
	free := context.WithoutCancel(ctx)
	if end, ok := ctx.Deadline(); ok {
		return context.WithDeadline(free, end)
	}
	return context.WithCancel(free)
}

// settle waits until ctx has seen its deadline, if own, which has the same one,
// saw it first: who asks ctx next must not find that there is time left.
func settle(ctx, own context.Context) {
	if end, ok := ctx.Deadline(); ok && own.Err() != nil && !time.Now().Before(end) {
		<-ctx.Done()
	}
}

// outlives says whether the context has a later deadline than end.
func outlives(ctx context.Context, end time.Time) bool {
	if end.IsZero() {
		return false
	}
	own, bounded := ctx.Deadline()
	return !bounded || own.After(end)
}
