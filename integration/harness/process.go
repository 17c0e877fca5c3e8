package harness

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Options says how to start a process.
type Options struct {
	// Config is the configuration file. nil: none is written, and Args say all.
	Config []byte
	// Env is put into the environment, which otherwise holds PATH and HOME only.
	Env map[string]string
	// Args are further arguments. With Config the command line is
	// "serve --config FILE --log-format json" and then Args; without, it is
	// Args and then "--log-format json".
	Args []string
	// BasePath is server.base_path; "" is /scim/v2.
	BasePath string
	// Sockets are passed as systemd does. The name of a file is the
	// FileDescriptorName.
	Sockets []*os.File
}

// Process is a running hostscim.
type Process struct {
	URL      string // of SCIM, base path included, without a slash at its end
	AdminURL string // of /healthz and /readyz, without a slash at its end
	PID      int

	cmd    *exec.Cmd
	log    output
	stdout output
	exited chan struct{} // closed when the process is gone
	err    error         // of the process, once exited is closed

	stop sync.Once
}

const (
	startTimeout = 20 * time.Second
	stopTimeout  = 40 * time.Second
)

// Start starts the binary and waits until it serves. It is stopped at the end
// of the test at the latest, and must then exit with 0. If the test fails, its
// log is part of the test's output.
func Start(t testing.TB, o Options) *Process {
	t.Helper()
	args := append(append([]string(nil), o.Args...), "--log-format", "json")
	if o.Config != nil {
		file := filepath.Join(t.TempDir(), "config.yaml")
		if err := os.WriteFile(file, o.Config, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append([]string{"serve", "--config", file, "--log-format", "json"}, o.Args...)
	}
	p := &Process{cmd: Command(t, o.Env, args...), exited: make(chan struct{})}
	serves := make(chan serving, 1)
	p.log.serving = serves
	p.cmd.Stderr, p.cmd.Stdout = &p.log, &p.stdout
	if len(o.Sockets) > 0 {
		activate(t, p.cmd, o.Sockets)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("starting hostscim: %v", err)
	}
	p.PID = p.cmd.Process.Pid
	go func() {
		p.err = p.cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() {
		p.Stop(t)
		if t.Failed() {
			t.Logf("log of hostscim:\n%s", tail(p.Log(), 8<<10))
		}
	})
	select {
	case s := <-serves:
		base := o.BasePath
		if base == "" {
			base = "/scim/v2"
		}
		p.URL, p.AdminURL = "http://"+s.Listen+base, "http://"+s.AdminListen
	case <-p.exited:
		t.Fatalf("hostscim ended before it served: %v\n%s", p.err, p.Log())
	case <-time.After(startTimeout):
		t.Fatalf("hostscim does not serve after %v\n%s", startTimeout, p.Log())
	}
	return p
}

// Command returns the binary with these arguments, not started. Its
// environment is env with PATH and HOME. With the race detector, a race ends
// the process with an exit code that is not 0.
func Command(t testing.TB, env map[string]string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(Build(t), args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "GORACE=halt_on_error=1 atexit_sleep_ms=10"}
	for k, v := range env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	return cmd
}

// activate makes the command one that is started with sockets, as
// sd_listen_fds(3) describes. Only the process itself knows its id, so that it
// is a shell that says it and becomes the command.
func activate(t testing.TB, cmd *exec.Cmd, sockets []*os.File) {
	t.Helper()
	names := make([]string, len(sockets))
	for i, s := range sockets {
		names[i] = s.Name()
	}
	cmd.ExtraFiles = sockets
	cmd.Env = append(cmd.Env, "LISTEN_FDS="+strconv.Itoa(len(sockets)), "LISTEN_FDNAMES="+strings.Join(names, ":"))
	cmd.Args = append([]string{"sh", "-c", `LISTEN_PID=$$ exec "$0" "$@"`, cmd.Path}, cmd.Args[1:]...)
	cmd.Path = Tool(t, "sh", "dash")
}

// Log returns what the process wrote to standard error so far: one JSON
// object a line.
func (p *Process) Log() string { return p.log.String() }

// Stdout returns what the process wrote to standard output so far.
func (p *Process) Stdout() string { return p.stdout.String() }

// Terminate sends SIGTERM and does not wait.
func (p *Process) Terminate(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("stopping hostscim: %v", err)
	}
}

// Signal sends the signal.
func (p *Process) Signal(t testing.TB, signal os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		t.Errorf("sending %v to hostscim: %v", signal, err)
	}
}

// Kill ends the process as a crash does, and waits until it is gone. It is
// not stopped any more.
func (p *Process) Kill(t testing.TB) {
	t.Helper()
	p.stop.Do(func() {
		if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Errorf("killing hostscim: %v", err)
		}
		<-p.exited
	})
}

// Stop sends SIGTERM, waits until the process is gone and checks that it
// exits with 0. It may be called again.
func (p *Process) Stop(t testing.TB) {
	t.Helper()
	p.stop.Do(func() {
		p.Terminate(t)
		select {
		case <-p.exited:
		case <-time.After(stopTimeout):
			p.cmd.Process.Kill()
			<-p.exited
			t.Errorf("hostscim was still there %v after SIGTERM", stopTimeout)
		}
		if p.err != nil {
			t.Errorf("hostscim ended with %v, want exit code 0", p.err)
		}
	})
}

// Exited is closed when the process is gone.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// serving is the log line of a process that serves.
type serving struct {
	Msg         string `json:"msg"`
	Listen      string `json:"listen"`
	AdminListen string `json:"admin_listen"`
}

// output collects what a process writes and looks for the line that says
// that it serves.
type output struct {
	mu      sync.Mutex
	text    strings.Builder
	line    int // where the last, unfinished line begins
	serving chan serving
}

// Write keeps p.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(p)
	for o.serving != nil {
		line, _, whole := strings.Cut(o.text.String()[o.line:], "\n")
		if !whole {
			break
		}
		o.line += len(line) + 1
		var s serving
		if json.Unmarshal([]byte(line), &s) == nil && s.Msg == "serving" {
			o.serving <- s
			o.serving = nil
		}
	}
	return len(p), nil
}

// String returns what was written so far.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// tail returns the last n bytes of s at most, from the begin of a line.
func tail(s string, n int) string {
	if len(s) <= n {
		return s
	}
	_, s, _ = strings.Cut(s[len(s)-n:], "\n")
	return "...\n" + s
}
