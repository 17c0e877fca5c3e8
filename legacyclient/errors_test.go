package legacyclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestClassify(t *testing.T) {
	taken := []Fault{{Field: "first_name", Code: "blank"}, {Field: "email", Code: "taken"}}
	rules := []ErrorRule{
		{Status: []int{400, 422}, Code: "taken", Kind: ErrConflict},
		{Status: []int{409}, Code: "in_progress", Kind: ErrUnavailable},
		{Status: []int{404}, Field: "tenant", Kind: ErrMisconfigured},
		{Status: []int{418}, Kind: ErrInvalid},
		{Status: []int{400}, Kind: ErrDenied},
	}
	tests := []struct {
		status int
		faults []Fault
		rules  []ErrorRule
		hasID  bool
		want   error
		html   bool
	}{
		{404, nil, nil, true, ErrNotFound, false},
		{404, nil, nil, false, ErrMisconfigured, false},
		{409, nil, nil, false, ErrConflict, false},
		{400, taken, nil, false, ErrInvalid, false},
		{422, nil, nil, false, ErrInvalid, false},
		{401, nil, nil, true, ErrDenied, false},
		{403, nil, nil, true, ErrDenied, false},
		{429, nil, nil, true, ErrThrottled, false},
		{408, nil, nil, true, ErrUnavailable, false},
		{500, nil, nil, true, ErrUnavailable, false},
		{599, nil, nil, true, ErrUnavailable, false},
		{301, nil, nil, true, ErrMisconfigured, false},
		{304, nil, nil, true, ErrMisconfigured, false},
		{405, nil, nil, true, ErrMisconfigured, false},
		{406, nil, nil, true, ErrMisconfigured, false},
		{410, nil, nil, true, ErrNotFound, false},
		{410, nil, nil, false, ErrMisconfigured, false},
		{415, nil, nil, true, ErrMisconfigured, false},
		{400, taken, rules, false, ErrConflict, false},
		{400, taken[:1], rules, false, ErrDenied, false},
		{409, nil, rules, false, ErrConflict, false},
		{409, []Fault{{Code: "in_progress"}}, rules, false, ErrUnavailable, false},
		{404, []Fault{{Field: "tenant"}}, rules, true, ErrMisconfigured, false},
		{404, []Fault{{Field: "id"}}, rules, true, ErrNotFound, false},
		{418, nil, rules, true, ErrInvalid, false},
		{302, nil, []ErrorRule{{Kind: ErrNotFound}}, true, ErrMisconfigured, false},
		{404, nil, nil, true, ErrUnavailable, true},
		{409, nil, nil, true, ErrUnavailable, true},
		{422, nil, nil, true, ErrUnavailable, true},
		{401, nil, nil, true, ErrDenied, true},
		{404, nil, []ErrorRule{{Status: []int{404}, Kind: ErrNotFound}}, true, ErrNotFound, true},
		{402, nil, []ErrorRule{{Kind: ErrNotFound}}, true, ErrNotFound, false},
	}
	for _, tt := range tests {
		if got := classify(tt.rules, tt.status, tt.faults, tt.hasID, tt.html); got != tt.want {
			t.Errorf("classify(%d, %v, %d rules) = %v, want %v", tt.status, tt.faults, len(tt.rules), got, tt.want)
		}
	}
}

