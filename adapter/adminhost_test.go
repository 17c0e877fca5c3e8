package adapter_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestAdminHosts: over loopback no page is served that gave its own name our
// address, and nothing is paused for it; everything else goes on.
func TestAdminHosts(t *testing.T) {
	const listen = "  admin_listen: 127.0.0.1:9090\n"
	plain := start(t, setup{}).server
	listed := start(t, setup{edits: []string{listen, listen + "  admin_hosts: [Status.example.com]\n"}}).server
	named := start(t, setup{edits: []string{listen, "  admin_listen: admin.example.com:9090\n  admin_public: true\n"}}).server
	plain.SetReady(true)
	loopback, pod := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, &net.TCPAddr{IP: net.IPv4(10, 1, 2, 3)}
	socket := &net.UnixAddr{Name: "/run/admin.sock"}
	for _, tt := range []struct {
		admin  http.Handler
		at     net.Addr
		method string
		target string
		host   string
		want   int
	}{
		{plain.Admin(), loopback, "GET", "/", "localhost:9090", 200},
		{plain.Admin(), loopback, "GET", "/", "LOCALHOST", 200},
		{plain.Admin(), loopback, "GET", "/", "hostscim.localhost:9090", 200},
		{plain.Admin(), loopback, "GET", "/", "127.0.0.1:9090", 200},
		{plain.Admin(), loopback, "GET", "/metrics", "[::1]:9090", 200},
		{plain.Admin(), loopback, "GET", "/metrics", "[::1]", 200},
		{plain.Admin(), loopback, "GET", "/", "192.0.2.7", 200},
		{plain.Admin(), loopback, "POST", "/resume", "localhost:9090", 200},
		{plain.Admin(), loopback, "GET", "/", "", 200},

		{plain.Admin(), loopback, "GET", "/", "attacker.example.com:9090", 421},
		{plain.Admin(), loopback, "GET", "/events", "attacker.example.com:9090", 421},
		{plain.Admin(), loopback, "GET", "/metrics", "attacker.example.com", 421},
		{plain.Admin(), loopback, "POST", "/pause?requests=all", "attacker.example.com:9090", 421},
		{plain.Admin(), loopback, "GET", "/", "localhost.example.com", 421},
		{plain.Admin(), loopback, "GET", "/", "127.0.0.1.example.com", 421},
		{plain.Admin(), loopback, "GET", "/", "status.example.com", 421},
		{plain.Admin(), loopback, "GET", "/healthz", "attacker.example.com", 200},
		{plain.Admin(), loopback, "GET", "/readyz", "lb.example.com", 200},

		// Kubernetes' probes and Prometheus come to the address of the pod.
		{plain.Admin(), pod, "GET", "/readyz", "10.1.2.3:9090", 200},
		{plain.Admin(), pod, "GET", "/metrics", "10.1.2.3:9090", 200},
		{plain.Admin(), pod, "GET", "/metrics", "hostscim.provisioning.svc:9090", 200},
		{plain.Admin(), socket, "GET", "/metrics", "anything.example.com", 200},

		{listed.Admin(), loopback, "GET", "/", "status.EXAMPLE.com.:443", 200},
		{listed.Admin(), loopback, "GET", "/", "localhost:9090", 200},
		{listed.Admin(), loopback, "GET", "/", "attacker.example.com", 421},
		{listed.Admin(), pod, "GET", "/", "attacker.example.com", 421},
		{listed.Admin(), pod, "GET", "/metrics", "10.1.2.3:9090", 200},
		{listed.Admin(), socket, "GET", "/", "attacker.example.com", 421},
		{named.Admin(), loopback, "GET", "/", "admin.example.com:9090", 200},
	} {
		r := httptest.NewRequestWithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, tt.at), tt.method, tt.target, nil)
		r.Host = tt.host
		w := httptest.NewRecorder()
		if tt.target == "/events" { // which does not end by itself
			ctx, cancel := context.WithCancel(r.Context())
			cancel()
			r = r.WithContext(ctx)
		}
		tt.admin.ServeHTTP(w, r)
		if w.Code != tt.want {
			t.Errorf("%s %s of %q at %v = %d %s, want %d", tt.method, tt.target, tt.host, tt.at, w.Code, w.Body, tt.want)
		}
		if w.Code == 421 && !strings.Contains(w.Body.String(), "server.admin_hosts") {
			t.Errorf("%s %s of %q says %q, want what to do", tt.method, tt.target, tt.host, w.Body)
		}
	}
}

// TestAdminHostsOnTheWire: it is the address of the connection that counts.
func TestAdminHostsOnTheWire(t *testing.T) {
	admin := httptest.NewServer(start(t, setup{}).server.Admin())
	defer admin.Close()
	for host, want := range map[string]int{"": 200, "attacker.example.com": 421} {
		req, err := http.NewRequestWithContext(t.Context(), "POST", admin.URL+"/resume", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("POST /resume of the host %q = %d %s, want %d", host, res.StatusCode, body, want)
		}
	}
}
