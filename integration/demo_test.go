package integration

import (
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"hostscim/integration/harness"
)

// demo starts the demonstration on free ports and returns it once it has said
// how to try it.
func demo(t *testing.T, args ...string) *harness.Process {
	t.Helper()
	p := harness.Start(t, harness.Options{Args: append([]string{"demo",
		"--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--legacy-listen", "127.0.0.1:0"}, args...)})
	for deadline := time.Now().Add(10 * time.Second); strings.Count(p.Stdout(), "\ncurl ") < 4 || !strings.HasSuffix(p.Stdout(), "\n"); {
		if time.Now().After(deadline) {
			t.Fatalf("the demo prints\n%s\nwant four curl lines", p.Stdout())
		}
		select {
		case <-p.Exited():
			t.Fatalf("the demo ended:\n%s", p.Log())
		case <-time.After(5 * time.Millisecond):
		}
	}
	return p
}

// TestDemo runs the lines that the demo prints, as somebody who tries it
// would.
func TestDemo(t *testing.T) {
	bash := harness.Tool(t, "bash", "bash")
	harness.Tool(t, "curl", "curl")
	for _, args := range [][]string{nil, {"--hosts", "25", "--token", "another", "--legacy-token", "third"}} {
		p := demo(t, args...)
		greeting := p.Stdout()
		for _, want := range []string{p.URL, p.AdminURL + "/readyz", "Secret Token", "Tenant URL"} {
			if !strings.Contains(greeting, want) {
				t.Errorf("the demo prints\n%s\nwant %q in it", greeting, want)
			}
		}
		wants := [][]string{
			{`"userName":"ada@example.com"`, `"active":true`, `"department":"Engines"`},
			{`"totalResults":1`, `"userName":"ada@example.com"`},
			{`"active":false`},
			{`"username":"ada@example.com"`, `"visible":false`, `"total_records":1`},
		}
		n := 0
		for line := range strings.Lines(greeting) {
			if !strings.HasPrefix(line, "curl ") {
				continue
			}
			out, err := exec.Command(bash, "-c", line).CombinedOutput()
			if err != nil {
				t.Errorf("%s: %v\n%s", line, err, out)
			}
			if n >= len(wants) {
				t.Fatalf("the demo prints more curl lines than %d:\n%s", n, greeting)
			}
			for _, want := range wants[n] {
				if !strings.Contains(string(out), want) {
					t.Errorf("%s prints\n%s\nwant %s in it", line, out, want)
				}
			}
			n++
		}
		if n != 4 {
			t.Errorf("the demo prints %d curl lines, want 4", n)
		}
		p.Stop(t)
	}
}

// TestTakenPort starts a demo where something listens already.
func TestTakenPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	taken := l.Addr().String()
	free := "127.0.0.1:0"
	for _, tt := range []struct{ listen, admin, legacy string }{
		{taken, free, free}, {free, taken, free}, {free, free, taken},
	} {
		got := run(t, "demo", "--listen", tt.listen, "--admin-listen", tt.admin, "--legacy-listen", tt.legacy)
		if got.code != 1 || got.stdout != "" {
			t.Errorf("demo on a taken port: exit code %d and stdout %q, want 1 and nothing", got.code, got.stdout)
		}
		if !strings.Contains(got.stderr, taken) || !strings.Contains(got.stderr, "address already in use") || !strings.Contains(got.stderr, "listen") {
			t.Errorf("demo on a taken port says %q, want the address, what for, and why", got.stderr)
		}
		if n := strings.Count(got.stderr, "\n"); n != 1 {
			t.Errorf("demo on a taken port says %d lines, want 1:\n%s", n, got.stderr)
		}
	}
}
