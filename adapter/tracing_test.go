package adapter_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

// described returns what a span says, for messages and to look for canaries.
func described(s tracetest.SpanStub) string {
	parts := []string{s.Name, s.SpanKind.String()}
	for _, a := range s.Attributes {
		parts = append(parts, string(a.Key)+"="+a.Value.String())
	}
	slices.Sort(parts[2:])
	return strings.Join(append(parts, s.Status.Code.String(), s.Status.Description, s.SpanContext.TraceState().String(), fmt.Sprint(s.Events)), " ")
}

func valueOf(s tracetest.SpanStub, key string) string {
	for _, a := range s.Attributes {
		if a.Key == attribute.Key(key) {
			return a.Value.String()
		}
	}
	return ""
}

const (
	outerTrace  = "4bf92f3577b34da6a3ce929d0e0e4736"
	outerSpan   = "00f067aa0ba902b7"
	traceparent = "00-" + outerTrace + "-" + outerSpan + "-01"
)

// TestTracing: a request is a span of the trace that a trusted proxy names,
// each attempt one below it, and the legacy API is told which; not the baggage.
func TestTracing(t *testing.T) {
	var seen atomic.Pointer[http.Header]
	tries := 0
	f := start(t, setup{before: func(w http.ResponseWriter, r *http.Request) bool {
		h := r.Header.Clone()
		seen.Store(&h)
		if tries++; tries == 1 {
			respond(503, "")(w, r)
			return true
		}
		return false
	}})
	f.api.AddHost(host("noa"))
	f.want(200, "PATCH", "/Users/1", patch(`{"op":"replace","path":"active","value":false}`), "Traceparent", traceparent, "Tracestate", "vendor=1", "Baggage", "user=noa")
	spans := f.traced()
	if len(spans) != 3 {
		t.Fatalf("%d spans, want one of the request and two of attempts: %v", len(spans), spans)
	}
	first, second, request := spans[0], spans[1], spans[2]
	if request.Name != "PATCH /Users/:id" || request.SpanKind != trace.SpanKindServer || request.Parent.SpanID().String() != outerSpan ||
		valueOf(request, "http.response.status_code") != "200" || valueOf(request, "hostscim.id") != "1" || valueOf(request, "hostscim.legacy_calls") != "2" || valueOf(request, "hostscim.tenant") != "default" {
		t.Errorf("span of the request = %s, parent %s", described(request), request.Parent.SpanID())
	}
	for i, s := range []tracetest.SpanStub{first, second} {
		if s.Name != "PATCH /hosts/{id}" || s.SpanKind != trace.SpanKindClient || s.Parent.SpanID() != request.SpanContext.SpanID() ||
			s.SpanContext.TraceID().String() != outerTrace || valueOf(s, "http.request.resend_count") != fmt.Sprint(i) || valueOf(s, "hostscim.outcome") != []string{"503", "200"}[i] {
			t.Errorf("span of attempt %d = %s, parent %s", i+1, described(s), s.Parent.SpanID())
		}
	}
	if first.Status.Code.String() != "Error" || second.Status.Code.String() == "Error" {
		t.Errorf("status of the attempts = %v, %v; want an error and none", first.Status, second.Status)
	}
	h := *seen.Load()
	if want := "00-" + outerTrace + "-" + second.SpanContext.SpanID().String() + "-01"; h.Get("Traceparent") != want || h.Get("Tracestate") != "vendor=1" || h.Get("Baggage") != "" {
		t.Errorf("headers of the second attempt: %v, want traceparent %s and no baggage", h, want)
	}
	if got := f.lastLog()["trace_id"]; got != outerTrace {
		t.Errorf("trace_id of the log line = %v, want %s", got, outerTrace)
	}

	f.want(401, "GET", "/Users/1", "", "Authorization", "Bearer another")
	spans = f.traced()
	if s := spans[len(spans)-1]; len(spans) != 4 || s.Parent.IsValid() || valueOf(s, "http.response.status_code") != "401" {
		t.Errorf("span of a request without a trace = %s, want one that begins a trace", described(s))
	}
}

// TestTracingOfStrangers: whoever is no trusted proxy has no say in traces.
func TestTracingOfStrangers(t *testing.T) {
	f := start(t, setup{edits: []string{`trusted_proxies: [127.0.0.0/8, "::1"]`, `trusted_proxies: [192.0.2.0/24]`}})
	f.api.AddHost(host("noa"))
	f.want(200, "GET", "/Users/1", "", "Traceparent", traceparent)
	spans := f.traced()
	if len(spans) != 2 || spans[0].SpanContext.TraceID().String() == outerTrace || spans[1].Parent.IsValid() {
		t.Errorf("spans %v, want two of a trace of their own", spans)
	}
}

// TestNotTraced: without tracing the legacy API is told of no trace.
func TestNotTraced(t *testing.T) {
	var seen atomic.Pointer[http.Header]
	f, _ := startService(t, setup{before: func(_ http.ResponseWriter, r *http.Request) bool {
		h := r.Header.Clone()
		seen.Store(&h)
		return false
	}})
	f.api.AddHost(host("noa"))
	f.want(200, "GET", "/Users/1", "", "Traceparent", traceparent)
	if got := seen.Load().Get("Traceparent"); got != "" {
		t.Errorf("traceparent %s, want none", got)
	}
	if got := f.lastLog()["trace_id"]; got != nil {
		t.Errorf("trace_id = %v, want none", got)
	}
}
