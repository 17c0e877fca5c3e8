package adapter

import (
	"context"
	"log/slog"

	"hostscim/legacyclient"
	"hostscim/mapping"
)

// tenant is one customer at work: its configuration, its client of its legacy
// API with its own limits, and all that is kept between requests: the ids of
// names, the locks, what was written lately, the key of cursors. Tenants have
// nothing of it in common, so that nothing of one can reach another.
type tenant struct {
	name   string
	config *mapping.Config
	log    *slog.Logger // with the tenant's name where there are several
	client *legacyclient.Client
	cache  *legacyclient.IDCache
	users  *endpoint // nil when the configuration has no User
	groups *endpoint // nil when the configuration has no Group

	allowed   networks // that requests may come from
	paused    pause    // by the configuration
	discovery discovery
	cursors   cursorKey
}

func newTenant(o Options, c *mapping.Config, log *slog.Logger, l *lasting) (*tenant, error) {
	t := &tenant{name: c.Name, config: c, log: log}
	if len(o.Config.Tenants) > 0 {
		t.log = log.With("tenant", c.Name)
	}
	observe := func(ctx context.Context, a legacyclient.Attempted) {
		l.metrics.countAttempt(c.Name, a)
		l.tracing.attempted(ctx, a)
		auditOf(ctx).called(a.Op, attemptOutcome(a))
	}
	var err error
	if t.client, err = newClient(o, c.Legacy, t.log, observe, l.tracing); err != nil {
		return nil, err
	}
	if t.cache, err = newCache(c); err != nil {
		return nil, err
	}
	if t.users, err = newEndpoint(t, c.User); err != nil {
		return nil, err
	}
	if t.groups, err = newEndpoint(t, c.Group); err != nil {
		return nil, err
	}
	if t.users != nil {
		t.users.groupType = t.groups
	}
	t.allowed = newNetworks(c.Auth.Allow)
	t.paused = newPause(c.Pause)
	t.cursors = newCursorKey(c)
	t.discovery = newDiscovery(t)
	return t, nil
}

// endpoints returns the resource types that the tenant has.
func (t *tenant) endpoints() []*endpoint {
	var all []*endpoint
	for _, e := range []*endpoint{t.users, t.groups} {
		if e != nil {
			all = append(all, e)
		}
	}
	return all
}