func TestFaults(t *testing.T) {
	tests := []struct {
		name, body string
		format     ErrorFormat
		want       []Fault
	}{
		{"vendor", `{"errors":[{"domain":"host","attribute":"email","code":"taken","message":"is taken"},{"domain":"global","attribute":null,"code":"x","message":null}]}`,
			ErrorFormat{}, []Fault{{"email", "taken", "is taken", "host"}, {"", "x", "", "global"}}},
		{"own names", `{"data":{"faults":[{"at":{"name":"mail"},"no":17,"text":true}]}}`,
			ErrorFormat{Items: "data.faults", Field: "at.name", Code: "no", Message: "text"}, []Fault{{"mail", "17", "true", ""}}},
		{"one fault at the top", `{"code":"gone","message":"no"}`, ErrorFormat{}, []Fault{{"", "gone", "no", ""}}},
		{"object for list", `{"errors":{"code":"gone"}}`, ErrorFormat{}, []Fault{{"", "gone", "", ""}}},
		{"bare messages", `{"errors":["first",2,null,"second"]}`, ErrorFormat{}, []Fault{{Message: "first"}, {Message: "second"}}},
		{"controls and cap", `{"errors":[{"message":"a\u0000\n\u0085b` + strings.Repeat("é", 300) + `"}]}`, ErrorFormat{}, []Fault{{Message: "ab" + strings.Repeat("é", 198)}}},
		{"invalid UTF-8", "{\"errors\":[{\"message\":\"a\xffb\"}]}", ErrorFormat{}, []Fault{{Message: "a\uFFFDb"}}},
		{"nothing known", `{"foo":[]}`, ErrorFormat{}, nil},
		{"keyed by field", `{"data":{"user\u006eame":{"code":"not_unique","message":"Must be unique."},"email":{"code":"bad"}},"message":"Failed."}`,
			ErrorFormat{Items: "data", Keyed: true}, []Fault{{"username", "not_unique", "Must be unique.", ""}, {"email", "bad", "", ""}}},
		{"keyed lists", `{"errors":{"email":["is taken",{"message":"is long"}],"name":"is blank","n":3,"x":null}}`,
			ErrorFormat{Keyed: true}, []Fault{{"email", "", "is taken", ""}, {"email", "", "is long", ""}, {"name", "", "is blank", ""}}},
		{"keyed, no field", `{"data":{},"message":"Not found."}`, ErrorFormat{Items: "data", Keyed: true}, []Fault{{"", "", "Not found.", ""}}},
		{"keyed, no data", `{"message":"Not found."}`, ErrorFormat{Items: "data", Keyed: true}, []Fault{{"", "", "Not found.", ""}}},
		{"keyed, a list all the same", `{"errors":[{"attribute":"email","code":"taken"}]}`, ErrorFormat{Keyed: true}, []Fault{{"email", "taken", "", ""}}},
		{"no json", `{"errors":[{"code":"x"}]`, ErrorFormat{}, nil},
		{"scalar", `"oops"`, ErrorFormat{}, []Fault{{Message: "oops"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := tt.format.compile()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, p.read([]byte(tt.body))); diff != "" {
				t.Errorf("read() differs (-want +got):\n%s", diff)
			}
		})
	}
	many := `{"errors":[` + strings.Repeat(`{"code":"x"},`, 99) + `{"code":"x"}]}`
	p, _ := ErrorFormat{}.compile()
	if n := len(p.read([]byte(many))); n != maxFaults {
		t.Errorf("read() = %d faults, want %d", n, maxFaults)
	}
}

// TestErrorAnswer holds what becomes of error answers on a real connection.
// TestErrorsInSuccess: what says success and holds errors is none; a name, or
// a list without faults, is no error.
func TestErrorsInSuccess(t *testing.T) {
	for _, tt := range []struct {
		name, item, body string
		want             error
	}{
		{"errors", "", `{"errors":[{"code":"taken"}]}`, ErrUnavailable},
		{"errors beside a record", "", `{"id":1,"errors":["something"]}`, ErrUnavailable},
		{"no errors", "", `{"id":1,"errors":[]}`, nil},
		{"null", "", `{"id":1,"errors":null}`, nil},
		{"a count", "", `{"id":1,"errors":2}`, nil},
		{"a list of something else", "", `{"id":1,"errors":[{},[]]}`, nil},
		{"a value", "", `{"id":1,"name":"errors"}`, nil},
		{"deeper", "", `{"id":1,"job":{"errors":[{"code":"x"}]}}`, nil},
		{"a record where one is described", "host", `{"host":{"id":1},"errors":[{"code":"old"}]}`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, body(200, "application/json", tt.body))
			o := s.options(t)
			o.MaxAttempts = 1
			_, err := newClient(t, o).Do(t.Context(), compile(t, Endpoint{Method: "PATCH", Path: "/hosts", Item: tt.item}), nil, []byte(`{}`))
			if !errors.Is(err, tt.want) {
				t.Errorf("Do() of %s = %v, want %v", tt.body, err, tt.want)
			}
		})
	}
}

func TestErrorAnswer(t *testing.T) {
	envelope := `{"errors":[{"attribute":"email","code":"taken","message":"is taken"}]}`
	tests := []struct {
		name    string
		handler http.HandlerFunc
		want    error
		faults  int
	}{
		{"json", body(400, "application/json", envelope), ErrInvalid, 1},
		{"problem", body(422, "application/problem+json; charset=utf-8", envelope), ErrInvalid, 1},
		{"html", body(400, "text/html", envelope), ErrUnavailable, 0},
		{"huge", body(400, "application/json", envelope+strings.Repeat(" ", 2*maxErrorBody)), ErrInvalid, 0},
		{"cut short", func(w http.ResponseWriter, _ *http.Request) {
			raw(w, "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
		}, ErrUnavailable, 0}, // what is missing may have said that the name is taken
		{"broken JSON", body(409, "application/json", envelope[:20]), ErrUnavailable, 0},
		{"no body", body(400, "application/json", ""), ErrInvalid, 0},
		{"text", body(400, "text/plain", "no such field"), ErrInvalid, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, tt.handler)
			_, err := newClient(t, s.options(t)).Do(t.Context(), compile(t, Endpoint{Method: "POST", Path: "/hosts"}), nil, []byte("{}"))
			e, _ := errors.AsType[*Error](err)
			if e == nil || e.Kind != tt.want || len(e.Faults) != tt.faults || e.MayHaveHappened != (tt.want == ErrUnavailable) {
				t.Errorf("Do() = %#v, want %v with %d faults", err, tt.want, tt.faults)
			}
		})
	}
}

