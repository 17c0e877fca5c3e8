package main

import (
	"bufio"
	"bytes"
	"context"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"hostscim/configs"
	"hostscim/legacyclient/legacytest"
	"hostscim/mapping"
)

const doorToken = "example-secret-of-entra"

// door is an adapter that serves in this process.
type door struct {
	t             *testing.T
	public, admin net.Addr
	log           *logBuffer
	stop          func() error // once; it is called at the end of the test at the latest
}

// logBuffer is a log that may be read while it is written.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// withServer returns the shipped profile with other lines under server, which
// may go on into auth.
func withServer(lines string) []byte {
	before, rest, _ := strings.Cut(string(configs.SignInEnterprise), "\nserver:\n")
	_, after, _ := strings.Cut(rest, "\nauth:\n")
	if !strings.Contains(lines, "\nauth:\n") {
		lines += "\nauth:\n"
	}
	return []byte(before + "\nserver:\n" + lines + after)
}

// loadWith returns the shipped profile with these lines under server.
func loadWith(t *testing.T, server, legacyURL string) *mapping.Config {
	t.Helper()
	config, err := load("test.yaml", withServer(server), map[string]string{
		"HOSTSCIM_TOKEN": doorToken, "LEGACY_URL": legacyURL, "LEGACY_TOKEN": "example-secret-2",
	})
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// openDoor serves the shipped profile with these lines under server.
func openDoor(t *testing.T, server string) *door {
	t.Helper()
	api := legacytest.NewServer(legacytest.WithToken("example-secret-2"), legacytest.WithHosts(1000))
	t.Cleanup(api.Close)
	config := loadWith(t, server, api.URL)
	d := &door{t: t, log: new(logBuffer)}
	ctx, cancel := context.WithCancel(t.Context())
	started, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- serve(ctx, config, slog.New(slog.NewJSONHandler(d.log, nil)), nil, func(public, admin net.Addr) {
			d.public, d.admin = public, admin
			close(started)
		})
	}()
	d.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() {
		if err := d.stop(); err != nil {
			t.Errorf("serve = %v", err)
		}
	})
	select {
	case <-started:
	case err := <-ended:
		ended <- nil
		t.Fatalf("serve = %v before it served", err)
	}
	return d
}

// client returns a client whose connections go to the address, and whose
// requests are those to the host localhost.
func client(t *testing.T, to net.Addr) *http.Client {
	t.Helper()
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, to.Network(), to.String())
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// status returns what a request for the path is answered with.
func status(t *testing.T, c *http.Client, url string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+doorToken)
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

