package adapter_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// canary is a user of which every value is a canary: none may be seen in a
// log, nor in an error.
const canary = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"Canary.User@example.com",
	"name":{"givenName":"Canarygiven","familyName":"Canaryfamily","formatted":"Canary Formatted"},"nickName":"canary-nick","externalId":"canary-external",
	"emails":[{"type":"work","value":"canary.work@example.com"},{"type":"other","value":"canary.other@example.com"}],
	"phoneNumbers":[{"type":"work","value":"+1 555 canary"}],
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Canary Department"}}`

// quoteBack refuses every write, and every search, with the values it was
// sent, as APIs do, and once in capitals.
func quoteBack(status int) func(w http.ResponseWriter, r *http.Request) bool {
	return always(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		values := make(map[string]any)
		json.Unmarshal(body, &values)
		values["query"] = r.URL.Query().Get("query")
		var entries []string
		for field, v := range values {
			text := fmt.Sprint(v)
			for _, message := range []string{text + " is not good", "no <" + strings.ToUpper(text) + "> here"} {
				quoted, _ := json.Marshal(message)
				entries = append(entries, fmt.Sprintf(`{"attribute":%q,"code":"bad","message":%s}`, field, quoted))
			}
		}
		respond(status, faults(strings.Join(entries, ",")))(w, r)
	})
}

