package adapter_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// hidden is a request that deletes a user, for the body of another.
const hidden = "DELETE /scim/v2/Users/1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + clientToken + "\r\n\r\n"

// TestSmuggling: a request whose end is not certain is refused, and nothing of
// what follows on its connection is taken for another.
func TestSmuggling(t *testing.T) {
	f := seeded(t, setup{})
	before := f.state()
	const post = "POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + clientToken + "\r\n"
	for name, request := range map[string]string{
		"two lengths":              post + "Content-Length: 0\r\nContent-Length: 2\r\n\r\n",
		"a list of lengths":        post + "Content-Length: 0, 2\r\n\r\n",
		"a length with a sign":     post + "Content-Length: +0\r\n\r\n",
		"a length below zero":      post + "Content-Length: -1\r\n\r\n",
		"a length in hex":          post + "Content-Length: 0x0\r\n\r\n",
		"a length beyond numbers":  post + "Content-Length: 18446744073709551616\r\n\r\n",
		"a space before the colon": post + "Content-Length : 2\r\n\r\n",
		"chunked with a space":     post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
		"another encoding":         post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		"two encodings":            post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
		"chunked before identity":  post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
		"chunked twice":            post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
		"a control before it":      post + "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
		"NUL in a header":          post + "X: a\x00b\r\nContent-Length: 2\r\n\r\n",
		"a chunk in no hex":        post + "Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n",
		"a chunk beyond numbers":   post + "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n\r\n",
		"a chunk with a sign":      post + "Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n",
		"a chunk longer than said": post + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
		"two hosts":                "GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
		"no host":                  "GET /scim/v2/Users HTTP/1.1\r\n\r\n",
		"a folded host":            "GET /scim/v2/Users HTTP/1.1\r\nHost: x y\r\n\r\n",
		"a line that is no header": "GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\nGET / HTTP/1.1\r\n\r\n",
		"another version":          "GET /scim/v2/Users HTTP/3.7\r\nHost: x\r\n\r\n",
		"a space in the path":      "GET /scim/v2/Users HTTP/1.1 HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		statuses := f.exchange(request + hidden)
		if len(statuses) != 1 || statuses[0] < 400 {
			t.Errorf("%s: answers %v, want one refusal", name, statuses)
		}
	}
	// What is certain is one request, and the next one is another.
	next := strings.Replace(hidden, "DELETE /scim/v2/Users/1", "GET /scim/v2/Schemas", 1)
	if statuses := f.exchange(post + "Content-Length: 2\r\n\r\n{}" + next); len(statuses) != 2 || statuses[0] != 400 || statuses[1] != 200 {
		t.Errorf("two requests on a connection have the answers %v, want 400 and 200", statuses)
	}
	// In a body, it is data.
	body := strings.ReplaceAll(hidden, "\r\n", " ")
	if statuses := f.exchange(post + "Transfer-Encoding: chunked\r\n\r\n" + chunk(body) + "0\r\n\r\n"); len(statuses) != 1 || statuses[0] != 400 {
		t.Errorf("a request in a body has the answers %v, want one refusal", statuses)
	}
	f.wantCalls()
	if after := f.state(); after != before {
		t.Errorf("legacy data\n%s\nwant it unchanged:\n%s", after, before)
	}
}

func chunk(body string) string {
	const digits = "0123456789abcdef"
	n := len(body)
	return string([]byte{digits[n>>12&15], digits[n>>8&15], digits[n>>4&15], digits[n&15]}) + "\r\n" + body + "\r\n"
}

// exchange sends the bytes on one connection, closes that side of it, and
// returns the statuses of all that is answered.
func (f *fixture) exchange(bytes string) (statuses []int) {
	f.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(f.url, "http://"))
	if err != nil {
		f.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, bytes); err != nil {
		f.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		f.Fatal(err)
	}
	answers := bufio.NewReader(conn)
	for {
		resp, err := http.ReadResponse(answers, nil)
		if err != nil {
			return statuses // closed
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		statuses = append(statuses, resp.StatusCode)
	}
}
