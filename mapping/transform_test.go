package mapping

import (
	"slices"
	"strings"
	"testing"

	"hostscim/adapter/scim"
)

// rowsOf loads a user table with these rows beside userName.
func rowsOf(t *testing.T, rows ...string) *Table {
	t.Helper()
	return tableOf(t, append([]string{`userName: {legacy: login, prefix: 'CORP\', suffix: "!"}`}, rows...)...)
}

// tableOf loads a user table with these rows.
func tableOf(t *testing.T, rows ...string) *Table {
	t.Helper()
	src := `
auth: {bearer: [{name: a, token: example-secret-1}]}
legacy: {base_url: "https://api.example.com"}
resources:
  User:
    id: id
    operations:
      list: {request: GET /hosts, items: hosts, paging: {style: none}}
      search:
        - {filter: userName eq, request: GET /hosts, query: {login: "{value}"}, returns: exact}
      get: {request: "GET /hosts/{id}"}
      create: {request: POST /hosts, unique: legacy}
      update: {request: "PATCH /hosts/{id}"}
    attributes:
      ` + strings.Join(rows, "\n      ") + "\n"
	return load(t, src).User
}

// TestTransform: what is written, what comes back, and what is refused.
func TestTransform(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ row, value, legacy, back string }{
		{`active: {legacy: f, values: {true: ON, false: OFF}}`, `"active":false`, `"OFF"`, `"active":false`},
		{`active: {legacy: f, values: {true: ON, false: OFF}}`, `"active":"True"`, `"ON"`, `"active":true`},
		{`active: {legacy: f, values: {true: 1, false: [0, 2, null]}}`, `"active":false`, `0`, `"active":false`},
		{`title: {legacy: f, values: {Host: h, Guest: g}}`, `"title":"Guest"`, `"g"`, `"title":"Guest"`},
		{`title: {legacy: f, prefix: "T:"}`, `"title":"a"`, `"T:a"`, `"title":"a"`},
		{`title: {legacy: f, suffix: "@example.com"}`, `"title":"a@example.com"`, `"a@example.com@example.com"`, `"title":"a@example.com"`},
		{`title: {legacy: f, trim: true, case: upper, prefix: "<", suffix: ">"}`, `"title":" ab "`, `"<AB>"`, `"title":"AB"`},
		{`title: {legacy: f, case: lower}`, `"title":"ÀB"`, `"àb"`, `"title":"àb"`},
		{`title: {legacy: f, max_length: 3}`, `"title":"日本語"`, `"日本語"`, `"title":"日本語"`},
		{`title: {legacy: f, pattern: "[a-z]+"}`, `"title":"abc"`, `"abc"`, `"title":"abc"`},
		{`title: {legacy: f, one_of: [Host, Guest]}`, `"title":"Host"`, `"Host"`, `"title":"Host"`},
	} {
		table := rowsOf(t, tt.row)
		c, err := table.Create(parse(t, `{"userName":"b",`+tt.value+`}`))
		if err != nil {
			t.Errorf("%s: Create(%s): %v", tt.row, tt.value, err)
			continue
		}
		want := `{"login":"CORP\\b!","f":` + tt.legacy + `}`
		if got := string(c.Body()); got != want {
			t.Errorf("%s: Create(%s) = %s, want %s", tt.row, tt.value, got, want)
		}
		v, err := table.Read(table.record(&c))
		if err != nil {
			t.Errorf("%s: Read: %v", tt.row, err)
			continue
		}
		if got := table.Resource(v, Whole{}).String(); !strings.Contains(got, `"userName":"b",`+tt.back) {
			t.Errorf("%s: %s comes back in %s, want %s", tt.row, tt.value, got, tt.back)
		}
	}
}

func TestTransformRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ row, value, want string }{
		{`title: {legacy: f, values: {Host: h, Guest: g}}`, `"title":"Visitor"`, "title has a value that the legacy API has no word for; it must be one of Host, Guest"},
		{`title: {legacy: f, max_length: 3}`, `"title":"abcd"`, "title is longer than 3 characters, which is all that the legacy API keeps; shorten it at the source"},
		{`title: {legacy: f, pattern: "a|b"}`, `"title":"ab"`, "title does not have the form that the legacy API asks for, ^(?:a|b)$"},
		{`title: {legacy: f, one_of: [Host, Guest]}`, `"title":"host"`, "title must be one of Host, Guest"},
	} {
		if _, err := rowsOf(t, tt.row).Create(parse(t, `{"userName":"b",`+tt.value+`}`)); err == nil || err.Error() != tt.want {
			t.Errorf("%s: Create(%s) error = %v, want %s", tt.row, tt.value, err, tt.want)
		}
	}
}

// TestTransformReads: legacy values that were not written by us.
func TestTransformReads(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ row, record, want string }{
		{`title: {legacy: f, prefix: "T:"}`, `"f":"a"`, `"title":"a"`},
		{`title: {legacy: f, prefix: "T:", suffix: "!"}`, `"f":"T:a"`, `"title":"T:a"`},
		{`title: {legacy: f, prefix: "T:"}`, `"f":""`, ``},
		{`active: {legacy: f, values: {true: [ON, PENDING], false: OFF}}`, `"f":"PENDING"`, `"active":true`},
		{`active: {legacy: f, values: {true: ON, false: [OFF, null]}}`, `"f":null`, `"active":false`},
		{`active: {legacy: f, values: {true: ON, false: OFF}}`, `"f":null`, ``},
		{`active: {legacy: f, values: {true: ON, false: OFF}, default: true}`, `"f":null`, `"active":true`},
	} {
		table := rowsOf(t, tt.row)
		v, err := table.Read([]byte(`{"id":1,` + tt.record + `}`))
		if err != nil {
			t.Errorf("%s: Read(%s): %v", tt.row, tt.record, err)
			continue
		}
		want := `"id":"1",` + tt.want
		if tt.want != "" {
			want += ","
		}
		if got := table.Resource(v, Whole{}).String(); !strings.Contains(got, want+`"meta"`) {
			t.Errorf("%s: Read(%s) = %s, want %s", tt.row, tt.record, got, tt.want)
		}
	}
	if _, err := rowsOf(t, `active: {legacy: f, values: {true: ON, false: OFF}}`).Read([]byte(`{"id":1,"f":"GONE"}`)); err == nil || strings.Contains(err.Error(), "GONE") {
		t.Errorf("Read of a value that the table does not have = %v, want an error that does not quote it", err)
	}
}

// TestTransformSearch: a search is given the value as the legacy field
// spells it.
func TestTransformSearch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		row, filter string
		want        []string // what is searched for; nil: a scan
	}{
		{`userName: {legacy: login}`, `userName eq "b"`, []string{"b"}},
		// A login without the prefix was not written by us, and is shown so.
		{`userName: {legacy: login, prefix: 'CORP\', suffix: "!"}`, `userName eq "b"`, []string{`CORP\b!`, "b"}},
		{`userName: {legacy: login, trim: true, lossy: accepted}`, `userName eq " b"`, []string{"b", " b"}},
		{`userName: {legacy: login, values: {Boss: [b, c], Host: h}}`, `userName eq "BOSS"`, []string{"b", "c"}},
		{`userName: {legacy: login, values: {Boss: [b, null], Host: h}}`, `userName eq "Boss"`, nil},
		{`userName: {legacy: login, values: {Boss: b, Host: h}}`, `userName eq "other"`, nil},
	} {
		table := tableOf(t, tt.row)
		plan := table.Plan(compileFilter(t, table, tt.filter))
		var got []string
		for _, s := range plan.Steps {
			got = append(got, s.Legacy)
		}
		if !slices.Equal(got, tt.want) || plan.Scan != (tt.want == nil) {
			t.Errorf("%s: Plan(%s) = %+v, want searches for %q", tt.row, tt.filter, plan, tt.want)
		}
		if got, want := table.OneSpelling("userName"), tt.row == `userName: {legacy: login}`; got != want {
			t.Errorf("%s: OneSpelling = %v, want %v", tt.row, got, want)
		}
	}
}

