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
	key flightKey
	end time.Time // the deadline of who makes it; zero: none

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
// The call is made by the first who asks, under the context that it asks with.
// Where that ended it, by a deadline or because the first went away, those who
// joined and have more time begin again, one of them in the place of the first:
// rarely one call more, in return for a context that is watched by nobody.
func (k *call) share(ctx context.Context, target *url.URL) {
	if ctx.Value(freshKey{}) != nil {
		k.run(ctx, target)
		return
	}
	key := flightKey{endpoint: k.endpoint, path: target.Path, rawPath: target.RawPath, query: target.RawQuery, version: k.version}
	if k.client.passes {
		key.credential = credentialOf(ctx)
	}
	for {
		f, first := k.client.flights.join(ctx, key)
		if first {
			k.lead(ctx, target, f)
			return
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			k.last = outcome{kind: contextKind(ctx.Err()), cause: describe(ctx.Err())}
			return
		}
		if f.serves(ctx) {
			k.copy(f.call)
			return
		}
	}
}

// lead makes the call for all who join.
func (k *call) lead(ctx context.Context, target *url.URL, f *flight) {
	defer k.client.flights.finish(f) // after a panic too: nobody may wait for ever
	k.run(ctx, target)
	f.call, f.whole = k, true
}

// serves says whether what the flight came to is an answer to who asks with
// ctx, and not the end of the time or the patience of who made it.
func (f *flight) serves(ctx context.Context) bool {
	if !f.whole {
		return false
	}
	return !f.call.short || !errors.Is(f.call.last.kind, ErrCanceled) && !outlives(ctx, f.end)
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
		return f, false
	}
	f = &flight{key: key, done: make(chan struct{})}
	f.end, _ = ctx.Deadline()
	if fs.running == nil {
		fs.running = make(map[flightKey]*flight)
	}
	fs.running[key] = f
	return f, true
}

// finish takes the flight off the list, so that nobody joins it any more, and
// lets those go on who wait for it.
func (fs *flights) finish(f *flight) {
	fs.mu.Lock()
	if fs.running[f.key] == f {
		delete(fs.running, f.key)
	}
	fs.mu.Unlock()
	close(f.done)
}

// wrote ends the joining of all flights, because a write has ended.
func (fs *flights) wrote() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	clear(fs.running)
}

// outlives says whether the context has a later deadline than end.
func outlives(ctx context.Context, end time.Time) bool {
	if end.IsZero() {
		return false
	}
	own, bounded := ctx.Deadline()
	return !bounded || own.After(end)
}
