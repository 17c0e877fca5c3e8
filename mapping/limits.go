package mapping

import "time"

// Limits bound what a client may take of a listener, so that slow clients, and
// many of them, do not keep others out.
type Limits struct {
	MaxHeaderBytes int      `yaml:"max_header_bytes" min:"4096"` // of a request, its first line included; default 64 KiB
	HeaderTimeout  Duration `yaml:"header_timeout"`              // until the header of a request is there, and for the handshake of TLS; default 10s, or read_timeout if that is shorter
	ReadTimeout    Duration `yaml:"read_timeout"`                // until the whole request is there; default 1m
	// WriteTimeout is how long after its header the answer to a request is
	// written; default read_timeout, request_timeout and 5s, one after the other.
	WriteTimeout Duration `yaml:"write_timeout"`
	// IdleTimeout is how long a connection waits for its next request; default
	// 3m. It is longer than proxies keep theirs, so that it is they who close.
	IdleTimeout    Duration `yaml:"idle_timeout"`
	MaxConnections int      `yaml:"max_connections" min:"1"` // at once, of each listener; more wait to be accepted; default 4096
}

// reserve is what is left for writing an answer that was made at the last
// moment.
const reserve = 5 * time.Second

// checkLimits works out the limits that follow from others, and holds those
// that are given to them.
func (s *Server) checkLimits(d *decoder) {
	l := &s.Limits
	switch {
	case !d.given("server.limits.header_timeout"):
		l.HeaderTimeout = min(l.HeaderTimeout, l.ReadTimeout)
	case l.HeaderTimeout > l.ReadTimeout:
		d.add("server.limits.header_timeout", "is longer than read_timeout (%s), which holds for the header too; write a shorter one", time.Duration(l.ReadTimeout))
	}
	switch {
	case l.WriteTimeout == 0:
		l.WriteTimeout = l.ReadTimeout + s.RequestTimeout + Duration(reserve)
	case l.WriteTimeout <= s.RequestTimeout:
		d.add("server.limits.write_timeout", "ends before server.request_timeout (%s) does, so that answers would be cut off; write a longer one, or leave it out", time.Duration(s.RequestTimeout))
	}
}
