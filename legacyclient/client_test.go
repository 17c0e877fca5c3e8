package legacyclient

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const host = `{"id":7,"username":"babs@example.com","first_name":"Barbara","last_name":"Jensen","email":"babs@example.com",` +
	`"alternate_email":null,"phone_number":"+1 555 0100","mobile_number":null,"company":"Example","department":"Tours",` +
	`"visible":true,"created_at":"2025-01-01T00:00:00Z","updated_at":"2025-01-01T00:00:00Z","custom_fields":{}}`

func newTLSServer(t *testing.T) *url.URL {
	t.Helper()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestDo(t *testing.T) {
	type request struct{ Method, URI, Body, ContentType, Key string }
	var got request
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got = request{r.Method, r.RequestURI, string(b), r.Header.Get("Content-Type"), r.Header.Get("Idempotency-Key")}
		if got.Key != "" {
			got.Key = "some"
		}
		switch r.Method {
		case "DELETE":
			w.WriteHeader(204)
		case "HEAD":
			w.Header().Set("Content-Length", "1234")
		case "POST":
			w.Header().Set("Location", "/hosts/7")
			writeJSON(w, 201, host)
		default:
			writeJSON(w, 200, host)
		}
	})
	c := newClient(t, s.options(t))
	tests := []struct {
		ep     Endpoint
		body   string
		want   request
		status int
		reply  string
	}{
		{Endpoint{Method: "GET", Path: "/hosts/{id}"}, "", request{"GET", "/api/v3/hosts/7", "", "", ""}, 200, host},
		{Endpoint{Method: "HEAD", Path: "/hosts/{id}"}, "", request{"HEAD", "/api/v3/hosts/7", "", "", ""}, 200, ""},
		{Endpoint{Method: "POST", Path: "/hosts"}, "{}", request{"POST", "/api/v3/hosts", "{}", "application/json", ""}, 201, host},
		{Endpoint{Method: "POST", Path: "/hosts", Idempotent: true}, "{}", request{"POST", "/api/v3/hosts", "{}", "application/json", "some"}, 201, host},
		{Endpoint{Method: "PATCH", Path: "/hosts/{id}"}, `{"visible":false}`, request{"PATCH", "/api/v3/hosts/7", `{"visible":false}`, "application/json", ""}, 200, host},
		{Endpoint{Method: "DELETE", Path: "/hosts/{id}"}, "", request{"DELETE", "/api/v3/hosts/7", "", "", ""}, 204, ""},
	}
	for _, tt := range tests {
		t.Run(tt.ep.Method, func(t *testing.T) {
			var in []byte
			if tt.body != "" {
				in = []byte(tt.body)
			}
			reply, err := c.Do(t.Context(), compile(t, tt.ep), Vars{"id": "7"}, in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("request differs (-want +got):\n%s", diff)
			}
			if reply.Status != tt.status || string(reply.Body) != tt.reply || reply.Attempts != 1 || reply.Repeated {
				t.Errorf("Do() = %+v, want %d %s", reply, tt.status, tt.reply)
			}
			if tt.ep.Method == "POST" && reply.Header.Get("Location") == "" {
				t.Error("Location of a 201 is lost")
			}
		})
	}
}

// TestKeepAlive holds that answers of every kind leave the connection usable.
func TestKeepAlive(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		switch strings.TrimPrefix(r.URL.Path, "/") {
		case "chunked":
			w.Header().Set("Content-Type", "application/json")
			w.(http.Flusher).Flush()
			_, _ = io.WriteString(w, host)
		case "error":
			writeJSON(w, 400, `{"errors":[]}`)
		case "huge-error":
			writeJSON(w, 400, strings.Repeat(" ", maxErrorBody+1000))
		case "html":
			body(200, "text/html", "<html>"+strings.Repeat("x", 10_000))(w, r)
		case "redirect":
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		default:
			writeJSON(w, 200, host)
		}
	})
	o := s.options(t)
	o.MaxAttempts = 1
	c := newClient(t, o)
	var conns, reused int
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
		conns++
		if i.Reused {
			reused++
		}
	}})
	for _, path := range []string{"/plain", "/chunked", "/error", "/huge-error", "/html", "/redirect", "/plain"} {
		_, _ = c.Do(ctx, compile(t, Endpoint{Method: "GET", Path: path}), nil, nil)
	}
	if conns != 7 || reused != 6 {
		t.Errorf("%d of %d calls used a kept connection, want 6 of 7", reused, conns)
	}
}

