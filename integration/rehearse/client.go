package rehearse

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// The resource types of the endpoint.
const (
	users  = "Users"
	groups = "Groups"
)

const (
	requestTimeout = 60 * time.Second
	maxAnswer      = 64 << 20
)

// request is what is sent. The id stands apart from the rest of the path, so
// that the client can refuse to write to what is not ours.
type request struct {
	step     string // the row of the table that it counts in
	method   string
	resource string        // Users, Groups, or a discovery endpoint
	id       string        // "" for the collection
	query    string        // without the question mark, already escaped
	body     any           // nil: none
	want     []int         // the statuses that the provider takes; nil: those usual for the method
	token    string        // in place of the token of the run
	oauth    *tokenRequest // goes to the token endpoint, with its form for a body and no token
}

// path returns the path and query below the base URL, or the URL of the token
// endpoint.
func (q *request) path() string {
	if q.oauth != nil {
		return q.oauth.url
	}
	p := "/" + q.resource
	if q.id != "" {
		p += "/" + url.PathEscape(q.id)
	}
	if q.query != "" {
		p += "?" + q.query
	}
	return p
}

// answer is what came back for a request.
type answer struct {
	request
	sent   []byte
	status int // 0 if nothing came back
	header http.Header
	body   []byte
	object object // the body, nil if it is no JSON object
	err    error  // why nothing came back
	began  time.Time
	took   time.Duration
}

// ok reports whether the provider takes the answer for a success.
func (a *answer) ok() bool { return a.err == nil && slices.Contains(a.want, a.status) }

// usual are the statuses that providers take for a success.
var usual = map[string][]int{
	http.MethodGet: {200}, http.MethodPost: {201}, http.MethodPut: {200, 204}, http.MethodPatch: {200, 204}, http.MethodDelete: {204},
}

// client sends requests as the provider does. Its methods may be called at
// the same time.
type client struct {
	base, token string
	profile     profile
	http        *http.Client
	limiter     *rate.Limiter // nil: none
	ledger      *ledger
	observe     func(*answer)
}

func newClient(o Options, p profile, l *ledger) *client {
	c := &client{base: o.URL, token: o.Token, profile: p, ledger: l}
	transport := o.Transport
	if transport == nil {
		transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: o.InFlight, DisableCompression: true,
			IdleConnTimeout: 30 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
		}
	}
	c.http = &http.Client{
		Transport: transport, Timeout: requestTimeout,
		// A redirect is an answer that no provider follows with a body.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if o.Rate > 0 {
		c.limiter = rate.NewLimiter(rate.Limit(o.Rate), 1)
	}
	return c
}

// send sends the request. What is not ours it refuses to change: that is a
// fault of this package, and ends the program before harm is done.
func (c *client) send(ctx context.Context, q request) *answer {
	if q.want == nil {
		q.want = usual[q.method]
	}
	a := &answer{request: q}
	if q.method != http.MethodGet && q.method != http.MethodPost && !c.ledger.owns(q.resource, q.id) {
		panic(fmt.Sprintf("rehearse: %s of %s %q, which the run did not make", q.method, q.resource, q.id))
	}
	if c.limiter != nil {
		if a.err = c.limiter.Wait(ctx); a.err != nil {
			return a
		}
	}
	a.began = time.Now()
	a.err = c.exchange(ctx, a)
	a.took = time.Since(a.began)
	if ctx.Err() == nil || a.err == nil {
		c.observe(a)
	}
	return a
}

func (c *client) exchange(ctx context.Context, a *answer) error {
	req, err := c.request(ctx, a)
	if err != nil {
		return err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	a.status, a.header = res.StatusCode, res.Header
	if a.body, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer)); err != nil {
		return fmt.Errorf("the answer broke off: %w", err)
	}
	json.Unmarshal(a.body, &a.object) // what is no object stays nil
	if a.oauth != nil {
		a.conceal()
	}
	return nil
}

// request returns what goes over the wire, and notes in the answer what of
// it may be shown.
func (c *client) request(ctx context.Context, a *answer) (*http.Request, error) {
	target, media, token := c.base+a.path(), c.profile.header["Content-Type"], c.token
	var body []byte
	switch {
	case a.oauth != nil:
		target, media, token = a.oauth.url, "application/x-www-form-urlencoded", ""
		body, a.sent = []byte(a.oauth.form.Encode()), a.oauth.shown()
	case a.request.body != nil:
		body = raw(a.request.body)
		a.sent = body
	}
	req, err := http.NewRequestWithContext(ctx, a.method, target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "") // which sends none, as Entra does
	for k, v := range c.profile.header {
		req.Header.Set(k, v)
	}
	req.Header.Del("Content-Type")
	if body != nil {
		req.Header.Set("Content-Type", media)
	}
	if a.token != "" {
		token = a.token
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if a.oauth != nil && a.oauth.basic != nil {
		secret, _ := a.oauth.basic.Password()
		req.SetBasicAuth(a.oauth.basic.Username(), secret)
	}
	return req, nil
}

// filter returns the query that asks for a value of an attribute.
func (c *client) filter(attribute, value string) string {
	return "filter=" + c.escape(attribute+" eq "+quote(value)) + c.profile.page
}

// escape escapes a value for a query as the provider does.
func (c *client) escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", c.profile.space)
}

// quote returns the value as a literal of a filter.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// retryAfter returns how long the answer asks to wait, 0 if it does not.
func (a *answer) retryAfter() time.Duration {
	n, err := strconv.Atoi(a.header.Get("Retry-After"))
	if err != nil || n < 0 {
		return 0
	}
	return time.Duration(n) * time.Second
}

// transient reports whether the provider would try again later.
func (a *answer) transient() bool {
	return a.err != nil || a.status == http.StatusTooManyRequests || a.status >= 500 && a.status != http.StatusNotImplemented
}
