package adapter

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"hostscim/adapter/scim"
	"hostscim/mapping"
)

// pause is what of a tenant is answered by 503 for now. The zero pause is none.
type pause struct {
	requests   string // writes or all; "": nothing
	retryAfter time.Duration
}

const (
	pauseWrites = "writes"
	pauseAll    = "all"

	defaultPause = time.Minute
	maxPauseForm = 4 << 10
)

func newPause(c *mapping.Pause) pause {
	if c == nil {
		return pause{}
	}
	p := pause{c.Requests, time.Duration(c.RetryAfter)}
	if p.retryAfter == 0 {
		p.retryAfter = defaultPause
	}
	return p
}

// holds reports whether the request is one that is paused.
func (p pause) holds(r *http.Request) bool {
	return p.requests == pauseAll || p.requests == pauseWrites && writes(r)
}

// with returns what both pauses together stop.
func (p pause) with(o pause) pause {
	switch {
	case p.requests == "":
		return o
	case o.requests == "":
		return p
	case o.requests == pauseAll:
		p.requests = pauseAll
	}
	p.retryAfter = max(p.retryAfter, o.retryAfter)
	return p
}

// pauses are what administrators have paused, by tenant. They outlive a
// reload, and end with the process. The zero value is ready.
type pauses struct {
	mu sync.Mutex // held by whoever changes
	of atomic.Pointer[map[string]pause]
}

func (p *pauses) get(tenant string) pause {
	if all := p.of.Load(); all != nil {
		return (*all)[tenant]
	}
	return pause{}
}

// set pauses the tenant, or goes on with the zero pause.
func (p *pauses) set(tenant string, to pause) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make(map[string]pause)
	if was := p.of.Load(); was != nil {
		maps.Copy(all, *was)
	}
	if all[tenant] = to; to.requests == "" {
		delete(all, tenant)
	}
	p.of.Store(&all)
}

// pauseOf returns what is paused of the tenant, by the configuration or by an
// administrator.
func (s *Server) pauseOf(t *tenant) pause { return t.paused.with(s.pauses.get(t.name)) }

// errPaused is why a request is refused that a pause holds.
var errPaused = errors.New("paused")

// refusePaused answers what is paused. Nothing is called for it.
func (s *Server) refusePaused(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := s.pauseOf(tenantOf(r))
		if !p.holds(r) {
			next.ServeHTTP(w, r)
			return
		}
		s.fail(w, r, &scim.Error{Status: http.StatusServiceUnavailable, RetryAfter: p.retryAfter, Detail: fmt.Sprintf(
			"provisioning is paused by those who run this service (%s); repeat the request later, nothing was changed", p.requests)}, errPaused)
	})
}

// showPauses answers what is paused, by tenant.
func (s *Server) showPauses(w http.ResponseWriter, _ *http.Request) {
	type shown struct {
		Requests   string `json:"requests"`
		RetryAfter string `json:"retry_after"`
		Configured bool   `json:"configured"` // by the file, at least in part
	}
	all := make(map[string]shown)
	for _, t := range s.tenants {
		if p := s.pauseOf(t); p.requests != "" {
			all[t.name] = shown{p.requests, p.retryAfter.String(), t.paused.requests != ""}
		}
	}
	writeJSON(w, http.StatusOK, all)
}

// pauseTenant pauses a tenant:
//
//	POST /pause?tenant=acme&requests=writes&retry_after=10m
//
// The tenant may be left out where there is one, and retry_after too.
func (s *Server) pauseTenant(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxPauseForm)
	t, err := s.namedTenant(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	p := pause{r.FormValue("requests"), defaultPause}
	if p.requests != pauseWrites && p.requests != pauseAll {
		http.Error(w, "requests must be writes or all", http.StatusBadRequest)
		return
	}
	if text := r.FormValue("retry_after"); text != "" {
		if p.retryAfter, err = time.ParseDuration(text); err != nil || p.retryAfter <= 0 {
			http.Error(w, "retry_after must be a length of time; write for example 10m", http.StatusBadRequest)
			return
		}
	}
	s.pauses.set(t.name, p)
	t.log.InfoContext(r.Context(), "paused", "requests", p.requests, "retry_after", p.retryAfter.String())
	s.showPauses(w, r)
}

// resumeTenant ends what [Server.pauseTenant] began:
//
//	POST /resume?tenant=acme
func (s *Server) resumeTenant(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxPauseForm)
	t, err := s.namedTenant(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	s.pauses.set(t.name, pause{})
	if t.paused.requests != "" {
		http.Error(w, "the tenant stays paused by the configuration; take pause out of the file", http.StatusConflict)
		return
	}
	t.log.InfoContext(r.Context(), "resumed")
	s.showPauses(w, r)
}

// namedTenant returns the tenant that a request of an administrator is about.
func (s *Server) namedTenant(r *http.Request) (*tenant, error) {
	name := r.FormValue("tenant")
	if name == "" && len(s.tenants) == 1 {
		return s.tenants[0], nil
	}
	if t := s.tenant(name); t != nil {
		return t, nil
	}
	names := make([]string, len(s.tenants))
	for i, t := range s.tenants {
		names[i] = t.name
	}
	return nil, fmt.Errorf("tenant must be one of %s", strings.Join(names, ", "))
}
