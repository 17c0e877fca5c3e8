package mapping

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hostscim/configs"
)

func TestExpand(t *testing.T) {
	t.Parallel()
	s := Sources{
		Env: func(name string) (string, bool) {
			v, ok := map[string]string{"A": "alpha", "EMPTY": "", "NESTED": "${A}"}[name]
			return v, ok
		},
		ReadFile: func(path string) ([]byte, error) {
			text, ok := map[string]string{
				"/lf": "one\n", "/crlf": "one\r\n", "/two": "one\n\n", "/none": "one", "/inner": "a\nb\n", "/empty": "",
			}[path]
			if !ok {
				return nil, errors.New("no such file")
			}
			return []byte(text), nil
		},
	}
	for _, tt := range []struct{ in, want, err string }{
		{in: "plain", want: "plain"},
		{in: "${A}", want: "alpha"},
		{in: "x${A}-${A}y", want: "xalpha-alphay"},
		{in: "${EMPTY}", want: ""},
		{in: "${NESTED}", want: "${A}"},
		{in: "$${A}", want: "${A}"},
		{in: "$${A} ${A}", want: "${A} alpha"},
		{in: "$A $$ {A}", want: "$A $$ {A}"},
		{in: "${file:/lf}", want: "one"},
		{in: "${file:/crlf}", want: "one"},
		{in: "${file:/two}", want: "one\n"},
		{in: "${file:/none}", want: "one"},
		{in: "${file:/inner}", want: "a\nb"},
		{in: "${file:/empty}", want: ""},
		{in: "${MISSING}", err: "environment variable MISSING is not set"},
		{in: "${}", err: "environment variable  is not set"},
		{in: "${file:/missing}", err: "file /missing cannot be read"},
		{in: "${A", err: "${ without a closing }"},
	} {
		got, err := s.expand(tt.in)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("expand(%s) error = %v, want %q in it", tt.in, err, tt.err)
			}
			continue
		}
		if got != tt.want || err != nil {
			t.Errorf("expand(%s) = %q, %v, want %q", tt.in, got, err, tt.want)
		}
	}
	for _, in := range []string{"${A}", "${file:/lf}"} {
		if _, err := (Sources{}).expand(in); err == nil {
			t.Errorf("expand(%s) without sources = nil, want an error", in)
		}
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	src := `
auth: {bearer: [{name: entra, sha256: "` + strings.Repeat("aB", 32) + `"}]}
legacy: {base_url: "http://api.example.com"}
resources:
  Group:
    id: {legacy: key, type: string}
    operations:
      list: {request: GET /g, items: g, total: n, paging: {style: offset, limit: 7}}
      search:
        - {filter: displayName eq, request: "GET /g/by/{value}", returns: exact}
        - {filter: displayName eq, request: "GET /g", query: {q: "{value}"}, returns: exact, items: found, total: "", paging: {style: none}}
      update: {request: "PUT /g/{id}"}
    members:
      list: {request: "GET /g/{id}/m", value: id}
      add: {request: "POST /g/{id}/m", body: {ids: "{values}"}}
      remove: {request: "DELETE /g/{id}/m/{value}"}
    attributes: {displayName: {legacy: name}}
`
	c := load(t, src)
	if diff := cmp.Diff(Server{
		Listen: "127.0.0.1:8080", AdminListen: "127.0.0.1:9090", SocketMode: 0o660, TokenPath: "/oauth/token", BasePath: "/scim/v2",
		RequestTimeout: Duration(25 * time.Second), ShutdownTimeout: Duration(30 * time.Second),
		MaxBodyBytes: 1 << 20, MaxResults: 1000, CacheTTL: Duration(time.Hour), CacheEntries: 100_000,
		Limits: Limits{
			MaxHeaderBytes: 64 << 10, HeaderTimeout: Duration(10 * time.Second), ReadTimeout: Duration(time.Minute),
			WriteTimeout: Duration(90 * time.Second), IdleTimeout: Duration(3 * time.Minute), MaxConnections: 4096,
		},
	}, c.Server); diff != "" {
		t.Errorf("Server (-want +got):\n%s", diff)
	}
	if got := c.Legacy; got.Timeout != Duration(10*time.Second) || got.ScanLimit != 20_000 || got.Retry.MaxAttempts != 4 ||
		got.ErrorFormat.Items != "errors" || got.RateLimit != (RateLimit{}) || got.IdempotencyHeader != "" {
		t.Errorf("Legacy = %+v, want the defaults", got)
	}
	o, m := c.Group.Operations, c.Group.Members
	if diff := cmp.Diff(&Paging{Style: "offset", Limit: 7, LimitParam: "limit", OffsetParam: "offset", PageParam: "page", FirstPage: new(1), CursorParam: "cursor"}, o.List.Paging); diff != "" {
		t.Errorf("list.paging (-want +got):\n%s", diff)
	}
	if s := o.Search[0]; *s.Items != "g" || *s.Total != "n" || s.Paging.Limit != 7 {
		t.Errorf("search[0] = %+v, want items, total and paging of list", s)
	}
	if s := o.Search[1]; *s.Items != "found" || *s.Total != "" || s.Paging.Style != "none" {
		t.Errorf("search[1] = %+v, want its own items, total and paging", s)
	}
	if *m.List.Items != "g" || *m.List.Total != "n" || m.List.Paging.Limit != 7 {
		t.Errorf("members.list = %+v, want items, total and paging of list", m.List)
	}
	if m.Add.MaxPerCall != 100 || m.Remove.MaxPerCall != 1 || o.Update.Body != "changed" {
		t.Errorf("max_per_call = %d, %d, body = %s, want 100, 1, changed", m.Add.MaxPerCall, m.Remove.MaxPerCall, o.Update.Body)
	}
}

