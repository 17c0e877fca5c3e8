package adapter_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"hostscim/adapter"
	"hostscim/adapter/scim"
	"hostscim/configs"
	"hostscim/legacyclient/legacytest"
	"hostscim/mapping"
)

const (
	clientToken = "token-of-the-client"
	legacyToken = "token-of-the-legacy-api"
	base        = "/scim/v2"
	enterprise  = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
)

// quick makes the shipped profile one that a test need not wait for.
var quick = []string{
	"min_wait: 200ms, max_wait: 5s", "min_wait: 1ms, max_wait: 2ms",
	"rate_limit: {per_second: 50, burst: 50}", "rate_limit: {per_second: 100000, burst: 100000}",
}

// setup is what an adapter under test is made of. The zero value is the
// shipped profile before an empty legacy API.
type setup struct {
	profile   string                                                   // "": the shipped one
	edits     []string                                                 // of the profile: old text, new text, and so on
	legacy    []legacytest.Option                                      // of the legacy API
	before    func(w http.ResponseWriter, r *http.Request) bool        // sees a legacy call first; true: it answered
	transport func(legacy http.RoundTripper) http.RoundTripper         // around the connections to the legacy API
	wrap      func(public http.Handler, r *http.Request) *http.Request // changes what the public side sees
}

// fixture is an adapter under test, served on a socket, and the legacy API
// behind it on another.
type fixture struct {
	*testing.T
	url    string // of the adapter, without the base path
	server *adapter.Server
	api    *legacytest.Handler
	// legacyURL is that of the API, for another configuration.
	legacyURL string
	log       *logbook
	spans     *tracetest.InMemoryExporter
	busy      sync.WaitGroup // requests whose handlers have not returned
	// heldBack is how long, in nanoseconds, answers to wrong credentials would
	// have been held back.
	heldBack atomic.Int64
}

func start(t *testing.T, s setup) *fixture {
	t.Helper()
	f := &fixture{T: t, log: new(logbook), spans: tracetest.NewInMemoryExporter()}
	legacyURL := f.startLegacy(s)
	o := adapter.Options{
		Config: load(t, s.profile, legacyURL, s.edits...), Logger: f.log.logger(), Version: "test",
		Tracing: sdktrace.NewTracerProvider(sdktrace.WithSyncer(f.spans)),
	}
	if s.transport != nil {
		o.Transport = s.transport(http.DefaultTransport)
	}
	server, err := adapter.New(o)
	if err != nil {
		t.Fatalf("New() = %v", err)
	}
	t.Cleanup(server.Close)
	server.SetWait(func(_ context.Context, d time.Duration) {
		f.heldBack.Add(int64(d))
	})
	handler := server.Handler()
	public := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.busy.Add(1)
		defer f.busy.Done()
		if s.wrap != nil {
			r = s.wrap(handler, r)
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(public.Close)
	f.server, f.url = server, public.URL
	return f
}

func (f *fixture) startLegacy(s setup) string {
	f.legacyURL = f.newLegacy(s)
	return f.legacyURL
}

func (f *fixture) newLegacy(s setup) string {
	options := append([]legacytest.Option{legacytest.WithToken(legacyToken)}, s.legacy...)
	if s.before == nil {
		api := legacytest.NewServer(options...)
		f.Cleanup(api.Close)
		f.api = api.Handler
		return api.URL
	}
	f.api = legacytest.NewHandler(options...)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.before(w, r) {
			f.api.ServeHTTP(w, r)
		}
	}))
	f.Cleanup(api.Close)
	return api.URL + legacytest.Prefix
}

// load reads a profile with the edits made to its text.
func load(t *testing.T, profile, legacyURL string, edits ...string) *mapping.Config {
	t.Helper()
	if profile == "" {
		profile = string(configs.SignInEnterprise)
		edits = append(quick, edits...)
	}
	for i := 0; i < len(edits); i += 2 {
		if !strings.Contains(profile, edits[i]) {
			t.Fatalf("the profile has no text %q to edit", edits[i])
		}
		profile = strings.Replace(profile, edits[i], edits[i+1], 1)
	}
	env := map[string]string{"HOSTSCIM_TOKEN": clientToken, "LEGACY_TOKEN": legacyToken, "LEGACY_URL": legacyURL}
	config, err := mapping.Load("test.yaml", []byte(profile), mapping.Sources{
		Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
	})
	if err != nil {
		t.Fatalf("loading the profile: %v", err)
	}
	return config
}

