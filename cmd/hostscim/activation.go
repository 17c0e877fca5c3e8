package main

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
)

// firstSocket is the first descriptor that systemd passes.
const firstSocket = 3

// activation are the sockets that systemd has opened and passed, as
// sd_listen_fds(3) tells it. A file has the FileDescriptorName as its name.
type activation struct{ files []*os.File }

// activated returns the sockets that were passed to the process of that pid;
// none where the environment is about another process.
func activated(getenv func(string) string, pid int, first uintptr) (*activation, error) {
	a := new(activation)
	if getenv("LISTEN_PID") != strconv.Itoa(pid) {
		return a, nil
	}
	n, err := strconv.Atoi(getenv("LISTEN_FDS"))
	if err != nil || n < 0 || n > 1024 {
		return nil, fmt.Errorf("LISTEN_FDS is %q, want the number of sockets that systemd passes", getenv("LISTEN_FDS"))
	}
	names := strings.Split(getenv("LISTEN_FDNAMES"), ":")
	for i := range n {
		name := "unknown"
		if i < len(names) && names[i] != "" {
			name = names[i]
		}
		a.files = append(a.files, os.NewFile(first+uintptr(i), name))
	}
	return a, nil
}

// listener returns the socket of that name, or the only one that is left; once.
func (a *activation) listener(name string) (net.Listener, error) {
	at := slices.IndexFunc(a.files, func(f *os.File) bool { return f.Name() == name })
	if at < 0 && len(a.files) == 1 {
		at = 0
	}
	switch {
	case len(a.files) == 0:
		return nil, fmt.Errorf("server.%s is systemd, which passed no socket for it: start the service by its socket unit", name)
	case at < 0:
		return nil, fmt.Errorf("server.%s is systemd, which passed several sockets and none of that name: write FileDescriptorName=%s into the socket unit", name, name)
	}
	f := a.files[at]
	defer f.Close() // the listener has a descriptor of its own
	a.files = slices.Delete(a.files, at, at+1)
	l, err := net.FileListener(f)
	if err != nil {
		return nil, fmt.Errorf("server.%s: what systemd passed as %s: %w", name, f.Name(), err)
	}
	return l, nil
}

// close lets go of the sockets that nobody wanted.
func (a *activation) close() {
	for _, f := range a.files {
		f.Close()
	}
}
