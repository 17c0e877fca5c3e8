package legacytest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// closeGrace is how long Close lets calls under way run on.
const closeGrace = 5 * time.Second

// Server is the host API listening on a loopback port of the system's choice.
// It embeds its Handler, so that a test reads calls and data from it directly.
type Server struct {
	*Handler

	// URL is the base of the API, prefix included, without a slash at the end:
	// http://127.0.0.1:port/api/v3.
	URL string

	http   *http.Server
	served chan struct{}

	mu sync.Mutex
	// fresh holds connections that have not yet carried a call. A client may dial
	// one too many, and http.Server.Shutdown would wait seconds for it.
	fresh map[net.Conn]struct{}
}

// NewServer starts a Server. The caller must Close it. Like httptest.NewServer it
// panics if no loopback port can be had.
func NewServer(opts ...Option) *Server {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(fmt.Sprintf("legacytest: listening on loopback: %v", err))
	}
	s := &Server{
		Handler: NewHandler(opts...),
		URL:     "http://" + l.Addr().String() + Prefix,
		served:  make(chan struct{}),
		fresh:   make(map[net.Conn]struct{}),
	}
	s.http = &http.Server{Handler: s.Handler, ReadHeaderTimeout: time.Minute, ConnState: s.track}
	go func() {
		defer close(s.served)
		_ = s.http.Serve(&refusing{l, s.faults}) // always ends with ErrServerClosed, by Close
	}()
	return s
}

// Close stops the server and returns when every call under way has ended; after
// five seconds it breaks them off. It clears the faults. It may be called twice.
func (s *Server) Close() {
	s.ClearFaults() // or calls would hang on
	s.closeFresh()
	ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close() // nothing is left to do with the error of a listener that goes away
	}
	<-s.served
}

func (s *Server) track(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state == http.StateNew {
		s.fresh[c] = struct{}{}
		return
	}
	delete(s.fresh, c)
}

func (s *Server) closeFresh() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.fresh {
		_ = c.Close() // it carried nothing that could be lost
	}
}

// refusing is a listener that closes the connections that a fault refuses.
type refusing struct {
	net.Listener

	faults *faultList
}

// Accept returns the next connection that is not refused.
func (l *refusing) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil || !l.faults.some.Load() || !l.faults.connection() {
			return conn, err
		}
		reset(conn)
	}
}
