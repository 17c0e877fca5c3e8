package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hostscim/integration/harness"
)

func TestMain(m *testing.M) {
	code := m.Run()
	harness.Cleanup()
	os.Exit(code)
}

// suiteTimeout bounds one run of a suite, which takes some seconds.
const suiteTimeout = 3 * time.Minute

// program returns the path of a program of a suite: from the virtual
// environment that integration/setup.sh makes, else from PATH.
func program(t *testing.T, name, pypi string) string {
	t.Helper()
	venv, err := filepath.Abs("../.venv/bin/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{venv, name} {
		if path, err := exec.LookPath(file); err == nil {
			return path
		}
	}
	if os.Getenv("HOSTSCIM_REQUIRE_EXTERNAL") == "1" {
		t.Fatalf("%s is not installed; it is in the PyPI packages %s, and integration/setup.sh installs it", name, pypi)
	}
	t.Skipf("%s is not installed; it is in the PyPI packages %s", name, pypi)
	return ""
}

// run runs a suite and returns what it writes to standard output. A suite
// that has findings ends with 1.
func run(t *testing.T, env []string, path string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), suiteTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "LC_ALL=C.UTF-8", "PYTHONUTF8=1", "NO_PROXY=*"}, env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) || strings.Contains(stderr.String(), "Traceback") {
		t.Fatalf("%s: %v\n%s%s", filepath.Base(path), err, stdout.String(), stderr.String())
	}
	return stdout.String()
}

// demo is a kind of demonstration.
type demo string

const (
	shipped  demo = "as shipped"
	lenient  demo = "lenient"
	complete demo = "complete" // lenient, with the profile that maps every attribute
)

// args returns the flags that make the demonstration.
func (d demo) args() []string {
	return map[demo][]string{lenient: {"--lenient"}, complete: {"--lenient", "--config", "../../configs/complete.yaml"}}[d]
}

// demos calls the test with each of the demonstrations.
func demos(t *testing.T, test func(t *testing.T, url string, d demo), all ...demo) {
	for _, d := range all {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			p := harness.Start(t, harness.Options{Args: append([]string{"demo", "--token", harness.Token,
				"--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--legacy-listen", "127.0.0.1:0"}, d.args()...)})
			test(t, p.URL, d)
		})
	}
}

// judge reports the findings that are not accepted, and accepted ones that
// no longer come. required are checks of which one at least
// has passed, or the suite did not see what it is for.
func judge(t *testing.T, suite string, d demo, results []finding, passes, required []string) {
	t.Helper()
	counts := make(map[string]int)
	passed := make(map[string]bool)
	met := make(map[int]bool)
	for _, f := range results {
		counts[f.status]++
		if slices.Contains(passes, f.status) {
			passed[f.check] = true
			continue
		}
		i := slices.IndexFunc(acceptedFindings, func(a accepted) bool {
			return a.suite == suite && a.of(d) && a.is(f)
		})
		if i < 0 {
			t.Errorf("%s finds: %s %s\n%s", suite, f.status, f.check, f.reason)
			continue
		}
		counts[f.status+" accepted"]++
		met[i] = true
	}
	for i, a := range acceptedFindings {
		if a.suite == suite && a.always && d == lenient && !met[i] {
			t.Errorf("%s no longer finds: %s; take it out of the list", suite, a.finding)
		}
	}
	for _, check := range required {
		if !passed[check] {
			t.Errorf("%s: the check %s has not passed once", suite, check)
		}
	}
	var summary []string
	for _, status := range slices.Sorted(maps.Keys(counts)) {
		summary = append(summary, fmt.Sprintf("%d %s", counts[status], status))
	}
	t.Logf("%s: %s", suite, strings.Join(summary, ", "))
}

var testerLine = regexp.MustCompile(`^(SUCCESS|COMPLIANT|ACCEPTABLE|DEVIATION|SKIPPED|ERROR|CRITICAL) ([a-z_0-9]+)$`)

// testerResults reads what scim2 prints: a line with a status for each check,
// and below it a reason of some lines.
func testerResults(out string) []finding {
	var all []finding
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		if m := testerLine.FindStringSubmatch(line); m != nil {
			all = append(all, finding{check: m[2], status: m[1]})
		} else if len(all) > 0 {
			last := &all[len(all)-1]
			if last.reason != "" {
				last.reason += "\n"
			}
			last.reason += strings.TrimPrefix(line, "  ")
		}
	}
	return all
}

func TestSCIM2Tester(t *testing.T) {
	scim2 := program(t, "scim2", "scim2-cli and scim2-tester")
	discovery := []string{
		"service_provider_config_endpoint", "service_provider_config_endpoint_methods", "query_all_resource_types", "query_resource_type_by_id",
		"resource_types_schema_validation", "access_invalid_resource_type", "resource_types_endpoint_methods", "query_all_schemas",
		"access_schema_by_id", "access_invalid_schema", "schemas_endpoint_methods", "random_url", "object_creation", "object_query", "object_query_without_id", "object_deletion",
	}
	more := []string{
		"object_query_with_attributes", "object_list_with_attributes", "search_with_attributes", "object_replacement",
		"check_add_attribute", "check_remove_attribute", "check_replace_attribute",
	}
	demos(t, func(t *testing.T, url string, d demo) {
		out := run(t, []string{"SCIM_CLI_URL=" + url, "SCIM_CLI_HEADERS=Authorization: Bearer " + harness.Token}, scim2, "test")
		required := discovery
		if d != shipped {
			required = append(slices.Clone(discovery), more...)
		}
		judge(t, tester, d, testerResults(out), []string{"SUCCESS", "COMPLIANT", "ACCEPTABLE"}, required)
	}, shipped, lenient, complete)
}

func TestSCIMSanity(t *testing.T) {
	path := program(t, "scim-sanity", "scim-sanity")
	demos(t, func(t *testing.T, url string, d demo) {
		out := run(t, nil, path, "probe", url, "--token", harness.Token, "--i-accept-side-effects", "--json-output")
		var report struct {
			Summary struct{ Total int }
			Results []struct{ Name, Status, Message string }
		}
		if err := json.Unmarshal([]byte(out), &report); err != nil {
			t.Fatalf("%v:\n%s", err, out)
		}
		var results []finding
		for _, r := range report.Results {
			results = append(results, finding{r.Name, r.Status, r.Message})
		}
		if len(results) != report.Summary.Total {
			t.Errorf("%d results, and a summary of %d", len(results), report.Summary.Total)
		}
		judge(t, sanity, d, results, []string{"pass"}, []string{
			"GET /ServiceProviderConfig", "GET /Schemas", "GET /ResourceTypes", "POST /Users", "PUT /Users/{id}", "PATCH /Users/{id}", "DELETE /Users/{id}",
			"POST /Groups", "GET /Groups/{id}", "PUT /Groups/{id}", "DELETE /Groups/{id}", "GET /Users?filter (no match)", "POST /Users invalid body (expect 400)",
		})
	}, shipped, lenient)
}
