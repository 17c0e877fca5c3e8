package legacyclient

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestHeaders holds which headers go out, on every attempt, and which stand
// above others.
func TestHeaders(t *testing.T) {
	var got []http.Header
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		h := r.Header.Clone()
		h.Del("Accept-Encoding")
		h.Del("Content-Length")
		if h.Get("Idempotency-Key") != "" {
			h.Set("Idempotency-Key", "some")
		}
		got = append(got, h)
		if len(got) == 1 {
			w.WriteHeader(503)
			return
		}
		w.WriteHeader(204)
	})
	o := s.options(t)
	o.Authorize = Header("X-Api-Key", "the credential")
	o.Headers = []Param{
		{"Accept", "application/vnd.example.v2+json"}, {"x-api-version", " 3 "}, {"X-Tenant", "{id}"},
		{"x-api-key", "no credential"}, {"X-Empty", ""},
	}
	ep := compile(t, Endpoint{Method: "POST", Path: "/hosts", Idempotent: true, Headers: []Param{{"X-API-Version", "4"}, {"X-Name", "Zoë\t1"}}})
	if _, err := newClient(t, o).Do(t.Context(), ep, Vars{"id": "7"}, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	want := http.Header{
		"Accept": {"application/vnd.example.v2+json"}, "X-Api-Version": {"4"}, "X-Tenant": {"{id}"}, "X-Empty": {""}, "X-Name": {"Zoë\t1"},
		"X-Api-Key": {"the credential"}, "Content-Type": {"application/json"}, "Idempotency-Key": {"some"}, "User-Agent": {"hostscim"},
	}
	if diff := cmp.Diff([]http.Header{want, want}, got); diff != "" {
		t.Errorf("headers differ (-want +got):\n%s", diff)
	}
}

// TestKeyStandsAboveHeaders is about an endpoint that does not know the name of
// the client's idempotency header.
func TestKeyStandsAboveHeaders(t *testing.T) {
	m := &memoryTransport{f: func(_ int, r *http.Request) (*http.Response, error) {
		if v := r.Header["X-Request-Key"]; len(v) != 1 || v[0] == "fixed" {
			t.Errorf("idempotency key %q", v)
		}
		return answer(200, "{}"), nil
	}}
	o := memoryOptions(t, m)
	o.IdempotencyHeader = "X-Request-Key"
	ep := compile(t, Endpoint{Method: "POST", Path: "/hosts", Idempotent: true, Headers: []Param{{"x-request-key", "fixed"}}})
	if _, err := newClient(t, o).Do(t.Context(), ep, nil, []byte("{}")); err != nil {
		t.Fatal(err)
	}
}

func TestHeadersRefused(t *testing.T) {
	const secret = "tok-SECRET"
	tests := []struct{ name, value, want string }{
		{"", secret, `header "" is no header name`},
		{"X Y", secret, `header "X Y" is no header name`},
		{"X-Y\r\nZ", secret, `is no header name`},
		{"X-Y:", secret, `is no header name`},
		{"X-Yé", secret, `is no header name`},
		{"X-Y", secret + "\r\nX-Z: 1", "header X-Y: the value holds a control character"},
		{"X-Y", secret + "\x00", "header X-Y: the value holds a control character"},
		{"X-Y", secret + "\x7f", "header X-Y: the value holds a control character"},
		{"authorization", secret, "header Authorization is set by the client itself"},
		{"content-type", secret, "header Content-Type is set by the client itself"},
		{"host", secret, "header Host is set by the client itself"},
		{"TE", secret, "header Te is set by the client itself"},
		{"transfer-encoding", secret, "is set by the client itself"},
		{"accept-encoding", secret, "is set by the client itself"},
		{"idempotency-key", secret, "is set by the client itself"},
		{"X-Idempotency-Key", secret, "is set by the client itself"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			headers := []Param{{tt.name, tt.value}}
			o := memoryOptions(t, nil)
			o.Headers = headers
			_, optionsErr := New(o)
			_, endpointErr := CompileEndpoint(Endpoint{Method: "GET", Path: "/hosts", Headers: headers})
			for _, err := range []error{optionsErr, endpointErr} {
				if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), secret) {
					t.Errorf("error %v, want one with %q and without the value", err, tt.want)
				}
			}
		})
	}
	o := memoryOptions(t, nil)
	o.IdempotencyHeader = "x-request-key"
	o.Headers = []Param{{"X-Request-Key", "1"}, {"X-A", "1"}, {"x-a", "2"}, {"Host", "x"}}
	o.BaseURL = &url.URL{}
	_, err := New(o)
	for _, want := range []string{"X-Request-Key is set by", "X-A is given twice", "Host is set by", "base url"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New() = %v, want all faults at once, %q too", err, want)
		}
	}
}
