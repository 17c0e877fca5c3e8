package adapter_test

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hostscim/legacyclient/legacytest"
)

// openStream is a page that listens for events.
type openStream struct {
	*testing.T
	resp  *http.Response
	lines *bufio.Scanner
}

// listen opens a stream of events on the admin listener.
func (f *fixture) listen(query string, header ...string) *openStream {
	f.Helper()
	return f.listenTo(f.server.Admin(), query, header...)
}

// listenTo opens a stream of events on a listener that has the limits of the
// real one, but shorter.
func (f *fixture) listenTo(handler http.Handler, query string, header ...string) *openStream {
	f.Helper()
	admin := httptest.NewUnstartedServer(handler)
	admin.Config.ReadTimeout, admin.Config.WriteTimeout = 300*time.Millisecond, 300*time.Millisecond
	admin.Start()
	// A stream that does not end when it should is a failure, and not a wait.
	ctx, cancel := context.WithTimeout(f.Context(), 20*time.Second)
	f.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", admin.URL+"/events"+query, nil)
	if err != nil {
		f.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { resp.Body.Close(); admin.Close() })
	return &openStream{f.T, resp, bufio.NewScanner(resp.Body)}
}

// next returns the next event: its name, its id and its text. They are empty
// at the end of the stream.
func (o *openStream) next() (name, id, data string) {
	o.Helper()
	for o.lines.Scan() {
		field, value, _ := strings.Cut(o.lines.Text(), ": ")
		switch {
		case field == "event":
			name = value
		case field == "id":
			id = value
		case field == "data":
			data += value + "\n"
		case field == "" && name != "":
			return name, id, data
		}
	}
	if err := o.lines.Err(); err != nil {
		o.Errorf("the stream broke off: %v", err)
	}
	return "", "", ""
}

// want reads one event and compares it; of operations the rows, of anything
// else a part of the text.
func (o *openStream) want(name, id, data string) {
	o.Helper()
	gotName, gotID, got := o.next()
	text := plain(got)
	if name == "operations" {
		text = strings.Join(operationRows(got), ", ")
	}
	if gotName != name || gotID != id || !strings.Contains(text, data) || (name == "operations" && text != data) {
		o.Errorf("event = %q %q %q, want %q %q %q", gotName, gotID, text, name, id, data)
	}
}

// TestStatusEvents: an open page hears of each operation once, and of the
// legacy API and what there is to look at when that changes, for longer than the
// listener lets requests take.
func TestStatusEvents(t *testing.T) {
	f := start(t, setup{})
	f.server.SetReady(true)
	f.api.AddHost(host("noa"))
	f.want(200, "GET", "/Schemas", "")
	f.busy.Wait()
	o := f.listen("?after=0")
	if got := o.resp.Header.Get("Content-Type"); o.resp.StatusCode != 200 || got != "text/event-stream" {
		t.Fatalf("GET /events = %d, %s", o.resp.StatusCode, got)
	}
	o.want("operations", "1", "GET /Schemas 200")
	o.want("legacy", "1", "not called yet")
	o.want("findings", "1", "")
	f.want(200, "GET", "/Users/1", "")
	o.want("operations", "2", "GET /Users/:id 1 200")
	o.want("legacy", "2", "Health answers")
	for _, number := range []string{"3", "4"} { // and nothing between
		f.want(200, "GET", "/Schemas", "")
		o.want("operations", number, "GET /Schemas 200")
	}
	f.want(404, "GET", "/Users/77", "")
	o.want("operations", "5", "GET /Users/:id 77 404")
	name, _, data := o.next()
	if name == "legacy" { // whose last answer is of another second, or of the same
		name, _, data = o.next()
	}
	if name != "findings" || !strings.Contains(plain(data), "GET /Users/:id failed once") {
		t.Errorf("event = %q %q, want the failure among the findings", name, plain(data))
	}
}

// TestStatusEventsGoOn: a page that was cut off gets what it has missed, by
// the filter that it shows; one of an earlier process gets all.
func TestStatusEventsGoOn(t *testing.T) {
	f := start(t, setup{})
	f.server.SetReady(true)
	for _, id := range []string{"1", "2", "1", "2"} {
		f.want(404, "GET", "/Users/"+id, "")
	}
	f.busy.Wait()
	f.listen("?after=2").want("operations", "4", "GET /Users/:id 2 404, GET /Users/:id 1 404")
	f.listen("?after=0", "Last-Event-ID", "3").want("operations", "4", "GET /Users/:id 2 404")
	f.listen("?id=1&after=0").want("operations", "4", "GET /Users/:id 1 404, GET /Users/:id 1 404")
	f.listen("?outcome=failed&id=2&after=99").want("operations", "4", "GET /Users/:id 2 404, GET /Users/:id 2 404")
	f.listen("?outcome=succeeded&after=0").want("legacy", "4", "answers")
}