// TestNothingLeaks is law 13: whatever goes wrong, no error text and no log line
// holds a credential, an id, a query, a body, or what the API said.
func TestNothingLeaks(t *testing.T) {
	leaky := fmt.Sprintf(`{"errors":[{"attribute":"email","code":"taken","message":"%s"}]`, "babs@example.com is SECRET")
	answers := map[string]memory{
		"faults":       func(int, *http.Request) (*http.Response, error) { return answer(422, leaky+"}"), nil },
		"retried":      func(int, *http.Request) (*http.Response, error) { return answer(503, leaky+"}"), nil },
		"bad json":     func(int, *http.Request) (*http.Response, error) { return answer(200, leaky), nil },
		"bad number":   func(int, *http.Request) (*http.Response, error) { return answer(200, `{"SECRET": 1 SECRET}`), nil },
		"redirect":     func(int, *http.Request) (*http.Response, error) { return answer(302, "", "Location", "/SECRET"), nil },
		"bad redirect": func(int, *http.Request) (*http.Response, error) { return answer(302, "", "Location", "%SECRET"), nil },
		"transport": func(_ int, r *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("GET %s: %v", r.URL, r.Header)
		},
		"url error": func(_ int, r *http.Request) (*http.Response, error) {
			return nil, &url.Error{Op: "Get", URL: r.URL.String(), Err: context.DeadlineExceeded}
		},
		"wrong type": func(int, *http.Request) (*http.Response, error) {
			return answer(200, leaky, "Content-Type", "text/SECRET"), nil
		},
		"no such thing": func(int, *http.Request) (*http.Response, error) { return answer(404, leaky), nil },
	}
	for name, f := range answers {
		t.Run(name, func(t *testing.T) {
			var logged bytes.Buffer
			o := memoryOptions(t, &memoryTransport{f: f})
			o.Logger = slog.New(slog.NewJSONHandler(&logged, nil))
			c := newClient(t, o)
			ep := compile(t, Endpoint{Method: "PUT", Path: "/hosts/{id}", Query: []Param{{"q", "{value}"}}})
			_, err := c.Do(t.Context(), ep, Vars{"id": "id-SECRET", "value": "q-SECRET"}, []byte(`{"email":"SECRET"}`))
			if err == nil {
				t.Fatal("Do() = nil, want an error")
			}
			text := fmt.Sprintf("%v|%+v|%s|%q", err, err, err, errors.Unwrap(fmt.Errorf("x: %w", err)))
			if e, _ := errors.AsType[*Error](err); e.Cause != nil {
				text += e.Cause.Error()
			}
			text += logged.String()
			for _, secret := range []string{"SECRET", "babs", "example.com", "?", "/api/v3", "Bearer"} {
				if strings.Contains(text, secret) {
					t.Errorf("%q is in: %s", secret, text)
				}
			}
			if !strings.Contains(text, "PUT /hosts/{id}: ") {
				t.Errorf("no op in: %s", text)
			}
		})
	}
}

func TestAuthorizer(t *testing.T) {
	var got http.Header
	m := &memoryTransport{f: func(_ int, r *http.Request) (*http.Response, error) {
		got = r.Header
		return answer(200, "{}"), nil
	}}
	ep := compile(t, Endpoint{Method: "GET", Path: "/hosts"})
	tests := []struct {
		name        string
		auth        Authorizer
		header, val string
		kind        error
	}{
		{"none", nil, "Authorization", "", nil},
		{"bearer", Bearer("tok"), "Authorization", "Bearer tok", nil},
		{"basic", Basic("Aladdin", "open sesame"), "Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", nil},
		{"header", Header("x-api-key", "k"), "X-Api-Key", "k", nil},
		{"no token", Bearer(""), "", "", ErrMisconfigured},
		{"no user", Basic("", ""), "", "", ErrMisconfigured},
		{"no value", Header("x", ""), "", "", ErrMisconfigured},
		{"token server down", func(*http.Request) error { return errors.New("SECRET") }, "", "", ErrUnavailable},
		{"denied", func(*http.Request) error { return fmt.Errorf("token: %w", ErrDenied) }, "", "", ErrDenied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := memoryOptions(t, m)
			o.Authorize = tt.auth
			var logged bytes.Buffer
			o.Logger = slog.New(slog.NewTextHandler(&logged, nil))
			before := m.calls.Load()
			_, err := newClient(t, o).Do(t.Context(), ep, nil, nil)
			if !errors.Is(err, tt.kind) {
				t.Fatalf("Do() = %v, want %v", err, tt.kind)
			}
			retries := 0
			if tt.kind == ErrUnavailable {
				retries = 3 // nothing was sent, so whatever the method
			}
			if n := strings.Count(logged.String(), "repeated"); n != retries {
				t.Errorf("%d retries logged, want %d", n, retries)
			}
			if tt.kind != nil {
				if m.calls.Load() != before || strings.Contains(err.Error(), "SECRET") {
					t.Errorf("Do() = %v after %d calls, want none", err, m.calls.Load()-before)
				}
				return
			}
			if got.Get(tt.header) != tt.val || got.Get("Accept") != "application/json" || got.Get("User-Agent") != "hostscim" {
				t.Errorf("header = %v", got)
			}
		})
	}
}

