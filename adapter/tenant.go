package adapter

import (
	"log/slog"
	"net/url"
	"time"

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
	discovery discovery
	cursors   cursorKey
}

func newTenant(o Options, c *mapping.Config, log *slog.Logger) (*tenant, error) {
	t := &tenant{name: c.Name, config: c, log: log}
	if len(o.Config.Tenants) > 0 {
		t.log = log.With("tenant", c.Name)
	}
	var err error
	if t.client, err = newClient(o, c.Legacy, t.log); err != nil {
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

// newClient returns the client of the legacy API that the file describes.
func newClient(o Options, l mapping.Legacy, log *slog.Logger) (*legacyclient.Client, error) {
	base := url.URL(l.BaseURL)
	proxy, err := proxyURL(l.Proxy)
	if err != nil {
		return nil, err
	}
	return legacyclient.New(legacyclient.Options{
		BaseURL:           &base,
		Authorize:         authorizer(l.Auth),
		OAuth2:            oauth2Options(l.Auth.OAuth2),
		Passthrough:       l.Auth.Passthrough,
		TLS:               legacyclient.TLS{CA: l.TLS.CA.PEM(), Cert: l.TLS.Cert.PEM(), Key: l.TLS.Key.PEM()},
		Proxy:             proxy,
		Timeout:           time.Duration(l.Timeout),
		PerSecond:         l.RateLimit.PerSecond,
		Burst:             l.RateLimit.Burst,
		MaxInFlight:       l.MaxInFlight,
		MaxQueue:          l.MaxQueue,
		Breaker:           legacyclient.Breaker{Failures: l.Breaker.Failures, Window: time.Duration(l.Breaker.Window), Open: time.Duration(l.Breaker.Open)},
		MaxAttempts:       l.Retry.MaxAttempts,
		MinWait:           time.Duration(l.Retry.MinWait),
		MaxWait:           time.Duration(l.Retry.MaxWait),
		IdempotencyHeader: l.IdempotencyHeader,
		Headers:           params(l.Headers),
		ErrorFormat:       legacyclient.ErrorFormat(l.ErrorFormat),
		ErrorRules:        errorRules(l.Errors),
		Transport:         o.Transport,
		Around:            o.around,
		Logger:            log,
		UserAgent:         userAgent(o.Version),
	})
}

func userAgent(version string) string {
	if version == "" {
		return "hostscim"
	}
	return "hostscim/" + version
}