// answer is what the adapter answered.
type answer struct {
	request string // for messages
	status  int
	header  http.Header
	body    string
}

// call makes one request below the base path; header holds names and values
// in turn, of which an empty value takes the header away.
func (f *fixture) call(method, path, body string, header ...string) answer {
	f.Helper()
	a, err := f.try(method, f.url+base+path, body, header...)
	if err != nil {
		f.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

func (f *fixture) try(method, url, body string, header ...string) (answer, error) {
	req, err := http.NewRequestWithContext(f.Context(), method, url, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Authorization", "Bearer "+clientToken)
	if body != "" {
		req.Header.Set("Content-Type", scim.MediaType)
	}
	for i := 0; i < len(header); i += 2 {
		if req.Header.Set(header[i], header[i+1]); header[i+1] == "" {
			req.Header.Del(header[i])
		}
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return answer{}, err
	}
	return read(f.T, method+" "+req.URL.RequestURI(), resp), nil
}

// do sends the request.
func (f *fixture) do(req *http.Request) answer {
	f.Helper()
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		f.Fatalf("%s %s: %v", req.Method, req.URL.Path, err)
	}
	return read(f.T, req.Method+" "+req.URL.RequestURI(), resp)
}

func read(t *testing.T, request string, resp *http.Response) answer {
	t.Helper()
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Errorf("%s: reading the body: %v", request, err)
	}
	return answer{request, resp.StatusCode, resp.Header, string(b)}
}

// want makes one request and checks its status.
func (f *fixture) want(status int, method, path, body string, header ...string) answer {
	f.Helper()
	a := f.call(method, path, body, header...)
	if a.status != status {
		f.Errorf("%s %.120s = %d %.400s, want status %d", method, path, a.status, a.body, status)
	}
	if a.body != "" && a.header.Get("Content-Type") != scim.MediaType {
		f.Errorf("%s %.120s has content type %q, want %q", method, path, a.header.Get("Content-Type"), scim.MediaType)
	}
	return a
}

// wantError makes one request and checks that its answer is the error, with
// every one of the texts in its detail.
func (f *fixture) wantError(status int, scimType, method, path, body string, details ...string) answer {
	f.Helper()
	a := f.call(method, path, body)
	a.checkError(f.T, status, scimType, details...)
	return a
}

// checkError checks an answer against RFC 7644 section 3.12.
func (a answer) checkError(t *testing.T, status int, scimType string, details ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("%.160s = %d %.400s, want status %d", a.request, a.status, a.body, status)
		return
	}
	if got := a.header.Get("Content-Type"); got != scim.MediaType {
		t.Errorf("%.160s has content type %q, want %q", a.request, got, scim.MediaType)
	}
	var e struct {
		Schemas                  []string
		Status, ScimType, Detail string
	}
	dec := json.NewDecoder(strings.NewReader(a.body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&e); err != nil {
		t.Errorf("%.160s has the body %.400s, which is no Error: %v", a.request, a.body, err)
		return
	}
	if len(e.Schemas) != 1 || e.Schemas[0] != scim.ErrorURN || e.Status != scim.Int(status).Text() {
		t.Errorf("%.160s has schemas %q and status %q", a.request, e.Schemas, e.Status)
	}
	if e.ScimType != scimType {
		t.Errorf("%.160s has scimType %q (%s), want %q", a.request, e.ScimType, e.Detail, scimType)
	}
	if len(e.Detail) < 15 {
		t.Errorf("%.160s has detail %q, which helps nobody", a.request, e.Detail)
	}
	for _, d := range details {
		if !strings.Contains(e.Detail, d) {
			t.Errorf("%.160s has detail %q, want %q in it", a.request, e.Detail, d)
		}
	}
}

// value parses the body.
func (a answer) value(t *testing.T) scim.Value {
	t.Helper()
	v, err := scim.Parse([]byte(a.body))
	if err != nil {
		t.Fatalf("body of %s: %v: %.400s", a.request, err, a.body)
	}
	return v
}

// ids returns the ids of the resources of a list.
func (a answer) ids(t *testing.T) []string {
	t.Helper()
	ids := []string{}
	for _, r := range a.value(t).Get("Resources").Parts() {
		ids = append(ids, r.Value.Get("id").Text())
	}
	return ids
}

// names returns the names of the fields of an object, in order.
func names(v scim.Value) string {
	var all []string
	for _, p := range v.Parts() {
		all = append(all, p.Name)
	}
	return strings.Join(all, " ")
}

// calls takes the legacy calls since the last time, as "GET /hosts/1".
func (f *fixture) calls() []string {
	calls := []string{}
	for _, c := range f.api.TakeCalls() {
		calls = append(calls, c.String())
	}
	return calls
}

// wantCalls takes the legacy calls since the last time and compares them,
// without their queries.
func (f *fixture) wantCalls(want ...string) {
	f.Helper()
	got := []string{}
	for _, c := range f.api.TakeCalls() {
		got = append(got, c.Method+" "+c.Path)
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		f.Errorf("legacy calls %q, want %q", got, want)
	}
}

// logs returns the lines that were logged, once all requests have ended.
func (f *fixture) logs() []map[string]any {
	f.Helper()
	f.busy.Wait()
	var lines []map[string]any
	dec := json.NewDecoder(bytes.NewReader(f.log.json.bytes()))
	for dec.More() {
		var line map[string]any
		if err := dec.Decode(&line); err != nil {
			f.Fatalf("log: %v", err)
		}
		lines = append(lines, line)
	}
	return lines
}

// traced returns the spans that were recorded, once all requests have ended.
func (f *fixture) traced() tracetest.SpanStubs {
	f.busy.Wait()
	return f.spans.GetSpans()
}

// lastLog returns the last line of the access log.
func (f *fixture) lastLog() map[string]any {
	f.Helper()
	var last map[string]any
	for _, l := range f.logs() {
		if l["msg"] == "request" {
			last = l
		}
	}
	return last
}

// logbook keeps what is logged, at every level, as JSON and as text.
type logbook struct{ json, text buffer }

func (l *logbook) logger() *slog.Logger {
	o := &slog.HandlerOptions{Level: slog.LevelDebug}
	return slog.New(slog.NewMultiHandler(slog.NewJSONHandler(&l.json, o), slog.NewTextHandler(&l.text, o)))
}

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.b.Bytes())
}

