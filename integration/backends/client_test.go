package backends

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hostscim/integration/harness"
	"hostscim/integration/rehearse"
)

// client is Entra. Its methods may be called at the same time.
type client struct {
	t    testing.TB
	http *http.Client
	base string
}

func newClient(t testing.TB, base string) *client {
	transport := &http.Transport{MaxIdleConnsPerHost: 20}
	t.Cleanup(transport.CloseIdleConnections)
	return &client{t, &http.Client{Transport: transport, Timeout: 60 * time.Second}, base}
}

// object is a decoded JSON object.
type object = map[string]any

// send sends a request and returns the status and the decoded body.
func (c *client) send(method, path, body string) (int, object) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, strings.NewReader(body))
	if err != nil {
		c.t.Error(err)
		return 0, nil
	}
	req.Header.Set("Authorization", "Bearer "+harness.Token)
	if body != "" {
		req.Header.Set("Content-Type", "application/scim+json; charset=utf-8")
	}
	res, err := c.http.Do(req)
	if err != nil {
		c.t.Error(err)
		return 0, nil
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Error(err)
	}
	var o object
	if len(data) > 0 && json.Unmarshal(data, &o) != nil {
		c.t.Errorf("%s %s answers %q, which is no JSON object", method, path, data)
	}
	return res.StatusCode, o
}

// want is send, and a fatal error unless the status is one of these.
func (c *client) want(method, path, body string, status ...int) object {
	c.t.Helper()
	got, o := c.send(method, path, body)
	for _, s := range status {
		if got == s {
			return o
		}
	}
	c.t.Fatalf("%s %s %s = %d %v, want %d", method, path, body, got, o, status)
	return nil
}

// find returns what a filter finds, at a path that may have a query.
func (c *client) find(path, filter string) []object {
	c.t.Helper()
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	answer := c.want("GET", path+separator+"filter="+url.QueryEscape(filter), "", http.StatusOK)
	var found []object
	list, _ := answer["Resources"].([]any)
	for _, r := range list {
		o, _ := r.(object)
		found = append(found, o)
	}
	if total, _ := answer["totalResults"].(float64); int(total) != len(found) {
		c.t.Fatalf("filter %s: totalResults is %v, and there are %d", filter, answer["totalResults"], len(found))
	}
	return found
}

// wantFound is find, and a fatal error unless it finds the ids, or nothing.
func (c *client) wantFound(path, filter string, ids ...string) []object {
	c.t.Helper()
	found := c.find(path, filter)
	if len(found) != len(ids) {
		c.t.Fatalf("%s: the filter %s finds %v, want the ids %q", path, filter, found, ids)
	}
	for i, id := range ids {
		if found[i]["id"] != id {
			c.t.Fatalf("%s: the filter %s finds %v, want the ids %q", path, filter, found, ids)
		}
	}
	return found
}

// create posts a resource and returns its id.
func (c *client) create(path, body string) string {
	c.t.Helper()
	id, _ := c.want("POST", path, body, http.StatusCreated)["id"].(string)
	if id == "" {
		c.t.Fatalf("POST %s answers no id", path)
	}
	return id
}

// patch sends the operations.
func (c *client) patch(path string, operations []rehearse.Operation) {
	c.t.Helper()
	c.want("PATCH", path, rehearse.Patch(operations...), http.StatusOK, http.StatusNoContent)
}
