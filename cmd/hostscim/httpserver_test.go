package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patience is how long a test waits for what must come: longer than the limits
// that tests set, and shorter than those that there are without.
const patience = 8 * time.Second

// wire is a connection without a client that would do things right.
type wire struct {
	net.Conn
	t *testing.T
	r *bufio.Reader
}

func dial(t *testing.T, to net.Addr) *wire {
	t.Helper()
	conn, err := net.Dial(to.Network(), to.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return &wire{conn, t, bufio.NewReader(conn)}
}

func (w *wire) send(text string) {
	w.t.Helper()
	if _, err := w.Write([]byte(text)); err != nil {
		w.t.Fatal(err)
	}
}

// trickle sends a little, again and again, until the other side has had
// enough.
func (w *wire) trickle(text string) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := w.Write([]byte(text)); err != nil {
			return err
		}
		<-tick.C
	}
}

// status returns the status of the next answer, which it reads to its end.
func (w *wire) status() int {
	w.t.Helper()
	resp, err := http.ReadResponse(w.r, nil)
	if err != nil {
		w.t.Fatalf("no answer: %v", err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		w.t.Fatalf("half an answer: %v", err)
	}
	return resp.StatusCode
}

// ends waits until the other side closes the connection.
func (w *wire) ends() {
	w.t.Helper()
	if _, err := io.Copy(io.Discard, w.r); errors.Is(err, os.ErrDeadlineExceeded) {
		w.t.Error("the connection is still there")
	}
}

const (
	get  = "GET /scim/v2/Users/1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + doorToken + "\r\n"
	post = "POST /scim/v2/Users HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + doorToken + "\r\nContent-Type: application/scim+json\r\n"
)

const loopback = "  listen: 127.0.0.1:0\n  admin_listen: 127.0.0.1:0\n"

// TestSlowClients: whoever takes too long is not waited for.
func TestSlowClients(t *testing.T) {
	d := openDoor(t, loopback+"  limits: {header_timeout: 200ms, read_timeout: 300ms, idle_timeout: 250ms}\n")
	for _, door := range []struct {
		name string
		addr net.Addr
	}{{"listen", d.public}, {"admin_listen", d.admin}} {
		t.Run(door.name+"/nothing", func(t *testing.T) {
			dial(t, door.addr).ends()
		})
		t.Run(door.name+"/header", func(t *testing.T) {
			w := dial(t, door.addr)
			w.send("GET / HTTP/1.1\r\nHost: localhost\r\n")
			go w.trickle("X-A: a\r\n")
			w.ends()
		})
	}
	t.Run("body", func(t *testing.T) {
		w := dial(t, d.public)
		w.send(post + "Content-Length: 100000\r\n\r\n{")
		go w.trickle(" ")
		if got := w.status(); got != http.StatusRequestTimeout {
			t.Errorf("a slow body is answered with %d, want 408", got)
		}
		w.ends()
	})
	t.Run("chunks", func(t *testing.T) {
		w := dial(t, d.public)
		w.send(post + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n")
		go w.trickle("1\r\n \r\n")
		if got := w.status(); got != http.StatusRequestTimeout {
			t.Errorf("a slow body is answered with %d, want 408", got)
		}
		w.ends()
	})
	t.Run("idle", func(t *testing.T) {
		w := dial(t, d.public)
		w.send(get + "\r\n")
		if got := w.status(); got != http.StatusOK {
			t.Errorf("GET /Users/1 = %d, want 200", got)
		}
		w.ends()
	})
}

// TestSlowReader: who does not fetch the answer is left alone. A Unix socket
// has little room for it.
func TestSlowReader(t *testing.T) {
	d := openDoor(t, "  listen: unix:"+filepath.Join(t.TempDir(), "s")+"\n  admin_listen: 127.0.0.1:0\n  request_timeout: 1s\n  limits: {write_timeout: 1500ms}\n")
	w := dial(t, d.public)
	w.send(strings.Replace(get, "/Users/1", "/Users?count=1000", 1) + "\r\n")
	if err := w.trickle("x"); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("the connection is still there")
	}
	resp, err := http.ReadResponse(w.r, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if n, err := io.Copy(io.Discard, resp.Body); err == nil {
		t.Errorf("the whole answer came, %d bytes; want it cut off, or the test shows nothing", n)
	}
}

// TestHeaderTooLarge: such a request is refused. Whether the answer arrives is
// up to the client, which may be sending still.
func TestHeaderTooLarge(t *testing.T) {
	d := openDoor(t, loopback+"  limits: {max_header_bytes: 4096}\n")
	for size, want := range map[int]int{2000: http.StatusOK, 20000: http.StatusRequestHeaderFieldsTooLarge} {
		w := dial(t, d.public)
		w.send(get + "X-A: " + strings.Repeat("a", size) + "\r\n\r\n")
		resp, err := http.ReadResponse(w.r, nil)
		if err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) || want == http.StatusOK {
				t.Errorf("a header of %d bytes and more: %v, want %d", size, err, want)
			}
			continue
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("a header of %d bytes and more is answered with %d, want %d", size, resp.StatusCode, want)
		}
	}
}

// TestConnections: one more than there may be waits until another is gone, and
// the admin listener is none of them.
func TestConnections(t *testing.T) {
	d := openDoor(t, loopback+"  limits: {max_connections: 2}\n")
	var held []*wire
	for range 2 {
		w := dial(t, d.public)
		w.send(get + "\r\n")
		if got := w.status(); got != http.StatusOK {
			t.Fatalf("GET /Users/1 = %d, want 200", got)
		}
		held = append(held, w)
	}
	third := dial(t, d.public)
	third.send(get + "\r\n")
	third.SetDeadline(time.Now().Add(100 * time.Millisecond))
	if _, err := third.r.Peek(1); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the third connection is answered, or ended with %v, want it to wait", err)
	}
	if got := status(t, client(t, d.admin), fmt.Sprintf("http://%s/readyz", d.admin)); got != http.StatusOK {
		t.Errorf("GET /readyz = %d, want 200", got)
	}
	third.SetDeadline(time.Now().Add(patience))
	held[0].Close()
	if got := third.status(); got != http.StatusOK {
		t.Errorf("the third connection is answered with %d, want 200", got)
	}
}
