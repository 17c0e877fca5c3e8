package mapping

import (
	"fmt"
	"strings"
	"testing"

	"hostscim/adapter/scim"
)

// callRows are rows of every kind of call, beside one without.
var callRows = []string{
	`userName: {legacy: login, required: true}`,
	`active: {legacy: state.now, values: {true: [live, new], false: dead}, calls: {true: {request: "POST /hosts/{id}/open"}, false: {request: "POST /hosts/{id}/close", body: {host: "{id}", by: [scim, "{value}"]}}}}`,
	`title: {legacy: title, max_length: 5, call: {request: "PUT /hosts/{id}/title", body: "{value}"}}`,
	`nickName: {legacy: nick, call: {request: "PUT /hosts/{id}/nick/{value}"}, clear: {request: "DELETE /hosts/{id}/nick"}, in_create: true}`,
	`displayName: {legacy: shown, required: true, call: {request: "PUT /hosts/{id}/shown/{value}"}}`,
	`userType: {legacy: kind, default: Host, one_of: [Host, Guest], calls: {Host: {request: "POST /hosts/{id}/host"}, Guest: {request: "POST /hosts/{id}/guest"}}}`,
	`department: {legacy: unused, read_only: true}`,
}

func callTable(t testing.TB) *Table {
	t.Helper()
	rows := strings.Replace(strings.Join(callRows, "\n      "), "department", enterpriseURN+":department", 1)
	return load(t, `
auth: {bearer: [{name: a, token: example-secret-1}]}
legacy: {base_url: "https://api.example.com"}
resources:
  User:
    id: {legacy: id, type: integer}
    operations:
      get: {request: "GET /hosts/{id}"}
      create: {request: POST /hosts, unique: legacy, constants: {source: scim, state: {by: adapter}, tags: [], none: {}}}
      update: {request: "PATCH /hosts/{id}", constants: {source: scim}}
      delete: {request: "PATCH /hosts/{id}", body: {deleted: true, who: "{id}", left: [null, 1]}}
    attributes:
      `+rows+"\n").User
}

// callLines returns the calls in a line each.
func callLines(table *Table, all []RowCall) string {
	var lines []string
	for _, c := range all {
		o := table.Calls()[c.Call]
		path := strings.ReplaceAll(o.Request.Path, "{value}", c.Value)
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s: %s %s %s", c.Path, o.Request.Method, path, table.Payload(c, "7"))))
	}
	return strings.Join(lines, "; ")
}

// TestRowCalls: what goes into the body, and what into calls.
func TestRowCalls(t *testing.T) {
	t.Parallel()
	table := callTable(t)
	for _, tt := range []struct{ operations, body, calls string }{
		{`{"op":"replace","path":"active","value":false}`, "", `active: POST /hosts/{id}/close {"host":7,"by":["scim","dead"]}`},
		{`{"op":"replace","path":"active","value":"True"},{"op":"replace","path":"userName","value":"b"}`, `{"login":"b","source":"scim"}`, `active: POST /hosts/{id}/open`},
		{`{"op":"replace","value":{"nickName":"n","title":"t","active":true}}`, "", `active: POST /hosts/{id}/open; title: PUT /hosts/{id}/title "t"; nickName: PUT /hosts/{id}/nick/n`},
		{`{"op":"remove","path":"title"},{"op":"replace","path":"nickName","value":""}`, "", `title: PUT /hosts/{id}/title null; nickName: DELETE /hosts/{id}/nick`},
		// What no call takes away stays.
		{`{"op":"remove","path":"active"},{"op":"replace","path":"userType","value":null}`, "", ""},
		{`{"op":"replace","path":"displayName","value":"d"}`, "", `displayName: PUT /hosts/{id}/shown/d`},
		{`{"op":"replace","path":"userType","value":"Guest"}`, "", `userType: POST /hosts/{id}/guest`},
	} {
		c, err := table.Patch(parse(t, `{"Operations":[`+tt.operations+`]}`), nil)
		if err != nil {
			t.Errorf("%s: %v", tt.operations, err)
			continue
		}
		body := ""
		if c.HasBody() {
			body = string(c.Body())
		}
		if got := callLines(table, c.Calls()); got != tt.calls || body != tt.body {
			t.Errorf("%s: body %s, calls %s, want %s, %s", tt.operations, body, got, tt.body, tt.calls)
		}
	}
	if got := outcome(table.Patch(parse(t, `{"Operations":[{"op":"remove","path":"displayName"}]}`), nil)); got != "error mutability: displayName is required and cannot be removed" {
		t.Errorf("removing what is required = %s, want it refused", got)
	}
	for _, tt := range []struct{ path, value, want string }{
		{"title", "toolong", "title is longer than 5"},
		{"userType", "Boss", "userType must be one of Host, Guest"},
		{"nickName", "..", "nickName has a value that cannot stand in the path"},
		{"nickName", `a\u0000`, "nickName has a value that cannot stand in the path"},
		{"nickName", strings.Repeat("n", maxInPath+1), "nickName has a value that cannot stand in the path"},
	} {
		got := outcome(table.Patch(parse(t, `{"Operations":[{"op":"replace","path":"`+tt.path+`","value":"`+tt.value+`"}]}`), nil))
		if !strings.Contains(got, "error invalidValue") || !strings.Contains(got, tt.want) {
			t.Errorf("%s = %.20s: %s, want %s", tt.path, tt.value, got, tt.want)
		}
	}
}