func TestNoCanaries(t *testing.T) {
	search := func(filter string) string {
		return "/Users?filter=" + strings.NewReplacer(" ", "+", `"`, "%22", "[", "%5B", "]", "%5D").Replace(filter)
	}
	stored := func(w http.ResponseWriter, r *http.Request) bool { return false }
	for _, test := range []struct {
		name               string
		before             func(http.ResponseWriter, *http.Request) bool
		method, path, body string
		header             []string
		status             int
		named              bool // the error names what the client itself sent
	}{
		{name: "created", before: stored, method: "POST", path: "/Users", body: canary, status: 201},
		{name: "patched", before: stored, method: "PATCH", path: "/Users/1", body: patch(`{"op":"replace","path":"userName","value":"canary@example.com"}`, `{"op":"add","path":"nickName","value":"canary"}`), status: 200},
		{name: "found", before: stored, method: "GET", path: search(`userName eq "canary@example.com"`), status: 200},
		{name: "create refused", before: quoteBack(422), method: "POST", path: "/Users", body: canary, status: 400},
		{name: "create conflict", before: quoteBack(409), method: "POST", path: "/Users", body: canary, status: 409},
		{name: "replace refused", before: quoteBack(400), method: "PUT", path: "/Users/1", body: canary, status: 400},
		{name: "patch refused", before: quoteBack(400), method: "PATCH", path: "/Users/1", body: patch(`{"op":"replace","value":{"name.givenName":"Canarygiven","userName":"canary@example.com"}}`), status: 400},
		{name: "group refused", before: quoteBack(422), method: "POST", path: "/Groups", body: `{"displayName":"Canary Group"}`, status: 400},
		{name: "a value that is cut off", before: quoteBack(422), method: "PATCH", path: "/Users/1", body: patch(`{"op":"replace","path":"name.givenName","value":"` + strings.Repeat("Canary ", 60) + `"}`), status: 400},
		{name: "search refused", before: quoteBack(400), method: "GET", path: search(`userName eq "canary@example.com"`), status: 400},
		{name: "search refused with 500", before: quoteBack(500), method: "GET", path: search(`userName eq "canary@example.com"`), status: 503},
		{name: "search refused with 404", before: quoteBack(404), method: "GET", path: search(`userName eq "canary@example.com"`), status: 500},
		{name: "filter left open", before: stored, method: "GET", path: search(`userName eq "canary@example.com`), status: 400},
		{name: "filter with an unknown operator", before: stored, method: "GET", path: search(`userName like "canary@example.com"`), status: 400},
		{name: "filter of another type", before: stored, method: "GET", path: search(`active eq "canary"`), status: 400},
		{name: "filter unquoted", before: stored, method: "GET", path: search(`userName eq canary@example.com"`), status: 400},
		{name: "filter with a tail", before: stored, method: "GET", path: search(`userName eq "a" "canary"`), status: 400},
		{name: "path left open", before: stored, method: "PATCH", path: "/Users/1", body: patch(`{"op":"add","path":"emails[value eq \"canary@example.com\"","value":"x"}`), status: 400},
		{name: "path with no such element", before: stored, method: "PATCH", path: "/Users/1", body: patch(`{"op":"replace","path":"emails[value eq \"canary@example.com\"].value","value":"canary2@example.com"}`), status: 400},
		{name: "a boolean that is none", before: stored, method: "PATCH", path: "/Users/1", body: patch(`{"op":"replace","path":"active","value":"canary"}`), status: 400},
		{name: "an operation that is none", before: stored, method: "PATCH", path: "/Users/1", body: patch(`{"op":"canary","path":"active","value":"canary"}`), status: 400},
		{name: "text in place of an object", before: stored, method: "POST", path: "/Users", body: strings.Replace(canary, `{"givenName":"Canarygiven","familyName":"Canaryfamily","formatted":"Canary Formatted"}`, `"Canary Name"`, 1), status: 400},
		{name: "objects in place of text", before: stored, method: "POST", path: "/Users", body: strings.Replace(canary, `"Canary.User@example.com"`, `["canary","canary2"]`, 1), status: 400},
		{name: "bad JSON", before: stored, method: "POST", path: "/Users", body: `{"userName":"canary@example.com",}`, status: 400},
		{name: "a name twice", before: stored, method: "POST", path: "/Users", body: `{"userName":"canary@example.com","userName":"canary2@example.com"}`, status: 400},
		{name: "JSON as text", before: stored, method: "POST", path: "/Users", body: `"canary@example.com"`, status: 400},
		{name: "query string", before: stored, method: "GET", path: "/Users?attributes=canary&count=canary", status: 400},
		{name: "HTML", before: always(respond(500, "<html>canary "+legacyToken+"</html>", "Content-Type", "text/html")), method: "GET", path: "/Users/1", status: 503},
		{name: "legacy credential refused", before: always(respond(401, faults(`{"message":"canary `+legacyToken+`"}`), "WWW-Authenticate", "canary")), method: "GET", path: "/Users/1", status: 502},
		{name: "shape", before: always(respond(200, `{"id":1,"username":["canary"]}`)), method: "GET", path: "/Users/1", status: 500},
		{name: "reset", before: always(reset), method: "GET", path: search(`userName eq "canary@example.com"`), status: 503},
		{name: "redirect", before: always(respond(302, "", "Location", "https://canary.example.com/canary")), method: "GET", path: search(`userName eq "canary@example.com"`), status: 500},
		{name: "wrong token", before: stored, method: "GET", path: "/Users", header: []string{"Authorization", "Bearer canary"}, status: 401},
		{name: "request id", before: stored, method: "GET", path: "/Users", header: []string{"X-Request-Id", "canary@example.com"}, status: 200},
		{name: "unknown path", before: stored, method: "GET", path: "/canary/canary", status: 404},
		{name: "unknown method", before: stored, method: "CANARY", path: "/Users", status: 405},
		{name: "replaced", before: stored, method: "PUT", path: "/Users/1", body: canary, status: 200},
		{name: "bulk", before: stored, method: "POST", path: "/Bulk", body: `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"POST","path":"/Users","bulkId":"canary","data":` + canary + `},{"method":"PATCH","path":"/Users/canary@example.com","data":` + patch(`{"op":"replace","path":"active","value":false}`) + `}]}`, status: 200},
		{name: "bulk refused", before: quoteBack(422), method: "POST", path: "/Bulk", body: `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"POST","path":"/Users","bulkId":"1","data":` + canary + `}]}`, status: 200},
		{name: "an id that is none", before: stored, method: "DELETE", path: "/Users/canary@example.com", status: 404, named: true},
		{name: "a member that is none", before: stored, method: "PATCH", path: "/Groups/1", body: patch(`{"op":"add","path":"members","value":[{"value":"canary@example.com","display":"canary"}]}`), status: 400, named: true},
		{name: "a member without a value", before: stored, method: "PATCH", path: "/Groups/1", body: patch(`{"op":"add","path":"members","value":[{"display":"canary"}]}`), status: 400},
		{name: "sort", before: stored, method: "GET", path: "/Users?sortBy=canary&sortOrder=canary", status: 400, named: true},
		{name: "cursor", before: stored, method: "GET", path: "/Users?cursor=canary", status: 400},
		{name: "search in a body", before: stored, method: "POST", path: "/Users/.search", body: `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":"userName eq \"canary@example.com\""}`, status: 200},
		{name: "precondition", before: stored, method: "PATCH", path: "/Users/1", body: patch(`{"op":"replace","path":"active","value":false}`), header: []string{"If-Match", `"canary"`}, status: 412},
		{name: "headers", before: stored, method: "GET", path: "/Users", header: []string{"User-Agent", "canary", "X-Forwarded-For", "canary", "X-Forwarded-Host", "canary.example.com", "Cookie", "canary", "Traceparent", "canary", "Tracestate", "canary", "Baggage", "canary"}, status: 200},
		{name: "content type", before: stored, method: "POST", path: "/Users", body: canary, header: []string{"Content-Type", "canary/canary"}, status: 415},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := start(t, setup{before: test.before})
			f.api.AddHost(host("noa"))
			a := f.call(test.method, test.path, test.body, test.header...)
			if a.status >= 400 {
				a.checkError(t, test.status, a.value(t).Get("scimType").Text())
				if !test.named {
					noCanary(t, "the error", a.body)
				}
			} else if a.status != test.status {
				t.Errorf("%s = %d %s, want status %d", a.request, a.status, a.body, test.status)
			}
			noCanary(t, "a header", fmt.Sprint(a.header))
			f.checkLogs()
		})
	}
}

