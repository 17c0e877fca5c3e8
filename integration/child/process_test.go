package child_test

import (
	"bytes"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"hostscim/integration/child"
)

// sh starts a shell that says that it serves and then does as it is told.
func sh(t *testing.T, script string, log *bytes.Buffer) *child.Process {
	t.Helper()
	p, err := child.Start(exec.Command("sh", "-c", `echo '{"msg":"serving","listen":"a:1","admin_listen":"b:2"}' >&2; `+script), log)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestStart(t *testing.T) {
	log := new(bytes.Buffer)
	p := sh(t, "echo more >&2; read x", log)
	<-p.Exited() // standard input is at its end
	if p.Addr != "a:1" || p.Admin != "b:2" || log.String() != "more\n" {
		t.Errorf("it listens at %q and %q, and its log is %q", p.Addr, p.Admin, log)
	}
	if _, err := child.Start(exec.Command("sh", "-c", "echo no port >&2; exit 3"), log); err == nil || !strings.Contains(err.Error(), "no port") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("a process that ends at once: %v, want why", err)
	}
	if _, err := child.Start(exec.Command("/absent"), log); err == nil {
		t.Error("a program that there is not was started")
	}
}

func TestTerminate(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		timeout      time.Duration
		want         string // "": no error
	}{
		{"ends well", `trap 'exit 0' TERM; echo >&2; while :; do sleep 0.01; done`, time.Minute, ""},
		{"with another exit code", `trap 'exit 4' TERM; echo >&2; while :; do sleep 0.01; done`, time.Minute, "exit status 4"},
		{"stays", `trap '' TERM; echo >&2; while :; do sleep 0.01; done`, 20 * time.Millisecond, "still there"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ready := make(written, 1)
			p, err := child.Start(exec.Command("sh", "-c", `echo '{"msg":"serving"}' >&2; `+tt.script), ready)
			if err != nil {
				t.Fatal(err)
			}
			<-ready // the trap is set
			err = p.Terminate(tt.timeout)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("Terminate = %v, want %q", err, tt.want)
			}
			select {
			case <-p.Exited():
			default:
				t.Error("the process is still there")
			}
		})
	}
}

// written tells that something was written.
type written chan struct{}

func (w written) Write(p []byte) (int, error) {
	if len(p) > 0 {
		select {
		case w <- struct{}{}:
		default:
		}
	}
	return len(p), nil
}

func TestMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no /proc")
	}
	p := sh(t, "while :; do sleep 0.01; done", new(bytes.Buffer))
	defer p.Kill()
	most, err := p.Memory("VmHWM")
	if err != nil || most < 100<<10 || most%1024 != 0 {
		t.Errorf("VmHWM = %d, %v, want some kilobytes", most, err)
	}
	if got, err := p.Memory("VmNone"); err == nil {
		t.Errorf("VmNone = %d, want an error", got)
	}
}

func TestMetric(t *testing.T) {
	const text = "# TYPE a gauge\na 3\na{b=\"c\"} 4.5e+06\naa 5\n"
	for name, want := range map[string]float64{"a": 3, `a{b="c"}`: 4.5e6, "aa": 5} {
		if got, err := child.Metric(text, name); err != nil || got != want {
			t.Errorf("Metric(%s) = %v, %v, want %v", name, got, err, want)
		}
	}
	if got, err := child.Metric(text, "b"); err == nil {
		t.Errorf("Metric(b) = %v, want an error", got)
	}
}
