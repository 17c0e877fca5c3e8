package main

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"hostscim/configs"
)

// TestServerLimits: headers are bounded, and there is no wait for a client
// that has no end.
func TestServerLimits(t *testing.T) {
	config, err := loadShape("signinenterprise.yaml", configs.SignInEnterprise)
	if err != nil {
		t.Fatal(err)
	}
	handled := false
	s := newHTTPServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { handled = true }), config.Server.Limits, slog.New(slog.DiscardHandler))
	if s.ReadHeaderTimeout <= 0 || s.ReadTimeout <= 0 || s.WriteTimeout <= 0 || s.IdleTimeout <= 0 {
		t.Errorf("a wait of %+v has no end", s)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() { s.Close(); <-served })
	for name, header := range map[string]string{
		"one header":   "X: " + strings.Repeat("x", 128<<10),
		"many headers": strings.Repeat("X: x\r\n", 32<<10) + "X: x",
	} {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n"+header+"\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("%s: status %d, want 431", name, resp.StatusCode)
		}
		resp.Body.Close()
		conn.Close()
	}
	if handled {
		t.Error("a request beyond the limits was handled")
	}
}
