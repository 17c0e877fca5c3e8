package adapter

import (
	"net/http"
	"net/http/pprof"
	"net/url"
	"strings"

	"github.com/julienschmidt/httprouter"

	"hostscim/adapter/scim"
)

// handler answers one request: it decodes, calls, and returns what is to be
// sent. Errors are sent by [Server.serve].
type handler func(*exchange) (reply, error)

// exchange is one request and what was found out about it.
type exchange struct {
	*http.Request
	tenant   *tenant   // whose token the request has
	id       string    // from the path; "" where it has none
	base     string    // the URL of the service as the client sees it
	endpoint *endpoint // the resource type; nil for discovery, and where the tenant has none
}

type route struct {
	method, path string
	endpoint     func(*tenant) *endpoint // the resource type; nil for discovery
	handle       handler
}

// of returns the resource type of the route as the tenant has it.
func (r route) of(t *tenant) *endpoint {
	if r.endpoint == nil {
		return nil
	}
	return r.endpoint(t)
}

// routes lists every method and path that is served.
func (s *Server) routes() []route {
	routes := []route{
		{"GET", "", nil, s.listEverything},
		{"POST", "/.search", nil, s.searchAll},
		{"POST", "/Bulk", nil, s.bulkResources},
		{"GET", "/Me", nil, s.me},
		{"POST", "/Me", nil, s.me},
		{"PUT", "/Me", nil, s.me},
		{"PATCH", "/Me", nil, s.me},
		{"DELETE", "/Me", nil, s.me},
		{"GET", "/ServiceProviderConfig", nil, s.getServiceProviderConfig},
		{"GET", "/ResourceTypes", nil, s.listResourceTypes},
		{"GET", "/ResourceTypes/:id", nil, s.getResourceType},
		{"GET", "/Schemas", nil, s.listSchemas},
		{"GET", "/Schemas/:id", nil, s.getSchema},
	}
	for _, r := range []struct {
		path     string
		endpoint func(*tenant) *endpoint
	}{
		{"/Users", func(t *tenant) *endpoint { return t.users }},
		{"/Groups", func(t *tenant) *endpoint { return t.groups }},
	} {
		routes = append(routes,
			route{"GET", r.path, r.endpoint, s.listResources},
			route{"POST", r.path, r.endpoint, s.audited("create", s.createResource)},
			route{"POST", r.path + "/.search", r.endpoint, s.searchResources},
			route{"GET", r.path + "/:id", r.endpoint, s.getResource},
			route{"PUT", r.path + "/:id", r.endpoint, s.audited("replace", s.replaceResource)},
			route{"PATCH", r.path + "/:id", r.endpoint, s.audited("patch", s.patchResource)},
			route{"DELETE", r.path + "/:id", r.endpoint, s.audited("delete", s.deleteResource)},
		)
	}
	return routes
}

// Handler returns the public side: SCIM below the base path.
func (s *Server) Handler() http.Handler { return s.tokenEndpoint(s.chain(s.router())) }

// router returns what is behind the middleware.
func (s *Server) router() http.Handler {
	router := httprouter.New()
	router.RedirectTrailingSlash = false // a 301 is no SCIM answer
	router.RedirectFixedPath = false
	router.GlobalOPTIONS = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	for _, r := range s.routes() {
		path := s.config.BasePath + r.path
		if path == "" {
			path = "/"
		}
		handle := func(w http.ResponseWriter, req *http.Request, p httprouter.Params) {
			note(req, func(e *entry) { e.route = r.method + " " + r.path })
			id, _ := url.PathUnescape(p.ByName("id")) // the path was valid as it came
			t := tenantOf(req)
			s.serve(w, &exchange{Request: req, tenant: t, id: id, endpoint: r.of(t)}, r.handle)
		}
		router.Handle(r.method, path, handle)
		if r.method == http.MethodGet {
			router.Handle(http.MethodHead, path, handle) // net/http sends no body
		}
	}
	router.NotFound = s.refuse(&scim.Error{Status: http.StatusNotFound, Detail: "there is no such endpoint; the tenant URL ends with " + s.config.BasePath})
	router.MethodNotAllowed = s.refuse(&scim.Error{Status: http.StatusMethodNotAllowed, Detail: "the endpoint does not support this method; see the Allow header"})
	return tidyPath(router)
}

// refuse answers every request with the error.
func (s *Server) refuse(e *scim.Error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.serve(w, &exchange{Request: r}, func(*exchange) (reply, error) { return reply{}, e })
	})
}

// tidyPath takes doubled and trailing slashes out of the path: a tenant URL
// that was entered with a slash at its end makes Entra ask for //Users. The
// router is given the path with its escapes, since an escaped slash is part of
// an id: /Users/1%2F is not user 1, and /Users%2F1 is no user at all.
func tidyPath(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.EscapedPath()
		for strings.Contains(path, "//") {
			path = strings.ReplaceAll(path, "//", "/")
		}
		if len(path) > 1 {
			path = strings.TrimSuffix(path, "/")
		}
		if path != r.URL.Path {
			u := *r.URL
			u.Path, u.RawPath = path, ""
			r = r.Clone(r.Context())
			r.URL = &u
		}
		next.ServeHTTP(w, r)
	})
}

// Admin returns the handler of the admin listener: /healthz says that the
// process lives, /readyz that requests may come, /metrics what was counted;
// /pause and /resume stop and go on (pause.go); / shows people how it goes
// (status.go); /debug/pprof/ is for those who ask where the time or the memory
// goes: it shows places in the code, and no value.
func (s *Server) Admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !s.ready.Load() {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		w.Write([]byte("ready\n"))
	})
	mux.Handle("GET /metrics", s.metrics.handler())
	mux.HandleFunc("GET /{$}", s.statusPage)
	mux.HandleFunc("GET /status.css", s.statusFile("status.css", "text/css; charset=utf-8"))
	mux.HandleFunc("GET /status.js", s.statusFile("status.js", "text/javascript; charset=utf-8"))
	mux.HandleFunc("GET /events", s.statusEvents)
	mux.HandleFunc("GET /pause", s.showPauses)
	mux.HandleFunc("POST /pause", s.pauseTenant)
	mux.HandleFunc("POST /resume", s.resumeTenant)
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	// A page that an administrator looks at elsewhere must not pause anything.
	return withAdminHeaders(http.NewCrossOriginProtection().Handler(mux))
}
