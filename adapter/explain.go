package adapter

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"hostscim/adapter/scim"
	"hostscim/legacyclient"
	"hostscim/mapping"
)

// ExplainOptions is how a request is explained.
type ExplainOptions struct {
	// Connect lets what is read go to the legacy API. What is written never
	// does.
	Connect bool
	// Tenant is whose request it is; it may be left out where there is one.
	Tenant string
	// Hide are texts of the configuration that must not be shown, with what is
	// shown in their place.
	Hide map[string]string
}

// Explanation is what a SCIM request would do.
type Explanation struct {
	Method string `json:"method"`
	Path   string `json:"path"` // with the query, as it was sent
	// Connected says that what is read was really read.
	Connected bool             `json:"connected"`
	LookUps   []LookUp         `json:"lookUps,omitempty"`
	Changes   []ResourceChange `json:"changes,omitempty"`
	Course
	// Otherwise are the courses that differ, each under its condition.
	Otherwise []Course `json:"otherwise,omitempty"`
	Budget    Budget   `json:"budget"`
}

// Course is what happens if the legacy API stands in one way.
type Course struct {
	If     []string `json:"if,omitempty"`
	Calls  []Call   `json:"calls"`
	Answer Answer   `json:"answer"`
}

// Answer is what the client gets.
type Answer struct {
	Status  int         `json:"status"`
	Headers http.Header `json:"headers,omitempty"`
	Body    Body        `json:"body,omitempty"`
}

// Budget is what the request costs.
type Budget struct {
	Calls    int    `json:"calls"`
	Most     int    `json:"most"`           // of all courses
	Attempts int    `json:"attemptsOfEach"` // at most, where a call fails
	Within   string `json:"within"`         // server.request_timeout
}

// Body is a body as it is sent.
type Body []byte

// MarshalJSON returns a body that is JSON as it is, and any other as a text.
func (b Body) MarshalJSON() ([]byte, error) {
	if json.Valid(b) {
		return b, nil
	}
	return json.Marshal(string(b))
}

// Explain runs the request through the handlers of a server, as one that was
// let in, in front of an API that is not there and answers what the
// configuration describes. Nothing is sent but what Connect allows.
//
// The path may leave out the base path. What decides at run time is found by
// running the request again where one thing stands otherwise, for each thing
// that the calls made depend on.
func Explain(ctx context.Context, config *mapping.Config, r *http.Request, o ExplainOptions) (*Explanation, error) {
	config, err := tenantConfig(config, o.Tenant)
	if err != nil {
		return nil, err
	}
	x := &explained{options: o, config: *config, request: r}
	if o.Connect {
		x.read = ctx
	} else {
		// Nothing is waited for, and no call is repeated.
		x.config.Legacy.RateLimit = mapping.RateLimit{}
		x.config.Legacy.Retry.MaxAttempts = 1
		x.config.Server.RequestTimeout = mapping.Duration(time.Hour)
	}
	if r.Body != nil {
		if x.body, err = io.ReadAll(r.Body); err != nil {
			return nil, fmt.Errorf("reading the request: %w", err)
		}
	}
	first, err := x.first(ctx)
	if err != nil {
		return nil, err
	}
	e := &Explanation{
		Method: r.Method, Path: r.URL.RequestURI(), Connected: o.Connect,
		LookUps: first.simulation.witness.lookUps, Changes: first.simulation.witness.changes,
		Budget: Budget{Attempts: config.Legacy.Retry.MaxAttempts, Within: time.Duration(config.Server.RequestTimeout).String()},
	}
	var matter []twist
	if matter, e.Otherwise, err = x.others(ctx, first); err != nil {
		return nil, err
	}
	e.Course = first.course(first.assumptions(matter))
	e.Budget.Calls = len(e.Calls)
	e.Budget.Most = len(e.Calls)
	for _, c := range e.Otherwise {
		e.Budget.Most = max(e.Budget.Most, len(c.Calls))
	}
	return e, nil
}

// tenantConfig returns the configuration of the tenant of that name.
func tenantConfig(c *mapping.Config, name string) (*mapping.Config, error) {
	all := c.Each()
	var names []string
	for _, t := range all {
		if t.Name == name || name == "" && len(all) == 1 {
			return t, nil
		}
		names = append(names, t.Name)
	}
	if name == "" {
		return nil, fmt.Errorf("%w: the configuration has several; name one of %s", ErrTenant, strings.Join(names, ", "))
	}
	return nil, fmt.Errorf("%w: there is no %s; name one of %s", ErrTenant, name, strings.Join(names, ", "))
}

// ErrTenant says that a request cannot be explained without the name of a
// tenant that there is.
var ErrTenant = errors.New("which tenant")

// explained is the request that is explained.
type explained struct {
	options ExplainOptions
	config  mapping.Config
	request *http.Request
	body    []byte
	read    context.Context // connected; nil: not
}

// run is the request in one world.
type run struct {
	explained  *explained
	world      world
	simulation *simulation
	answer     Answer
}

// first returns the run that is told in full: in the usual world, or in the
// nearest in which the request succeeds.
func (x *explained) first(ctx context.Context) (*run, error) {
	usual, err := x.run(ctx, world{})
	if err != nil || x.options.Connect || usual.answer.Status < http.StatusBadRequest {
		return usual, err
	}
	for _, t := range twists {
		if !t.asked(usual) {
			continue
		}
		w := world{}
		*t.flag(&w) = true
		other, err := x.run(ctx, w)
		if err != nil || other.answer.Status < http.StatusBadRequest {
			return other, err
		}
	}
	return usual, nil
}

