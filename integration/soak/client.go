package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// patience is how long a client waits for an answer: far longer than the
// adapter may take, so that whoever gives up was dropped.
const patience = time.Minute

// client is a well-behaved client with one connection that it keeps alive. The
// client of net/http would send a request again that met a connection which
// was just closed, and so hide what this program looks for.
type client struct {
	addr string
	conn net.Conn // nil: the next request makes one
	r    *bufio.Reader
}

// answer is a complete answer.
type answer struct {
	status int // 0: there was none
	header http.Header
	body   []byte
}

// ask sends a request and reads its answer to the end.
func (c *client) ask(method, path, body string) (answer, error) {
	if c.conn == nil {
		conn, err := net.Dial("tcp", c.addr)
		if err != nil {
			return answer{}, err
		}
		c.conn, c.r = conn, bufio.NewReader(conn)
	}
	a, stays, err := c.exchange(method, path, body)
	if err != nil || !stays {
		c.close()
	}
	return a, err
}

func (c *client) exchange(method, path, body string) (a answer, stays bool, err error) {
	if err := c.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return answer{}, false, err
	}
	if _, err := io.WriteString(c.conn, head(c.addr, method, path, len(body))+body); err != nil {
		return answer{}, false, err
	}
	return readAnswer(c.r, method)
}

// readAnswer reads an answer, and whether the connection stays.
func readAnswer(r *bufio.Reader, method string) (a answer, stays bool, err error) {
	res, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		return answer{}, false, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, false, fmt.Errorf("after %d bytes of the body: %w", len(body), err)
	}
	return answer{res.StatusCode, res.Header, body}, !res.Close, nil
}

// close ends the connection, if there is one.
func (c *client) close() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

// head returns what comes before the body of a request.
func head(addr, method, path string, size int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n", method, scimBase, path, addr, scimToken)
	if size > 0 {
		fmt.Fprintf(&b, "Content-Type: application/scim+json; charset=utf-8\r\nContent-Length: %d\r\n", size)
	}
	b.WriteString("\r\n")
	return b.String()
}

// resource is what is read of a user or a group.
type resource struct {
	ID         string
	UserName   string
	Active     bool
	Name       struct{ GivenName, FamilyName string }
	Emails     []struct{ Type, Value string }
	Phones     []struct{ Type, Value string } `json:"phoneNumbers"`
	Enterprise struct{ Department string }    `json:"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"`

	DisplayName string
	Members     []struct{ Value string }
}

// list is what is read of a list.
type list struct {
	TotalResults int
	Resources    []resource
}

// decode reads the body.
func (a answer) decode(v any) error {
	if err := json.NewDecoder(bytes.NewReader(a.body)).Decode(v); err != nil {
		return fmt.Errorf("%.200q is not the JSON that was wanted: %w", a.body, err)
	}
	return nil
}
