package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
)

// flushTimeout bounds the sending of the last spans when the process ends.
const flushTimeout = 5 * time.Second

// newTracing returns what records traces and sends them where the environment
// says, in the variables that OpenTelemetry defines; nil where it says nothing.
// What is sent, how much of it is sampled, and under which names, they say too.
func newTracing(ctx context.Context, env func(string) string, log *slog.Logger) (*trace.TracerProvider, error) {
	endpoint := env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
	if base := env("OTEL_EXPORTER_OTLP_ENDPOINT"); endpoint == "" && base != "" {
		endpoint = strings.TrimSuffix(base, "/") + "/v1/traces"
	}
	if endpoint == "" || strings.EqualFold(env("OTEL_SDK_DISABLED"), "true") || env("OTEL_TRACES_EXPORTER") == "none" {
		return nil, nil
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		if p := env(name); p != "" && p != "http/json" {
			return nil, usageError{fmt.Errorf("%s must be http/json, which every collector takes at its HTTP port; %s is not spoken here", name, p)}
		}
	}
	exporter, err := newExporter(endpoint, env("OTEL_EXPORTER_OTLP_HEADERS")+","+env("OTEL_EXPORTER_OTLP_TRACES_HEADERS"))
	if err != nil {
		return nil, err
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces", "err", err.Error()) }))
	about, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "hostscim"), attribute.String("service.version", version())),
		resource.WithFromEnv(), resource.WithTelemetrySDK()) // the later stand above the earlier
	if err != nil {
		return nil, usageError{fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)}
	}
	return trace.NewTracerProvider(trace.WithBatcher(exporter), trace.WithResource(about)), nil
}

// tracingFromEnv is newTracing with the environment of the process. flush sends
// what has not been sent.
func tracingFromEnv(ctx context.Context, log *slog.Logger) (p *trace.TracerProvider, flush func(), err error) {
	if p, err = newTracing(ctx, os.Getenv, log); p == nil {
		return nil, func() {}, err
	}
	return p, func() {
		ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
		defer cancel()
		if err := p.Shutdown(ctx); err != nil {
			log.Warn("the last traces were not sent", "err", err.Error())
		}
	}, nil
}
