package adapter_test

import (
	"strings"
	"testing"
)

// TestPause: what is paused is answered by 503, when to come again, and without
// a call; everything else goes on, over a reload too.
func TestPause(t *testing.T) {
	f, service := startService(t, setup{})
	f.api.AddHost(host("noa"))
	f.api.TakeCalls()
	change := patch(`{"op":"replace","path":"active","value":true}`)
	requests := []struct {
		method, path, body string
		write              bool
	}{
		{"GET", "/Users/1", "", false},
		{"GET", "/Schemas", "", false},
		{"POST", "/Users/.search", `{"filter":"userName eq \"x\""}`, false},
		{"PATCH", "/Users/1", change, true},
		{"PUT", "/Users/1", noa, true},
		{"POST", "/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"DELETE","path":"/Users/1"}]}`, true},
		{"DELETE", "/Users/1", "", true},
	}
	check := func(paused, retryAfter string) {
		t.Helper()
		for _, r := range requests {
			held := paused == "all" || paused == "writes" && r.write
			if !held && r.write {
				continue // would change the host
			}
			f.api.TakeCalls()
			a := f.call(r.method, r.path, r.body)
			if held {
				a.checkError(t, 503, "", "paused")
				if got := a.header.Get("Retry-After"); got != retryAfter {
					t.Errorf("%s: Retry-After %q, want %q", a.request, got, retryAfter)
				}
				f.wantCalls()
			} else if a.status != 200 {
				t.Errorf("%s while %q is paused = %d %s, want 200", a.request, paused, a.status, a.body)
			}
		}
	}
	do := func(status int, target string, texts ...string) {
		t.Helper()
		got, body := admin(t, service.Admin(), "POST", target)
		if got != status {
			t.Errorf("POST %s = %d %s, want %d", target, got, body, status)
		}
		for _, text := range texts {
			if !strings.Contains(body, text) {
				t.Errorf("POST %s answers %s, want %s in it", target, body, text)
			}
		}
	}
	check("", "")
	do(200, "/pause?requests=writes&retry_after=10m", `{"default":{"requests":"writes","retry_after":"10m0s","configured":false}}`)
	check("writes", "600")
	do(200, "/pause?requests=all", `"requests":"all","retry_after":"1m0s"`)
	check("all", "60")
	if err := service.Reload(load(t, "", f.legacyURL)); err != nil {
		t.Fatal(err)
	}
	check("all", "60")
	do(200, "/resume", `{}`)
	check("", "")
	f.want(204, "DELETE", "/Users/1", "")

	do(400, "/pause", "writes or all")
	do(400, "/pause?requests=reads", "writes or all")
	do(400, "/pause?requests=all&retry_after=soon", "10m")
	do(404, "/pause?requests=all&tenant=acme", "default")
	do(404, "/resume?tenant=acme", "default")
	if status, _ := admin(t, service.Admin(), "POST", "/pause?requests=all", "Sec-Fetch-Site", "cross-site"); status != 403 {
		t.Errorf("a pause from another site = %d, want 403", status)
	}
	f.want(200, "GET", "/Schemas", "")
	for _, l := range f.logs() {
		if l["level"] == "ERROR" {
			t.Errorf("log line %v, want a pause to be no error", l)
		}
	}
}

// TestPauseConfigured: the file pauses, the admin listener can add to it and
// not take it away.
func TestPauseConfigured(t *testing.T) {
	f, service := startService(t, setup{edits: []string{"\nlegacy:\n", "\npause: {requests: writes, retry_after: 2m}\nlegacy:\n"}})
	f.api.AddHost(host("noa"))
	if a := f.want(503, "DELETE", "/Users/1", ""); a.header.Get("Retry-After") != "120" {
		t.Errorf("Retry-After = %s, want 120", a.header.Get("Retry-After"))
	}
	f.want(200, "GET", "/Users/1", "")
	admin(t, service.Admin(), "POST", "/pause?requests=all")
	if a := f.want(503, "GET", "/Users/1", ""); a.header.Get("Retry-After") != "120" {
		t.Errorf("Retry-After = %s, want the longer of both", a.header.Get("Retry-After"))
	}
	if status, body := admin(t, service.Admin(), "POST", "/resume"); status != 409 || !strings.Contains(body, "configuration") {
		t.Errorf("POST /resume = %d %s, want 409 and why", status, body)
	}
	f.want(200, "GET", "/Users/1", "")
	f.want(503, "DELETE", "/Users/1", "")
	if err := service.Reload(load(t, "", f.legacyURL)); err != nil {
		t.Fatal(err)
	}
	f.want(204, "DELETE", "/Users/1", "")
	f.want(401, "GET", "/Users/1", "", "Authorization", "Bearer another")
}

// TestPauseTenant: a pause of one tenant is none of another.
func TestPauseTenant(t *testing.T) {
	y := startTenants(t)
	y.acme.AddHost(host("a"))
	y.globex.AddHost(host("g"))
	if status, body := admin(t, y.server.Admin(), "POST", "/pause?requests=all"); status != 404 || !strings.Contains(body, "acme, globex") {
		t.Errorf("POST /pause without a tenant = %d %s, want 404 with the names", status, body)
	}
	if status, body := admin(t, y.server.Admin(), "POST", "/pause?requests=all&tenant=acme"); status != 200 {
		t.Errorf("POST /pause of acme = %d %s", status, body)
	}
	y.want(503, "acme", "GET", "/Users/1", "")
	y.want(200, "globex", "GET", "/Users/1", "")
}
