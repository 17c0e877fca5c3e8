package adapter

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
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
	ignored   ignoredLog
}

// tenant keys everything that is kept between requests. There is one.
const tenant = "default"

// New returns a server for the configuration. It makes no call. The server
// is not ready before [Server.SetReady].
func New(o Options) (*Server, error) {
	if o.Config == nil {
		return nil, errors.New("making a server: no configuration")
	}
	s := &Server{config: o.Config, log: o.Logger, ignored: ignoredLog{seen: make(map[ignored]bool)}}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if s.client, err = newClient(o, s.log); err != nil {
		return nil, err
	}
	cache, err := newCache(o.Config)
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

// ignoredLog remembers which ignored attributes were logged, so that each is
// logged once and not with every object of a cycle.
type ignoredLog struct {
	mu   sync.Mutex
	seen map[ignored]bool
}

// maxIgnored bounds what is remembered: names come from clients.
const maxIgnored = 1000

// first reports whether the attribute was not logged yet.
func (l *ignoredLog) first(i ignored) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen[i] || len(l.seen) >= maxIgnored {
		return false
	}
	l.seen[i] = true
	return true
}
