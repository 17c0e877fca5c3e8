package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"hostscim/integration/harness"
)

// patience is how long an answer may take: the budget of a request, and what a
// busy machine adds to it.
const patience = 10 * time.Second

// answer is what the adapter answered.
type answer struct {
	status   int // 0: none
	resource resource
	list     []resource
}

// resource is what the client reads of a user or a group.
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

// attributes returns what a user holds, by path.
func (r *resource) attributes() map[string]string {
	held := map[string]string{userName: r.UserName, active: fmt.Sprint(r.Active), given: r.Name.GivenName, family: r.Name.FamilyName}
	for _, e := range r.Emails {
		if e.Type == "work" {
			held[email] = e.Value
		}
	}
	for _, p := range r.Phones {
		if p.Type == "mobile" {
			held[phone] = p.Value
		}
	}
	if r.Enterprise.Department != "" {
		held[department] = r.Enterprise.Department
	}
	return held
}

// later are the statuses that make Entra repeat the request in the next cycle.
var later = []int{http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusGatewayTimeout}

// failed reports whether nothing is known but that it is to be done later.
func (a answer) failed() bool { return a.status == 0 || slices.Contains(later, a.status) }

// record is the story of a run as it goes, and what was wrong in it. All
// methods may be called at the same time.
type record struct {
	mu    sync.Mutex
	lines []string
	wrong []string
}

func (r *record) tell(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprintf(format, args...))
}

// blame notes what must not be.
func (r *record) blame(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	r.tell("!!  %s", text)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wrong = append(r.wrong, text)
}

// ask makes a request and holds its answer against what is true of all: only a
// kill leaves a request without an answer, and only statuses that a healthy
// API could have given, or those of an outage, are answered.
func (c *client) ask(method, path, body string, allowed ...int) answer {
	c.beat()
	epoch := c.system.epoch()
	begin := time.Now()
	a, status, err := c.send(method, path, body)
	if died := c.system.epoch() != epoch; died && a.status == http.StatusUnauthorized {
		// The port of the dead has got somebody else's.
		a, status, err = answer{}, "no answer", errCut
	}
	c.tell("    %s %s %s = %s", method, path, body, status)
	what := method + " " + path
	switch took := time.Since(begin); {
	case took > patience-time.Second:
		c.blame("%s took %v", what, took)
	case err != nil && c.system.epoch() == epoch:
		c.blame("%s has no answer, and nobody killed the adapter: %v", what, err)
	case err != nil || slices.Contains(allowed, a.status):
	case !slices.Contains(later, a.status):
		c.blame("%s = %s, want one of %v, or of %v while the API fails", what, status, allowed, later)
	}
	return a
}

// send makes a request. The status is for the story, with the detail of an error.
func (c *client) send(method, path, body string) (a answer, status string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.system.url()+path, strings.NewReader(body))
	if err != nil {
		return a, "no request", err
	}
	req.Header.Set("Authorization", "Bearer "+harness.Token)
	if body != "" {
		req.Header.Set("Content-Type", "application/scim+json; charset=utf-8")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return a, "no answer", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return a, "half an answer", err
	}
	a.status, status = resp.StatusCode, fmt.Sprint(resp.StatusCode)
	if a.status == http.StatusUnauthorized {
		return a, status, nil // it may be somebody else's answer, of whatever form
	}
	if a.status >= 400 {
		return a, status + " " + c.checkError(resp, b), nil
	}
	if len(b) == 0 {
		return a, status, nil
	}
	var list struct{ Resources []resource }
	if err := json.Unmarshal(b, &a.resource); err != nil {
		c.blame("%s %s answers %s, which is no JSON: %v", method, path, b, err)
	}
	if err := json.Unmarshal(b, &list); err == nil {
		a.list = list.Resources
	}
	return a, status, nil
}

// checkError holds what every error is: SCIM, with its own status in it, and
// with a time to come back if that is what it asks for. It returns the detail.
func (c *client) checkError(resp *http.Response, body []byte) string {
	var e struct{ Status, Detail string }
	if err := json.Unmarshal(body, &e); err != nil || e.Status != fmt.Sprint(resp.StatusCode) || e.Detail == "" {
		c.blame("%s %s answers %d with %s, which is no SCIM error", resp.Request.Method, resp.Request.URL.Path, resp.StatusCode, body)
	}
	if wait := resp.StatusCode == 429 || resp.StatusCode == 503; wait && resp.Header.Get("Retry-After") == "" {
		c.blame("%s %s answers %d without Retry-After", resp.Request.Method, resp.Request.URL.Path, resp.StatusCode)
	}
	return e.Detail
}
