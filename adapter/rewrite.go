package adapter

import (
	"context"
	"errors"
	"net/http"

	"hostscim/adapter/scim"
	"hostscim/legacyclient"
)

// maxRewrites bounds how often a change is made anew because somebody else
// was faster.
const maxRewrites = 6

// turn says, in a context, that a request has the lock of a record.
type turn struct {
	of *endpoint
	id string
}

type turnKey struct{}

// turn waits until the request may change the record, and returns what gives
// the turn away. Of two requests that read, change and write a record side by
// side, the second would undo the first. What is done with the context returned
// does not wait for itself.
func (e *endpoint) turn(ctx context.Context, id string) (of context.Context, done func(), err error) {
	if !e.inTurn || e.update == nil {
		return ctx, func() {}, nil
	}
	done, err = e.locked(ctx, e.update, id)
	return context.WithValue(ctx, turnKey{}, turn{e, id}), done, err
}

// locked waits for the record of that id, and returns what gives it free
// again. The error is that of the call c, which it is for.
func (e *endpoint) locked(ctx context.Context, c *legacyclient.Endpoint, id string) (unlock func(), err error) {
	if ctx.Value(turnKey{}) == (turn{e, id}) {
		return func() {}, nil
	}
	unlock, err = e.locks.lock(ctx, id)
	if err != nil {
		return nil, &legacyclient.Error{Kind: legacyclient.ErrTimeout, Op: c.Op(), Cause: err}
	}
	return unlock, nil
}

// relink adds ids to the list that the record holds, and removes others.
func (e *endpoint) relink(ctx context.Context, id string, add, remove []string) error {
	unlock, err := e.locked(ctx, e.update, id)
	if err != nil {
		return err
	}
	defer unlock()
	record, err := e.fetch(ctx, id)
	if err != nil {
		return err
	}
	_, err = e.rewrite(ctx, id, record, func(body []byte) ([]byte, error) { return e.table.Relink(body, add, remove) })
	return err
}

// rewrite writes what change makes of the record; nothing where that is nil.
// The caller holds the lock of the record, which keeps this process from
// undoing its own work. Where the API checks versions, it keeps others from it:
// what was made of an old version is refused, and made anew.
func (e *endpoint) rewrite(ctx context.Context, id string, record stored, change func([]byte) ([]byte, error)) (legacyclient.Reply, error) {
	check := e.table.Operations.Update.Version
	for try := 1; ; try++ {
		body, err := change(record.raw)
		if err != nil || body == nil {
			return legacyclient.Reply{Body: record.raw}, err
		}
		vars := withID(id)
		if check != nil {
			if vars["version"], err = e.table.VersionOf(record.raw, record.etag); err != nil {
				return legacyclient.Reply{}, err
			}
		}
		answer, err := e.client.Do(ctx, e.update, vars, body)
		if check == nil || !outdated(err) {
			return answer, redactRecord(err, record.raw)
		}
		if record, err = e.again(ctx, id, vars["version"], err); err != nil {
			return legacyclient.Reply{}, err
		}
		if try == maxRewrites {
			return legacyclient.Reply{}, outrun()
		}
	}
}

// redactRecord is redact for a write that sends back what was read: the API
// may quote what the client never sent.
func redactRecord(err error, record []byte) error {
	if err == nil {
		return nil
	}
	v, parseErr := scim.Parse(record)
	if parseErr != nil {
		return err // change has read it, and so it is JSON
	}
	return redact(err, v)
}

// errStale says that the record has changed since it was read, and with it
// perhaps what the request comes to: what it adds to a list, or whether its
// If-Match holds.
var errStale = errors.New("the record has changed since it was read")

// once returns change for one record: that of another one is errStale.
func once(change func([]byte) ([]byte, error)) func([]byte) ([]byte, error) {
	made := false
	return func(record []byte) ([]byte, error) {
		if made {
			return nil, errStale
		}
		made = true
		return change(record)
	}
}

// settle does the work until the record does not change in the middle of it.
func settle(work func() error) error {
	for range maxRewrites {
		if err := work(); !errors.Is(err, errStale) {
			return err
		}
	}
	return outrun()
}

// outrun is the answer when others were always faster.
func outrun() error {
	return &scim.Error{Status: http.StatusServiceUnavailable, RetryAfter: defaultRetryAfter,
		Detail: "the record is changed by others faster than it can be written; repeating the request is safe"}
}

// outdated reports whether the API may have refused a write because the
// record has another version by now.
func outdated(err error) bool {
	legacy, ok := errors.AsType[*legacyclient.Error](err)
	return ok && (legacy.Status == http.StatusConflict || legacy.Status == http.StatusPreconditionFailed)
}

// again reads the record once more. If its version is what the write was made
// of, it was refused for another reason, which is returned.
func (e *endpoint) again(ctx context.Context, id, version string, refusal error) (stored, error) {
	record, err := e.fetch(ctx, id)
	if err != nil {
		return record, err
	}
	now, err := e.table.VersionOf(record.raw, record.etag)
	if err == nil && now == version {
		err = redactRecord(refusal, record.raw)
	}
	return record, err
}