func TestUnixSocket(t *testing.T) {
	dir := t.TempDir()
	scim, admin := filepath.Join(dir, "scim.sock"), filepath.Join(dir, "admin.sock")
	d := openDoor(t, "  listen: unix:"+scim+"\n  admin_listen: unix:"+admin+"\n  socket_mode: 0606\n")
	for _, file := range []string{scim, admin} {
		info, err := os.Stat(file)
		if err != nil || info.Mode() != fs.ModeSocket|0o606 {
			t.Errorf("%s: %v, %v, want a socket of mode 0606", file, info, err)
		}
	}
	if got := status(t, client(t, d.public), "http://localhost/scim/v2/Users/1"); got != http.StatusOK {
		t.Errorf("GET /Users/1 = %d, want 200", got)
	}
	if got := status(t, client(t, d.admin), "http://localhost/readyz"); got != http.StatusOK {
		t.Errorf("GET /readyz = %d, want 200", got)
	}
	if err := d.stop(); err != nil {
		t.Errorf("serve = %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("after the end there are %v, %v, want no sockets", left, err)
	}
}

// TestUnixSocketWithoutHost: a client of a socket need not say which host it
// means, and is told one all the same.
func TestUnixSocketWithoutHost(t *testing.T) {
	d := openDoor(t, "  listen: unix:"+filepath.Join(t.TempDir(), "s")+"\n  admin_listen: 127.0.0.1:0\n")
	conn, err := net.Dial("unix", d.public.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("GET /scim/v2/Users/1 HTTP/1.0\r\nAuthorization: Bearer " + doorToken + "\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := resp.Header.Get("Location"); got != "http://localhost/scim/v2/Users/1" {
		t.Errorf("Location = %q, want one on localhost", got)
	}
}

// TestUnixSocketPeer: a peer cannot make itself a trusted proxy by its name.
func TestUnixSocketPeer(t *testing.T) {
	t.Chdir(t.TempDir()) // the name has no folder
	d := openDoor(t, "  listen: unix:"+filepath.Join(t.TempDir(), "s")+"\n  admin_listen: 127.0.0.1:0\n  trusted_proxies: 127.0.0.0/8\n")
	conn, err := net.DialUnix("unix", &net.UnixAddr{Name: "127.0.0.1:80", Net: "unix"}, d.public.(*net.UnixAddr))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(get + "X-Forwarded-Proto: https\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := resp.Header.Get("Location"); got != "http://localhost/scim/v2/Users/1" {
		t.Errorf("Location = %q, want none of what the peer says of itself", got)
	}
}

// TestUnixSocketProxy: who may use the socket is a trusted proxy if the file
// says unix, and not otherwise; auth.allow then looks at what it tells.
func TestUnixSocketProxy(t *testing.T) {
	const told = "X-Forwarded-Proto: https\r\nX-Forwarded-Host: scim.example.com\r\n"
	const from = "X-Forwarded-For: 203.0.113.9\r\n"
	for _, tt := range []struct {
		trusted, allow, header string
		status                 int
		location               string
	}{
		{"[unix]", "", told, 200, "https://scim.example.com/scim/v2/Users/1"},
		{"[127.0.0.0/8, unix]", "[203.0.113.0/24]", told + from, 200, "https://scim.example.com/scim/v2/Users/1"},
		{"unix", "[203.0.113.0/24]", "", 403, ""}, // it does not say where from
		{"unix", "[203.0.113.0/24]", "X-Forwarded-For: 203.0.113.9, 198.51.100.1\r\n", 403, ""},
		{"unix", "[203.0.113.0/24]", "X-Forwarded-For: @\r\n", 403, ""},
		{"[127.0.0.0/8]", "", told, 200, "http://localhost/scim/v2/Users/1"},
		{"[0.0.0.0/0, \"::/0\"]", "[203.0.113.0/24]", told + from, 403, ""},
	} {
		server := "  listen: unix:" + filepath.Join(t.TempDir(), "s") + "\n  admin_listen: 127.0.0.1:0\n  trusted_proxies: " + tt.trusted + "\n"
		if tt.allow != "" {
			server += "\nauth:\n  allow: " + tt.allow + "\n" // goes on with the profile's
		}
		d := openDoor(t, server)
		conn, err := net.Dial("unix", d.public.String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := conn.Write([]byte(get + tt.header + "\r\n")); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := resp.Header.Get("Location"); resp.StatusCode != tt.status || got != tt.location {
			t.Errorf("trusted %s, allowed %s, told %q: %d at %q, want %d at %q", tt.trusted, tt.allow, tt.header, resp.StatusCode, got, tt.status, tt.location)
		}
	}
}

func listenAt(t *testing.T, path string) *net.UnixListener {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestListenUnix: what is there at the path already.
func TestListenUnix(t *testing.T) {
	for _, tt := range []struct {
		name string
		make func(t *testing.T, path string)
		err  string // a part of it; "": there is none
	}{
		{"nothing", func(*testing.T, string) {}, ""},
		{"a socket that a crash left behind", func(t *testing.T, path string) {
			l := listenAt(t, path)
			l.SetUnlinkOnClose(false)
			l.Close()
		}, ""},
		{"a socket that somebody listens on", func(t *testing.T, path string) {
			l := listenAt(t, path)
			t.Cleanup(func() {
				if err := l.Close(); err != nil {
					t.Error(err)
				}
				if _, err := os.Lstat(path); err == nil {
					t.Error("the socket was another one in the end")
				}
			})
		}, "address already in use"},
		{"a file", func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "address already in use"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s")
			tt.make(t, path)
			before, _ := os.ReadFile(path)
			l, err := listenUnix("server.listen", path, 0o660)
			switch {
			case err == nil:
				l.Close()
				if tt.err != "" {
					t.Errorf("listenUnix = nil, want %s", tt.err)
				}
			case tt.err == "" || !strings.Contains(err.Error(), "server.listen: ") || !strings.Contains(err.Error(), tt.err):
				t.Errorf("listenUnix = %v, want %q", err, tt.err)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Errorf("the file is %q, want %q as before", after, before)
			}
		})
	}
}
