package mapping

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
)

func compileFilter(t interface {
	Helper()
	Fatalf(string, ...any)
}, table *Table, text string) *filter.Filter {
	t.Helper()
	e, err := filter.Parse(text, table.Type.URNs()...)
	if err != nil {
		t.Fatalf("Parse(%s): %v", text, err)
	}
	f, err := filter.Compile(e, table.Type)
	if err != nil {
		t.Fatalf("Compile(%s): %v", text, err)
	}
	return f
}

// describe returns the plan in a line.
func describe(table *Table, p Plan) string {
	var parts []string
	for _, s := range p.Steps {
		if s.ID != "" {
			parts = append(parts, "id "+s.ID)
		} else {
			parts = append(parts, table.Searched()[s.Search].Text+" "+s.Value)
		}
	}
	switch {
	case p.Scan:
		parts = append(parts, "scan")
	case len(parts) == 0:
		parts = append(parts, "nothing")
	}
	if p.Member != nil {
		parts = append(parts, fmt.Sprintf("is %s in %s", p.Member.Member, p.Member.Group))
	}
	return strings.Join(parts, "; ")
}

func TestPlan(t *testing.T) {
	t.Parallel()
	c, host := rich(t), shipped(t).User
	integers := load(t, strings.Replace(richSource(t), "    id: id\n", "    id: {legacy: id, type: integer}\n", 1))
	withDefault := load(t, strings.Replace(richSource(t), "userName: {legacy: login", "userName: {legacy: login, default: nobody", 1))
	const workMail, otherMail = `emails[type eq "work"].value`, `emails[type eq "other"].value`
	for _, tt := range []struct {
		table      *Table
		text, want string
	}{
		{c.User, `userName eq "b"`, "userName b"},
		{c.User, `USERNAME Eq "B"`, "userName B"},
		{c.User, scim.UserURN + `:userName eq "b"`, "userName b"},
		{c.User, `externalId eq jyoung`, "externalId jyoung"},
		{c.User, workMail + ` eq "b"`, workMail + " b"},
		{c.User, `emails[type eq "work" and value eq "b"]`, workMail + " b"},
		{c.User, `emails[value eq "b" and type eq "WORK"]`, workMail + " b"},
		{c.User, `emails[primary eq "True" and value eq "b"]`, workMail + " b"},
		{c.User, `emails[type eq "home" and value eq "b"]`, "nothing"},
		{c.User, `emails[value eq "b"]`, workMail + " b; " + otherMail + " b"},
		{c.User, `emails.value eq "b"`, workMail + " b; " + otherMail + " b"},
		{c.User, `emails eq "b"`, workMail + " b; " + otherMail + " b"},
		{c.User, `emails[not (primary eq false) and value eq "b"]`, workMail + " b; " + otherMail + " b"},
		{c.User, `emails.type eq "work"`, "scan"},
		{host, `emails.value eq "b"`, "scan"}, // the other mail has no search
		{host, `emails[value eq "b"]`, "scan"},
		{host, `emails[type eq "other" and value eq "b"]`, "scan"},
		{host, `emails[type eq "work" and value eq "b"]`, workMail + " b"},
		{c.User, `emails[type eq "work"]`, "scan"},
		{c.User, `phoneNumbers.value eq "b"`, "scan"},
		{c.User, `id eq "7"`, "id 7"},
		{c.User, `id eq "abc"`, "id abc"},
		{integers.User, `id eq "abc"`, "nothing"},
		{integers.User, `id eq "7"`, "id 7"},
		{c.User, `id eq ".."`, "nothing"},
		{c.User, `id ne "7"`, "scan"},
		{c.User, `userName eq ""`, "nothing"},
		{c.User, `userName eq null`, "scan"},
		{c.User, `userName ne "b"`, "scan"},
		{c.User, `userName sw "b"`, "scan"},
		{c.User, `userName pr`, "scan"},
		{withDefault.User, `userName eq "b"`, "userName b"},
		{withDefault.User, `userName eq "NOBODY"`, "scan"}, // a record without a login shows it
		{c.User, `not (userName eq "b")`, "scan"},
		{c.User, `title eq "b"`, "scan"},
		{c.User, `active eq true`, "scan"},
		{c.User, `userName eq "b" and active eq true`, "userName b"},
		{c.User, `active eq true and userName eq "b"`, "userName b"},
		{c.User, `userName eq "b" and id eq "7"`, "id 7"},
		{c.User, `id eq "7" and ` + enterpriseURN + `:manager eq "9"`, "id 7"},
		{c.User, enterpriseURN + `:manager eq "9" and id eq "7"`, "id 7"},
		{c.User, `userName eq "b" and userName eq ""`, "nothing"},
		{c.User, `userName eq "b" or userName eq "c"`, "userName b; userName c"},
		{c.User, `userName eq "b" or userName eq "b"`, "userName b"},
		{c.User, `userName eq "b" or id eq "7"`, "userName b; id 7"},
		{c.User, `userName eq "b" or active eq true`, "scan"},
		{c.User, `userName eq "" or id eq ".."`, "nothing"},
		{c.User, `(userName eq "b" or userName eq "c") and active eq true`, "userName b; userName c"},
		{c.Group, `displayName eq "b"`, "scan"}, // no search is declared
		{c.Group, `id eq "3" and members eq "8"`, "id 3; is 8 in 3"},
		{c.Group, `members eq "8" and id eq "3"`, "id 3; is 8 in 3"},
		{c.Group, `id eq "3" and members.value eq "8"`, "id 3; is 8 in 3"},
		{c.Group, `id eq "3" and members[value eq "8"]`, "id 3; is 8 in 3"},
		{c.Group, `id eq "3" and members ne "8"`, "id 3"},
		{c.Group, `id eq "3" or members eq "8"`, "scan"},
		{c.Group, `id eq "3" and members eq "8" and displayName pr`, "id 3"},
		{c.Group, `members eq "8" and members eq "9"`, "scan"},
		{c.Group, `members eq "8"`, "scan"},
	} {
		f := compileFilter(t, tt.table, tt.text)
		if got := describe(tt.table, tt.table.Plan(f)); got != tt.want {
			t.Errorf("Plan(%s) = %s, want %s", tt.text, got, tt.want)
		}
		if got, want := Mentions(f, "members"), strings.Contains(tt.text, "members"); got != want {
			t.Errorf("Mentions(%s) = %v, want %v", tt.text, got, want)
		}
	}
}

