package adapter

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"hostscim/mapping"
)

// Service is a [Server] whose configuration can be replaced while it serves.
// Make one with [NewService]; its methods may be called at the same time.
type Service struct {
	options Options
	*lasting
	mu     sync.Mutex // held by whoever replaces
	serves atomic.Pointer[generation]
}

// generation is a server and its handlers: what one configuration amounts to.
type generation struct {
	*Server
	public, admin http.Handler
}

// lasting is what stays when the configuration is replaced, and belongs to no
// tenant.
type lasting struct {
	strangers *strangers
	ready     atomic.Bool
	draining  atomic.Bool
	ignored   ignoredNames
	metrics   *metrics
	tracing   *tracing
	pauses    pauses
	current   atomic.Pointer[Server] // whose configuration holds
	reloaded  atomic.Pointer[Reload]
	status    status
}

func newLasting(o Options) *lasting {
	l := &lasting{
		strangers: newStrangers(o.Now), metrics: newMetrics(o.Version), tracing: newTracing(o.Tracing, o.Version),
		status: status{version: o.Version},
	}
	l.metrics.registry.MustRegister(newGauges(l))
	l.note(Reload{At: o.Now()})
	return l
}

// Reload is what came of the last configuration that was to be used, for
// those who show it.
type Reload struct {
	At  time.Time
	Err error // why it was refused, and the one before holds; nil: it holds
}

func (l *lasting) note(r Reload) {
	l.reloaded.Store(&r)
	l.metrics.countReload(r)
}

// LastReload returns what came of the last configuration, the first one
// included.
func (s *Service) LastReload() Reload { return *s.reloaded.Load() }

// NewService returns a service for the configuration. It makes no call. The
// service is not ready before [Service.SetReady].
func NewService(o Options) (*Service, error) {
	server, err := New(o)
	if err != nil {
		return nil, err
	}
	o.setDefaults()
	s := &Service{options: o, lasting: server.lasting}
	s.publish(server)
	return s, nil
}

// publish makes the server the one that answers from now on.
func (s *Service) publish(server *Server) {
	s.current.Store(server)
	s.serves.Store(&generation{server, server.Handler(), server.Admin()})
}

// Handler returns the public side.
func (s *Service) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.draining.Load() {
			w.Header().Set("Connection", "close") // the next request goes elsewhere
		}
		s.serves.Load().public.ServeHTTP(w, r)
	})
}

// Admin returns the handler of the admin listener, see [Server.Admin].
func (s *Service) Admin() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.serves.Load().admin.ServeHTTP(w, r)
	})
}

// Config returns how the adapter listens, as the configuration in use says.
func (s *Service) Config() mapping.Server { return s.current.Load().config }

// SetReady says whether /readyz answers that requests may come.
func (s *Service) SetReady(ready bool) { s.ready.Store(ready) }

// Drain makes the service not ready for good, and has every answer end its
// connection, so that nothing new is sent here on one that is kept alive.
func (s *Service) Drain() {
	s.ready.Store(false)
	s.draining.Store(true)
}

// Close lets go of the connections to the legacy APIs.
func (s *Service) Close() { s.current.Load().Close() }

// Reload replaces the configuration. Requests that have begun end under the
// one that they began with, and none is dropped. What a tenant keeps between
// requests it keeps on, where the configuration of its legacy API is the same.
// On an error the configuration that there was holds on.
func (s *Service) Reload(c *mapping.Config) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.options
	o.Config = c
	next, err := newServer(o, s.lasting)
	if err != nil {
		s.refuse(err)
		return err
	}
	old := s.current.Load()
	next.inherit(old)
	s.publish(next)
	old.release(next)
	s.note(Reload{At: s.options.Now()})
	s.options.Logger.Info("configuration replaced", "tenants", len(next.tenants))
	return nil
}

// Refuse notes that a configuration was to be used and could not be loaded.
func (s *Service) Refuse(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse(err)
}

func (s *Service) refuse(err error) {
	if err == nil {
		err = errors.New("refused")
	}
	s.note(Reload{At: s.options.Now(), Err: err})
	s.options.Logger.Error("configuration refused; the one before holds on", slog.String("err", err.Error()))
}

// inherit takes over what is kept between requests.
func (s *Server) inherit(old *Server) {
	for _, t := range s.tenants {
		if before := old.tenant(t.name); before != nil {
			t.inherit(before)
		}
	}
	known := old.keySets()
	for id, set := range s.keySets() {
		if before := known[id]; before != nil {
			set.inherit(before)
		}
	}
}

// tenant returns the tenant of that name, or nil.
func (s *Server) tenant(name string) *tenant {
	for _, t := range s.tenants {
		if t.name == name {
			return t
		}
	}
	return nil
}

// inherit takes over what the tenant of that name has kept. The client, and
// with it what it has learned of the API, is the old one where nothing about
// the API has changed.
func (t *tenant) inherit(old *tenant) {
	now, before := t.config, old.config
	if reflect.DeepEqual(now.Legacy, before.Legacy) {
		t.client, t.contact = old.client, old.contact
		if now.Server.CacheTTL == before.Server.CacheTTL && now.Server.CacheEntries == before.Server.CacheEntries {
			t.cache = old.cache
		}
	}
	here, there := url.URL(now.Legacy.BaseURL), url.URL(before.Legacy.BaseURL)
	sameAPI := here.String() == there.String()
	for _, pair := range [][2]*endpoint{{t.users, old.users}, {t.groups, old.groups}} {
		e, was := pair[0], pair[1]
		if e == nil {
			continue
		}
		e.client, e.cache = t.client, t.cache
		if was == nil {
			continue
		}
		// Requests of both configurations may work on one record.
		e.locks, e.claims = was.locks, was.claims
		if sameAPI {
			was.lately.lag.Store(e.lately.lag.Load())
			e.lately = was.lately
		}
	}
}

// release lets go of the connections that next has not taken over: now, or as
// soon as the requests that still go by s need them no more.
func (s *Server) release(next *Server) {
	for _, t := range s.tenants {
		if n := next.tenant(t.name); n == nil || n.client != t.client {
			t.client.Retire()
		}
	}
}

// keySetID tells key sets apart: tenants do not share them.
type keySetID struct{ tenant, url string }

// keySets returns the key sets of all issuers.
func (s *Server) keySets() map[keySetID]*keySet {
	all := make(map[keySetID]*keySet)
	add := func(t *tenant, v *verifier) { all[keySetID{t.name, v.keys.url}] = v.keys }
	for i := range s.issuers {
		add(s.issuers[i].tenant, &s.issuers[i].verifier)
	}
	for _, o := range s.oauths {
		for i := range o.clients {
			if v := o.clients[i].assertion; v != nil {
				add(o.tenant, v)
			}
		}
	}
	return all
}

// inherit takes over the keys that are known, so that they count on while the
// issuer cannot be reached.
func (k *keySet) inherit(old *keySet) {
	old.mu.Lock()
	defer old.mu.Unlock()
	k.keys, k.fetched, k.tried, k.err = old.keys, old.fetched, old.tried, old.err
}
