package adapter

import "github.com/prometheus/client_golang/prometheus"

// gauges are the metrics that are looked up when they are asked for: how the
// tenants of the configuration in use stand at that moment.
type gauges struct {
	of *lasting

	ready, rate, learned, inFlight, queued, breaker, lookUps, entries, paused *prometheus.Desc
}

var _ prometheus.Collector = (*gauges)(nil)

func newGauges(of *lasting) *gauges {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("hostscim_"+name, help, labels, nil)
	}
	return &gauges{
		of:       of,
		ready:    desc("ready", "1 if requests may come, as /readyz says."),
		rate:     desc("legacy_rate_limit", "How many attempts may begin in a second; 0: not limited.", "tenant"),
		learned:  desc("legacy_rate_limit_learned", "1 if the rate is lower than configured, because the legacy API asked for it.", "tenant"),
		inFlight: desc("legacy_in_flight", "Attempts under way.", "tenant"),
		queued:   desc("legacy_queued", "Attempts that wait for their turn.", "tenant"),
		breaker:  desc("legacy_breaker", "1 for the state of the circuit breaker: closed, half-open, open, or off.", "tenant", "state"),
		lookUps:  desc("id_cache_lookups_total", "Look-ups of names whose id may be remembered.", "tenant", "result"),
		entries:  desc("id_cache_entries", "Names whose id is remembered.", "tenant"),
		paused:   desc("paused", "1 for what of a tenant is paused: writes or all.", "tenant", "requests"),
	}
}

// Describe names the metrics.
func (g *gauges) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{g.ready, g.rate, g.learned, g.inFlight, g.queued, g.breaker, g.lookUps, g.entries, g.paused} {
		to <- d
	}
}

// Collect looks up how things stand.
func (g *gauges) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(g.ready, one(g.of.ready.Load()))
	s := g.of.current.Load()
	if s == nil {
		return // not made yet
	}
	for _, t := range s.tenants {
		stats := t.client.Stats()
		gauge(g.rate, stats.Rate, t.name)
		gauge(g.learned, one(stats.Learned), t.name)
		gauge(g.inFlight, float64(stats.InFlight), t.name)
		gauge(g.queued, float64(stats.Queued), t.name)
		gauge(g.breaker, 1, t.name, stats.Breaker)
		gauge(g.entries, float64(t.cache.Len()), t.name)
		hits, misses := t.cache.LookUps()
		to <- prometheus.MustNewConstMetric(g.lookUps, prometheus.CounterValue, float64(hits), t.name, "hit")
		to <- prometheus.MustNewConstMetric(g.lookUps, prometheus.CounterValue, float64(misses), t.name, "miss")
		if p := s.pauseOf(t); p.requests != "" {
			gauge(g.paused, 1, t.name, p.requests)
		}
	}
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
