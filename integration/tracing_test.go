package integration

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"hostscim/integration/harness"
	"hostscim/legacyclient/legacytest"
)

// TestTracing: a process that is told where to sends its traces there before it
// ends, and tells the host API which they are.
func TestTracing(t *testing.T) {
	bodies := make(chan string, 10)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies <- r.URL.Path + " " + string(body)
	}))
	t.Cleanup(collector.Close)
	var told atomic.Value
	f := newFaulty(t, newLegacy(t, legacytest.WithHosts(1)))
	f.make(func(_ int, w http.ResponseWriter, r *http.Request, pass http.HandlerFunc) {
		told.Store(r.Header.Get("Traceparent"))
		pass(w, r)
	})
	env := harness.Env(f.url())
	env["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.URL
	p := harness.Start(t, harness.Options{Config: quick(t), Env: env})
	newClient(t, p.URL).want(http.StatusOK, "GET", "/Users/1", "")
	p.Stop(t)
	parts := strings.Split(told.Load().(string), "-")
	if len(parts) != 4 {
		t.Fatalf("traceparent %q", told.Load())
	}
	body := <-bodies
	for _, want := range []string{"/v1/traces ", `"traceId":"` + parts[1] + `"`, `"spanId":"` + parts[2] + `"`, `"name":"GET /Users/:id"`, `"name":"GET /hosts/{id}"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the collector got %s, want %s in it", body, want)
		}
	}
}
