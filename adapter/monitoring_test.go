package adapter

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

var (
	descName   = regexp.MustCompile(`fqName: "(hostscim_\w+)"`)
	namedThere = regexp.MustCompile(`\bhostscim_\w+`)
)

// TestMonitoring: the dashboard and the alerts ask for metrics that there are,
// and the dashboard for all of them.
func TestMonitoring(t *testing.T) {
	descs := make(chan *prometheus.Desc)
	go func() {
		newLasting(Options{Now: time.Now}).metrics.registry.Describe(descs)
		close(descs)
	}()
	known := make(map[string]bool)
	for d := range descs {
		if m := descName.FindStringSubmatch(d.String()); m != nil {
			known[m[1]] = false
		}
	}
	if len(known) < 20 {
		t.Fatalf("there are %d metrics, want all of them", len(known))
	}
	for _, file := range []string{"prometheus/alerts.yaml", "prometheus/alerts.test.yaml", "grafana/hostscim.json"} {
		src, err := os.ReadFile("../configs/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range namedThere.FindAllString(string(src), -1) {
			for _, of := range []string{"_bucket", "_sum", "_count"} {
				name = strings.TrimSuffix(name, of)
			}
			if _, ok := known[name]; !ok {
				t.Errorf("%s asks for %s, which there is not", file, name)
			}
			if strings.HasPrefix(file, "grafana") {
				known[name] = true
			}
		}
	}
	for name, shown := range known {
		if !shown {
			t.Errorf("the dashboard does not show %s", name)
		}
	}
}
