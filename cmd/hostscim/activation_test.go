package main

import (
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"hostscim/mapping"
)

// sockets returns what systemd passes under these names, and where they listen.
func sockets(t *testing.T, names ...string) (*activation, map[string]string) {
	t.Helper()
	a, at := new(activation), make(map[string]string)
	t.Cleanup(a.close)
	for _, name := range names {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		at[name] = l.Addr().String()
		f, err := l.(*net.TCPListener).File()
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		fd, err := syscall.Dup(int(f.Fd()))
		if err != nil {
			t.Fatal(err)
		}
		a.files = append(a.files, os.NewFile(uintptr(fd), name))
	}
	return a, at
}

// TestActivation: which socket is whose.
func TestActivation(t *testing.T) {
	for _, tt := range []struct {
		passed []string
		asked  []string
		want   []string // the names, or parts of errors
	}{
		{[]string{"listen", "admin_listen"}, []string{"listen", "admin_listen"}, []string{"listen", "admin_listen"}},
		{[]string{"admin_listen", "listen"}, []string{"listen", "admin_listen"}, []string{"listen", "admin_listen"}},
		{[]string{"other", "listen"}, []string{"listen"}, []string{"listen"}},
		{[]string{"hostscim.socket"}, []string{"admin_listen"}, []string{"hostscim.socket"}},
		{[]string{"hostscim.socket"}, []string{"listen", "admin_listen"}, []string{"hostscim.socket", "server.admin_listen is systemd, which passed no socket for it"}},
		{[]string{"a", "b"}, []string{"listen"}, []string{"FileDescriptorName=listen"}},
		{nil, []string{"listen"}, []string{"server.listen is systemd, which passed no socket for it"}},
	} {
		a, at := sockets(t, tt.passed...)
		for i, key := range tt.asked {
			l, err := a.listener(key)
			if err != nil {
				if !strings.Contains(err.Error(), tt.want[i]) {
					t.Errorf("of %v, the socket of %s: %v, want %s", tt.passed, key, err, tt.want[i])
				}
				continue
			}
			if got, want := l.Addr().String(), at[tt.want[i]]; got != want {
				t.Errorf("of %v, the socket of %s is at %s, want %s at %q", tt.passed, key, got, tt.want[i], want)
			}
			l.Close()
		}
	}
}

// TestActivationFile: what is passed may be no socket at all.
func TestActivationFile(t *testing.T) {
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	if l, err := (&activation{files: []*os.File{f}}).listener("listen"); err == nil || !strings.Contains(err.Error(), "server.listen: ") {
		t.Errorf("listener of a file = %v, %v, want an error that names the key", l, err)
	}
}

// TestListenAdmin: a socket of systemd is public where systemd opened it.
func TestListenAdmin(t *testing.T) {
	open := func(address string) *activation {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		f, err := l.(*net.TCPListener).File()
		if err != nil {
			t.Fatal(err)
		}
		return &activation{files: []*os.File{f}}
	}
	for _, tt := range []struct {
		address string
		allowed bool
		refused bool
	}{
		{"127.0.0.1:0", false, false}, {"0.0.0.0:0", true, false}, {"0.0.0.0:0", false, true},
	} {
		l, err := listenAdmin(mapping.Server{AdminListen: "systemd", AdminPublic: tt.allowed}, open(tt.address))
		if err == nil {
			l.Close()
		}
		if (err != nil) != tt.refused || err != nil && !strings.Contains(err.Error(), "admin_public: true") {
			t.Errorf("listenAdmin at %s, admin_public %v: %v, want it refused: %v", tt.address, tt.allowed, err, tt.refused)
		}
	}
}

func TestActivated(t *testing.T) {
	const none = 1 << 20 // no descriptor
	for _, tt := range []struct {
		pid, fds, names string
		want            string // the names
		fails           bool
	}{
		{"", "", "", "", false},
		{"7", "2", "listen:admin_listen", "", false}, // of another process
		{"8", "2", "listen:admin_listen", "listen admin_listen", false},
		{"8", "2", "listen", "listen unknown", false},
		{"8", "1", "", "unknown", false},
		{"8", "0", "", "", false},
		{"8", "", "", "", true},
		{"8", "-1", "", "", true},
		{"8", "many", "", "", true},
	} {
		env := map[string]string{"LISTEN_PID": tt.pid, "LISTEN_FDS": tt.fds, "LISTEN_FDNAMES": tt.names}
		a, err := activated(func(name string) string { return env[name] }, 8, none)
		if (err != nil) != tt.fails {
			t.Errorf("activated(%v) = %v, want an error: %v", env, err, tt.fails)
		}
		if err != nil {
			continue
		}
		var names []string
		for _, f := range a.files {
			names = append(names, f.Name())
		}
		if got := strings.Join(names, " "); got != tt.want {
			t.Errorf("activated(%v) = %s, want %s", env, got, tt.want)
		}
	}
}
