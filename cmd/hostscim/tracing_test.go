package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// collector is where traces are sent to.
type collector struct {
	*httptest.Server
	got chan collected
}

type collected struct {
	path   string
	header http.Header
	body   string
}

func newCollector(t *testing.T) *collector {
	c := &collector{got: make(chan collected, 1)}
	c.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		c.got <- collected{r.URL.Path, r.Header, string(body)}
	}))
	t.Cleanup(c.Close)
	return c
}

// environment is a function that looks into the map.
func environment(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

// TestTracing sends spans to a collector, and reads what came.
func TestTracing(t *testing.T) {
	t.Setenv("OTEL_SERVICE_NAME", "hosts")
	c := newCollector(t)
	p, err := newTracing(t.Context(), environment(map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL + "/", "OTEL_EXPORTER_OTLP_HEADERS": "api-key=a%20secret, x-tenant=acme", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
	}), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, outer := p.Tracer("hostscim").Start(t.Context(), "outer", trace.WithSpanKind(trace.SpanKindServer))
	_, inner := p.Tracer("hostscim").Start(ctx, "inner", trace.WithSpanKind(trace.SpanKindClient))
	inner.SetAttributes(attribute.String("text", "a"), attribute.Int("number", 7), attribute.Bool("yes", true), attribute.Float64("part", .5))
	inner.SetStatus(codes.Error, "no answer")
	inner.End()
	outer.End()
	if err := p.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := <-c.got
	if got.path != "/v1/traces" || got.header.Get("Content-Type") != "application/json" || got.header.Get("Api-Key") != "a secret" || got.header.Get("X-Tenant") != "acme" {
		t.Errorf("request = %s %v", got.path, got.header)
	}
	var message otlp
	if err := json.Unmarshal([]byte(got.body), &message); err != nil || len(message.ResourceSpans) != 1 || len(message.ResourceSpans[0].ScopeSpans) != 1 {
		t.Fatalf("body %s: %v", got.body, err)
	}
	spans := message.ResourceSpans[0].ScopeSpans[0].Spans
	if len(spans) != 2 {
		t.Fatalf("%d spans, want 2", len(spans))
	}
	in, out := spans[0], spans[1]
	if in.TraceID != outer.SpanContext().TraceID().String() || in.ParentSpanID != out.SpanID || in.Kind != 3 || out.Kind != 2 || out.ParentSpanID != "" || in.Name != "inner" {
		t.Errorf("spans = %+v", spans)
	}
	if in.Status == nil || in.Status.Code != 2 || in.Status.Message != "no answer" || out.Status != nil || len(in.Start) != 19 || in.End < in.Start {
		t.Errorf("spans = %+v", spans)
	}
	for _, want := range []string{
		`{"key":"text","value":{"stringValue":"a"}}`, `{"key":"number","value":{"intValue":"7"}}`, `{"key":"yes","value":{"boolValue":true}}`, `{"key":"part","value":{"doubleValue":0.5}}`,
		`{"key":"service.name","value":{"stringValue":"hosts"}}`, `{"key":"service.version"`, `"scope":{"name":"hostscim"}`,
	} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the body has no %s: %s", want, got.body)
		}
	}
}

// TestTracingOff: nothing is traced unless the environment says where to.
func TestTracingOff(t *testing.T) {
	for _, vars := range []map[string]string{
		{},
		{"OTEL_SERVICE_NAME": "x"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none"},
	} {
		if p, err := newTracing(t.Context(), environment(vars), slog.New(slog.DiscardHandler)); p != nil || err != nil {
			t.Errorf("newTracing(%v) = %v, %v; want none", vars, p, err)
		}
	}
}

// TestTracingFaults: what the environment says wrong is said, without a secret.
func TestTracingFaults(t *testing.T) {
	const there = "http://127.0.0.1:1"
	for want, vars := range map[string]map[string]string{
		"must be a URL":      {"OTEL_EXPORTER_OTLP_ENDPOINT": "127.0.0.1:4318"},
		"must be http/json":  {"OTEL_EXPORTER_OTLP_ENDPOINT": there, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
		"must be name=value": {"OTEL_EXPORTER_OTLP_ENDPOINT": there, "OTEL_EXPORTER_OTLP_HEADERS": "secret"},
		"HEADERS must be":    {"OTEL_EXPORTER_OTLP_ENDPOINT": there, "OTEL_EXPORTER_OTLP_HEADERS": "a=secret%zz"},
	} {
		_, err := newTracing(t.Context(), environment(vars), slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("newTracing(%v) = %v, want %q and no secret", vars, err, want)
		}
	}
}

// TestTracingRefused: a collector that refuses is told of, without its URL.
func TestTracingRefused(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	t.Cleanup(s.Close)
	for url, want := range map[string]string{s.URL: "status 403", "http://127.0.0.1:1": "no connection"} {
		e, err := newExporter(url+"/secret", "")
		if err != nil {
			t.Fatal(err)
		}
		e.client.RetryMax = 0
		if err := e.ExportSpans(t.Context(), nil); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("ExportSpans() to %s = %v, want %q", url, err, want)
		}
	}
}
