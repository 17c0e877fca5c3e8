package mapping

import (
	"testing"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
)

// TestSample holds that a sample is found by the filter that it is made for,
// and has every required value.
func TestSample(t *testing.T) {
	user := shipped(t).User
	for _, text := range []string{
		`userName eq "ada@example.com"`,
		`userName eq "ada@example.com" and active eq false and name.familyName eq "Ample"`,
		`emails[type eq "work"].value eq "ada@example.com"`,
		`emails[type eq "other" and value eq "ada@example.com"]`,
		`emails.value eq "ada@example.com"`,
		`emails eq "ada@example.com"`,
		`not (userName eq "x") and phoneNumbers[type eq "mobile"].value eq "+1 555 0100"`,
		`name.givenName eq "A" or name.familyName eq "B"`,
		`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "Engines"`,
	} {
		expr, err := filter.Parse(text, user.Type.URNs()...)
		if err != nil {
			t.Fatal(err)
		}
		compiled, err := filter.Compile(expr, user.Type)
		if err != nil {
			t.Fatal(err)
		}
		values, err := user.Read(user.Sample("17", Wishes(compiled.Expr())))
		if err != nil {
			t.Fatalf("Sample(%s): %v", text, err)
		}
		resource := user.Resource(values, Whole{})
		if values.ID != "17" || !compiled.Match(resource) {
			t.Errorf("Sample(%s) = %s, which the filter does not match", text, resource)
		}
		for _, row := range user.Rows {
			if row.Required && user.Value(values, row.Path).Empty() {
				t.Errorf("Sample(%s) has no %s", text, row.Path)
			}
		}
	}
}

// TestSampleOfEveryKind holds that samples are read back whatever the rows
// are like, and that the invented texts name the field.
func TestSampleOfEveryKind(t *testing.T) {
	c := rich(t)
	for _, table := range []*Table{c.User, c.Group} {
		for i := range table.Rows {
			table.Rows[i].Required = true
		}
		values, err := table.Read(table.Sample("7", nil))
		if err != nil {
			t.Fatalf("%s: %v", table.Type.Name, err)
		}
		for i, row := range table.Rows {
			got := values.rows[i]
			if got.Empty() {
				t.Errorf("%s: the sample has no %s", table.Type.Name, row.Path)
			}
			if row.attr.Type == scim.TypeString && row.kind == kindString && row.transform.none() && row.constraint.check(row.Path, scim.Text("<"+row.Legacy+">")) == nil && got.Text() != "<"+row.Legacy+">" {
				t.Errorf("%s: the sample has %s for %s, want the name of its field", table.Type.Name, got, row.Path)
			}
		}
	}
}

// TestChangedRows holds what is told of the rows of a change.
func TestChangedRows(t *testing.T) {
	user := rich(t).User
	body, err := scim.Parse([]byte(`{"Operations":[{"op":"replace","path":"active","value":"False"},{"op":"replace","path":"userName","value":"ada@example.com"},{"op":"remove","path":"nickName"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	changes, err := user.Patch(body, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]RowChange)
	for _, r := range changes.Rows() {
		got[r.Path] = r
	}
	if len(got) != 3 {
		t.Errorf("Rows() = %v, want three", got)
	}
	if r := got["nickName"]; r.Effect != "cleared" || r.Value.Kind() != scim.Absent || r.Legacy == "" || r.Kind == "" {
		t.Errorf("nickName is cleared, and told as %+v", r)
	}
	if r := got["active"]; r.Value.Kind() != scim.Boolean || r.Value.True() || r.Stored.Kind() == scim.Absent {
		t.Errorf("active is false, and told as %+v", r)
	}
	if r := got["userName"]; r.Effect != "set" || r.Value.Text() != "ada@example.com" {
		t.Errorf("userName is told as %+v", r)
	}
}
