package proxy

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"hostscim/integration/harness"
)

// ambiguous are headers and bodies about whose end a proxy and what is behind
// it could be of two minds. HIDDEN is a request that must not be one.
var ambiguous = map[string]string{
	"a length and chunks":       "Content-Length: LEN\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHIDDEN",
	"chunks and a length":       "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\nSIZE\r\nHIDDEN\r\n0\r\n\r\n",
	"two lengths":               "Content-Length: 0\r\nContent-Length: LEN\r\n\r\nHIDDEN",
	"a list of lengths":         "Content-Length: 0, LEN\r\n\r\nHIDDEN",
	"a space before the colon":  "Content-Length: LEN\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\nHIDDEN",
	"a tab before chunked":      "Content-Length: LEN\r\nTransfer-Encoding:\tchunked\r\n\r\n0\r\n\r\nHIDDEN",
	"a control before chunked":  "Content-Length: LEN\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\nHIDDEN",
	"another encoding":          "Content-Length: LEN\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\nHIDDEN",
	"two encodings":             "Content-Length: LEN\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHIDDEN",
	"a list of encodings":       "Content-Length: LEN\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\nHIDDEN",
	"a folded encoding":         "Content-Length: LEN\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\nHIDDEN",
	"a length with a sign":      "Content-Length: +LEN\r\n\r\nHIDDEN",
	"a bare line feed":          "X: y\nTransfer-Encoding: chunked\r\nContent-Length: LEN\r\n\r\n0\r\n\r\nHIDDEN",
	"a bare carriage return":    "X: y\rTransfer-Encoding: chunked\r\nContent-Length: LEN\r\n\r\n0\r\n\r\nHIDDEN",
	"a length in another name":  "Content_Length: 0\r\nContent-Length: LEN\r\n\r\nHIDDEN",
	"a chunk with an extension": "Transfer-Encoding: chunked\r\n\r\n0;a=\"\n\"\r\n\r\nHIDDEN",
	"a chunk in line feeds":     "Transfer-Encoding: chunked\r\n\r\n0\n\nHIDDEN",
	"a chunk beyond numbers":    "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n\r\n0\r\n\r\nHIDDEN",
	"a trailer":                 "Transfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n0\r\nContent-Length: LEN\r\n\r\nHIDDEN",
	"a length that is closed":   "Connection: Content-Length\r\nContent-Length: LEN\r\n\r\nHIDDEN",
	"a body that is awaited":    "Expect: 100-continue\r\nContent-Length: LEN\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHIDDEN",
	"an upgrade":                "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nContent-Length: LEN\r\n\r\nHIDDEN",
}

// TestSmuggling: nothing reaches the adapter as a request that the proxy did
// not take for one, and whoever comes next on the connection between them gets
// the answer to what it asked.
func TestSmuggling(t *testing.T) {
	each(t, options{}, func(t *testing.T, s *site) {
		id := s.create(t, "ada").text("id")
		// A proxy that takes it for a request refuses it, for its host.
		hidden := "DELETE /scim/v2/Users/" + id + " HTTP/1.1\r\nHost: smuggled.example.com\r\nAuthorization: Bearer " + harness.Token + "\r\n\r\n"
		for name, rest := range ambiguous {
			head, body, _ := strings.Cut(rest, "\r\n\r\n")
			body = strings.NewReplacer("HIDDEN", hidden, "SIZE", strconv.FormatInt(int64(len(hidden)), 16)).Replace(body)
			head = strings.ReplaceAll(head, "LEN", strconv.Itoa(len(body)))
			s.spill(t, "POST "+s.prefix+"/scim/v2/Users HTTP/1.1\r\nHost: "+s.host+"\r\nAuthorization: Bearer "+harness.Token+"\r\n"+head+"\r\n\r\n"+body)
			for range 2 {
				next := s.do(t, "GET", "/Users/"+id, "")
				wantStatus(t, next, http.StatusOK)
				if next.text("id") != id {
					t.Errorf("%s: who comes next gets %s", name, next.body)
				}
			}
			if strings.Contains(s.adapter.Log(), `"method":"DELETE"`) || len(s.legacy.Hosts()) != 1 {
				t.Fatalf("%s: the adapter got the hidden request", name)
			}
		}
		// What is tried in vain above works on a connection of one's own.
		conn, err := net.Dial("tcp", hostOf(t, s.adapter.URL))
		if err != nil {
			t.Fatal(err)
		}
		if status := firstStatus(t, conn, hidden); status != http.StatusNoContent {
			t.Errorf("the hidden request by itself has status %d, want 204: the test proves nothing", status)
		}
	})
}

// spill sends bytes to the proxy on a connection of their own.
func (s *site) spill(t *testing.T, bytes string) {
	t.Helper()
	conn, err := tls.Dial("tcp", s.proxy.addr, &tls.Config{RootCAs: s.cert.pool, ServerName: s.host, NextProtos: []string{"http/1.1"}})
	if err != nil {
		t.Fatal(err)
	}
	firstStatus(t, conn, bytes)
}

// firstStatus sends bytes and returns the status of the first answer, zero if
// there is none: the connection was closed, or more is waited for. It closes
// the connection.
func firstStatus(t *testing.T, conn net.Conn, bytes string) int {
	t.Helper()
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience / 5)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, bytes); err != nil {
		return 0
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}