// always returns a hook that answers every legacy call.
func always(h http.HandlerFunc) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		h(w, r)
		return true
	}
}

// respond returns a handler with one answer; header holds names and values in
// turn.
func respond(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// reset breaks the connection without an answer.
func reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	conn.(*net.TCPConn).SetLinger(0)
	conn.Close()
}

// hang reads the request and answers when the client has gone.
func hang(_ http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// host is a host of which every field is set.
func host(name string) legacytest.Host {
	return legacytest.Host{
		Username: name + "@example.com", FirstName: "First-" + name, LastName: "Last-" + name,
		Email: name + "@mail.example.com", AlternateEmail: name + "@other.example.com",
		PhoneNumber: "+1 (555) 010-0100", MobileNumber: "+1 555 0101",
		Company: "Example", Department: "Reception", Visible: true,
	}
}

// profile returns the shipped profile with the edits of quick.
func profile() string { return strings.NewReplacer(quick...).Replace(string(configs.SignInEnterprise)) }

func group(name string) legacytest.Group { return legacytest.Group{Name: name} }

const (
	noa     = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"noa@example.com","active":true,"name":{"givenName":"Noa","familyName":"Lindqvist"},"emails":[{"type":"work","value":"noa.l@example.com","primary":true}]}`
	patchOp = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[%s]}`
)

// patch returns a PATCH body of the operations.
func patch(operations ...string) string {
	return strings.Replace(patchOp, "%s", strings.Join(operations, ","), 1)
}
