package legacytest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"hostscim/legacyclient/legacytest"
)

// client calls a server and fails the test on anything but an answer.
type client struct {
	*legacytest.Server
	t *testing.T
}

type answer struct {
	status int
	header http.Header
	body   string
}

func start(t *testing.T, opts ...legacytest.Option) *client {
	t.Helper()
	s := legacytest.NewServer(opts...)
	t.Cleanup(s.Close)
	return &client{s, t}
}

// call makes one call; header holds names and values in turn.
func (c *client) call(method, path, body string, header ...string) answer {
	c.t.Helper()
	a, err := c.try(method, path, body, header...)
	if err != nil {
		c.t.Fatal(err)
	}
	return a
}

func (c *client) try(method, path, body string, header ...string) (answer, error) {
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.URL+path, r)
	if err != nil {
		return answer{}, err
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(b)}, err
}

// want makes one call and checks its status and, as "domain/attribute/code" separated
// by spaces, the errors of its envelope.
func (c *client) want(method, path, body string, status int, errs string) answer {
	c.t.Helper()
	a := c.call(method, path, body)
	if a.status != status {
		c.t.Errorf("%s %s %.80s = %d %s, want status %d", method, path, body, a.status, a.body, status)
	}
	if got := a.errors(c.t); got != errs {
		c.t.Errorf("%s %s %.80s has errors %q, want %q", method, path, body, got, errs)
	}
	return a
}

// errors returns the errors envelope, checking its shape; "" for an answer below 400.
func (a answer) errors(t *testing.T) string {
	t.Helper()
	if a.status < 400 {
		return ""
	}
	if got := a.header.Get("Content-Type"); got != "application/json; charset=utf-8" {
		t.Errorf("Content-Type of a %d = %q", a.status, got)
	}
	var envelope struct {
		Errors []struct{ Domain, Attribute, Code, Message *string }
	}
	if err := json.Unmarshal([]byte(a.body), &envelope); err != nil || len(envelope.Errors) == 0 {
		t.Errorf("body of a %d is no errors envelope: %s", a.status, a.body)
	}
	var s []string
	for _, e := range envelope.Errors {
		attribute := "null"
		if e.Attribute != nil {
			attribute = *e.Attribute
		}
		if e.Domain == nil || e.Code == nil {
			t.Errorf("envelope without domain or code: %s", a.body)
			continue
		}
		s = append(s, *e.Domain+"/"+attribute+"/"+*e.Code)
	}
	return strings.Join(s, " ")
}

// into decodes the body of an answer.
func into[T any](t *testing.T, a answer) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("decoding %d %s: %v", a.status, a.body, err)
	}
	return v
}

// list is a page of hosts or groups.
type list struct {
	Hosts      []legacytest.Host
	HostGroups []legacytest.Group `json:"host_groups"`
	Pagination struct {
		Total  int    `json:"total_records"`
		Offset int    `json:"current_offset"`
		Next   *int   `json:"next_offset"`
		Limit  int    `json:"limit"`
		LastID *int64 `json:"last_id"`
	}
}

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock {
	return &clock{now: time.Date(2024, 2, 29, 12, 0, 0, 123_456_789, time.UTC)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

const ada = `{"username":"Tav@example.com","first_name":"Tav","last_name":"Brindle","email":"tav.b@example.com"}`
