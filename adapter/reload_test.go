package adapter_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hostscim/adapter"
	"hostscim/legacyclient/legacytest"
	"hostscim/mapping"
)

// startService is start with a service, whose configuration can be replaced.
func startService(t *testing.T, s setup) (*fixture, *adapter.Service) {
	t.Helper()
	f := &fixture{T: t, log: new(logbook)}
	service, err := adapter.NewService(adapter.Options{Config: load(t, s.profile, f.startLegacy(s), s.edits...), Logger: f.log.logger(), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(service.Close)
	handler := service.Handler()
	public := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.busy.Add(1)
		defer f.busy.Done()
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(public.Close)
	f.url = public.URL
	return f, service
}

// admin makes a request of an administrator.
func admin(t *testing.T, h http.Handler, method, target string, header ...string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), method, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// TestReload: a request that has begun ends at the API it began with, one that
// comes later goes by the new configuration, and what is refused changes
// nothing.
func TestReload(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	f, service := startService(t, setup{before: func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPatch {
			close(arrived)
			<-release
		}
		return false
	}})
	f.api.AddHost(host("old"))
	next := legacytest.NewServer(legacytest.WithToken(legacyToken))
	t.Cleanup(next.Close)
	next.AddHost(host("new"))

	held := make(chan answer, 1)
	go func() {
		a, _ := f.try("PATCH", f.url+base+"/Users/1", patch(`{"op":"replace","path":"active","value":false}`))
		held <- a
	}()
	<-arrived
	if err := service.Reload(load(t, "", next.URL, "max_results: 1000", "max_results: 7")); err != nil {
		t.Fatal(err)
	}
	if got := f.want(200, "GET", "/Users/1", "").value(t).Get("userName").Text(); got != "new@example.com" {
		t.Errorf("after the reload user 1 is %s, want the one of the new API", got)
	}
	close(release)
	if a := <-held; a.status != 200 {
		t.Errorf("the request that had begun = %d %s, want 200", a.status, a.body)
	}
	if h, _ := f.api.Host(1); h.Visible {
		t.Error("the request that had begun has not reached the API that it began with")
	}
	if got := service.LastReload(); got.Err != nil || service.Config().MaxResults != 7 {
		t.Errorf("LastReload() = %+v, max_results %d; want no error and 7", got, service.Config().MaxResults)
	}
	service.Refuse(errors.New("line 3: no such key"))
	if got := service.LastReload(); got.Err == nil || service.Config().MaxResults != 7 {
		t.Errorf("LastReload() = %+v, max_results %d; want the error and 7", got, service.Config().MaxResults)
	}
	if err := service.Reload(nil); err == nil {
		t.Error("Reload(nil) = nil, want an error")
	}
	f.want(200, "GET", "/Users/1", "")
	_, metrics := admin(t, service.Admin(), "GET", "/metrics")
	for _, want := range []string{
		`hostscim_config_loads_total{outcome="applied"} 2`, `hostscim_config_loads_total{outcome="refused"} 2`, `hostscim_config_last_load_successful 0`,
	} {
		if !strings.Contains(metrics, want+"\n") {
			t.Errorf("metrics have no %s", want)
		}
	}
	if !slices.ContainsFunc(f.logs(), func(l map[string]any) bool { return l["err"] == "line 3: no such key" && l["level"] == "ERROR" }) {
		t.Error("the log does not say why the configuration was refused")
	}
}

// TestReloadLetsGo: no connection to the API is kept by what was replaced, not
// even that of a request which had begun before and calls the API afterwards.
func TestReloadLetsGo(t *testing.T) {
	f := &fixture{T: t, log: new(logbook), api: legacytest.NewHandler(legacytest.WithToken(legacyToken), legacytest.WithHosts(1))}
	arrived, release := make(chan struct{}), make(chan struct{})
	api := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.URL.Path == legacytest.Prefix+"/hosts/1" {
			close(arrived)
			<-release
		}
		f.api.ServeHTTP(w, r)
	}))
	var open sync.WaitGroup // connections
	api.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed:
			open.Done()
		}
	}
	api.Start()
	t.Cleanup(api.Close)
	service, err := adapter.NewService(adapter.Options{Config: load(t, "", api.URL+legacytest.Prefix), Logger: f.log.logger()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(service.Close)
	public := httptest.NewServer(service.Handler())
	t.Cleanup(public.Close)
	f.url = public.URL

	held := make(chan answer, 1)
	go func() { // the record is read, and written then
		a, _ := f.try("PATCH", f.url+base+"/Users/1", patch(`{"op":"replace","path":"emails[value ew \".com\"].value","value":"new@example.com"}`))
		held <- a
	}()
	<-arrived
	if err := service.Reload(load(t, "", "http://127.0.0.1:1/api/v3")); err != nil {
		t.Fatal(err)
	}
	close(release)
	if a := <-held; a.status != 200 {
		t.Errorf("the request that had begun = %d %s, want 200", a.status, a.body)
	}
	open.Wait()
}

// TestReloadKeepsKeys: the keys of an issuer count on while it is down, over a
// reload.
func TestReloadKeepsKeys(t *testing.T) {
	c, p := newClock(), newIDP(t)
	f := &fixture{T: t, log: new(logbook)}
	src := profile()
	begin, end := strings.Index(src, "\nauth:"), strings.Index(src, "\nlegacy:")
	src = src[:begin] + `
auth:
  jwt: [{name: entra, issuer: "https://sts.example.com/tenant-1/", audience: application-1, jwks_url: "` + p.server.URL + `"}]` + src[end:]
	url := f.startLegacy(setup{})
	config := func() *mapping.Config { return load(t, src, url) }
	service, err := adapter.NewService(adapter.Options{Config: config(), Logger: f.log.logger(), Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(service.Close)
	public := httptest.NewServer(service.Handler())
	t.Cleanup(public.Close)
	f.url = public.URL
	f.want(200, "GET", "/Schemas", "", bearer(p.sign("one", claims(c)))...)
	p.down.Store(true)
	c.advance(time.Minute)
	if err := service.Reload(config()); err != nil {
		t.Fatal(err)
	}
	f.want(200, "GET", "/Schemas", "", bearer(p.sign("one", claims(c)))...)
	if got := p.fetches.Load(); got != 1 {
		t.Errorf("%d fetches of keys, want 1", got)
	}
}

// TestDrain: not ready, and every answer ends its connection.
func TestDrain(t *testing.T) {
	f, service := startService(t, setup{})
	service.SetReady(true)
	if a := f.want(200, "GET", "/Schemas", ""); a.header.Get("Connection") != "" {
		t.Errorf("Connection: %s, want none while the service serves", a.header.Get("Connection"))
	}
	service.Drain()
	if status, _ := admin(t, service.Admin(), "GET", "/readyz"); status != 503 {
		t.Errorf("/readyz = %d, want 503", status)
	}
	f.want(200, "GET", "/Schemas", "")
	w := httptest.NewRecorder()
	service.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", base+"/Schemas", nil))
	if got := w.Header().Get("Connection"); got != "close" {
		t.Errorf("Connection: %q, want close", got)
	}
}
