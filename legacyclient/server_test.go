package legacyclient

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// server is a fake API that counts what reaches it. It is mounted under a path
// prefix, so that a test fails where the prefix of the base URL gets lost.
type server struct {
	*httptest.Server
	calls atomic.Int64
}

func newServer(t testing.TB, h http.HandlerFunc) *server {
	t.Helper()
	s := new(server)
	s.Server = httptest.NewServer(http.StripPrefix("/api/v3", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.calls.Add(1)
		h(w, r)
	})))
	t.Cleanup(s.Close)
	return s
}

// options returns options for a client of the server that does not wait.
func (s *server) options(t testing.TB) Options {
	t.Helper()
	o := memoryOptions(t, nil)
	u, err := url.Parse(s.URL + "/api/v3/")
	if err != nil {
		t.Fatal(err)
	}
	o.BaseURL = u
	return o
}

// memoryOptions returns options for a client of an API in memory.
func memoryOptions(t testing.TB, rt http.RoundTripper) Options {
	t.Helper()
	return Options{
		BaseURL:           &url.URL{Scheme: "https", Host: "host.example.com", Path: "/api/v3"},
		Authorize:         Bearer("tok-SECRET"),
		MinWait:           time.Nanosecond,
		MaxWait:           time.Nanosecond,
		IdempotencyHeader: "Idempotency-Key",
		Transport:         rt,
		Logger:            slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
}

func newClient(t testing.TB, o Options) *Client {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatalf("New() = %v", err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func compile(t testing.TB, e Endpoint) *Endpoint {
	t.Helper()
	ep, err := CompileEndpoint(e)
	if err != nil {
		t.Fatalf("CompileEndpoint(%s %s) = %v", e.Method, e.Path, err)
	}
	return ep
}

// memory is a transport without sockets, for tests inside a synctest bubble.
type memory func(n int, r *http.Request) (*http.Response, error)

type memoryTransport struct {
	f     memory
	calls atomic.Int64
}

func (m *memoryTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	return m.f(int(m.calls.Add(1)), r)
}

// answer builds a response with a JSON body and pairs of headers.
func answer(status int, body string, header ...string) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{
		StatusCode: status, Header: h,
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

func writeJSON(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// reset breaks the connection without an answer.
func reset(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// raw answers with bytes as they are and closes the connection.
func raw(w http.ResponseWriter, answer string) {
	conn, buf, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = fmt.Fprint(buf, answer)
	_ = buf.Flush()
	_ = conn.Close()
}

// quote returns a text as a JSON string.
func quote(s string) []byte {
	b, _ := jsontext.AppendQuote(nil, s)
	return b
}
