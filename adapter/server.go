package adapter

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/trace"

	"hostscim/mapping"
)

// Options is what a [Server] is made of.
type Options struct {
	Config    *mapping.Config      // Mandatory.
	Logger    *slog.Logger         // nil: nothing is logged
	Transport http.RoundTripper    // to the legacy API; nil: one tuned for it
	Version   string               // sent to the legacy API as part of the User-Agent
	Now       func() time.Time     // the clock that credentials expire by; nil: time.Now
	Tracing   trace.TracerProvider // who records what runs; nil: nobody

	around func(http.RoundTripper) http.RoundTripper // see [Probe]
}

// Server answers SCIM requests. Make one with [New]; its methods may be
// called at the same time.
type Server struct {
	*lasting
	config  mapping.Server
	log     *slog.Logger
	tenants []*tenant
	now     func() time.Time
	proxies proxies
	hosts   hosts

	passing *tenant  // every token is let in as this one; nil: tokens are judged here
	tokens  []token  // of all tenants, as are the next two
	issuers []issuer // whose signed tokens are let in
	oauths  []*oauth // whose clients fetch tokens here
}

// New returns a server for the configuration. It makes no call. The server
// is not ready before [Server.SetReady].
func New(o Options) (*Server, error) {
	o.setDefaults()
	l := newLasting(o)
	s, err := newServer(o, l)
	if err == nil {
		l.current.Store(s)
	}
	return s, err
}

func (o *Options) setDefaults() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
}

func newServer(o Options, l *lasting) (*Server, error) {
	if o.Config == nil {
		return nil, errors.New("making a server: no configuration")
	}
	s := &Server{lasting: l, config: o.Config.Server, log: o.Logger, now: o.Now}
	for _, c := range o.Config.Each() {
		t, err := newTenant(o, c, s.log, l)
		if err != nil {
			return nil, err
		}
		s.tenants = append(s.tenants, t)
		s.admit(t, c.Auth)
		if c.Legacy.Auth.Passthrough {
			s.passing = t // the only one, or the file would have a fault
		}
	}
	s.proxies = newProxies(o.Config.Server.TrustedProxies)
	return s, nil
}

// admit lets in whom the tenant's configuration says.
func (s *Server) admit(t *tenant, a mapping.Auth) {
	s.tokens = append(s.tokens, newTokens(t, a.Bearer)...)
	for _, j := range a.JWT {
		s.issuers = append(s.issuers, newIssuer(principal{name: j.Name, tenant: t, readOnly: j.ReadOnly}, j, s.now))
	}
	if a.OAuth != nil {
		s.oauths = append(s.oauths, newOAuth(t, a.OAuth, s.now))
	}
}

// SetReady says whether /readyz on the admin listener answers that requests
// may come.
func (s *Server) SetReady(ready bool) { s.ready.Store(ready) }

// Close lets go of the connections to the legacy APIs.
func (s *Server) Close() {
	for _, t := range s.tenants {
		t.client.CloseIdleConnections()
	}
}
