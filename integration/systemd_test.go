package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hostscim/configs"
	"hostscim/integration/harness"
	"hostscim/mapping"
)

const (
	unitFile   = "../configs/systemd/hostscim.service"
	unitBinary = "/usr/local/bin/hostscim"
	unitConfig = "/etc/hostscim/config.yaml"
)

// unit returns the shipped unit, and the values of a key in it.
func unit(t *testing.T) (text string, values func(key string) []string) {
	t.Helper()
	src, err := os.ReadFile(unitFile)
	if err != nil {
		t.Fatal(err)
	}
	return string(src), func(key string) (found []string) {
		for line := range strings.Lines(string(src)) {
			if value, ok := strings.CutPrefix(line, key+"="); ok {
				found = append(found, strings.TrimSpace(value))
			}
		}
		return found
	}
}

// TestSystemdUnit: systemd knows every key of the unit, and thinks that there
// is little left that the service could do to the machine.
func TestSystemdUnit(t *testing.T) {
	analyze := harness.Tool(t, "systemd-analyze", "systemd")
	text, _ := unit(t)
	file := filepath.Join(t.TempDir(), "hostscim.service")
	text = strings.ReplaceAll(text, unitBinary, harness.Build(t)) // which must be there
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"verify", "--man=no", "--recursive-errors=no", file},
		{"security", "--offline=true", "--no-pager", "--threshold=12", file}, // of 100
	} {
		out, err := exec.Command(analyze, args...).CombinedOutput()
		if err != nil || args[0] == "verify" && len(out) > 0 {
			t.Errorf("systemd-analyze %s: %v\n%s", args[0], err, out)
		}
	}
}

// TestSystemdService: the command of the unit serves, the service is stopped
// after its requests, and a faulty profile is not tried again and again.
func TestSystemdService(t *testing.T) {
	_, values := unit(t)
	start := strings.Fields(strings.Join(values("ExecStart"), " "))
	if len(start) < 2 || start[0] != unitBinary || !slices.Contains(start, unitConfig) {
		t.Fatalf("ExecStart=%q, want %s with %s", start, unitBinary, unitConfig)
	}
	config, env := harness.Profile(t, "http://127.0.0.1:1")
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		t.Fatal(err)
	}
	args := start[1:]
	args[slices.Index(args, unitConfig)] = file
	harness.Start(t, harness.Options{Args: args, Env: env}).Stop(t)

	loaded, err := mapping.Load("shipped.yaml", configs.SignInEnterprise, mapping.Sources{Env: func(string) (string, bool) { return "https://example.com", true }})
	if err != nil {
		t.Fatal(err)
	}
	stop, err := time.ParseDuration(strings.Join(values("TimeoutStopSec"), ""))
	if err != nil || stop <= time.Duration(loaded.Server.ShutdownTimeout) {
		t.Errorf("TimeoutStopSec=%v, %v, want more than shutdown_timeout, %v", stop, err, time.Duration(loaded.Server.ShutdownTimeout))
	}
	if err := os.WriteFile(file, []byte("server: [\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := run(t, args...)
	if want := values("RestartPreventExitStatus"); !slices.Equal(want, []string{"2"}) || got.code != 2 {
		t.Errorf("a faulty profile has exit code %d, and RestartPreventExitStatus=%q", got.code, want)
	}
}
