package chaos

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"

	"hostscim/adapter"
	"hostscim/integration/harness"
	"hostscim/mapping"
)

// system is the adapter.
type system interface {
	url() string // below which SCIM is
	epoch() int  // how often it was killed
	restart()    // kills it and starts another
	stop()
}

func parseURL(s string) (mapping.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return mapping.URL{}, err
	}
	return mapping.URL(*u), nil
}

// inside is an adapter that runs in the test.
type inside struct {
	t      testing.TB
	config *mapping.Config

	mu    sync.Mutex
	kills int
	now   *life
	ports []net.Listener // of all lives
}

// life is one run of it.
type life struct {
	http   *http.Server
	listen net.Listener
	legacy *cord
}

// port is a listener that is not given back when it is closed, and refuses
// connections from then on: else another schedule might get it, and the
// requests that are still on their way to the dead.
type port struct {
	net.Listener
	conns chan net.Conn
	dead  chan struct{}
	once  sync.Once
}

func newPort(l net.Listener) *port {
	p := &port{Listener: l, conns: make(chan net.Conn), dead: make(chan struct{})}
	go p.listen()
	return p
}

// listen accepts until the port is given back.
func (p *port) listen() {
	for {
		conn, err := p.Listener.Accept()
		if err != nil {
			return
		}
		select {
		case p.conns <- conn:
		case <-p.dead:
			conn.Close()
		}
	}
}

// Accept returns the next connection to the living.
func (p *port) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.dead:
		return nil, net.ErrClosed
	}
}

// Close ends the life, and keeps the port.
func (p *port) Close() error {
	p.once.Do(func() { close(p.dead) })
	return nil
}

func newInside(t testing.TB, config *mapping.Config) (*inside, error) {
	s := &inside{t: t, config: config}
	var err error
	s.now, err = s.start()
	return s, err
}

func (s *inside) start() (*life, error) {
	l := &life{legacy: newCord()}
	server, err := adapter.New(adapter.Options{Config: s.config, Transport: l.legacy})
	if err != nil {
		return nil, err
	}
	if l.listen, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	s.ports = append(s.ports, l.listen)
	l.http = &http.Server{Handler: server.Handler()}
	go l.http.Serve(newPort(l.listen)) // ends when it is closed
	return l, nil
}

// end cuts all connections on both sides, as the end of a process does.
func (l *life) end() {
	l.legacy.cut()
	l.http.Close()
}

func (s *inside) url() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return "http://" + s.now.listen.Addr().String() + s.config.Server.BasePath
}

func (s *inside) epoch() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kills
}

func (s *inside) restart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kills++
	s.now.end()
	next, err := s.start()
	if err != nil {
		s.t.Errorf("starting the adapter again: %v", err)
		return
	}
	s.now = next
}

func (s *inside) stop() {
	s.now.end()
	for _, p := range s.ports {
		p.Close()
	}
}

// cord is a transport that can be cut: no byte passes it afterwards.
type cord struct {
	http.Transport

	mu    sync.Mutex
	dead  bool
	conns map[net.Conn]bool
}

var errCut = errors.New("the process is dead")

func newCord() *cord {
	c := &cord{conns: make(map[net.Conn]bool)}
	c.MaxIdleConnsPerHost = 8
	c.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.dead {
			conn.Close()
			return nil, errCut
		}
		c.conns[conn] = true
		return strand{conn, c}, nil
	}
	return c
}

func (c *cord) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dead = true
	for conn := range c.conns {
		conn.Close()
	}
}

// strand is one connection of a cord.
type strand struct {
	net.Conn
	of *cord
}

// Close closes the connection.
func (s strand) Close() error {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	delete(s.of.conns, s.Conn)
	return s.Conn.Close()
}

// outside is the binary.
type outside struct {
	t      testing.TB
	config []byte
	env    map[string]string

	mu    sync.Mutex
	kills int
	now   *harness.Process
}

func newOutside(t testing.TB, config, legacyURL string) *outside {
	s := &outside{t: t, config: harness.Loopback(t, []byte(config)), env: harness.Env(legacyURL)}
	s.now = s.start()
	return s
}

func (s *outside) start() *harness.Process {
	return harness.Start(s.t, harness.Options{Config: s.config, Env: s.env})
}

func (s *outside) url() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now.URL
}

func (s *outside) epoch() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kills
}

func (s *outside) restart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kills++
	s.now.Kill(s.t)
	s.now = s.start()
}

func (s *outside) stop() { s.now.Stop(s.t) }
