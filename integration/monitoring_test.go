package integration

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"hostscim/integration/harness"
	"hostscim/legacyclient/legacytest"
)

// promtool runs promtool with the input and wants it to succeed.
func promtool(t *testing.T, stdin string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), harness.Tool(t, "promtool", "prometheus"), args...)
	cmd.Stdin = strings.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// TestAlerts has promtool read the shipped alerts and play them through.
func TestAlerts(t *testing.T) {
	promtool(t, "", "check", "rules", "../configs/prometheus/alerts.yaml")
	promtool(t, "", "test", "rules", "../configs/prometheus/alerts.test.yaml")
}

// TestDashboard has promtool read every query of the shipped dashboard.
func TestDashboard(t *testing.T) {
	src, err := os.ReadFile("../configs/grafana/hostscim.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(src, &dashboard); err != nil {
		t.Fatal(err)
	}
	type rule struct {
		Record string `json:"record"`
		Expr   string `json:"expr"`
	}
	var rules []rule
	for _, p := range dashboard.Panels {
		for _, q := range p.Targets {
			expr := strings.NewReplacer("$__rate_interval", "5m", "$tenant", ".*", "$instance", ".*").Replace(q.Expr)
			rules = append(rules, rule{"dashboard:query", expr})
		}
	}
	if len(rules) < 20 {
		t.Fatalf("the dashboard has %d queries, want more", len(rules))
	}
	// A rule of its own for each: two of one name are a warning.
	type group struct {
		Name  string `json:"name"`
		Rules []rule `json:"rules"`
	}
	groups := make([]group, len(rules))
	for i, r := range rules {
		r.Record += string(rune('a'+i/26)) + string(rune('a'+i%26))
		groups[i] = group{r.Record, []rule{r}}
	}
	file := filepath.Join(t.TempDir(), "rules.yaml") // JSON is YAML
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(map[string]any{"groups": groups}); err != nil {
		t.Fatal(err)
	}
	writeFile(t, file, b.Bytes())
	promtool(t, "", "check", "rules", file)
}

// TestMetricsLint has promtool look at what a process tells after it has worked.
func TestMetricsLint(t *testing.T) {
	legacy := newLegacy(t, legacytest.WithHosts(1))
	s := start(t, quick(t), legacy)
	s.want(200, "GET", "/Users?filter=userName+eq+%22x%22", "")
	s.want(200, "PATCH", "/Users/1", patch(op("replace", "active", false), op("replace", "nickName", "n")))
	s.send("GET", "/Users", "", "Authorization", "Bearer another")
	a, err := try(t, s.http, "GET", s.process.AdminURL+"/metrics", nil)
	if err != nil || a.status != 200 {
		t.Fatalf("GET /metrics = %d, %v", a.status, err)
	}
	promtool(t, string(a.body), "check", "metrics")
}
