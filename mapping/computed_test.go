package mapping

import (
	"fmt"
	"strings"
	"testing"

	"hostscim/adapter/scim"
)

// TestComputed: what expressions say of a record, as SCIM shows it.
func TestComputed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ row, record, want string }{
		{`displayName: {expr: 'first + " " + last'}`, `"first":"Ada","last":"Lovelace"`, `"displayName":"Ada Lovelace"`},
		{`displayName: {expr: 'first + " " + last'}`, `"first":"Ada"`, ``}, // nothing to join
		{`displayName: {expr: 'first + " " + last'}`, `"first":"Ada","last":null`, ``},
		{`displayName: {expr: 'trim((first ?? "") + " " + (last ?? ""))'}`, `"last":"Lovelace"`, `"displayName":"Lovelace"`},
		{`displayName: {expr: 'trim((first ?? "") + " " + (last ?? ""))'}`, ``, ``},
		{`displayName: {expr: 'profile.name.short'}`, `"profile":{"name":{"short":"ada"}}`, `"displayName":"ada"`},
		{`displayName: {expr: 'profile.name.short'}`, `"profile":null`, ``},
		{`displayName: {expr: 'profile.age'}`, `"profile":{"age":7}`, ``}, // a number is no text
		{`displayName: {expr: 'string(profile.age)'}`, `"profile":{"age":7}`, `"displayName":"7"`},
		{`displayName: {expr: '$env["first-name"]'}`, `"first-name":"Ada"`, `"displayName":"Ada"`},
		{`displayName: {expr: 'filter(mails, .kind == "home")[0].at'}`, `"mails":[{"kind":"work","at":"w@example.com"},{"kind":"home","at":"h@example.com"}]`, `"displayName":"h@example.com"`},
		{`displayName: {expr: 'filter(mails, .kind == "home")[0].at'}`, `"mails":[]`, ``},
		{`displayName: {expr: 'login matches "^x" ? "X" : "other"'}`, `"login":"xy"`, `"userName":"xy","displayName":"X"`},
		{`active: {expr: 'ended == nil'}`, ``, `"active":true`},
		{`active: {expr: 'ended == nil'}`, `"ended":"2026-01-31"`, `"active":false`},
		{`active: {expr: 'level'}`, `"level":1`, ``},
		{`active: {expr: 'level > 2'}`, `"level":2.5`, `"active":true`},
		{`userType: {expr: '"Host"'}`, ``, `"userType":"Host"`},
		{`active: {expr: 'true'}`, ``, `"active":true`},
		{`meta.created: {expr: 'day + "T00:00:00Z"'}`, `"day":"2026-01-31"`, `"meta":{"resourceType":"User","created":"2026-01-31T00:00:00Z"}`},
		{`meta.created: {expr: 'day + "T00:00:00Z"'}`, `"day":"soon"`, ``},
		{`'emails[type eq "work"].value': {expr: 'login + "@example.com"', primary: true}`, `"login":"ada"`, `"userName":"ada","emails":[{"value":"ada@example.com","type":"work","primary":true}]`},
	} {
		table := tableOf(t, `userName: {legacy: login}`, tt.row)
		got := attributes(t, table, `{"id":1`+strings.TrimSuffix(","+tt.record, ",")+`}`)
		if got != "{"+tt.want+"}" {
			t.Errorf("%s: of %s, got %s, want %s", tt.row, tt.record, got, tt.want)
		}
	}
}

// TestComputedIsReadOnly: a computed value is never written, and is filtered
// for by looking.
func TestComputedIsReadOnly(t *testing.T) {
	t.Parallel()
	table := tableOf(t, `userName: {legacy: login}`, `displayName: {expr: 'login + "!"'}`, `userType: {expr: '"Host"'}`, `name.formatted: {legacy: full, read_only: true}`)
	if got, want := outcome(table.Create(parse(t, `{"userName":"a","displayName":"b","userType":"c"}`))), `{"login":"a"} ignored displayName, userType`; got != want {
		t.Errorf("Create = %s, want %s", got, want)
	}
	if got, want := outcome(table.Patch(parse(t, `{"Operations":[{"op":"remove","path":"displayName"}]}`), nil)), `{} ignored displayName`; got != want {
		t.Errorf("Patch = %s, want %s", got, want)
	}
	for _, f := range []string{`displayName eq "a!"`, `userType eq "Host"`} {
		if plan := table.Plan(compileFilter(t, table, f)); !plan.Scan {
			t.Errorf("Plan(%s) = %+v, want a scan", f, plan)
		}
	}
	for _, d := range table.Describe()[1:3] {
		if d.Legacy != "(computed)" || !d.ReadOnly {
			t.Errorf("Describe() has %+v, want it computed and read only", d)
		}
	}
	if got := table.Type.Schema.Attribute("displayName").Mutability; got != scim.ReadOnly {
		t.Errorf("displayName is published as %s, want read only", got)
	}
	if got := table.PathOf("full") + table.PathOf("displayName") + table.PathOf(""); got != "name.formatted" {
		t.Errorf("PathOf finds %q, want the row that has a field", got)
	}
	if tableOf(t, `userName: {expr: 'a + b'}`).OneSpelling("userName") {
		t.Error("OneSpelling of a computed name = true, want false: no field is unique")
	}
}

