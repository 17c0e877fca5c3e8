package adapter

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
)

// parse reads a JSON text.
func parse(t testing.TB, text string) scim.Value {
	t.Helper()
	v, err := scim.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// orderBy returns the order by an attribute of the full user schema.
func orderBy(t *testing.T, path string, descending bool) *order {
	t.Helper()
	user := scim.User()
	p, err := filter.ParsePath(path, user.URNs()...)
	if err != nil {
		t.Fatal(err)
	}
	target, err := filter.Resolve(p, user)
	if err != nil {
		t.Fatal(err)
	}
	o := &order{target: target, leaf: target.Attr, descending: descending}
	if target.Sub != nil {
		o.leaf = target.Sub
	}
	return o
}

// TestSort sorts users, each written as its attributes; the id is the place
// in the list.
func TestSort(t *testing.T) {
	const department = scim.EnterpriseUserURN + ":department"
	for _, test := range []struct {
		name, by              string
		users                 []string
		ascending, descending string // ids
	}{
		{"letter case does not count", "userName", []string{`"userName":"b"`, `"userName":"A"`, `"userName":"a"`, `"userName":"B"`}, "1 2 0 3", "0 3 1 2"},
		{"nor does it beyond ASCII", "userName", []string{`"userName":"lz"`, `"userName":"\u212aa"`, `"userName":"kb"`, `"userName":"jz"`}, "3 1 2 0", "0 2 1 3"},
		{"letters are lower case, as gt has it", "userName", []string{`"userName":"a"`, `"userName":"_"`, `"userName":"B"`}, "1 0 2", "2 0 1"},
		{"letter case counts", "externalId", []string{`"externalId":"b"`, `"externalId":"A"`, `"externalId":"a"`, `"externalId":"B"`}, "1 3 2 0", "0 2 3 1"},
		{"absent ones come last, or first", "title", []string{`"x":1`, `"title":"b"`, `"title":null`, `"title":"a"`}, "3 1 0 2", "0 2 1 3"},
		{"equal ones stay", "title", []string{`"title":"a"`, `"title":"b"`, `"title":"A"`, `"title":"b"`, `"title":"a"`}, "0 2 4 1 3", "1 3 0 2 4"},
		{"times by instant", "meta.created", []string{
			`"meta":{"created":"2024-01-01T02:00:00+02:00"}`, `"meta":{"created":"2023-12-31T23:59:59.5Z"}`,
			`"meta":{"created":"2024-01-01T00:00:00Z"}`, `"meta":{"created":"2023-12-31T22:00:00-05:00"}`,
		}, "1 0 2 3", "3 0 2 1"},
		{"a part of a name", "name.familyName", []string{`"name":{"familyName":"B"}`, `"name":{"givenName":"a"}`, `"name":{"familyName":"a"}`}, "2 0 1", "1 0 2"},
		{"the primary element", "emails.value", []string{
			`"emails":[{"value":"a"},{"value":"c","primary":true}]`, `"emails":[{"value":"b"},{"value":"z"}]`, `"emails":[]`, `"emails":[{"type":"work"}]`, `"emails":[{"value":"a","primary":false}]`,
		}, "4 1 0 2 3", "2 3 0 1 4"},
		{"an extension", department, []string{`"` + scim.EnterpriseUserURN + `":{"department":"b"}`, `"x":1`, `"` + scim.EnterpriseUserURN + `":{"department":"a"}`}, "2 0 1", "1 0 2"},
		{"booleans", "active", []string{`"active":true`, `"active":false`, `"x":1`}, "1 0 2", "2 0 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, descending := range []bool{false, true} {
				o := orderBy(t, test.by, descending)
				var all []sorted
				for i, u := range test.users {
					r := parse(t, fmt.Sprintf(`{"id":"%d",%s}`, i, u))
					all = append(all, sorted{o.key(r), r})
				}
				o.sort(all)
				want := test.ascending
				if descending {
					want = test.descending
				}
				if got := ids(all); got != want {
					t.Errorf("by %s, descending %v: %s, want %s", test.by, descending, got, want)
				}
			}
		})
	}
}

func ids(all []sorted) string {
	var list []string
	for _, s := range all {
		list = append(list, s.resource.Get("id").Text())
	}
	return strings.Join(list, " ")
}

// TestSortStable holds that many equal ones stay in the order of the list.
func TestSortStable(t *testing.T) {
	for _, descending := range []bool{false, true} {
		o := orderBy(t, "title", descending)
		var all []sorted
		for i := range 200 {
			all = append(all, sorted{scim.Text(fmt.Sprint("n", i%3)), scim.Obj(scim.Field{Name: "id", Value: scim.Int(i)})})
		}
		o.sort(all)
		for i := 1; i < len(all); i++ {
			a, _ := strconv.Atoi(all[i-1].resource.Get("id").Text())
			b, _ := strconv.Atoi(all[i].resource.Get("id").Text())
			if all[i-1].key.Equal(all[i].key) && a > b {
				t.Errorf("descending %v: %d comes before %d", descending, a, b)
			}
		}
	}
}

// TestSortNumbers compares numbers by what they are, whatever their spelling.
func TestSortNumbers(t *testing.T) {
	o := &order{leaf: &scim.Attribute{Type: scim.TypeDecimal}}
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"9", "10", -1}, {"10", "9", 1}, {"-1", "1", -1}, {"1", "1.0", 0}, {"1e1", "10", 0}, {"100e-1", "9.99", 1},
		{"0.1", "0.10000000000000000000001", -1}, {"9007199254740993", "9007199254740992", 1}, {"1e3", "999", 1},
	} {
		a, b := scim.Num(test.a), scim.Num(test.b)
		if got, back := o.compare(a, b), o.compare(b, a); got != test.want || back != -test.want {
			t.Errorf("compare(%s, %s) = %d and %d, want %d and %d", test.a, test.b, got, back, test.want, -test.want)
		}
	}
	for _, huge := range []string{"1e999999999", "-1e999999999", strings.Repeat("9", 1000)} {
		o.compare(scim.Num(huge), scim.Num("1")) // returns, and soon
	}
}

// TestSortQuery is what sortBy and sortOrder may be.
func TestSortQuery(t *testing.T) {
	e := newTestServer(t, &listAPI{}).tenants[0].users
	for _, test := range []struct {
		by, order string
		ok        bool
	}{
		{"", "", true}, {"userName", "", true}, {"USERNAME", "ASCENDING", true}, {"userName", "descending", true}, {"emails", "", true}, {"emails.value", "", true},
		{scim.UserURN + ":userName", "", true}, {"id", "", true}, {"meta.created", "", true},
		{"userName", "up", false}, {"nothing", "", false}, {"title", "", false}, {"name", "", false}, {"meta", "", false}, {"user Name", "", false},
		{`emails[type eq "work"].value`, "", false}, {`emails[type eq "work"]`, "", false}, {scim.UserURN, "", false}, {scim.EnterpriseUserURN, "", false},
	} {
		o, err := query{"sortby": test.by, "sortorder": test.order}.order(e)
		var refused *scim.Error
		if test.ok != (err == nil) || err != nil && (!errors.As(err, &refused) || refused.Status != 400 || refused.Type != scim.InvalidValue) {
			t.Errorf("order by %q %q: %v, want ok %v, else 400 invalidValue", test.by, test.order, err, test.ok)
		}
		if test.ok && test.by != "" && o.descending != (test.order == "descending") {
			t.Errorf("order by %q %q is descending: %v", test.by, test.order, o.descending)
		}
	}
}
