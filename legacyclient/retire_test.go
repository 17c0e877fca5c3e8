package legacyclient

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// connections counts the open connections of a server.
type connections struct {
	mu      sync.Mutex
	changed *sync.Cond
	open    map[net.Conn]bool
}

func (c *connections) track(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		c.open[conn] = true
	case http.StateClosed:
		delete(c.open, conn)
	}
	c.changed.Broadcast()
}

// wait returns when so many are open.
func (c *connections) wait(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.open) != n {
		c.changed.Wait()
	}
}

// TestRetire: a client that is replaced keeps no connection, neither of the
// calls that are under way nor of those that come.
func TestRetire(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	api := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v3/hosts/2" {
			close(arrived)
			<-release
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`{"id": 1}`))
	}))
	c := connections{open: make(map[net.Conn]bool)}
	c.changed = sync.NewCond(&c.mu)
	api.Config.ConnState = c.track
	api.Start()
	t.Cleanup(api.Close)
	client := newClient(t, (&server{Server: api}).options(t))
	get := compile(t, Endpoint{Method: "GET", Path: "/hosts/{id}"})
	call := func(id string) {
		if _, err := client.Do(t.Context(), get, Vars{"id": id}, nil); err != nil {
			t.Error(err)
		}
	}

	call("1")
	c.wait(1) // it is kept
	var held sync.WaitGroup
	held.Go(func() { call("2") })
	<-arrived
	client.Retire()
	call("1")
	c.wait(1) // that of the call which is held
	close(release)
	held.Wait()
	c.wait(0)
}
