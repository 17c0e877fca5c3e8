package adapter

import (
	"context"

	"hostscim/legacyclient"
	"hostscim/mapping"
)

// claim refuses a name that another record has, where the legacy API does
// not, and keeps others from giving it until it is released: two who look at
// the same time would both find it free. self is the id of the record that is
// to have it. It knows nothing of other processes.
func (e *endpoint) claim(ctx context.Context, c *mapping.Changes, self string) (release func(), err error) {
	create := e.table.Operations.Create
	path := e.table.UniquePath()
	name, given := c.Set(path)
	if create == nil || create.Unique != "adapter" || !given {
		return func() {}, nil
	}
	release, err = e.claims.lock(ctx, fold(name.Text()))
	if err != nil {
		return nil, &legacyclient.Error{Kind: legacyclient.ErrTimeout, Op: e.create.Op(), Cause: err}
	}
	holders, err := e.named(ctx, path, name)
	for _, id := range holders {
		if err == nil && id != self {
			err = e.taken()
		}
	}
	if err != nil {
		release()
		return nil, err
	}
	return release, nil
}
