package integration

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"hostscim/integration/harness"
)

// scimType is the media type that identity providers send.
const scimType = "application/scim+json; charset=utf-8"

// client is an identity provider. Its methods may be called at the same time.
type client struct {
	t    testing.TB
	http *http.Client
	base string
}

func newClient(t testing.TB, base string) *client {
	transport := &http.Transport{MaxIdleConnsPerHost: 100, DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &client{t: t, base: base, http: &http.Client{Transport: transport, Timeout: 60 * time.Second}}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send sends a request as Entra does: with the token, without a User-Agent
// or Accept. header holds names and values in turn; the value "-" takes a
// header away.
func (c *client) send(method, path, body string, header ...string) answer {
	c.t.Helper()
	all := []string{"Authorization", "Bearer " + harness.Token, "User-Agent", "-"}
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
		all = append(all, "Content-Type", scimType)
	}
	return do(c.t, c.http, method, c.base+path, r, append(all, header...)...)
}

// want is send, and a fatal error unless the status is that one.
func (c *client) want(status int, method, path, body string, header ...string) answer {
	c.t.Helper()
	a := c.send(method, path, body, header...)
	if a.status != status {
		c.t.Fatalf("%s %s = %d %s, want %d", method, path, a.status, a.body, status)
	}
	return a
}

// do sends a request. One that reaches nobody is an error of the test, and
// its answer has the status 0; so do may be called beside the test.
func do(t testing.TB, c *http.Client, method, url string, body io.Reader, header ...string) answer {
	t.Helper()
	a, err := try(t, c, method, url, body, header...)
	if err != nil {
		t.Errorf("%s %s: %v", method, url, err)
	}
	return a
}

// try is do for a request that may fail to reach anybody.
func try(t testing.TB, c *http.Client, method, url string, body io.Reader, header ...string) (answer, error) {
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		return answer{}, err
	}
	for i := 0; i < len(header); i += 2 {
		if header[i+1] == "-" {
			req.Header[http.CanonicalHeaderKey(header[i])] = []string{""}
			if header[i] != "User-Agent" { // which an empty value suppresses
				req.Header.Del(header[i])
			}
			continue
		}
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, data}, err
}

// object is a decoded JSON object.
type object map[string]any

// object decodes the body.
func (a answer) object(t testing.TB) object {
	t.Helper()
	var o object
	if err := json.Unmarshal(a.body, &o); err != nil {
		t.Fatalf("the body %q is no JSON object: %v", a.body, err)
	}
	return o
}

// at returns what stands at the path of names and list indexes, nil if
// nothing does.
func (o object) at(path ...any) any {
	var v any = map[string]any(o)
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

// text returns the text at the path, "" if there is none.
func (o object) text(path ...any) string {
	s, _ := o.at(path...).(string)
	return s
}

// int returns the number at the path, -1 if there is none.
func (o object) int(path ...any) int {
	if f, ok := o.at(path...).(float64); ok {
		return int(f)
	}
	return -1
}

// list returns the list at the path.
func (o object) list(path ...any) []any {
	l, _ := o.at(path...).([]any)
	return l
}
