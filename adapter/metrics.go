package adapter

import (
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"hostscim/legacyclient"
)

// metrics are what one server counts. They have a registry of their own, so
// that two servers in one process do not mix. No label holds a value of a
// request: a label is a word of ours, a name of the configuration, or a name
// from a set that is bounded. What is not counted but stands so now is in
// gauges.go.
type metrics struct {
	registry *prometheus.Registry

	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	calls    *prometheus.HistogramVec
	refused  *prometheus.CounterVec
	ignored  *prometheus.CounterVec

	attempts *prometheus.CounterVec
	answered *prometheus.HistogramVec
	waited   *prometheus.HistogramVec
	backoff  *prometheus.HistogramVec
	retries  *prometheus.CounterVec

	reloads  *prometheus.CounterVec
	reloaded prometheus.Gauge
	changed  prometheus.Gauge
}

func newMetrics(version string) *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	seconds := []float64{.005, .025, .1, .25, .5, 1, 2.5, 5, 10, 25}
	m.requests = m.counter("requests_total", "Requests of SCIM clients, by route; none for a path that there is not.", "tenant", "operation", "status")
	m.took = m.histogram("request_duration_seconds", "How long requests of SCIM clients took.", seconds, "operation")
	m.calls = m.histogram("request_legacy_calls", "How many calls of the legacy API a request cost, repeats included.", []float64{0, 1, 2, 3, 5, 10, 20, 50, 100}, "operation")
	m.refused = m.counter("auth_failures_total", "Requests that were not let in.", "reason")
	m.ignored = m.counter("ignored_attributes_total", "Attributes that clients sent and that the mapping has no row for.", "tenant", "resource", "attribute")
	m.attempts = m.counter("legacy_attempts_total", "Attempts of calls of the legacy API. The outcome is the status, or why there was none.", "tenant", "operation", "outcome")
	m.answered = m.histogram("legacy_attempt_duration_seconds", "How long attempts took that were made.", seconds, "tenant", "operation")
	m.waited = m.histogram("legacy_wait_seconds", "How long attempts waited for their turn.", seconds, "tenant")
	m.backoff = m.histogram("legacy_backoff_seconds", "How long attempts that repeated one before were put off.", seconds, "tenant")
	m.retries = m.counter("legacy_retries_total", "Attempts that repeated one before.", "tenant")
	m.reloads = m.counter("config_loads_total", "Configurations that were to be used, the first one included, and what came of them: applied or refused.", "outcome")
	m.reloaded = m.gauge("config_last_load_successful", "1 if the last configuration was applied, 0 if it was refused and the one before holds on.")
	m.changed = m.gauge("config_last_load_success_timestamp_seconds", "When a configuration was last applied.")
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "hostscim_build_info",
		Help:        "1; the labels say what is running.",
		ConstLabels: prometheus.Labels{"version": label(version), "goversion": runtime.Version()},
	})
	build.Set(1)
	m.registry.MustRegister(build, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) counter(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hostscim_" + name, Help: help}, labels)
	m.registry.MustRegister(c)
	return c
}

func (m *metrics) histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "hostscim_" + name, Help: help, Buckets: buckets}, labels)
	m.registry.MustRegister(h)
	return h
}

func (m *metrics) gauge(name, help string) prometheus.Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "hostscim_" + name, Help: help})
	m.registry.MustRegister(g)
	return g
}

// label returns the text as a label may hold it, which is UTF-8.
func label(text string) string { return strings.ToValidUTF8(text, "\ufffd") }

// countRequest counts a request that has ended.
func (m *metrics) countRequest(e *entry, status int, took time.Duration) {
	operation, tenant := e.route, ""
	if operation == "" {
		operation = "none"
	}
	if e.tenant != nil {
		tenant = e.tenant.name
	}
	m.requests.WithLabelValues(tenant, operation, strconv.Itoa(status)).Inc()
	m.took.WithLabelValues(operation).Observe(took.Seconds())
	m.calls.WithLabelValues(operation).Observe(float64(e.trace.Attempts()))
}

// countRefused counts a request that was not let in.
func (m *metrics) countRefused(reason string) { m.refused.WithLabelValues(reason).Inc() }

// countAttempt counts an attempt of a legacy call.
func (m *metrics) countAttempt(tenant string, a legacyclient.Attempted) {
	m.attempts.WithLabelValues(tenant, a.Op, attemptOutcome(a)).Inc()
	m.waited.WithLabelValues(tenant).Observe(a.Waited.Seconds())
	if a.Made {
		m.answered.WithLabelValues(tenant, a.Op).Observe(a.Took.Seconds())
	}
	if a.Attempt > 1 {
		m.retries.WithLabelValues(tenant).Inc()
		m.backoff.WithLabelValues(tenant).Observe(a.Backoff.Seconds())
	}
}

// countIgnored counts an attribute that was ignored, under the name.
func (m *metrics) countIgnored(i ignored, name string) {
	m.ignored.WithLabelValues(i.tenant, i.resource, label(name)).Inc()
}

// countReload counts a configuration that was to be used.
func (m *metrics) countReload(r Reload) {
	if r.Err != nil {
		m.reloads.WithLabelValues("refused").Inc()
		m.reloaded.Set(0)
		return
	}
	m.reloads.WithLabelValues("applied").Inc()
	m.reloaded.Set(1)
	m.changed.Set(float64(r.At.UnixMilli()) / 1000)
}

// handler answers a scrape.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
