package adapter

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"hostscim/legacyclient"
)

// tracing makes a span of each request, and below it one of each attempt of a
// legacy call, whose W3C context goes with the attempt (OpenTelemetry). Spans
// have routes, templates and ids, and no URL and no value. A nil tracing makes
// none, and costs nothing.
type tracing struct {
	tracer trace.Tracer
	// Of the standard headers only the context: baggage is what others put into
	// it, and not for the legacy API.
	context propagation.TraceContext
}

func newTracing(p trace.TracerProvider, version string) *tracing {
	if p == nil {
		return nil
	}
	return &tracing{tracer: p.Tracer("hostscim", trace.WithInstrumentationVersion(version))}
}

// begin begins the span of a request. Only a proxy that is trusted says of what
// trace it is a part: a stranger could have everything recorded.
func (t *tracing) begin(r *http.Request, p proxies) context.Context {
	ctx := r.Context()
	if t == nil {
		return ctx
	}
	if p.trusts(r.RemoteAddr) {
		ctx = t.context.Extract(ctx, propagation.HeaderCarrier(r.Header))
	}
	ctx, _ = t.tracer.Start(ctx, method(r), trace.WithSpanKind(trace.SpanKindServer))
	return ctx
}

// end ends the span of a request with what the log says of it.
func (t *tracing) end(ctx context.Context, r *http.Request, e *entry, status int) {
	span := trace.SpanFromContext(ctx)
	if t == nil || !span.IsRecording() {
		return
	}
	defer span.End()
	attrs := []attribute.KeyValue{
		attribute.String("http.request.method", method(r)),
		attribute.Int("http.response.status_code", status),
		attribute.String("hostscim.request_id", e.requestID),
		attribute.Int("hostscim.legacy_calls", e.trace.Attempts()),
	}
	if e.route != "" {
		span.SetName(e.route)
		attrs = append(attrs, attribute.String("http.route", e.route))
	}
	if e.tenant != nil {
		attrs = append(attrs, attribute.String("hostscim.tenant", e.tenant.name))
	}
	if e.id != "" {
		attrs = append(attrs, attribute.String("hostscim.id", e.id))
	}
	span.SetAttributes(attrs...)
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, errText(e.err))
	}
}

// traceID returns the id of the trace that the request is a part of; "": none.
func (t *tracing) traceID(ctx context.Context) string {
	if c := trace.SpanContextFromContext(ctx); t != nil && c.HasTraceID() {
		return c.TraceID().String()
	}
	return ""
}

// attempt begins the span of an attempt. It is nil where nothing is traced.
func (t *tracing) attempt() func(context.Context, string) context.Context {
	if t == nil {
		return nil
	}
	return func(ctx context.Context, op string) context.Context {
		ctx, _ = t.tracer.Start(ctx, op, trace.WithSpanKind(trace.SpanKindClient))
		return ctx
	}
}

// attempted ends the span of an attempt.
func (t *tracing) attempted(ctx context.Context, a legacyclient.Attempted) {
	span := trace.SpanFromContext(ctx)
	if t == nil || !span.IsRecording() {
		return
	}
	defer span.End()
	span.SetAttributes(
		attribute.String("hostscim.outcome", attemptOutcome(a)),
		attribute.Float64("hostscim.waited_seconds", a.Waited.Seconds()),
		attribute.Int("http.request.resend_count", a.Attempt-1),
	)
	if a.Status > 0 {
		span.SetAttributes(attribute.Int("http.response.status_code", a.Status))
	}
	if a.Kind != nil {
		span.SetStatus(codes.Error, a.Kind.Error())
	}
}

// around returns what sends the context of a trace with each attempt; next
// where nothing is traced.
func (t *tracing) around(next func(http.RoundTripper) http.RoundTripper) func(http.RoundTripper) http.RoundTripper {
	if t == nil {
		return next
	}
	return func(carrier http.RoundTripper) http.RoundTripper {
		if next != nil {
			carrier = next(carrier)
		}
		return &injector{t, carrier}
	}
}

type injector struct {
	*tracing
	next http.RoundTripper
}

// RoundTrip sends the request with the context of its trace.
func (i *injector) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context()) // it is not ours to change
	i.context.Inject(r.Context(), propagation.HeaderCarrier(r.Header))
	return i.next.RoundTrip(r)
}

// CloseIdleConnections closes those of what is behind it.
func (i *injector) CloseIdleConnections() {
	if c, ok := i.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
