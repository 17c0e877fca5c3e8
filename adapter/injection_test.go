package adapter_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"hostscim/adapter/scim"
)

// hostileIDs are ids that would lead elsewhere if they were put into a path
// as they are, or decoded once too often.
var hostileIDs = []string{
	".", "..", "...", "../host_groups/1", "..%2fhost_groups%2f1", "%2e%2e", "1/../../admin", "1/hosts", "/1", "1/", "//evil.example.com/1",
	"http://evil.example.com/", `..\1`, `\\evil`, "1?query=x", "1&x=y", "1#x", "1;x=y", "1 HTTP/1.1", "1\r\nX-Evil: 1", "1\n", "1\x00", "1\u0085", "1\u2028",
	"{id}", "{value}", "*", "~", "@evil.example.com", "1@evil.example.com:80", "%", "%zz", "Zoë", "\u202e1", strings.Repeat("1/", 400),
}

// TestHostileIDs: where ids are texts, each one stays the one segment of the
// one path that is its place, wherever a client may write an id.
func TestHostileIDs(t *testing.T) {
	var mu sync.Mutex
	var uris []string
	integer := "id: {legacy: id, type: integer}"
	f := start(t, setup{
		edits: []string{integer, "id: id", integer, "id: id"},
		before: always(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			uris = append(uris, r.RequestURI)
			mu.Unlock()
			if r.Header.Get("X-Evil") != "" || strings.Contains(r.Host, "evil") {
				t.Errorf("legacy call %s at %s has %v", r.RequestURI, r.Host, r.Header)
			}
			respond(404, `{"errors":[]}`)(w, r)
		}),
	})
	sent := 0
	for _, id := range hostileIDs {
		quoted, err := json.Marshal(id)
		if err != nil {
			t.Fatal(err)
		}
		escaped, member := url.PathEscape(id), `{"value":`+string(quoted)+`}`
		if id == "." || id == ".." {
			escaped = strings.ReplaceAll(id, ".", "%2E")
		}
		for _, r := range [][3]string{
			{"GET", "/Users/" + escaped, ""}, {"PUT", "/Users/" + escaped, noa}, {"DELETE", "/Groups/" + escaped, ""},
			{"PATCH", "/Users/" + escaped, patch(`{"op":"replace","path":"active","value":false}`)},
			{"PATCH", "/Groups/7", patch(`{"op":"add","path":"members","value":[` + member + `]}`)},
			{"PATCH", "/Groups/7", patch(`{"op":"remove","path":"members","value":[` + member + `]}`)},
			{"PATCH", "/Groups/" + escaped, patch(`{"op":"remove","path":"members","value":[{"value":"7"}]}`)},
			{"GET", "/Users?filter=" + url.QueryEscape("id eq "+string(quoted)), ""},
			{"GET", "/Groups?filter=" + url.QueryEscape(`id eq "7" and members eq `+string(quoted)), ""},
			{"POST", "/Bulk", `{"Operations":[{"method":"DELETE","path":"/Users/` + escaped + `"},{"method":"DELETE","path":` + string(mustQuote(t, "/Users/"+id)) + `}]}`},
		} {
			if a := f.call(r[0], r[1], r[2]); a.status >= 500 {
				t.Errorf("%s with the id %q = %d %s", a.request, id, a.status, a.body)
			}
			mu.Lock()
			sent += len(uris)
			for _, uri := range uris {
				checkPlace(t, uri, id)
			}
			uris = nil
			mu.Unlock()
		}
	}
	if sent < 3*len(hostileIDs) {
		t.Errorf("%d legacy calls for %d ids: the test proves nothing", sent, len(hostileIDs))
	}
}

func mustQuote(t *testing.T, text string) []byte {
	t.Helper()
	quoted, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return quoted
}

