package adapter

import (
	"net/http"
	"runtime"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are what one server counts. They have a registry of their own, so
// that two servers in one process do not mix. No label holds a value of a
// request: a label is a word of ours, or a name from a set that is bounded.
type metrics struct {
	registry *prometheus.Registry
	ignored  *prometheus.CounterVec
	reloads  *prometheus.CounterVec
	reloaded prometheus.Gauge
	changed  prometheus.Gauge
}

func newMetrics(version string) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		ignored: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hostscim_ignored_attributes_total",
			Help: "Attributes that clients sent and that the mapping has no row for.",
		}, []string{"tenant", "resource", "attribute"}),
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hostscim_config_loads_total",
			Help: "Configurations that were to be used, the first one included, and what came of them: applied or refused.",
		}, []string{"outcome"}),
		reloaded: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "hostscim_config_last_load_successful",
			Help: "1 if the last configuration was applied, 0 if it was refused and the one before holds on.",
		}),
		changed: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "hostscim_config_last_load_success_timestamp_seconds",
			Help: "When a configuration was last applied.",
		}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "hostscim_build_info",
		Help:        "1; the labels say what is running.",
		ConstLabels: prometheus.Labels{"version": label(version), "goversion": runtime.Version()},
	})
	build.Set(1)
	m.registry.MustRegister(m.ignored, m.reloads, m.reloaded, m.changed, build, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// label returns the text as a label may hold it, which is UTF-8.
func label(text string) string { return strings.ToValidUTF8(text, "\ufffd") }

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