// others returns the twists of the first run that something comes of, and the
// courses that come of them. Connected, the request is not run again: what
// matters is what a write would tell.
func (x *explained) others(ctx context.Context, first *run) (matter []twist, courses []Course, err error) {
	told := first.course(nil)
	for _, t := range twists {
		switch {
		case !t.asked(first):
			continue
		case x.options.Connect:
			if t.write {
				matter = append(matter, t)
			}
			continue
		}
		w := first.world
		flag := t.flag(&w)
		*flag = !*flag
		other, err := x.run(ctx, w)
		if err != nil {
			return nil, nil, err
		}
		if c := other.course([]string{t.text(&w)}); !c.same(&told) {
			matter, courses = append(matter, t), append(courses, c)
		}
	}
	return matter, courses, nil
}

// same reports whether the courses send the same calls and answer alike.
func (c *Course) same(other *Course) bool {
	return slices.EqualFunc(c.Calls, other.Calls, Call.same) && reflect.DeepEqual(c.Answer, other.Answer)
}

// run answers the request in that world.
func (x *explained) run(ctx context.Context, w world) (*run, error) {
	transport := http.RoundTripper(nowhere{})
	if x.options.Connect {
		transport = nil // the one tuned for the API
	}
	server, err := New(Options{Config: &x.config, Transport: transport})
	if err != nil {
		return nil, err
	}
	defer server.Close()
	tenant := server.tenants[0] // the configuration is that of one
	r := &run{explained: x, world: w}
	times := 1
	if w.remembered {
		times++
	}
	for range times {
		r.simulation = newSimulation(tenant, w)
		r.simulation.read = x.read
		r.serve(ctx, server)
	}
	return r, nil
}

// serve sends the request through the handlers of the server.
func (r *run) serve(ctx context.Context, s *Server) {
	e := &entry{witness: r.simulation.witness, tenant: r.simulation.tenant}
	e.trace.Carry = r.simulation.carry
	ctx = legacyclient.WithTrace(context.WithValue(ctx, entryKey{}, e), &e.trace)
	if r.explained.config.Legacy.Auth.Passthrough {
		ctx = legacyclient.WithCredential(ctx, cmp.Or(r.explained.request.Header.Get("Authorization"), "Bearer token-of-the-caller"))
	}
	sheet := &sheet{header: make(http.Header)}
	s.recoverPanics(s.deadline(s.router())).ServeHTTP(sheet, r.explained.copy(ctx, r.world))
	r.answer = r.explained.tidy(sheet)
}

// copy returns the request as it reaches the server.
func (x *explained) copy(ctx context.Context, w world) *http.Request {
	r := x.request.Clone(ctx)
	base := x.config.Server.BasePath
	if path := r.URL.Path; base != "" && path != base && !strings.HasPrefix(path, base+"/") {
		r.URL.Path = base + path
		if r.URL.RawPath != "" {
			r.URL.RawPath = base + r.URL.RawPath
		}
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(x.body)), int64(len(x.body))
	for _, name := range conditions {
		if w.current && r.Header.Get(name) != "" {
			r.Header.Set(name, "*") // is any version that there is
		}
	}
	return r
}

var conditions = []string{"If-Match", "If-None-Match"}

// course returns the run without what must not be shown.
func (r *run) course(given []string) Course {
	c := Course{If: given, Calls: make([]Call, len(r.simulation.calls.list)), Answer: r.answer}
	for i, call := range r.simulation.calls.list {
		call.URL = r.explained.hide(call.URL)
		call.Body = Body(r.explained.hide(string(call.Body)))
		c.Calls[i] = call
	}
	return c
}

// hide replaces the texts of the configuration that must not be shown.
func (x *explained) hide(text string) string {
	longest := func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) }
	for _, secret := range slices.SortedFunc(maps.Keys(x.options.Hide), longest) {
		shown := x.options.Hide[secret]
		for _, spelt := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			text = strings.ReplaceAll(text, spelt, shown)
		}
	}
	return text
}

// tidy returns the answer without what is another each time.
func (x *explained) tidy(s *sheet) Answer {
	a := Answer{Status: s.status, Headers: make(http.Header)}
	for _, name := range []string{"Location", "Allow", "Retry-After"} {
		if v := s.header.Get(name); v != "" {
			a.Headers.Set(name, v)
		}
	}
	if x.request.Method == http.MethodHead {
		return a // net/http sends no body
	}
	a.Body = bytes.TrimSpace(s.body.Bytes())
	if v, err := scim.Parse(a.Body); err == nil && v.Get("nextCursor").Kind() == scim.String {
		var fields []scim.Field
		for _, f := range v.Parts() {
			if f.Name == "nextCursor" {
				f.Value = scim.Text("<cursor>")
			}
			fields = append(fields, f)
		}
		a.Body = scim.Obj(fields...).Append(nil)
	}
	return a
}

// sheet is where an answer is written.
type sheet struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header returns the header.
func (s *sheet) Header() http.Header { return s.header }

// WriteHeader keeps the first status.
func (s *sheet) WriteHeader(status int) {
	if s.status == 0 {
		s.status = status
	}
}

// Write keeps a part of the body.
func (s *sheet) Write(p []byte) (int, error) {
	s.WriteHeader(http.StatusOK)
	return s.body.Write(p)
}

// nowhere is the network of an explanation that is not connected.
type nowhere struct{}

var errNowhere = errors.New("nothing is sent")

// RoundTrip sends nothing.
func (nowhere) RoundTrip(*http.Request) (*http.Response, error) { return nil, errNowhere }