// checkPlace checks that a request line of a legacy call has one of the paths
// of the profile, and at the place of an id either that one or the innocent 7.
func checkPlace(t *testing.T, uri, id string) {
	t.Helper()
	decoded, _ := url.PathUnescape(id) // the path of a bulk operation is a URL
	path, _, _ := strings.Cut(uri, "?")
	rest, ok := strings.CutPrefix(path, "/api/v3/")
	segments := strings.Split(rest, "/")
	for i, segment := range segments {
		got, err := url.PathUnescape(segment)
		fixed := i == 0 && (got == "hosts" || got == "host_groups") || i == 2 && got == "hosts" && segments[0] == "host_groups"
		isID := i%2 == 1 && (got == id || got == decoded || got == "7")
		if err != nil || !fixed && !isID || segment == "." || segment == ".." {
			ok = false
		}
	}
	if !ok || len(segments) > 4 {
		t.Errorf("the id %q made the legacy call %s", id, uri)
	}
}

// hostileTexts are what a log must not take for lines or colours of its own.
var hostileTexts = []string{
	"a\nlevel=INFO msg=request status=200", "a\r\n{\"msg\":\"request\",\"forged\":true}", "a\x1b[2J\x1b[31m", "a\" forged=\"true", `a\`, "a\x00b", "a\u2028b\u0085c", "\u202ecba", `{"forged":true}`,
}

// TestLogInjection: what a client or the legacy API sends forges no line of
// the log, adds no key to one, and brings no control character into it.
func TestLogInjection(t *testing.T) {
	refusal := ""
	f := start(t, setup{before: func(w http.ResponseWriter, r *http.Request) bool {
		if refusal != "" {
			respond(422, refusal, "X-Forged", "1")(w, r)
		}
		return refusal != ""
	}})
	f.api.AddHost(host("noa"))
	requests := 0
	for _, text := range hostileTexts {
		quoted, escaped := string(mustQuote(t, text)), url.PathEscape(text)
		header := []string{"User-Agent", headerText(text), "X-Request-Id", headerText(text), "X-Forwarded-For", headerText(text), "X-Forwarded-Host", headerText(text)}
		for _, r := range [][3]string{
			{"GET", "/Users/" + escaped, ""}, {"GET", "/" + escaped, ""}, {"DELETE", "/Groups/" + escaped, ""},
			{"GET", "/Users?filter=" + url.QueryEscape(text), ""}, {"GET", "/Users?" + escaped + "=1&sortBy=" + escaped, ""},
			{"POST", "/Users", strings.Replace(noa, "{", "{"+quoted+`:"x",`, 1)},
			{"PATCH", "/Users/1", patch(`{"op":"add","path":` + quoted + `,"value":"x"}`)},
			{"PATCH", "/Users/1", patch(`{"op":"add","value":{` + quoted + `:"x","active":true}}`)},
			{"PATCH", "/Users/1", patch(`{"op":` + quoted + `,"path":"active"}`)},
		} {
			f.call(r[0], r[1], r[2], header...)
			requests++
		}
		refusal = faults(`{"attribute":` + quoted + `,"code":` + quoted + `,"message":` + quoted + `}`)
		f.call("PATCH", "/Users/1", patch(`{"op":"replace","path":"active","value":false}`))
		f.call("PATCH", "/Users/1", "", "Authorization", "Bearer "+headerText(text))
		refusal = ""
		requests += 2
	}
	logged := 0
	for _, line := range f.logs() { // each is JSON
		if line["msg"] == "request" {
			logged++
		}
		if line["forged"] != nil {
			t.Errorf("a forged line: %v", line)
		}
	}
	if logged != requests {
		t.Errorf("%d lines of requests, want %d", logged, requests)
	}
	for name, log := range map[string][]byte{"JSON": f.log.json.bytes(), "text": f.log.text.bytes()} {
		checkLines(t, name, log)
	}
}

// headerText is the text without what no client can put into a header.
func headerText(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}

// checkLines checks that every line begins as a log line does, and holds
// nothing that a terminal obeys.
func checkLines(t *testing.T, name string, log []byte) {
	t.Helper()
	lines := bufio.NewScanner(bytes.NewReader(log))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if !strings.HasPrefix(line, `{"time":"`) && !strings.HasPrefix(line, "time=") {
			t.Errorf("%s: the line %q begins as no line does", name, line)
		}
		if strings.ContainsFunc(line, unicode.IsControl) || strings.Contains(line, ` forged="`) || strings.Contains(line, `,"forged"`) {
			t.Errorf("%s: the line %q holds what was sent", name, line)
		}
	}
	if err := lines.Err(); err != nil {
		t.Error(err)
	}
}

