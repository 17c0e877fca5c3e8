package proxy

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"hostscim/integration/harness"
	"hostscim/legacyclient/legacytest"
)

// site is a proxy, the adapter behind it and the host API behind that. Between
// the first two is a relay.
type site struct {
	kind
	legacy  *legacytest.Server
	adapter *harness.Process
	relay   *relay
	proxy   *process
	cert    certificate
	client  *http.Client
	dials   atomic.Int32 // connections of client
}

// options change a site.
type options struct {
	adapter []string            // pairs of old and new texts in the profile
	env     map[string]string   // for the adapter, over that of the profile
	proxy   map[string][]string // pairs of texts in the file of a proxy, by its name
	socket  bool                // the adapter is behind a Unix socket, without a relay
}

// each runs the test with each proxy.
func each(t *testing.T, o options, test func(t *testing.T, s *site)) {
	t.Helper()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			test(t, newSite(t, k, o))
		})
	}
}

func newSite(t *testing.T, k kind, o options) *site {
	t.Helper()
	program := k.program(t)
	s := &site{kind: k, cert: newCertificate(t, t.TempDir(), k.host)}
	s.legacy = legacytest.NewServer(legacytest.WithToken(harness.LegacyToken))
	t.Cleanup(s.legacy.Close)
	upstream := ""
	if o.socket {
		path := filepath.Join(publicDir(t), "hostscim.sock")
		upstream = map[string]string{"nginx": "unix:", "caddy": "unix/"}[k.name] + path
		o.adapter = append(slices.Clone(o.adapter), "  listen: 127.0.0.1:0", "  listen: unix:"+path+"\n  socket_mode: 0666")
	}
	s.adapter = startAdapter(t, s.legacy.URL, o)
	if !o.socket {
		s.relay = startRelay(t, hostOf(t, s.adapter.URL))
		upstream = s.relay.addr()
	}
	s.proxy = k.start(t, program, upstream, s.cert, o.proxy[k.name])
	s.client = &http.Client{
		Timeout:       patience,
		Transport:     s.transport(&tls.Config{RootCAs: s.cert.pool}),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(s.client.CloseIdleConnections)
	return s
}

// transport connects to the proxy, whatever the name in the URL, and speaks
// HTTP/1.1 as Entra does.
func (s *site) transport(config *tls.Config) *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			s.dials.Add(1)
			return (&net.Dialer{Timeout: patience}).DialContext(ctx, network, s.proxy.addr)
		},
		TLSClientConfig:     config,
		TLSHandshakeTimeout: patience,
	}
}

// startAdapter starts the adapter with the shipped profile, changed by o.
func startAdapter(t *testing.T, legacyURL string, o options) *harness.Process {
	t.Helper()
	config, env := harness.Profile(t, legacyURL)
	changes := append([]string{"{per_second: 50, burst: 50}", "{per_second: 10000, burst: 10000}"}, o.adapter...)
	for i := 0; i < len(changes); i += 2 {
		if !bytes.Contains(config, []byte(changes[i])) {
			t.Fatalf("the profile has no %q for this test to replace", changes[i])
		}
		config = bytes.ReplaceAll(config, []byte(changes[i]), []byte(changes[i+1]))
	}
	for name, value := range o.env {
		env[name] = value
	}
	return harness.Start(t, harness.Options{Config: config, Env: env})
}

func hostOf(t *testing.T, rawURL string) string {
	t.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

// answer is a response that was read to its end.
type answer struct {
	*http.Response
	body []byte
	json map[string]any // nil if the body is none
}

// text returns a string in the body, below these keys; "" if there is none.
func (a answer) text(keys ...string) string {
	var v any = a.json
	for _, key := range keys {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	text, _ := v.(string)
	return text
}

// request makes a request below the tenant URL with the token. header holds
// pairs of names and values; an empty value removes the header.
func (s *site) request(t *testing.T, method, path string, body io.Reader, header ...string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.tenantURL()+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+harness.Token)
	if body != nil {
		req.Header.Set("Content-Type", "application/scim+json; charset=utf-8")
	}
	for i := 0; i < len(header); i += 2 {
		if req.Header.Del(header[i]); header[i+1] != "" {
			req.Header.Set(header[i], header[i+1])
		}
	}
	return req
}

// do sends a request through the proxy.
func (s *site) do(t *testing.T, method, path, body string, header ...string) answer {
	t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	return s.send(t, s.request(t, method, path, reader, header...))
}

func (s *site) send(t *testing.T, req *http.Request) answer {
	t.Helper()
	return send(t, s.client, req)
}

func send(t *testing.T, client *http.Client, req *http.Request) answer {
	t.Helper()
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	a := answer{Response: res}
	if a.body, err = io.ReadAll(res.Body); err != nil {
		t.Fatal(err)
	}
	_ = json.Unmarshal(a.body, &a.json) // not every body is JSON
	return a
}

// wantStatus fails the test unless the answer has the status.
func wantStatus(t *testing.T, a answer, status int) {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("%s %s = %d %s, want %d", a.Request.Method, a.Request.URL, a.StatusCode, a.body, status)
	}
}

// wantError fails the test unless the answer is a SCIM error with the status.
func wantError(t *testing.T, a answer, status int) {
	t.Helper()
	wantStatus(t, a, status)
	if got := a.Header.Values("Content-Type"); len(got) != 1 || got[0] != "application/scim+json" {
		t.Errorf("Content-Type of a %d is %q, want application/scim+json", status, got)
	}
	var e struct {
		Schemas []string `json:"schemas"`
		Status  string   `json:"status"`
		Detail  string   `json:"detail"`
	}
	if err := json.Unmarshal(a.body, &e); err != nil {
		t.Fatalf("the body of a %d is %q: %v", status, a.body, err)
	}
	const schema = "urn:ietf:params:scim:api:messages:2.0:Error"
	if len(e.Schemas) != 1 || e.Schemas[0] != schema || e.Status != strconv.Itoa(status) || e.Detail == "" {
		t.Errorf("the body of a %d is %s, want a SCIM error with a string status and a detail", status, a.body)
	}
}

// user is the body that creates one.
func user(name string) string {
	return `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"` + name + `@example.com","active":true,` +
		`"name":{"givenName":"Ada","familyName":"Example"},"emails":[{"type":"work","primary":true,"value":"` + name + `@example.com"}]}`
}

// create creates a user through the proxy and returns the answer.
func (s *site) create(t *testing.T, name string) answer {
	t.Helper()
	a := s.do(t, "POST", "/Users", user(name))
	wantStatus(t, a, http.StatusCreated)
	return a
}