func TestNewErrors(t *testing.T) {
	valid := func() Options { return Options{BaseURL: &url.URL{Scheme: "https", Host: "host.example.com"}} }
	tests := []struct {
		name   string
		change func(*Options)
		want   string
	}{
		{"no base", func(o *Options) { o.BaseURL = nil }, "base url is missing"},
		{"scheme", func(o *Options) { o.BaseURL.Scheme = "ftp" }, "must begin with"},
		{"host", func(o *Options) { o.BaseURL.Host = "" }, "no host"},
		{"password", func(o *Options) { o.BaseURL.User = url.UserPassword("u", "SECRET") }, "belong into the credential"},
		{"query", func(o *Options) { o.BaseURL.RawQuery = "x=1" }, "query or a fragment"},
		{"timeout", func(o *Options) { o.Timeout = -1 }, "timeout"},
		{"rate", func(o *Options) { o.PerSecond = -1 }, "not a rate"},
		{"burst alone", func(o *Options) { o.Burst = 5 }, "burst without"},
		{"waits", func(o *Options) { o.MinWait, o.MaxWait = 2, 1 }, "min wait is above"},
		{"attempts", func(o *Options) { o.MaxAttempts = -1 }, "max attempts"},
		{"body", func(o *Options) { o.MaxBody = -1 }, "max body"},
		{"header", func(o *Options) { o.IdempotencyHeader = "a: b" }, "no header name"},
		{"agent", func(o *Options) { o.UserAgent = "a\r\nb" }, "user agent"},
		{"rule kind", func(o *Options) { o.ErrorRules = []ErrorRule{{}} }, "error rule 1: kind"},
		{"rule canceled", func(o *Options) { o.ErrorRules = []ErrorRule{{Kind: ErrCanceled}} }, "error rule 1: kind"},
		{"rule status", func(o *Options) { o.ErrorRules = []ErrorRule{{Status: []int{200}, Kind: ErrDenied}} }, "no error status"},
		{"format", func(o *Options) { o.ErrorFormat.Items = "a." }, "error format"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := valid()
			tt.change(&o)
			if _, err := New(o); err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("New() = %v, want an error with %q", err, tt.want)
			}
		})
	}
	if _, err := New(valid()); err != nil {
		t.Errorf("New(only a base url) = %v", err)
	}
}

func TestCertificateRefused(t *testing.T) {
	o := memoryOptions(t, nil)
	o.BaseURL = newTLSServer(t)
	_, err := newClient(t, o).Do(t.Context(), compile(t, Endpoint{Method: "POST", Path: "/hosts"}), nil, nil)
	e, _ := errors.AsType[*Error](err)
	if e == nil || e.Kind != ErrUnavailable || e.Attempts != 1 || e.MayHaveHappened || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("Do() = %#v, want ErrUnavailable after one attempt", err)
	}
}

func TestParseRetryAfterDate(t *testing.T) {
	now := time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)
	for v, want := range map[string]time.Duration{
		"Thu, 02 Jan 2025 03:05:05 GMT": time.Minute, "Thursday, 02-Jan-25 03:05:05 GMT": time.Minute,
		"Thu, 02 Jan 2025 03:04:05 GMT": 0, "Fri, 31 Dec 9999 23:59:59 GMT": longest, "": 0, " 3 ": 3 * time.Second, "1.5": 0, "-99999999999999999999": 0,
	} {
		if got := parseRetryAfter(http.Header{"Retry-After": {v}}, now); got != want {
			t.Errorf("parseRetryAfter(%q) = %v, want %v", v, got, want)
		}
	}
}