func TestBasePathRoot(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"/", `""`} {
		c := load(t, strings.Replace(string(configs.SignInEnterprise), "base_path: /scim/v2", "base_path: "+in, 1))
		if c.Server.BasePath != "" {
			t.Errorf("base_path %s = %q, want the root", in, c.Server.BasePath)
		}
	}
}

// TestBlockStyle: what the shipped profile writes in braces may stand on
// lines of its own.
func TestBlockStyle(t *testing.T) {
	t.Parallel()
	c := load(t, `
auth:
  bearer:
    name: entra
    token: example-token
legacy:
  base_url: https://api.example.com
resources:
  Group:
    id:
      legacy: key
    operations:
      get:
        request: GET /g/{id}
      update:
        request: PATCH /g/{id}
    members:
      add:
        request: POST /g/{id}/m
        body:
          host:
            id: "{value}"
      remove:
        request: POST /g/{id}/m
        body:
          - "{values}"
      list:
        request: GET /g/{id}/m
        value: id
        paging: {style: none}
    attributes:
      displayName:
        legacy: name
`)
	if c.Group.id != (IDField{Legacy: "key", Type: "any"}) {
		t.Errorf("id = %+v, want key of any type", c.Group.id)
	}
	if got, want := string(c.Group.Members.Add.Payload(c.Group.IDValue("1"), values(c.Group, "1"))), `{"host":{"id":1}}`; got != want {
		t.Errorf("Add.Payload(1) = %s, want %s", got, want)
	}
	if got, want := string(c.Group.Members.Remove.Payload(c.Group.IDValue("1"), values(c.Group, "1", "x"))), `[[1,"x"]]`; got != want {
		t.Errorf("Remove.Payload(1, x) = %s, want %s", got, want)
	}
	if len(c.Auth.Bearer) != 1 {
		t.Errorf("auth.bearer = %v, want the one token", c.Auth.Bearer)
	}
}

func TestURLAndPrefix(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	u := url.URL(c.Legacy.BaseURL)
	if got, want := u.String(), "https://api.example.com/api/v3"; got != want {
		t.Errorf("base_url = %s, want %s", got, want)
	}
	for in, ok := range map[string]bool{
		"10.1.2.3/8": true, "::1": true, "10.0.0.1": true, "": false, "10.0.0.0/33": false, "host": false,
	} {
		if err := new(Prefix).decodeText(in); (err == nil) != ok {
			t.Errorf("Prefix(%q) = %v, want ok %v", in, err, ok)
		}
	}
	for in, ok := range map[string]bool{"1m30s": true, "10s": true, "0s": false, "-1s": false, "10": false} {
		if err := new(Duration).decodeText(in); (err == nil) != ok {
			t.Errorf("Duration(%q) = %v, want ok %v", in, err, ok)
		}
	}
}
