package adapter_test

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"hostscim/adapter"
	"hostscim/mapping"
)

// statusAnswer returns what the admin listener answers.
func statusAnswer(t *testing.T, s *adapter.Server, path string) *http.Response {
	t.Helper()
	w := httptest.NewRecorder()
	s.Admin().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
	return w.Result()
}

// statusPage returns the text of the status page, without its tags.
func statusPage(t *testing.T, s *adapter.Server, path string) string {
	t.Helper()
	a := read(t, path, statusAnswer(t, s, path))
	if a.status != 200 || !strings.HasSuffix(a.body, "</html>\n") {
		t.Fatalf("GET %s = %d %.300s, want the whole page", path, a.status, a.body)
	}
	return plain(a.body)
}

var tag = regexp.MustCompile(`<[^>]*>`)

// plain returns the text that is between tags, in one line.
func plain(page string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tag.ReplaceAllString(page, " "))), " ")
}

// status returns what the admin listener answers once all requests have ended.
func (f *fixture) status(path string) *http.Response {
	f.Helper()
	f.busy.Wait()
	return statusAnswer(f.T, f.server, path)
}

// statusPage returns the text of the status page once all requests have ended.
func (f *fixture) statusPage(path string) string {
	f.Helper()
	f.busy.Wait()
	return statusPage(f.T, f.server, path)
}

// operations returns the operations that the page shows.
func (f *fixture) operations(query string) []string {
	f.Helper()
	return operationRows(read(f.T, query, f.status("/"+query)).body)
}

// section returns what is under the heading.
func section(t *testing.T, page, heading, next string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, heading)
	if !found {
		t.Fatalf("the page has no %q: %s", heading, page)
	}
	text, _, found := strings.Cut(rest, next)
	if !found {
		t.Fatalf("the page has no %q after %q: %s", next, heading, page)
	}
	return text
}

var operationRow = regexp.MustCompile(`(?s)data-label="Operation">(.*?)</td>\s*<td[^>]*data-label="Id">(.*?)</td>\s*<td[^>]*data-label="Outcome"><span[^>]*>(\d+)`)

// operationRows returns the operations of a page, as operation, id and status.
func operationRows(page string) []string {
	rows := []string{}
	for _, m := range operationRow.FindAllStringSubmatch(page, -1) {
		rows = append(rows, strings.Join(strings.Fields(plain(m[1]+" "+m[2])+" "+m[3]), " "))
	}
	return rows
}

// TestStatusPage: what an administrator needs is there, and no secret.
func TestStatusPage(t *testing.T) {
	f := start(t, setup{edits: []string{"base_path: /scim/v2", "base_path: /scim/v2\n  public_url: https://scim.example.com/hosts/scim/v2"}})
	page := f.statusPage("/")
	for _, want := range []string{"not ready", "version test", "Tenant URL https://scim.example.com/hosts/scim/v2 Secret Token", "entra , secret token", "not called yet", "No operation yet"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q: %s", want, page)
		}
	}
	f.server.SetReady(true)
	f.api.AddHost(host("noa"))
	f.want(200, "GET", "/Users/1", "")
	page = f.statusPage("/")
	for _, want := range []string{
		"ready", "Health answers", "Breaker closed", "Pace 100000.0 calls a second", "GET /Users/:id 1 200 OK 1",
		`emails[type eq "work"].value string yes yes email`, "name.givenName string no yes first_name", "meta.created dateTime, read only no no created_at",
		"members reference no no GET /host_groups/{id}/hosts", "title jobTitle ignored",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q: %s", want, page)
		}
	}
	if strings.Contains(page, "not ready") {
		t.Error("the page says that the server is not ready")
	}
	for _, secret := range []string{clientToken, legacyToken, "noa@"} {
		if strings.Contains(page, secret) {
			t.Errorf("the page holds %q", secret)
		}
	}
}

// TestStatusTenantURL: without a public URL the page says where the adapter
// listens, where that is one place, and that it is not the whole truth.
func TestStatusTenantURL(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:8080": "http://127.0.0.1:8080/scim/v2", "0.0.0.0:8080": "https://YOUR-HOST/scim/v2",
		"127.0.0.1:0": "https://YOUR-HOST/scim/v2", "[::]:8080": "https://YOUR-HOST/scim/v2",
	} {
		f := start(t, setup{edits: []string{"listen: 127.0.0.1:8080", fmt.Sprintf("listen: %q", listen)}})
		if page := f.statusPage("/"); !strings.Contains(page, "Tenant URL "+want+" This is where the adapter listens") {
			t.Errorf("listen %s: the page lacks %s: %s", listen, want, page)
		}
	}
}