func TestUnmapped(t *testing.T) {
	t.Parallel()
	const body = `{"userName":"b","nickName":"x","title":"y","name":{"formatted":"z"}}`
	const all = "ignored nickName, title, name"
	for _, tt := range []struct{ policy, want, quiet string }{
		{"", all, ""},
		{"unmapped: ignore", all, "nickName title name.formatted"},
		{"unmapped: warn", all, ""},
		{"unmapped: {nickName: ignore, name: ignore}", all, "nickName name.formatted"},
		{"unmapped: {default: ignore, NICKNAME: warn}", all, "title name.formatted"},
		{"unmapped: reject", `error invalidPath`, ""},
		{"unmapped: {default: ignore, title: reject}", `error invalidPath: title is not provisioned`, "nickName name.formatted"},
	} {
		table := load(t, strings.Replace(`
auth: {bearer: [{name: a, token: example-secret-1}]}
legacy: {base_url: "https://api.example.com"}
resources:
  User:
    id: id
    POLICY
    operations:
      create: {request: POST /hosts, unique: legacy}
    attributes:
      userName: {legacy: login}
`, "POLICY", tt.policy, 1)).User
		got := outcome(table.Create(parse(t, body)))
		if got = strings.TrimPrefix(got, `{"login":"b"}`); !strings.HasPrefix(strings.TrimSpace(got), tt.want) {
			t.Errorf("%s: Create = %s, want %s", tt.policy, got, tt.want)
		}
		var quiet []string
		for _, path := range []string{"nickName", "title", "name.formatted"} {
			if table.Policy(path) == PolicyIgnore {
				quiet = append(quiet, path)
			}
		}
		if got := strings.Join(quiet, " "); got != tt.quiet {
			t.Errorf("%s: quiet are %q, want %q", tt.policy, got, tt.quiet)
		}
	}
}

func TestProve(t *testing.T) {
	t.Parallel()
	for name, table := range map[string]*Table{"shipped user": shipped(t).User, "shipped group": shipped(t).Group, "rich": rich(t).User} {
		if p := table.Prove(); len(p.Broken)+len(p.Lossy) > 0 || p.Values == 0 || p.Resources == 0 {
			t.Errorf("%s: Prove() = %+v, want nothing lost", name, p)
		}
	}
	p := rowsOf(t, `title: {legacy: f, trim: true}`, `active: {legacy: g, values: {true: a, false: b}}`, `nickName: {legacy: h, type: integer}`).Prove()
	if want := `title: trim: " a" comes back as "a"`; len(p.Lossy) != 1 || p.Lossy[0] != want || len(p.Broken) > 0 {
		t.Errorf("Prove() = %+v, want lossy %s", p, want)
	}
	// A table that is broken on purpose: two rows in one field.
	table := rowsOf(t, `title: {legacy: f}`, `nickName: {legacy: g}`)
	for i := range table.Rows {
		if table.Rows[i].Path == "nickName" {
			table.Rows[i].keys = []string{"f"}
		}
	}
	if p := table.Prove(); len(p.Broken) == 0 {
		t.Errorf("Prove() of rows that overwrite each other = %+v, want them broken", p)
	}
}

// TestDescribe is the attribute table of the vendor's Entra tutorial.
func TestDescribe(t *testing.T) {
	t.Parallel()
	lines := shipped(t).User.Describe()
	if want := (Description{Path: "userName", Type: scim.TypeString, Filterable: true, Required: true, Legacy: "username"}); lines[0] != want {
		t.Errorf("Describe() begins with %+v, want %+v", lines[0], want)
	}
	group := shipped(t).Group.Describe()
	if want := (Description{Path: "members", Type: scim.TypeReference, Legacy: "GET /host_groups/{id}/hosts"}); group[len(group)-1] != want {
		t.Errorf("Describe() ends with %+v, want %+v", group[len(group)-1], want)
	}
}
