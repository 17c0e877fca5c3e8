package integration

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hostscim/configs"
	"hostscim/integration/harness"
	"hostscim/legacyclient/legacytest"
)

// ran is what became of a command.
type ran struct {
	code           int
	stdout, stderr string
}

// run runs the binary to its end, which must come soon.
func run(t *testing.T, args ...string) ran {
	t.Helper()
	cmd := harness.Command(t, harness.Env("http://127.0.0.1:1/api/v3"), args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timeout := time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() })
	defer timeout.Stop()
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return ran{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// TestCommandLine holds what is said of a command line that cannot be: where,
// how much, and with which exit code.
func TestCommandLine(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, src []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, src, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	shipped := write("shipped.yaml", configs.SignInEnterprise)
	faulty := write("faulty.yaml", bytes.Replace(configs.SignInEnterprise, []byte("  listen: 127"), []byte("  lisen: 127"), 1))
	noYAML := write("no.yaml", []byte("server: [\n"))
	for _, tt := range []struct {
		name   string
		args   []string
		code   int
		stdout string   // a part of it; "": there is none
		stderr []string // parts of it; nil: there is none
		lines  int      // of stderr; 0: any number
	}{
		{"version", []string{"version"}, 0, "hostscim ", nil, 0},
		{"help", []string{"--help"}, 0, "serve", nil, 0},
		{"check of the shipped profile", []string{"check", "--config", shipped}, 0, "no faults", nil, 0},
		{"unknown flag", []string{"serve", "--prot", "80"}, 2, "", []string{"--prot"}, 1},
		{"unknown flag of check", []string{"check", "--fix"}, 2, "", []string{"--fix"}, 1},
		{"unknown command", []string{"server"}, 2, "", []string{"server"}, 1},
		{"argument", []string{"version", "now"}, 2, "", []string{"now"}, 1},
		{"serve without a file", []string{"serve"}, 2, "", []string{"--config is missing"}, 1},
		{"check without a file", []string{"check"}, 2, "", []string{"--config is missing"}, 1},
		{"no such file", []string{"serve", "--config", filepath.Join(dir, "absent.yaml")}, 2, "", []string{"absent.yaml", "no such file"}, 1},
		{"a directory", []string{"check", "--config", dir}, 2, "", []string{"directory"}, 1},
		{"faulty file", []string{"serve", "--config", faulty}, 2, "", []string{"faulty.yaml:", "lisen", "server"}, 0},
		{"check of a faulty file", []string{"check", "--config", faulty}, 2, "", []string{"faulty.yaml:", "lisen"}, 0},
		{"no YAML", []string{"check", "--config", noYAML}, 2, "", []string{"no.yaml:"}, 0},
		{"log format", []string{"serve", "--config", shipped, "--log-format", "xml"}, 2, "", []string{"--log-format", "xml"}, 1},
		{"log level", []string{"serve", "--config", shipped, "--log-level", "loud"}, 2, "", []string{"--log-level", "loud"}, 1},
		{"demo with a token that is empty", []string{"demo", "--token", ""}, 2, "", []string{"token"}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := run(t, tt.args...)
			if got.code != tt.code {
				t.Errorf("exit code = %d, want %d", got.code, tt.code)
			}
			if !strings.Contains(got.stdout, tt.stdout) || tt.stdout == "" && got.stdout != "" {
				t.Errorf("stdout = %q, want %q in it", got.stdout, tt.stdout)
			}
			for _, part := range tt.stderr {
				if !strings.Contains(got.stderr, part) {
					t.Errorf("stderr = %q, want %q in it", got.stderr, part)
				}
			}
			if n := strings.Count(got.stderr, "\n"); tt.stderr == nil && n > 0 || tt.lines > 0 && n != tt.lines {
				t.Errorf("stderr has %d lines, want %d:\n%s", n, tt.lines, got.stderr)
			}
			if strings.Contains(got.stderr, harness.Token) || strings.Contains(got.stderr, "panic") {
				t.Errorf("stderr = %s", got.stderr)
			}
		})
	}
}

// TestCheckSummary holds that check tells what the profile serves.
func TestCheckSummary(t *testing.T) {
	file := filepath.Join(t.TempDir(), "shipped.yaml")
	if err := os.WriteFile(file, configs.SignInEnterprise, 0o600); err != nil {
		t.Fatal(err)
	}
	out := run(t, "check", "--config", file).stdout
	for _, want := range append([]string{"User at /Users", "Group at /Groups", "userName eq", "alternate_email", "required"}, shippedPaths[:10]...) {
		if !strings.Contains(out, want) {
			t.Errorf("check prints\n%s\nwant %q in it", out, want)
		}
	}
}

// TestShutdown stops the process while a request waits for the host API.
func TestShutdown(t *testing.T) {
	legacy := newLegacy(t, legacytest.WithHosts(1))
	f := newFaulty(t, legacy)
	arrived, release := make(chan struct{}), make(chan struct{})
	f.make(func(_ int, w http.ResponseWriter, r *http.Request, pass http.HandlerFunc) {
		close(arrived)
		<-release
		pass(w, r)
	})
	s := startAt(t, config(t, "shipped"), f.url())
	answered := make(chan answer, 1)
	go func() { answered <- s.send("GET", "/Users/1", "") }()
	select {
	case <-arrived:
	case <-time.After(10 * time.Second):
		close(release)
		t.Fatal("the request did not reach the host API")
	}
	s.process.Terminate(t)
	ready := waitUnready(t, s)
	// It turns not ready first, and a moment later takes no new connections.
	for deadline := time.Now().Add(5 * time.Second); ; {
		conn, err := net.DialTimeout("tcp", strings.Split(s.base, "/")[2], time.Second)
		if err != nil {
			break
		}
		conn.Close()
		if time.Now().After(deadline) {
			t.Errorf("new connections are taken while the process stops (readyz: %s)", ready)
			break
		}
	}
	select {
	case a := <-answered:
		t.Errorf("the request was answered with %d before the host API answered", a.status)
	case <-s.process.Exited():
		t.Error("the process ended before the request did")
	default:
	}
	close(release)
	if a := <-answered; a.status != http.StatusOK {
		t.Errorf("the request = %d %s, want 200", a.status, a.body)
	}
	s.process.Stop(t) // and checks the exit code
}

// waitUnready waits until /readyz says 503, or is gone, and returns which.
func waitUnready(t *testing.T, s *system) string {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		a, err := try(t, s.http, "GET", s.process.AdminURL+"/readyz", nil)
		switch {
		case err != nil:
			return "refused"
		case a.status == http.StatusServiceUnavailable:
			return "503"
		}
		if a, err := try(t, s.http, "GET", s.process.AdminURL+"/healthz", nil); err == nil && a.status != http.StatusOK {
			t.Errorf("/healthz = %d while the process lives, want 200", a.status)
		}
	}
	t.Fatal("/readyz still says ready after SIGTERM")
	return ""
}