// TestStatusHeaders: no other page may frame, read or be told of this one,
// and no script runs but its own.
func TestStatusHeaders(t *testing.T) {
	f := start(t, setup{})
	for path, mediaType := range map[string]string{
		"/": "text/html; charset=utf-8", "/status.css": "text/css; charset=utf-8", "/status.js": "text/javascript; charset=utf-8",
	} {
		resp := f.status(path)
		a := read(t, path, resp)
		if a.status != 200 || a.body == "" {
			t.Errorf("GET %s = %d with %d bytes", path, a.status, len(a.body))
		}
		for name, want := range map[string]string{
			"Content-Type": mediaType, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
			"Cache-Control": "no-store", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("GET %s: %s = %q, want %q", path, name, got, want)
			}
		}
	}
	page := read(t, "/", f.status("/")).body
	if m := regexp.MustCompile(`<script>|<style|\son\w+=|\sstyle=|javascript:`).FindString(page); m != "" {
		t.Errorf("the page has %q in it, which its policy forbids", m)
	}
	for _, path := range []string{"/status", "/status/page.html", "/page.html", "/parts.html"} {
		if a := read(t, path, f.status(path)); a.status != 404 {
			t.Errorf("GET %s = %d, want 404", path, a.status)
		}
	}
}

// TestStatusEscapes: what a link to the page brings with it stays text.
func TestStatusEscapes(t *testing.T) {
	f := start(t, setup{})
	page := read(t, "/", f.status(`/?id="><script>alert(1)</script>`)).body
	if strings.Contains(page, "<script>") || !strings.Contains(page, `value="&#34;&gt;&lt;script&gt;alert(1)`) {
		t.Errorf("the page shows a parameter as it is: %s", page)
	}
}

