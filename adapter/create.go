package adapter

import (
	"context"
	"errors"
	"net/http"

	"hostscim/adapter/scim"
	"hostscim/legacyclient"
	"hostscim/mapping"
)

// creation is one record on its way into a legacy API that executes a repeated
// create twice. (Under an idempotency key legacyclient repeats it by itself.)
// After a try of which nobody knows whether it was executed, the record is
// looked for by its name before there is another.
type creation struct {
	*endpoint
	changes *mapping.Changes
}

// send creates the record and returns its values, and the answer that they
// were read from; nil if it was read by its id.
func (c creation) send(ctx context.Context) (values mapping.Values, record []byte, err error) {
	doubt := false
	for try := 1; ; try++ {
		answer, err := c.client.Do(ctx, c.create, nil, c.changes.CreateBody())
		if err == nil {
			return c.created(ctx, answer)
		}
		legacy, ok := errors.AsType[*legacyclient.Error](err)
		if !ok || c.keyed {
			return values, nil, err
		}
		// That the name is taken may be the doing of an earlier try.
		doubt = doubt || legacy.MayHaveHappened
		if !doubt || !legacy.MayHaveHappened && !errors.Is(err, legacyclient.ErrConflict) {
			return values, nil, err
		}
		values, found, lookupErr := c.landed(ctx)
		switch {
		case isTaken(lookupErr):
			return values, nil, lookupErr
		case lookupErr != nil:
			return values, nil, err // as little is known as before
		case found:
			return values, nil, nil
		case try >= c.tries || !c.isOver(legacy):
			return values, nil, err
		}
	}
}

// created returns the values of the record that an answer tells of.
func (c creation) created(ctx context.Context, answer legacyclient.Reply) (values mapping.Values, record []byte, err error) {
	if id := answer.Location(); len(answer.Body) == 0 && id != "" {
		values, err = c.read(ctx, id) // the API tells the id there, and nothing else
		return values, nil, err
	}
	values, err = c.table.Read(answer.Body)
	return values, answer.Body, err
}

// landed looks for the record by its name, and reports whether it is there. A
// record of that name which does not hold what was sent is another's: the
// name is taken.
func (c creation) landed(ctx context.Context) (values mapping.Values, found bool, err error) {
	path := c.table.UniquePath()
	name, given := c.changes.Set(path)
	if !given {
		return values, false, c.missing("search") // nothing to look for
	}
	ids, err := c.named(ctx, path, name)
	if err != nil || len(ids) == 0 {
		return values, false, err
	}
	if values, err = c.read(ctx, ids[0]); err != nil {
		return values, false, err
	}
	if len(ids) > 1 || !c.holds(values) {
		return values, false, c.taken()
	}
	return values, true, nil
}

// holds reports whether the record has every value that was sent.
func (c creation) holds(values mapping.Values) bool {
	for _, path := range c.changes.InBody() {
		if sent, given := c.changes.Set(path); given && !c.table.Value(values, path).Equal(sent) {
			return false
		}
	}
	return true
}

// isOver reports whether a try that did not land when we looked will not land
// later: not if the API may still be at it, and not if its search may be
// behind. Where the API asks to wait, the client does the waiting.
func (c creation) isOver(e *legacyclient.Error) bool {
	late := errors.Is(e, legacyclient.ErrTimeout) || e.Status == http.StatusRequestTimeout || e.Status == http.StatusGatewayTimeout
	return !late && e.RetryAfter == 0 && c.lately.lag.Load() == 0
}

// taken is the refusal of a name that another record has.
func (e *endpoint) taken() error {
	return &scim.Error{Status: http.StatusConflict, Type: scim.Uniqueness, Detail: conflictDetail(new(legacyclient.Error), e)}
}

func isTaken(err error) bool {
	known, ok := errors.AsType[*scim.Error](err)
	return ok && known.Type == scim.Uniqueness
}