// TestRowCallsCreate: what a new record is made with, and what is left to do.
func TestRowCallsCreate(t *testing.T) {
	t.Parallel()
	table := callTable(t)
	c, err := table.Create(parse(t, `{"userName":"a","active":false,"title":"t","nickName":"n","displayName":"d"}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(c.CreateBody()), `{"login":"a","nick":"n","source":"scim","state":{"by":"adapter"},"tags":[],"none":{}}`; got != want {
		t.Errorf("CreateBody() = %s, want %s", got, want)
	}
	for _, tt := range []struct{ record, want string }{
		{`{"id":7}`, `active title displayName userType`}, // userType shows its default, which nobody wrote
		{`{"id":7,"state":{"now":"live"},"title":"T","kind":"Guest","shown":"d"}`, `active title userType`},
		{`{"id":7,"state":{"now":"dead"},"title":"t","kind":"Host","shown":"d"}`, ``},
	} {
		var paths []string
		for _, call := range c.CallsAfter(read(t, table, tt.record), []byte(tt.record)) {
			paths = append(paths, call.Path)
		}
		if got := strings.Join(paths, " "); got != tt.want {
			t.Errorf("after %s, left to do: %s, want %s", tt.record, got, tt.want)
		}
	}
	if calls := c.Calls(); !calls[0].Hides() || calls[1].Hides() {
		t.Errorf("calls are %+v, want the first to hide", calls)
	}
}

// TestRowCallsReplace: a PUT calls for what it says and clears what it can.
func TestRowCallsReplace(t *testing.T) {
	t.Parallel()
	table := callTable(t)
	c, err := table.Replace(parse(t, `{"userName":"a","displayName":"d"}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := callLines(table, c.Calls()), `title: PUT /hosts/{id}/title null; nickName: DELETE /hosts/{id}/nick; displayName: PUT /hosts/{id}/shown/d`; got != want {
		t.Errorf("calls are %s, want %s", got, want)
	}
	merged, err := c.Merge([]byte(`{"id":7,"login":"x","title":"t","nick":"n","source":"web"}`))
	if want := `{"id":7,"login":"a","title":"t","nick":"n","source":"scim"}`; err != nil || string(merged) != want {
		t.Errorf("Merge = %s, %v, want %s", merged, err, want)
	}
}

// TestRowCallTable: what else a table says of rows with calls.
func TestRowCallTable(t *testing.T) {
	t.Parallel()
	table := callTable(t)
	if p := table.Prove(); len(p.Broken)+len(p.Lossy) > 0 || p.Values < 20 {
		t.Errorf("Prove() = %+v, want nothing lost", p)
	}
	if got, want := string(table.DeletePayload("7")), `{"deleted":true,"who":7,"left":[null,1]}`; got != want {
		t.Errorf("DeletePayload = %s, want %s", got, want)
	}
	if got := shipped(t).User.DeletePayload("7"); got != nil {
		t.Errorf("DeletePayload without a body = %s, want none", got)
	}
	for record, want := range map[string]bool{
		`{"id":7,"login":"a","shown":"d","kind":null}`: true, `{"id":8,"login":"a","shown":"d","kind":null}`: false,
		`{"id":7,"login":"a","kind":null}`: false, `{"id":7,"shown":"d","kind":null}`: false, `{"id":7,"login":"a","shown":"d"}`: false,
	} {
		if got := table.IsRecord(read(t, table, record), "7", []byte(record)); got != want {
			t.Errorf("IsRecord(%s) = %v, want %v", record, got, want)
		}
	}
	// A constant inside what a row reads as one value is found by the proof.
	broken := tableOf(t, `userName: {legacy: login}`, `title: {legacy: job, read_only: true}`)
	broken.inCreate = []constant{{keys: []string{"job", "name"}, value: scim.Text("x")}}
	if p := broken.Prove(); len(p.Broken) == 0 {
		t.Errorf("Prove() = %+v, want the constant in the way", p)
	}
	only := load(t, `
auth: {bearer: [{name: a, token: example-secret-1}]}
legacy: {base_url: "https://api.example.com"}
resources:
  User:
    id: id
    operations:
      get: {request: "GET /hosts/{id}"}
    attributes:
      userName: {legacy: login, read_only: true}
      title: {legacy: title, call: {request: "PUT /title", query: {to: "{value}", of: "{id}"}}, required: true}
`).User
	for _, o := range only.Offered() {
		if o.Name == "update" && !o.Offered {
			t.Error("Offered() has no update, though the written row has a call")
		}
	}
}