// TestPlanFindsAll: what a plan reads holds every match of a scan. The
// searches are the stingiest that are allowed: they find the records whose
// field is the text, in any letter case, and no other.
func TestPlanFindsAll(t *testing.T) {
	t.Parallel()
	user := rich(t).User
	fields := map[string]string{
		"userName": "userName", "externalId": "externalId",
		`emails[type eq "work"].value`: "work", `emails[type eq "other"].value`: "other",
	}
	text := rapid.SampledFrom([]string{"", "a", "A", "b", "1", "2"})
	rapid.Check(t, func(t *rapid.T) {
		var resources []scim.Value
		var rows []map[string]string
		for i := range rapid.IntRange(1, 6).Draw(t, "people") {
			row := map[string]string{"id": scim.Int(i).Text()}
			for _, f := range []string{"userName", "externalId", "work", "other"} {
				row[f] = text.Draw(t, f)
			}
			record := fmt.Sprintf(`{"id":%s,"login":%q,"email":%q,"custom_fields":{"external_id":%q,"other_email":%q}}`,
				row["id"], row["userName"], row["work"], row["externalId"], row["other"])
			v, err := user.Read([]byte(record))
			if err != nil {
				t.Fatalf("Read(%s): %v", record, err)
			}
			resources, rows = append(resources, user.Resource(v, Whole{})), append(rows, row)
		}
		f := compileFilter(t, user, drawFilter(t, 3))
		plan := user.Plan(f)
		if plan.Scan && len(plan.Steps) > 0 {
			t.Errorf("Plan(%s) has steps beside a scan", f)
		}
		for i, r := range resources {
			found := plan.Scan
			for _, s := range plan.Steps {
				if s.ID != "" {
					found = found || s.ID == rows[i]["id"]
				} else {
					found = found || strings.EqualFold(rows[i][fields[user.Searched()[s.Search].Text]], s.Value)
				}
			}
			if f.Match(r) && !found {
				t.Errorf("Plan(%s) = %s misses %s", f, describe(user, plan), r)
			}
		}
	})
}

func drawFilter(t *rapid.T, depth int) string {
	kind := 0
	if depth > 0 {
		kind = rapid.IntRange(0, 4).Draw(t, "kind")
	}
	switch kind {
	case 1:
		return "(" + drawFilter(t, depth-1) + ") and (" + drawFilter(t, depth-1) + ")"
	case 2:
		return "(" + drawFilter(t, depth-1) + ") or (" + drawFilter(t, depth-1) + ")"
	case 3:
		return "not (" + drawFilter(t, depth-1) + ")"
	}
	return drawComparison(t, []string{
		"id", "userName", "externalId", "emails", "emails.value", "emails.type", `emails[type eq "work"].value`, `emails[type eq "other"].value`,
		`emails[primary eq true].value`, `emails[primary eq false].value`, "emails[]", "emails[]", "emails[]",
	}, 2)
}

// drawComparison draws a comparison with one of the paths; emails[] stands
// for brackets around a filter of an element.
func drawComparison(t *rapid.T, paths []string, depth int) string {
	path := rapid.SampledFrom(paths).Draw(t, "path")
	switch path {
	case "emails[]":
		return "emails[" + drawElement(t, depth) + "]"
	case "primary":
		return "primary eq " + rapid.SampledFrom([]string{"true", "false", `"True"`, "null"}).Draw(t, "primary")
	}
	op := rapid.SampledFrom([]string{"eq", "eq", "eq", "eq", "ne", "sw", "gt", "pr"}).Draw(t, "op")
	if op == "pr" {
		return path + " pr"
	}
	literals := []string{`"a"`, `"A"`, `"b"`, `""`, `"1"`, "2", "work", "OTHER", "null"}
	if op != "eq" && op != "ne" {
		literals = literals[:5]
	}
	return path + " " + op + " " + rapid.SampledFrom(literals).Draw(t, "literal")
}

func drawElement(t *rapid.T, depth int) string {
	kind := 0
	if depth > 0 {
		kind = rapid.IntRange(0, 4).Draw(t, "element kind")
	}
	switch kind {
	case 1, 4:
		return "(" + drawElement(t, depth-1) + ") and (" + drawElement(t, depth-1) + ")"
	case 2:
		return "(" + drawElement(t, depth-1) + ") or (" + drawElement(t, depth-1) + ")"
	case 3:
		return "not (" + drawElement(t, depth-1) + ")"
	}
	return drawComparison(t, []string{"type", "value", "value", "primary"}, 0)
}