// TestHostileRecords: whatever stands in a record, an answer has no header
// that is not ours, one URL for its location, and JSON for its body.
func TestHostileRecords(t *testing.T) {
	for _, text := range slices.Concat(hostileIDs, hostileTexts) {
		quoted := string(mustQuote(t, text))
		record := `{"id":` + quoted + `,"username":` + quoted + `,"first_name":` + quoted + `,"last_name":"x","email":` + quoted + `,"visible":true,"created_at":` + quoted + `,"rev":` + quoted + `}`
		f := start(t, setup{
			edits:  []string{"id: {legacy: id, type: integer}", "id: id", "      meta.created: {legacy: created_at}", "      meta.version: {legacy: rev}"},
			before: always(respond(200, record, "X-Evil", "1", "Set-Cookie", "evil=1", "Link", `<http://evil.example.com>; rel="next"`)),
		})
		for _, r := range [][3]string{
			{"GET", "/Users/" + url.PathEscape(text), ""}, {"POST", "/Users", noa}, {"GET", "/Users/7", ""},
			{"PATCH", "/Users/7", patch(`{"op":"replace","path":"active","value":true}`)},
		} {
			a := f.call(r[0], r[1], r[2])
			for name := range a.header {
				switch name {
				case "Content-Type", "Content-Length", "Date", "Etag", "Location", "X-Request-Id", "Retry-After":
				default:
					t.Errorf("%s with a record of %q has the header %s: %q", a.request, text, name, a.header[name])
				}
			}
			if a.body != "" {
				a.value(t)
			}
			checkLocation(t, f.url+base+"/Users/", a)
		}
		f.checkLines()
	}
}

// TestRecordsWithoutURL: a record whose id no URL can hold is neither shown at a
// place that nobody can fetch, nor left out of a list that seems whole.
func TestRecordsWithoutURL(t *testing.T) {
	for _, id := range []string{".", "..", "a\nb", strings.Repeat("9", 257)} {
		f := start(t, setup{
			edits:  []string{"id: {legacy: id, type: integer}", "id: id"},
			before: always(respond(200, `{"hosts":[{"id":"7","username":"a"},{"id":`+string(mustQuote(t, id))+`,"username":"b"}],"pagination":{"total_records":2}}`)),
		})
		for _, path := range []string{"/Users", "/Users?filter=userName+eq+%22b%22"} {
			f.call("GET", path, "").checkError(t, 500, "", "legacy field id")
		}
	}
}

func (f *fixture) checkLines() {
	f.Helper()
	f.busy.Wait()
	checkLines(f.T, "JSON", f.log.json.bytes())
	checkLines(f.T, "text", f.log.text.bytes())
}

// checkLocation checks that the location of an answer, where it has one, is
// one segment below the prefix.
func checkLocation(t *testing.T, prefix string, a answer) {
	t.Helper()
	location := a.header.Get("Location")
	if location == "" || a.body == "" {
		return
	}
	id, ok := strings.CutPrefix(location, prefix)
	if _, err := url.Parse(location); err != nil || !ok || id == "" || id == "." || id == ".." || strings.ContainsAny(id, "/?# \\\"<>") {
		t.Errorf("%s has the location %q, want one id below %s", a.request, location, prefix)
	}
	if got := a.value(t).Get("meta").Get("location"); got.Kind() == scim.String && got.Text() != location {
		t.Errorf("%s: meta.location = %q, Location %q", a.request, got.Text(), location)
	}
}
