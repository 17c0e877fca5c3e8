package proxy

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// relay passes TCP connections on, counts them, and keeps what the proxy
// sends: a witness between the proxy and the adapter.
type relay struct {
	listener net.Listener
	sent     buffer // by the proxy
	running  sync.WaitGroup

	mu       sync.Mutex
	target   string
	accepted int
	conns    map[net.Conn]bool
}

func startRelay(t *testing.T, target string) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{listener: l, target: target, conns: make(map[net.Conn]bool)}
	r.running.Go(r.accept)
	t.Cleanup(r.close)
	return r
}

func (r *relay) addr() string { return r.listener.Addr().String() }

// close refuses new connections and cuts those that are open.
func (r *relay) close() {
	r.listener.Close()
	r.retarget("")
	r.running.Wait()
}

// retarget cuts the connections that are open and sends later ones
// elsewhere; with "" it takes no more.
func (r *relay) retarget(target string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.target = target
	for c := range r.conns {
		c.Close()
	}
}

// count returns how many connections the proxy has opened.
func (r *relay) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.accepted
}

func (r *relay) accept() {
	for {
		conn, err := r.listener.Accept()
		if err != nil {
			return // closed
		}
		r.mu.Lock()
		r.accepted++
		r.conns[conn] = true
		target := r.target
		r.mu.Unlock()
		r.running.Go(func() { r.pass(conn, target) })
	}
}

func (r *relay) pass(proxy net.Conn, target string) {
	defer func() {
		proxy.Close()
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.conns, proxy)
	}()
	if target == "" {
		return
	}
	adapter, err := net.DialTimeout("tcp", target, patience)
	if err != nil {
		return // the proxy sees its connection closed
	}
	defer adapter.Close()
	var copying sync.WaitGroup
	copying.Go(func() {
		io.Copy(adapter, io.TeeReader(proxy, &r.sent))
		adapter.(*net.TCPConn).CloseWrite()
	})
	copying.Go(func() {
		io.Copy(proxy, adapter)
		proxy.(*net.TCPConn).CloseWrite()
	})
	copying.Wait()
}

// head returns the request line and the headers of the first request that the
// proxy sent since sent was reset, as they were on the wire.
func (r *relay) head() string {
	head, _, _ := strings.Cut(r.sent.String(), "\r\n\r\n")
	return head
}