// TestGone: a record is gone only if the expression says so.
func TestGone(t *testing.T) {
	t.Parallel()
	src := func(gone string) *Table {
		return load(t, strings.Replace(richSource(t), "  User:\n", "  User:\n    gone: "+gone+"\n", 1)).User
	}
	for _, tt := range []struct {
		gone, record string
		want, shows  bool
	}{
		{`deleted == true`, `"deleted":true`, true, true},
		{`deleted == true`, `"deleted":false`, false, false},
		{`deleted == true`, `"deleted":"true"`, false, false},
		{`deleted == true`, ``, false, false},
		{`state != "live"`, ``, true, false}, // a list that leaves the field out says nothing
		{`state.now == "dead"`, `"state":null`, false, false},
		{`state.now == "dead"`, `"state":{"now":"dead"}`, true, true},
		{`deleted_at != nil`, `"deleted_at":"2026-01-31"`, true, true},
		{`deleted`, `"deleted":"yes"`, false, false},
		{`$env["is-gone"] == 1`, `"is-gone":1`, true, false},
	} {
		table := src(tt.gone)
		record := `{"id":1` + strings.TrimSuffix(","+tt.record, ",") + `}`
		if got := read(t, table, record).Gone(); got != tt.want || !table.HidesGone() {
			t.Errorf("%s: Gone of %s = %v, want %v", tt.gone, record, got, tt.want)
		}
		if got := table.GoneWhen(); got != tt.gone {
			t.Errorf("GoneWhen() = %s, want %s", got, tt.gone)
		}
		if got := table.ShowsGone([]byte(record)); got != tt.shows {
			t.Errorf("%s: ShowsGone(%s) = %v, want %v", tt.gone, record, got, tt.shows)
		}
	}
}

// TestComputedBounds: a record that holds more than an expression may look at
// has no computed values; the rest of it is read.
func TestComputedBounds(t *testing.T) {
	t.Parallel()
	table := tableOf(t, `userName: {legacy: login}`, `displayName: {expr: 'string(map(tags, # + 1)[0])'}`, `title: {expr: 'login + "!"'}`)
	list := func(n int) string { return "[" + strings.Repeat("1,", n-1) + "1]" }
	for n, want := range map[int]string{
		5000:    `{"userName":"a","displayName":"2","title":"a!"}`,
		12_000:  `{"userName":"a","title":"a!"}`, // the list it makes is too long
		100_000: `{"userName":"a"}`,
	} {
		if got := attributes(t, table, `{"id":1,"login":"a","tags":`+list(n)+`}`); got != want {
			t.Errorf("with a list of %d, got %s, want %s", n, got, want)
		}
	}
	if got, want := attributes(t, table, `{"id":1,"login":"a","tags":[1],"picture":"`+strings.Repeat("x", maxExprRecord)+`"}`), `{"userName":"a","displayName":"2","title":"a!"}`; got != want {
		t.Errorf("with a long field that no expression looks at, got %s, want %s", got, want)
	}
}

// TestProveComputed: the proof finds expressions that cannot work.
func TestProveComputed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ row, want string }{
		{`displayName: {expr: 'login + "!"'}`, ``},
		{`displayName: {expr: 'login + nobody_writes_this'}`, ``}, // the record may have it
		{`displayName: {expr: 'login + 1'}`, `displayName: computes nothing from any sample record: `},
		{`active: {expr: 'login'}`, `active: computes nothing from any sample record: gives string, and active is boolean`},
		{`displayName: {expr: 'login.name'}`, `displayName: computes nothing`},
	} {
		got := strings.Join(tableOf(t, `userName: {legacy: login}`, tt.row).Prove().Broken, "; ")
		if !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" || strings.Contains(got, "\n") {
			t.Errorf("%s: broken is %q, want %q", tt.row, got, tt.want)
		}
	}
	gone := load(t, strings.Replace(richSource(t), "  User:\n", "  User:\n    gone: "+`'id == 7'`+"\n", 1)).User
	if got := fmt.Sprint(gone.Prove().Broken); !strings.Contains(got, "gone: is true of a record that was just written") {
		t.Errorf("broken is %s, want that a new record counts as gone", got)
	}
}

// FuzzExpression: whatever stands in a file as an expression is refused or
// compiled, and gives a value of the attribute's type or none.
func FuzzExpression(f *testing.F) {
	for _, text := range []string{`login + "!"`, `filter(tags, # matches "^a")[0]`, `{"a": login}.a`, `tags[1:] | map(#.x) | len()`, `1 / 0`, `login ? 1 : nil`, `"${`, `a..b`, `-"x"`, `[1, 2][login]`, `2 ** 3 ** 4`, `not (login in ["a"])`} {
		f.Add(text)
	}
	row := Row{Path: "title", attr: scim.User().Schema.Attribute("title")}
	record := []byte(`{"id":1,"login":"ada","tags":["a",{"x":[1,2.5,null,true]}],"a":{"b":"c"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		c := &compiler{decoder: newDecoder("f.yaml", Sources{})}
		p := c.program("expr", Expression{text})
		if (p == nil) != (len(c.faults) > 0) {
			t.Fatalf("%q: program %v with the faults %v", text, p, c.faults)
		}
		if p == nil {
			return
		}
		k := new(computed)
		k.add(p)
		env, _ := k.environment(record)
		if out, err := p.run(env); err == nil {
			if v, err := row.result(out); err == nil && v.Kind() != scim.String && v.Kind() != scim.Absent {
				t.Errorf("%q gives %s for a text", text, v)
			}
		}
	})
}
