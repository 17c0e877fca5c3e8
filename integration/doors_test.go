package integration

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"hostscim/integration/harness"
	"hostscim/legacyclient/legacytest"
)

// socket returns a listening socket of this machine as systemd passes it, and
// its address.
func socket(t *testing.T, name string) (*os.File, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fd, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	passed := os.NewFile(uintptr(fd), name)
	t.Cleanup(func() { passed.Close() })
	return passed, l.Addr().String()
}

// TestSocketActivation starts the process with sockets that are open already,
// in an order that is not that of the keys.
func TestSocketActivation(t *testing.T) {
	legacy := newLegacy(t, legacytest.WithHosts(1))
	config, env := harness.Profile(t, legacy.URL)
	config = bytes.ReplaceAll(config, []byte("listen: 127.0.0.1:0"), []byte("listen: systemd"))
	admin, adminAddr := socket(t, "admin_listen")
	public, publicAddr := socket(t, "listen")
	p := harness.Start(t, harness.Options{Config: config, Env: env, Sockets: []*os.File{admin, public}})
	if p.URL != "http://"+publicAddr+"/scim/v2" || p.AdminURL != "http://"+adminAddr {
		t.Errorf("it serves at %s and %s, want the sockets %s and %s", p.URL, p.AdminURL, publicAddr, adminAddr)
	}
	for url, want := range map[string]int{p.URL + "/Users/1": http.StatusOK, p.AdminURL + "/readyz": http.StatusOK} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+harness.Token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("GET %s = %d, want %d", strings.TrimPrefix(url, "http://"), resp.StatusCode, want)
		}
	}
}
