package child

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// startTimeout is long because a million hosts are invented first.
const startTimeout = 2 * time.Minute

// serving is the line by which a process says where it listens. It is the
// one that hostscim logs.
type serving struct {
	Msg         string `json:"msg"`
	Listen      string `json:"listen"`
	AdminListen string `json:"admin_listen"`
}

// Process is a program that runs beside this one.
type Process struct {
	Addr, Admin string // host:port
	PID         int

	cmd    *exec.Cmd
	exited chan struct{} // closed when it is gone
	err    error         // of the process, once exited is closed
}

// Start starts a program and waits until it says where it listens. What it
// writes to standard error before that is part of the error if it ends; what it
// writes afterwards goes to log.
func Start(cmd *exec.Cmd, log io.Writer) (*Process, error) {
	w := &watch{rest: log, serves: make(chan serving, 1)}
	cmd.Stderr = w
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", filepath.Base(cmd.Path), err)
	}
	p := &Process{PID: cmd.Process.Pid, cmd: cmd, exited: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.exited)
	}()
	select {
	case s := <-w.serves:
		p.Addr, p.Admin = s.Listen, s.AdminListen
		return p, nil
	case <-p.exited:
		return nil, fmt.Errorf("%s ended before it served: %v\n%s", filepath.Base(cmd.Path), cmd.ProcessState, w.said.Bytes())
	case <-time.After(startTimeout):
		p.Kill()
		return nil, fmt.Errorf("%s does not serve after %v", filepath.Base(cmd.Path), startTimeout)
	}
}

// Kill ends the process and waits until it is gone.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // gone already, as good
	<-p.exited
}

// Terminate sends SIGTERM and waits until the process is gone, which it must
// be within the timeout, with 0 as its exit code.
func (p *Process) Terminate(timeout time.Duration) error {
	if err := p.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stopping it: %w", errors.Join(err, p.err))
	}
	select {
	case <-p.exited:
		return p.err
	case <-time.After(timeout):
		p.Kill()
		return fmt.Errorf("it was still there %v after SIGTERM", timeout)
	}
}

// Signal sends the signal.
func (p *Process) Signal(s os.Signal) error { return p.cmd.Process.Signal(s) }

// Exited is closed when the process is gone.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// Ask gets a page of the admin listener.
func (p *Process) Ask(path string) (string, error) {
	res, err := http.Get("http://" + p.Admin + path)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s", path, res.Status)
	}
	return string(text), err
}

// Metric returns the value of a metric in what /metrics answers. The name
// has the labels, as they are printed, behind it.
func Metric(text, name string) (float64, error) {
	_, rest, found := strings.Cut(text, "\n"+name+" ")
	if !found {
		return 0, fmt.Errorf("there is no metric %s", name)
	}
	value, _, _ := strings.Cut(rest, "\n")
	return strconv.ParseFloat(value, 64)
}

// Memory returns what /proc says of the memory of the process, in bytes:
// VmRSS is what is resident, VmHWM the most that ever was.
func (p *Process) Memory(name string) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID))
	if err != nil {
		return 0, err
	}
	_, rest, found := strings.Cut(string(status), "\n"+name+":")
	if !found {
		return 0, fmt.Errorf("/proc/PID/status has no %s", name)
	}
	kb, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, err := strconv.ParseInt(kb, 10, 64)
	return n << 10, err
}

// watch reads what a process writes, up to the line that says that it serves,
// and hands on the rest.
type watch struct {
	rest   io.Writer
	serves chan serving

	mu   sync.Mutex
	said bytes.Buffer // before it served
	line bytes.Buffer // the last one, as far as it is there
	done bool
}

// Write keeps p, or hands it on.
func (w *watch) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.done {
		return w.rest.Write(p)
	}
	w.said.Write(p)
	w.line.Write(p)
	for {
		line, rest, whole := bytes.Cut(w.line.Bytes(), []byte("\n"))
		if !whole {
			return len(p), nil
		}
		var s serving
		if json.Unmarshal(line, &s) == nil && s.Msg == "serving" {
			w.done = true
			w.serves <- s
			_, err := w.rest.Write(rest)
			return len(p), err
		}
		w.line.Next(len(line) + 1)
	}
}
