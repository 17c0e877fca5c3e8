package adapter

import (
	"errors"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"hostscim/legacyclient"
	"hostscim/mapping"
)

// Options is what a [Server] is made of.
type Options struct {
	Config    *mapping.Config   // Mandatory.
	Logger    *slog.Logger      // nil: nothing is logged
	Transport http.RoundTripper // to the legacy API; nil: one tuned for it
	Version   string            // sent to the legacy API as part of the User-Agent

	around func(http.RoundTripper) http.RoundTripper // see [Probe]
}

// Server answers SCIM requests. Make one with [New]; its methods may be
// called at the same time.
type Server struct {
	config  *mapping.Config
	log     *slog.Logger
	client  *legacyclient.Client
	tokens  []token
	proxies proxies
	users   *endpoint // nil when the configuration has no User
	groups  *endpoint // nil when the configuration has no Group

	discovery discovery
	cursors   cursorKey
	ready     atomic.Bool
	ignored   ignoredNames
	metrics   *metrics
}

// tenant keys everything that is kept between requests. There is one.
const tenant = "default"

// New returns a server for the configuration. It makes no call. The server
// is not ready before [Server.SetReady].
func New(o Options) (*Server, error) {
	if o.Config == nil {
		return nil, errors.New("making a server: no configuration")
	}
	s := &Server{config: o.Config, log: o.Logger, metrics: newMetrics(o.Version)}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if s.client, err = newClient(o, s.log); err != nil {
		return nil, err
	}
	cache, err := legacyclient.NewIDCache(time.Duration(o.Config.Server.CacheTTL), o.Config.Server.CacheEntries)
	if err != nil {
		return nil, err
	}
	if s.users, err = newEndpoint(s, o.Config.User, cache); err != nil {
		return nil, err
	}
	if s.groups, err = newEndpoint(s, o.Config.Group, cache); err != nil {
		return nil, err
	}
	if s.users != nil {
		s.users.groupType = s.groups
	}
	s.tokens = newTokens(o.Config.Auth.Bearer)
	s.cursors = newCursorKey(s.tokens)
	s.proxies = newProxies(o.Config.Server.TrustedProxies)
	s.discovery = newDiscovery(s)
	return s, nil
}

// SetReady says whether /readyz on the admin listener answers that requests
// may come.
func (s *Server) SetReady(ready bool) { s.ready.Store(ready) }

// Close lets go of the connections to the legacy API.
func (s *Server) Close() { s.client.CloseIdleConnections() }

// newClient returns the client of the legacy API that the file describes.
func newClient(o Options, log *slog.Logger) (*legacyclient.Client, error) {
	l := o.Config.Legacy
	base := url.URL(l.BaseURL)
	burst := l.RateLimit.Burst
	if burst == 0 {
		burst = int(math.Ceil(l.RateLimit.PerSecond))
	}
	rules := make([]legacyclient.ErrorRule, len(l.Errors))
	for i, r := range l.Errors {
		rules[i] = legacyclient.ErrorRule{Status: r.Status, Code: r.Code, Field: r.Field, Kind: ruleKinds[r.SCIM]}
	}
	return legacyclient.New(legacyclient.Options{
		BaseURL:           &base,
		Authorize:         authorizer(l.Auth),
		Timeout:           time.Duration(l.Timeout),
		PerSecond:         l.RateLimit.PerSecond,
		Burst:             burst,
		MaxAttempts:       l.Retry.MaxAttempts,
		MinWait:           time.Duration(l.Retry.MinWait),
		MaxWait:           time.Duration(l.Retry.MaxWait),
		IdempotencyHeader: l.IdempotencyHeader,
		Headers:           params(l.Headers),
		ErrorFormat:       legacyclient.ErrorFormat(l.ErrorFormat),
		ErrorRules:        rules,
		Transport:         o.Transport,
		Around:            o.around,
		Logger:            log,
		UserAgent:         userAgent(o.Version),
	})
}

// ruleKinds gives the words of legacy.errors[].scim their meaning.
var ruleKinds = map[string]error{
	"uniqueness":   legacyclient.ErrConflict,
	"invalidValue": legacyclient.ErrInvalid,
	"notFound":     legacyclient.ErrNotFound,
	"throttled":    legacyclient.ErrThrottled,
	"unavailable":  legacyclient.ErrUnavailable,
}

func userAgent(version string) string {
	if version == "" {
		return "hostscim"
	}
	return "hostscim/" + version
}

func authorizer(a mapping.LegacyAuth) legacyclient.Authorizer {
	switch {
	case a.Bearer != "":
		return legacyclient.Bearer(string(a.Bearer))
	case a.Basic != nil:
		return legacyclient.Basic(a.Basic.Username, string(a.Basic.Password))
	case a.Header != nil:
		return legacyclient.Header(a.Header.Name, string(a.Header.Value))
	}
	return nil
}
