package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
)

// exporter sends spans as OTLP over HTTP in JSON. The library's own exporter
// would bring gRPC into the binary, which is as large again.
type exporter struct {
	url    string
	header http.Header // of every request; it may hold a secret
	client *retryablehttp.Client
}

var _ trace.SpanExporter = (*exporter)(nil)

// exportTimeout bounds one try to send.
const exportTimeout = 10 * time.Second

// newExporter returns an exporter to the URL. The headers are written as the
// environment has them: name=value, with a comma between two.
func newExporter(endpoint, headers string) (*exporter, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, usageError{errors.New("OTEL_EXPORTER_OTLP_ENDPOINT must be a URL with http or https; write for example http://127.0.0.1:4318")}
	}
	e := &exporter{url: u.String(), header: http.Header{"Content-Type": {"application/json"}}, client: retryablehttp.NewClient()}
	for pair := range strings.SplitSeq(headers, ",") {
		name, value, ok := strings.Cut(pair, "=")
		if name = strings.TrimSpace(name); name == "" && !ok {
			continue
		}
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if err != nil || !ok || name == "" {
			return nil, usageError{errors.New("OTEL_EXPORTER_OTLP_HEADERS must be name=value, with a comma between two")}
		}
		e.header.Set(name, value)
	}
	e.client.Logger = nil // it would log URLs
	e.client.RetryMax = 3
	e.client.HTTPClient.Timeout = exportTimeout
	e.client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	return e, nil
}

// ExportSpans sends the spans.
func (e *exporter) ExportSpans(ctx context.Context, spans []trace.ReadOnlySpan) error {
	body, err := json.Marshal(newOTLP(spans))
	if err != nil {
		return err
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodPost, e.url, body)
	if err != nil {
		return errors.New("sending traces: no such URL")
	}
	req.Header = e.header.Clone()
	resp, err := e.client.Do(req)
	if err != nil {
		return errors.New("sending traces: no connection to OTEL_EXPORTER_OTLP_ENDPOINT")
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be used again
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("sending traces: OTEL_EXPORTER_OTLP_ENDPOINT answers with status %d", resp.StatusCode)
	}
	return nil
}

// Shutdown lets go of the connections.
func (e *exporter) Shutdown(context.Context) error {
	e.client.HTTPClient.CloseIdleConnections()
	return nil
}

// The messages of opentelemetry-proto, as far as they are needed, in the
// spelling of protobuf's JSON: 64 bits are texts, ids hexadecimal.
type (
	otlp struct {
		ResourceSpans []otlpResource `json:"resourceSpans"`
	}
	otlpResource struct {
		Resource   otlpAttributes `json:"resource"`
		ScopeSpans []otlpScope    `json:"scopeSpans"`
	}
	otlpAttributes struct {
		Attributes []otlpAttribute `json:"attributes,omitempty"`
	}
	otlpScope struct {
		Scope struct {
			Name    string `json:"name"`
			Version string `json:"version,omitempty"`
		} `json:"scope"`
		Spans []otlpSpan `json:"spans"`
	}
	otlpSpan struct {
		TraceID      string `json:"traceId"`
		SpanID       string `json:"spanId"`
		ParentSpanID string `json:"parentSpanId,omitempty"`
		TraceState   string `json:"traceState,omitempty"`
		Name         string `json:"name"`
		Kind         int    `json:"kind"`
		Start        string `json:"startTimeUnixNano"`
		End          string `json:"endTimeUnixNano"`
		otlpAttributes
		Status *otlpStatus `json:"status,omitempty"`
	}
	otlpStatus struct {
		Code    int    `json:"code"`
		Message string `json:"message,omitempty"`
	}
	otlpAttribute struct {
		Key   string         `json:"key"`
		Value map[string]any `json:"value"`
	}
)

// newOTLP returns the message of the spans, which are all of one resource and
// one scope: this process has no other.
func newOTLP(spans []trace.ReadOnlySpan) otlp {
	var scope otlpScope
	var about otlpAttributes
	for _, s := range spans {
		scope.Scope.Name, scope.Scope.Version = s.InstrumentationScope().Name, s.InstrumentationScope().Version
		about.Attributes = otlpAttributesOf(s.Resource().Attributes())
		scope.Spans = append(scope.Spans, newOTLPSpan(s))
	}
	return otlp{[]otlpResource{{about, []otlpScope{scope}}}}
}

func newOTLPSpan(s trace.ReadOnlySpan) otlpSpan {
	at := func(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }
	o := otlpSpan{
		TraceID: s.SpanContext().TraceID().String(), SpanID: s.SpanContext().SpanID().String(),
		TraceState: s.SpanContext().TraceState().String(),
		Name:       s.Name(), Kind: int(s.SpanKind()), Start: at(s.StartTime()), End: at(s.EndTime()),
		otlpAttributes: otlpAttributes{otlpAttributesOf(s.Attributes())},
	}
	if s.Parent().HasSpanID() {
		o.ParentSpanID = s.Parent().SpanID().String()
	}
	if s.Status().Code == codes.Error {
		o.Status = &otlpStatus{2, s.Status().Description} // STATUS_CODE_ERROR
	}
	return o
}

func otlpAttributesOf(all []attribute.KeyValue) []otlpAttribute {
	list := make([]otlpAttribute, len(all))
	for i, a := range all {
		v := map[string]any{"stringValue": a.Value.String()}
		switch a.Value.Type() {
		case attribute.INT64:
			v = map[string]any{"intValue": a.Value.String()}
		case attribute.FLOAT64:
			v = map[string]any{"doubleValue": a.Value.AsFloat64()}
		case attribute.BOOL:
			v = map[string]any{"boolValue": a.Value.AsBool()}
		}
		list[i] = otlpAttribute{string(a.Key), v}
	}
	return list
}
