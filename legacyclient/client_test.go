package legacyclient

import (
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
