package backends

import (
	"errors"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait of these tests.
const patience = 30 * time.Second

// start runs a server until it listens at the address that it is given, and
// returns that address. It is stopped at the end of the test; if the test
// fails, what it wrote is part of the output. A port that was free may be taken when
// the server comes to it: then another is tried.
func start(t *testing.T, command func(addr string) *exec.Cmd) string {
	t.Helper()
	var last string
	for range 3 {
		addr := freeAddr(t)
		cmd, out := command(addr), new(output)
		cmd.Stdout, cmd.Stderr = out, out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		exited := make(chan struct{})
		go func() {
			cmd.Wait() // how it ends says nothing: it is told to
			close(exited)
		}()
		if listens(addr, exited) {
			t.Cleanup(func() {
				stop(t, cmd.Process, exited)
				if t.Failed() {
					t.Logf("output of %s:\n%s", cmd.Path, out)
				}
			})
			return addr
		}
		cmd.Process.Kill()
		<-exited
		last = out.String()
	}
	t.Fatalf("the server does not start:\n%s", last)
	return ""
}

// stop ends a process as a service manager does, and waits for it.
func stop(t *testing.T, p *os.Process, exited <-chan struct{}) {
	t.Helper()
	if err := p.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	select {
	case <-exited:
	case <-time.After(patience):
		t.Errorf("the server was still there %v after SIGTERM", patience)
		p.Kill()
		<-exited
	}
}

// freeAddr returns an address where nobody listens. Its port is below those
// that systems give away by themselves, so that no other test gets it before
// the server comes to it, and is taken for the server.
func freeAddr(t *testing.T) string {
	t.Helper()
	const low, high = 16384, 32768
	for range 100 {
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(low+rand.IntN(high-low)))
		if l, err := net.Listen("tcp", addr); err == nil {
			l.Close()
			return addr
		}
	}
	t.Fatal("no port is free")
	return ""
}

// listens waits until somebody accepts connections at the address.
func listens(addr string, exited <-chan struct{}) bool {
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if conn, err := net.DialTimeout("tcp", addr, patience); err == nil {
			conn.Close()
			return true
		}
		select {
		case <-tick.C:
		case <-exited:
			return false
		case <-deadline:
			return false
		}
	}
}

// output keeps what a process writes.
type output struct {
	mu   sync.Mutex
	data []byte
}

// Write keeps data.
func (o *output) Write(data []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.data = append(o.data, data...)
	return len(data), nil
}

// String returns what was written so far.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.data)
}
