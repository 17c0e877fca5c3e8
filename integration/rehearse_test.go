package integration

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"hostscim/integration/harness"
	"hostscim/integration/rehearse"
	"hostscim/legacyclient/legacytest"
)

// rehearsal runs a rehearsal against the system, and fails the test if it
// finds anything or leaves anything behind.
func (s *system) rehearsal(t *testing.T, o rehearse.Options) *rehearse.Report {
	t.Helper()
	before, groups := s.legacy.Hosts(), len(s.legacy.Groups())
	o.URL, o.Token = s.base, harness.Token
	o.Sleep = func(time.Duration) {}
	r, err := rehearse.New(o)
	if err != nil {
		t.Fatal(err)
	}
	r.Run(t.Context())
	r.CleanUp(t.Context())
	report := r.Report()
	if report.Failed() {
		var b strings.Builder
		report.Write(&b)
		t.Errorf("the rehearsal finds\n%s", b.String())
	}
	after := s.legacy.Hosts()
	if len(after) != len(before) || len(s.legacy.Groups()) != groups {
		t.Fatalf("after the rehearsal there are %d hosts and %d groups, want %d and %d", len(after), len(s.legacy.Groups()), len(before), groups)
	}
	for i, h := range after {
		if h.UpdatedAt != before[i].UpdatedAt || h.Username != before[i].Username {
			t.Errorf("the rehearsal changed host %d, which was there before", h.ID)
		}
	}
	return report
}

// TestRehearsal plays every identity provider against hostscim, with the
// shipped profile and with one that maps all that Entra can send.
func TestRehearsal(t *testing.T) {
	for _, profile := range rehearse.Profiles() {
		t.Run(profile, func(t *testing.T) {
			legacy := newLegacy(t, legacytest.WithHosts(7))
			report := start(t, quick(t), legacy).rehearsal(t, rehearse.Options{Profile: profile, Users: 12, Groups: 2, Members: 6})
			if report.Requests < 50 {
				t.Errorf("the rehearsal sent %d requests, want a whole cycle", report.Requests)
			}
		})
	}
	t.Run("full", func(t *testing.T) {
		legacy := newLegacy(t, legacytest.WithHosts(7), legacytest.WithLenient())
		start(t, config(t, "full"), legacy).rehearsal(t, rehearse.Options{Users: 12, Groups: 2, Members: 6})
	})
	t.Run("read only", func(t *testing.T) {
		legacy := newLegacy(t, legacytest.WithHosts(7))
		start(t, quick(t), legacy).rehearsal(t, rehearse.Options{ReadOnly: true})
		for _, c := range legacy.Log() {
			if c.Method != "GET" {
				t.Errorf("a read-only rehearsal makes the call %s %s", c.Method, c.Path)
			}
		}
	})
}

// TestRehearsalSuites runs the published suites against hostscim.
func TestRehearsalSuites(t *testing.T) {
	for _, suite := range rehearse.Suites() {
		t.Run(suite, func(t *testing.T) {
			legacy := newLegacy(t, legacytest.WithHosts(7), legacytest.WithLenient())
			report := start(t, config(t, "full"), legacy).rehearsal(t, rehearse.Options{Suite: suite})
			for _, test := range report.Tests {
				if test.Result == rehearse.Skip && !strings.Contains(test.Name, "Credentials") && !strings.Contains(test.Name, "Federated") {
					t.Errorf("%s was skipped: %s", test.Name, test.Why)
				}
			}
		})
	}
}

// TestRehearsalUsersOnly: a profile without groups is rehearsed without them.
func TestRehearsalUsersOnly(t *testing.T) {
	legacy := newLegacy(t)
	start(t, config(t, "users"), legacy).rehearsal(t, rehearse.Options{Users: 3, Groups: 0, Dialect: "legacy"})
}

// TestRehearsalInterrupted: after Ctrl-C or SIGTERM the command removes what
// it made before it ends.
func TestRehearsalInterrupted(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			legacy := newLegacy(t, legacytest.WithHosts(7))
			s := start(t, quick(t), legacy)
			cmd := harness.Command(t, map[string]string{"TOKEN": harness.Token},
				"rehearse", "--url", s.base, "--token-env", "TOKEN", "--users", "40", "--groups", "3", "--members", "30", "--rate", "0")
			var out strings.Builder
			cmd.Stdout = &out
			steps, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			for lines := bufio.NewScanner(steps); lines.Scan(); {
				if lines.Text() != "add members" {
					continue
				}
				if n := len(legacy.Hosts()); n < 47 {
					t.Errorf("there are %d hosts in the middle of the run, want all that it makes", n)
				}
				if err := cmd.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
			}
			var exit *exec.ExitError
			if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
				t.Errorf("the command ends with %v, want exit code 1", err)
			}
			if !strings.Contains(out.String(), "The run ended early. It was interrupted.") || strings.Contains(out.String(), "left behind") {
				t.Errorf("the command prints\n%s\nwant that it was interrupted and left nothing", out.String())
			}
			if hosts, groups := len(legacy.Hosts()), len(legacy.Groups()); hosts != 7 || groups != 0 {
				t.Errorf("the command leaves %d hosts and %d groups, want 7 and 0", hosts, groups)
			}
		})
	}
}