// TestStatusFilter filters by query string.
func TestStatusFilter(t *testing.T) {
	f := start(t, setup{})
	f.api.AddHost(host("noa"))
	f.api.AddHost(host("ada"))
	f.want(200, "GET", "/Users/1", "")
	f.want(200, "GET", "/Users/2", "")
	f.want(200, "PATCH", "/Users/2", patch(`{"op":"replace","path":"active","value":false}`))
	f.want(404, "GET", "/Users/3", "")
	f.want(200, "GET", "", "")
	f.want(404, "GET", "/nothing", "")
	for query, want := range map[string]string{
		"":                             "GET 404, GET / 200, GET /Users/:id 3 404, PATCH /Users/:id 2 200, GET /Users/:id 2 200, GET /Users/:id 1 200",
		"?operation=GET+/Users/:id":    "GET /Users/:id 3 404, GET /Users/:id 2 200, GET /Users/:id 1 200",
		"?operation=GET+/":             "GET / 200",
		"?outcome=failed":              "GET 404, GET /Users/:id 3 404",
		"?outcome=succeeded&id=2":      "PATCH /Users/:id 2 200, GET /Users/:id 2 200",
		"?id=+1+":                      "GET /Users/:id 1 200",
		"?id=12":                       "",
		"?tenant=default&id=1":         "GET /Users/:id 1 200",
		"?tenant=other":                "",
		"?outcome=&operation=&id=":     "GET 404, GET / 200, GET /Users/:id 3 404, PATCH /Users/:id 2 200, GET /Users/:id 2 200, GET /Users/:id 1 200",
		"?operation=DELETE+/Users/:id": "",
	} {
		if got := strings.Join(f.operations(query), ", "); got != want {
			t.Errorf("operations of %q = %q, want %q", query, got, want)
		}
	}
	page := read(t, "/", f.status("/?operation=GET+/Users/:id&outcome=failed&id=3")).body
	for _, want := range []string{"<option selected>GET /Users/:id</option>", "<option selected>failed</option>", `name="id" value="3"`, `<a href="?">Show all</a>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the form does not show what it was sent with: it lacks %s", want)
		}
	}
}

// TestStatusKeeps: the last 500 are kept, whatever strangers do.
func TestStatusKeeps(t *testing.T) {
	f := start(t, setup{})
	f.want(200, "GET", "/ResourceTypes", "")
	for range 499 {
		f.want(200, "GET", "/Schemas", "")
	}
	for range 60 {
		f.want(401, "GET", "/Users", "", "Authorization", "Bearer wrong")
	}
	rows := f.operations("")
	if len(rows) != 550 || rows[0] != "GET 401" || rows[49] != "GET 401" || rows[50] != "GET /Schemas 200" || rows[549] != "GET /ResourceTypes 200" {
		t.Fatalf("%d operations are kept, the last one %s; want 50 of strangers and 500", len(rows), rows[len(rows)-1])
	}
	f.want(200, "GET", "/ServiceProviderConfig", "")
	f.want(200, "GET", "/ResourceTypes", "")
	rows = f.operations("")
	if len(rows) != 550 || rows[0] != "GET /ResourceTypes 200" || rows[1] != "GET /ServiceProviderConfig 200" || rows[549] != "GET /Schemas 200" {
		t.Errorf("%d operations are kept, %s to %s; want the oldest gone", len(rows), rows[:2], rows[len(rows)-1])
	}
}

// TestStatusReasons: why an operation failed, and what to do.
func TestStatusReasons(t *testing.T) {
	for _, test := range []struct {
		name               string
		before             http.HandlerFunc // nil: the API as it is
		method, path, body string
		want               string
		health             string
	}{
		{"a stranger's", nil, "GET", "/Users", "", "the bearer token is missing or wrong", "not called yet"},
		{"not there", nil, "GET", "/Users/9", "", "deleted in the legacy API", "answers"},
		{"required", nil, "POST", "/Users", `{"userName":"canary@example.com"}`, `name.givenName, name.familyName, emails[type eq "work"].value: a value is missing`, "not called yet"},
		{"bad value", nil, "PATCH", "/Users/1", patch(`{"op":"replace","path":"active","value":"canary"}`), "active: a value is missing or is not as it must be", "not called yet"},
		{"no member", nil, "POST", "/Groups", `{"displayName":"Canary","members":[{"value":"77"}]}`, "members: a value is missing or is not as it must be", "answers"},
		{"filter", nil, "GET", "/Users?filter=canary", "", "filter on an attribute that is supported for filtering", "not called yet"},
		{"body", nil, "POST", "/Users", `{"userName":"canary",}`, "the body is not as SCIM wants it", "not called yet"},
		{"refused", respond(422, faults(`{"attribute":"first_name","code":"bad","message":"Canary of Bob"}`)), "POST", "/Users", canary, "name.givenName: the legacy API refused a value (status 422 at POST /hosts)", "answers"},
		{"taken", respond(409, faults(`{"attribute":"username","code":"taken","message":"canary is Bob"}`)), "POST", "/Users", canary, "userName is taken: another User has this value", "answers"},
		{"credential", respond(401, ""), "GET", "/Users/1", "", "the legacy API refuses the adapter's credential (status 401 at GET /hosts/{id}); correct legacy.auth", "in trouble the legacy API refuses"},
		{"throttled", respond(429, ""), "GET", "/Users/1", "", "the legacy API is at its rate limit", "in trouble the legacy API is at its rate limit"},
		{"down", respond(500, "canary"), "GET", "/Users/1", "", "the legacy API is not available (GET /hosts/{id})", "in trouble the legacy API is not available"},
		{"shape", respond(200, `{"id":1,"username":["canary"]}`), "GET", "/Users/1", "", "legacy field username is", "answers"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := setup{}
			if test.before != nil {
				s.before = always(test.before)
			}
			f := start(t, s)
			var header []string
			if test.name == "a stranger's" {
				header = []string{"Authorization", "Bearer canary"}
			}
			if a := f.call(test.method, test.path, test.body, header...); a.status < 400 {
				t.Fatalf("%s = %d, want a failure", a.request, a.status)
			}
			page := f.statusPage("/")
			noCanary(t, "the page", page)
			if strings.Contains(page, "Bob") {
				t.Errorf("the page has what the legacy API said of somebody: %s", page)
			}
			if got := section(t, page, "Request, client", "attributes"); !strings.Contains(got, test.want) {
				t.Errorf("operations: %s, want %q", got, test.want)
			}
			if got := section(t, page, "Health", "Address"); !strings.HasPrefix(got, " "+test.health) {
				t.Errorf("health: %s, want %q", got, test.health)
			}
		})
	}
}

// TestStatusBreaker: the page shows that the breaker is open.
func TestStatusBreaker(t *testing.T) {
	f := start(t, setup{before: always(respond(500, "")), edits: []string{"  retry: {max_attempts: 4", "  breaker: {failures: 2, window: 1m, open: 1h}\n  retry: {max_attempts: 4"}})
	f.want(503, "GET", "/Users/1", "")
	if page := f.statusPage("/"); !strings.Contains(page, "Health down calls fail at once") || !strings.Contains(page, "Breaker open") {
		t.Errorf("the page does not say that the API is down: %s", page)
	}
}

// TestStatusFindings: what clients send for nothing, what fails and how
// often, and what is doubtful in the file.
func TestStatusFindings(t *testing.T) {
	f := start(t, setup{edits: []string{"# public_url: https:", "public_url: http:"}})
	f.want(201, "POST", "/Users", strings.Replace(noa, `{"schemas"`, `{"nickName":"n","title":"t","schemas"`, 1))
	for range 3 {
		f.want(404, "GET", "/Users/9", "")
	}
	f.want(401, "GET", "/Users", "", "Authorization", "Bearer wrong")
	findings := section(t, f.statusPage("/?id=none"), "Findings", "Last operations")
	for _, want := range []string{
		"operations GET /Users/:id failed 3 times: there is no such resource",
		"mapping User: clients send what no row maps, and it is ignored: nickName, title; add rows",
		"Entra proposes to send what no row maps; it would be ignored: displayName, addresses",
		"mapping Group: Entra proposes to send what no row maps; it would be ignored: externalId",
		"server.public_url: is not https",
	} {
		if !strings.Contains(findings, want) {
			t.Errorf("findings: %s, want %q", findings, want)
		}
	}
	if strings.Contains(findings, "token is missing") {
		t.Errorf("findings: %s, want none about strangers", findings)
	}
}

// TestStatusTenants: each tenant has its own table, API and findings.
func TestStatusTenants(t *testing.T) {
	y := startTenants(t)
	y.acme.AddHost(host("noa"))
	y.want(200, "acme", "GET", "/Users/1", "")
	y.want(404, "globex", "GET", "/Users/1", "")
	page := statusPage(t, y.server, "/")
	for _, want := range []string{
		"Let in as acme entra", "Let in as globex entra", "Tenant acme Health answers", "Tenant globex Health answers",
		"User attributes of acme", "title string no no custom_fields.title", "Group attributes of acme", "User attributes of globex",
		"globex, operations GET /Users/:id failed once", "acme GET /Users/:id 1 200 OK", "globex GET /Users/:id 1 404 Not Found",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q: %s", want, page)
		}
	}
	if strings.Contains(page, "Group attributes of globex") || strings.Contains(page, "token-of") {
		t.Error("the page has a table that globex has not, or a token")
	}
	if got := operationRows(read(t, "globex", statusAnswer(t, y.server, "/?tenant=globex")).body); fmt.Sprint(got) != "[GET /Users/:id 1 404]" {
		t.Errorf("operations of globex = %q", got)
	}
}

// TestStatusOfExpiry: the day on which a token expires is shown.
func TestStatusOfExpiry(t *testing.T) {
	f := start(t, setup{edits: []string{`- {name: entra, token: "${HOSTSCIM_TOKEN}"}`, `- {name: entra, token: "${HOSTSCIM_TOKEN}", expires: 2099-01-31, read_only: true}`}})
	if page := f.statusPage("/"); !strings.Contains(page, "entra , secret token, refused from 2099-01-31 on, may only read") {
		t.Errorf("the page does not show what the token may: %s", page)
	}
}

// TestMentions: an attribute counts as named only as a word of its own.
func TestMentions(t *testing.T) {
	for _, test := range []struct {
		text, path string
		want       bool
	}{
		{"active must be true or false", "active", true},
		{"operation 1: active: must be", "active", true},
		{"inactive users", "active", false},
		{"activeUntil is not", "active", false},
		{"name.title or title", "title", true},
		{"name.title alone", "title", false},
		{`emails[type eq "work"].value: bad`, `emails[type eq "work"].value`, true},
		{"", "active", false},
	} {
		if got := adapter.Mentions(test.text, test.path); got != test.want {
			t.Errorf("Mentions(%q, %q) = %v, want %v", test.text, test.path, got, test.want)
		}
	}
}

// TestStatusTenantURLOfTLS: the adapter may speak TLS itself.
func TestStatusTenantURLOfTLS(t *testing.T) {
	config := load(t, "", "http://127.0.0.1:1/api/v3")
	config.Server.TLS = new(mapping.ServerTLS) // the listener's business
	s, err := adapter.New(adapter.Options{Config: config})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if page := statusPage(t, s, "/"); !strings.Contains(page, "Tenant URL https://127.0.0.1:8080/scim/v2") {
		t.Errorf("the page lacks the URL: %s", page)
	}
}