func TestTraceIsShared(t *testing.T) {
	s := newServer(t, body(200, "application/json", host))
	c := newClient(t, s.options(t))
	ep := compile(t, Endpoint{Method: "GET", Path: "/hosts/{id}"})
	var trace Trace
	ctx := WithTrace(t.Context(), &trace)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			if _, err := c.Do(ctx, ep, Vars{"id": strconv.Itoa(i)}, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if trace.Attempts() != 16 {
		t.Errorf("Attempts() = %d, want 16", trace.Attempts())
	}
	if ctx := WithTrace(t.Context(), nil); ctx != t.Context() || (*Trace)(nil).Attempts() != 0 {
		t.Error("a nil trace is not a no-op")
	}
}

// BenchmarkDo measures one call beside the same call in bare net/http, against
// the same server.
func BenchmarkDo(b *testing.B) {
	s := newServer(b, body(200, "application/json", host))
	o := s.options(b)
	o.Timeout = 0
	c := newClient(b, o)
	ep, err := CompileEndpoint(Endpoint{Method: "GET", Path: "/hosts/{id}"})
	if err != nil {
		b.Fatal(err)
	}
	patch, err := CompileEndpoint(Endpoint{Method: "PATCH", Path: "/hosts/{id}"})
	if err != nil {
		b.Fatal(err)
	}
	change := []byte(`{"visible":false}`)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()

	bare := &http.Client{Transport: newTransport(c.timeout, nil, nil), Timeout: c.timeout}
	bareCall := func(b *testing.B, method, change string) {
		var in io.Reader
		if change != "" {
			in = strings.NewReader(change)
		}
		req, err := http.NewRequestWithContext(ctx, method, s.URL+"/api/v3/hosts/"+url.PathEscape("7"), in)
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Accept", "application/json")
		req.Header.Set("User-Agent", "bare")
		req.Header.Set("Authorization", "Bearer tok")
		if change != "" {
			req.Header.Set("Content-Type", "application/json")
		}
		resp, err := bare.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != 200 {
			b.Fatal(resp.Status, err)
		}
		_ = resp.Body.Close()
	}
	b.Run("GET/bare", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			bareCall(b, "GET", "")
		}
	})
	b.Run("GET/Do", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Do(ctx, ep, Vars{"id": "7"}, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("PATCH/bare", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			bareCall(b, "PATCH", string(change))
		}
	})
	b.Run("PATCH/Do", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Do(ctx, patch, Vars{"id": "7"}, change); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkOverhead measures what Do and bare net/http spend on our side of the
// socket: the transport answers at once from memory.
func BenchmarkOverhead(b *testing.B) {
	rt := roundTripFunc(func(*http.Request) (*http.Response, error) { return answer(200, host), nil })
	o := memoryOptions(b, rt)
	o.PerSecond, o.Burst = 1e9, 1e9
	c := newClient(b, o)
	ep, err := CompileEndpoint(Endpoint{Method: "GET", Path: "/hosts/{id}"})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("bare", func(b *testing.B) {
		b.ReportAllocs()
		bare := &http.Client{Transport: rt, Timeout: c.timeout}
		for b.Loop() {
			req, err := http.NewRequestWithContext(b.Context(), "GET", "https://host.example.com/api/v3/hosts/"+url.PathEscape("7"), nil)
			if err != nil {
				b.Fatal(err)
			}
			req.Header.Set("Accept", "application/json")
			req.Header.Set("User-Agent", "bare")
			req.Header.Set("Authorization", "Bearer tok")
			resp, err := bare.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.ReadAll(resp.Body)
			_ = resp.Body.Close()
		}
	})
	b.Run("Do", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Do(b.Context(), ep, Vars{"id": "7"}, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkParsePage measures the envelope of a full page.
func BenchmarkParsePage(b *testing.B) {
	answer := []byte(`{"hosts":[` + strings.Repeat(host+",", 99) + host + `],"pagination":{"total_records":100}}`)
	s := shape{items: []string{"hosts"}, total: []string{"pagination", "total_records"}}
	b.SetBytes(int64(len(answer)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parseList(answer, &s); err != nil {
			b.Fatal(err)
		}
	}
}