// TestStatusEventsEnd: an open page does not hold up the end of the process.
func TestStatusEventsEnd(t *testing.T) {
	f := start(t, setup{})
	f.server.SetReady(true)
	o := f.listen("")
	o.want("legacy", "0", "not called yet")
	o.want("findings", "0", "")
	f.server.SetReady(false)
	if name, _, data := o.next(); name != "" {
		t.Errorf("event = %q %q after the server is not ready, want the end", name, data)
	}
	if again := f.listen(""); again.resp.StatusCode != 503 || again.resp.Header.Get("Retry-After") == "" {
		t.Errorf("GET /events = %d of a server that is not ready, want 503", again.resp.StatusCode)
	}
}

// TestStatusEventsAreBounded: pages that are left open are not without end,
// and make room when they are closed.
func TestStatusEventsAreBounded(t *testing.T) {
	f := start(t, setup{})
	f.server.SetReady(true)
	var open []*openStream
	for range 32 {
		open = append(open, f.listen(""))
	}
	if more := f.listen(""); more.resp.StatusCode != 503 {
		t.Errorf("GET /events = %d beside 32 others, want 503", more.resp.StatusCode)
	}
	f.server.SetReady(false)
	for _, o := range open {
		for name := "legacy"; name != ""; {
			name, _, _ = o.next()
		}
	}
	f.server.SetReady(true)
	if again := f.listen(""); again.resp.StatusCode != 200 {
		t.Errorf("GET /events = %d after the others have ended, want 200", again.resp.StatusCode)
	}
}

// TestStatusReload: an open page hears that its configuration was replaced;
// the operations stay, and what is refused is seen.
func TestStatusReload(t *testing.T) {
	api := legacytest.NewServer(legacytest.WithToken(legacyToken))
	t.Cleanup(api.Close)
	legacyURL := api.URL
	f, service := startService(t, setup{edits: []string{"${LEGACY_URL}", legacyURL}})
	service.SetReady(true)
	api.AddHost(host("noa"))
	f.want(200, "GET", "/Users/1", "")
	f.busy.Wait()
	page := func() string {
		_, body := admin(t, service.Admin(), "GET", "/")
		return plain(body)
	}
	o := f.listenTo(service.Admin(), "?after=1")
	o.want("legacy", "1", "Health answers")
	o.want("findings", "1", "")

	service.Refuse(errors.New("new.yaml:3:4: server.lisen: unknown key"))
	if got := page(); !strings.Contains(got, "configuration refused at") || !strings.Contains(got, "the one before holds on: new.yaml:3:4: server.lisen: unknown key") {
		t.Errorf("the page does not say that the file is refused: %s", got)
	}
	o.want("findings", "1", "the one before holds on: new.yaml:3:4: server.lisen: unknown key")
	next := load(t, "", legacyURL, "${LEGACY_URL}", legacyURL, "base_path: /scim/v2", "base_path: /scim/v2\n  public_url: https://scim.example.com/new")
	if err := service.Reload(next); err != nil {
		t.Fatal(err)
	}
	o.want("replaced", "1", "")
	if name, _, _ := o.next(); name != "" {
		t.Errorf("the stream goes on with %s", name)
	}
	got := page()
	for _, want := range []string{"configuration read at", "Tenant URL https://scim.example.com/new Secret", "Health answers", "GET /Users/:id 1 200 OK"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q: %s", want, got)
		}
	}
	if strings.Contains(got, "lisen") {
		t.Errorf("the page has a fault that is no more: %s", got)
	}
	// Of another API nothing is known yet.
	if err := service.Reload(load(t, "", "http://127.0.0.1:1/api/v3")); err != nil {
		t.Fatal(err)
	}
	if got := page(); !strings.Contains(got, "Health not called yet") {
		t.Errorf("the page tells of the API that there was: %s", got)
	}
}

// TestStatusPause: what is paused is seen, and why requests fail then.
func TestStatusPause(t *testing.T) {
	f := start(t, setup{})
	if status, body := admin(t, f.server.Admin(), "POST", "/pause?requests=writes"); status != 200 {
		t.Fatalf("POST /pause = %d %s", status, body)
	}
	f.want(503, "POST", "/Users", noa)
	page := f.statusPage("/")
	for _, want := range []string{"Provisioning paused writes: answered by 503", "503 Service Unavailable provisioning is paused", "Health not called yet"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q: %s", want, page)
		}
	}
	if status, body := admin(t, f.server.Admin(), "POST", "/resume"); status != 200 {
		t.Fatalf("POST /resume = %d %s", status, body)
	}
	if page := f.statusPage("/"); strings.Contains(page, "Provisioning paused") {
		t.Errorf("the page says that it is paused: %s", page)
	}
}
