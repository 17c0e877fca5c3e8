package adapter

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"

	"hostscim/legacyclient"
	"hostscim/mapping"
)

// recorded is the calls of one run.
type recorded struct {
	list  []Call
	parts map[part]bool
	base  string // what the paths of all calls begin with
	key   string // the header of the idempotency key; "": none
}

// Call is one call of the legacy API.
type Call struct {
	// Operation is the call as the configuration has it: GET /hosts/{id}.
	Operation string `json:"operation"`
	Method    string `json:"method"`
	// URL is relative to legacy.base_url.
	URL         string `json:"url"`
	ContentType string `json:"contentType,omitempty"`
	Body        Body   `json:"body,omitempty"`
	// Key is the header that carries an idempotency key; "" where none is sent.
	Key string `json:"idempotencyHeader,omitempty"`
	// Status is what is answered; 0: nothing was.
	Status int `json:"status"`
}

// same reports whether both calls send the same.
func (c Call) same(other Call) bool {
	return c.Method == other.Method && c.URL == other.URL && bytes.Equal(c.Body, other.Body)
}

func newRecorded(c *mapping.Config) *recorded {
	base := url.URL(c.Legacy.BaseURL)
	return &recorded{parts: make(map[part]bool), base: strings.TrimRight(base.EscapedPath(), "/"), key: c.Legacy.IdempotencyHeader}
}

// begin records an attempt; the function that it returns, the answer.
func (c *recorded) begin(a *legacyclient.Attempt, r role) func(*http.Response) {
	c.parts[r.part] = true
	call := Call{
		Operation: a.Endpoint.Op(), Method: a.Request.Method, URL: relative(a.Request.URL, c.base),
		ContentType: a.Request.Header.Get("Content-Type"), Body: bodyOf(a.Request),
	}
	if c.key != "" && a.Request.Header.Get(c.key) != "" {
		call.Key = c.key
	}
	c.list = append(c.list, call)
	place := len(c.list) - 1
	return func(resp *http.Response) {
		if resp != nil {
			c.list[place].Status = resp.StatusCode
		}
	}
}

// relative returns the path and query of a URL, from the base path on.
func relative(u *url.URL, base string) string { return strings.TrimPrefix(u.RequestURI(), base) }

// bodyOf returns the body of a request that is sent.
func bodyOf(r *http.Request) Body {
	if r.GetBody == nil {
		return nil
	}
	body, err := r.GetBody()
	if err != nil {
		return nil
	}
	defer body.Close()
	text, _ := io.ReadAll(body) // from memory
	return text
}