// checkLogs checks that nothing personal or secret was logged, and what every
// line of the access log says.
func (f *fixture) checkLogs() {
	f.Helper()
	requests := 0
	for _, l := range f.logs() {
		if l["msg"] != "request" {
			continue
		}
		requests++
		for _, key := range []string{"request_id", "method", "route", "status", "duration_ms", "legacy_calls"} {
			if l[key] == nil {
				f.Errorf("log line %v has no %s", l, key)
			}
		}
	}
	if requests == 0 {
		f.Errorf("no request was logged")
	}
	noCanary(f.T, "the log", string(f.log.json.bytes()))
	noCanary(f.T, "the log as text", string(f.log.text.bytes()))
	for _, s := range f.traced() {
		noCanary(f.T, "a span", described(s))
	}
	noCanary(f.T, "the metrics", strings.Join(f.metrics(), "\n"))
}

func noCanary(t *testing.T, where, text string) {
	t.Helper()
	for _, secret := range []string{"canary", clientToken, legacyToken} {
		if i := strings.Index(strings.ToLower(text), secret); i >= 0 {
			t.Errorf("%s holds %q: …%s", where, secret, text[max(0, i-80):min(len(text), i+80)])
		}
	}
}

// TestOwnIDInError: an id that the client sent may come back to it, and is
// logged only where it can be one.
func TestOwnIDInError(t *testing.T) {
	f := start(t, setup{})
	f.wantError(404, "", "GET", "/Users/canary", "", `"canary"`)
	f.wantError(404, "", "GET", "/Users/42", "", `"42"`)
	if got := f.lastLog()["id"]; got != "42" {
		t.Errorf("id of the log line = %v, want 42", got)
	}
	f.checkLogs()
}

// TestPanic makes a transport panic with a value that is personal: the client
// gets an error, the log the stack, and neither the value.
func TestPanic(t *testing.T) {
	f := start(t, setup{transport: func(http.RoundTripper) http.RoundTripper {
		return roundTripper(func(*http.Request) (*http.Response, error) { panic("canary@example.com") })
	}})
	a := f.call("POST", "/Users", canary)
	a.checkError(t, 500, "", "internal error")
	noCanary(t, "the error", a.body)
	f.checkLogs()
	var stack map[string]any
	for _, l := range f.logs() {
		if l["msg"] == "panic" {
			stack = l
		}
	}
	last := f.lastLog()
	if last["status"] != 500.0 || last["level"] != "ERROR" || last["err"] != "panic (string)" {
		t.Errorf("log line = %v, want the status 500 and the panic", last)
	}
	if stack == nil || stack["request_id"] != last["request_id"] || !strings.Contains(fmt.Sprint(stack["stack"]), "RoundTrip") {
		t.Errorf("panic line = %v, want the stack under the request id %v", stack, last["request_id"])
	}
	f.want(200, "GET", "/ServiceProviderConfig", "") // and it goes on
}

// TestLogLine compares a whole line of the access log.
func TestLogLine(t *testing.T) {
	f := start(t, setup{})
	f.api.AddHost(host("noa"))
	f.want(200, "PATCH", "/Users/1", patch(`{"op":"replace","path":"active","value":false}`), "X-Request-Id", "abc-123")
	got := f.lastLog()
	delete(got, "time")
	delete(got, "duration_ms")
	delete(got, "trace_id")
	want := "map[id:1 legacy_calls:1 level:INFO method:PATCH msg:request request_id:abc-123 route:PATCH /Users/:id status:200 token:entra]"
	if fmt.Sprint(got) != want {
		t.Errorf("log line = %v, want %s", got, want)
	}
	a := f.want(404, "GET", "/Users/2", "", "X-Request-Id", "not an id")
	if id := a.header.Get("X-Request-Id"); len(id) != 16 || f.lastLog()["request_id"] != id {
		t.Errorf("X-Request-Id = %q, log line %v, want the same new id", id, f.lastLog())
	}
}

// TestIgnoredIsLoggedOnce: an attribute without a row is no error, and is not
// logged with every object of a cycle.
func TestIgnoredIsLoggedOnce(t *testing.T) {
	f := start(t, setup{})
	f.want(201, "POST", "/Users", strings.Replace(noa, `{"schemas"`, `{"nickName":"n","title":"t","externalId":"e","schemas"`, 1))
	for range 3 {
		f.want(200, "PATCH", "/Users/1", patch(`{"op":"add","path":"nickName","value":"n"}`, `{"op":"add","path":"locale","value":"l"}`, `{"op":"replace","path":"active","value":false}`))
	}
	count := make(map[string]int)
	for _, l := range f.logs() {
		if l["level"] == "WARN" {
			count[fmt.Sprint(l["attribute"])]++
			if l["request_id"] == nil {
				t.Errorf("log line %v has no request_id", l)
			}
		}
	}
	if want := "map[externalId:1 locale:1 nickName:1 title:1]"; fmt.Sprint(count) != want {
		t.Errorf("ignored attributes logged = %v, want %s", count, want)
	}
	if h, _ := f.api.Host(1); h.Visible {
		t.Errorf("host = %+v, want it invisible: what is not supported must not block the rest", h)
	}
}
