package mapping

import "strings"

// Server says where and how the adapter itself listens.
type Server struct {
	Listen         Address `yaml:"listen"`          // default 127.0.0.1:8080
	BasePath       string  `yaml:"base_path"`       // default /scim/v2; "" or "/" for the root
	PublicURL      URL     `yaml:"public_url"`      // zero: from the request
	TrustedProxies []Proxy `yaml:"trusted_proxies"` // peers whose forwarding headers count: networks, or unix; none by default
	AdminListen    Address `yaml:"admin_listen"`    // default 127.0.0.1:9090
	AdminPublic    bool    `yaml:"admin_public"`    // admin_listen may be where other machines reach it, without a token
	// AdminHosts are the names under which browsers and others call
	// admin_listen, besides localhost and addresses. Where it is reached over
	// loopback, no other name is served; with names in this list, nowhere.
	AdminHosts      []HostName `yaml:"admin_hosts"`
	SocketMode      FileMode   `yaml:"socket_mode"`               // who may use a Unix socket of listen and admin_listen; default 0660
	TokenPath       string     `yaml:"token_path"`                // of the OAuth token endpoint; default /oauth/token
	RequestTimeout  Duration   `yaml:"request_timeout"`           // the budget of one request; default 25s
	ShutdownTimeout Duration   `yaml:"shutdown_timeout"`          // how long requests may finish after SIGTERM; default 30s
	ShutdownDelay   Duration   `yaml:"shutdown_delay"`            // between SIGTERM and the last new connection, for those who route to us to look away; zero: none
	MaxBodyBytes    int        `yaml:"max_body_bytes" min:"1024"` // the largest request body; default 1 MiB
	MaxResults      int        `yaml:"max_results" min:"1"`       // the most resources of one page; default 1000
	CacheTTL        Duration   `yaml:"cache_ttl"`                 // how long a name is remembered; default 1h
	CacheEntries    int        `yaml:"cache_entries" min:"1"`     // how many names are remembered; default 100000
	Limits          Limits     `yaml:"limits"`

	TLS *ServerTLS `yaml:"tls"` // nil: listen speaks plain HTTP
}

func (s *Server) check(d *decoder) {
	if s.BasePath == "/" {
		s.BasePath = ""
	}
	if p := s.BasePath; p != "" && (p[0] != '/' || p[len(p)-1] == '/') {
		d.add("server.base_path", "must begin with / and not end with it; write for example /scim/v2")
	}
	if p := s.TokenPath; p == "" || p[0] != '/' || p[len(p)-1] == '/' || strings.ContainsAny(p, "?#%{} ") {
		d.add("server.token_path", "must begin with / and be a plain path; write for example /oauth/token")
	}
	s.checkSocketMode(d)
	s.checkProxies(d)
	s.checkAdmin(d)
	s.checkLimits(d)
}
