package mapping

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hostscim/adapter/scim"
	"hostscim/configs"
)

var update = flag.Bool("update", false, "rewrite the golden files of testdata")

const enterpriseURN = scim.EnterpriseUserURN

// environment is what the profiles of this package find in ${NAME}.
var environment = map[string]string{
	"HOSTSCIM_TOKEN": "example-token",
	"LEGACY_URL":     "https://api.example.com/api/v3",
	"LEGACY_TOKEN":   "example-legacy-token",
}

// files are those that configurations of the tests name.
var files = map[string]string{
	"/etc/hostscim/ca.pem": "example-ca\n", "/etc/hostscim/client.pem": "example-cert\n",
	"/etc/hostscim/client.key": "example-secret-key\n", "/etc/hostscim/empty.pem": "\n",
}

func sources() Sources {
	return Sources{
		Env: func(name string) (string, bool) {
			value, ok := environment[name]
			return value, ok
		},
		ReadFile: func(path string) ([]byte, error) {
			content, ok := files[path]
			if !ok {
				return nil, os.ErrNotExist
			}
			return []byte(content), nil
		},
	}
}

func load(t testing.TB, src string, options ...Option) *Config {
	t.Helper()
	c, err := Load("profile.yaml", []byte(src), sources(), options...)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return c
}

// shipped is the profile of configs.
func shipped(t testing.TB) *Config {
	t.Helper()
	return load(t, string(configs.SignInEnterprise))
}

// rich is a profile with a row of every kind.
func rich(t testing.TB) *Config {
	t.Helper()
	return load(t, richSource(t))
}

func richSource(t testing.TB) string {
	t.Helper()
	src, err := os.ReadFile("testdata/rich.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// table returns the User table of a profile with these rows, written as the
// lines below attributes.
func table(t testing.TB, rows string) *Table {
	t.Helper()
	return load(t, `
auth: {bearer: [{name: entra, token: example-token}]}
legacy: {base_url: "https://api.example.com"}
resources:
  User:
    id: id
    operations:
      list: {request: GET /hosts, items: hosts, paging: {style: none}}
      get: {request: "GET /hosts/{id}"}
      create: {request: POST /hosts, unique: legacy}
      update: {request: "PATCH /hosts/{id}"}
    attributes:
      `+strings.ReplaceAll(strings.TrimSpace(rows), "\n", "\n      ")+"\n").User
}

func parse(t testing.TB, text string) scim.Value {
	t.Helper()
	v, err := scim.Parse([]byte(text))
	if err != nil {
		t.Fatalf("Parse(%s): %v", text, err)
	}
	return v
}

func read(t testing.TB, table *Table, record string) Values {
	t.Helper()
	v, err := table.Read([]byte(record))
	if err != nil {
		t.Fatalf("Read(%s): %v", record, err)
	}
	return v
}

// attributes returns the resource without what every resource has.
func attributes(t testing.TB, table *Table, record string) string {
	t.Helper()
	var fields []scim.Field
	for _, f := range table.Resource(read(t, table, record), Whole{}).Parts() {
		if f.Name == "schemas" || f.Name == "id" || f.Name == "meta" && f.Value.Len() == 1 {
			continue
		}
		fields = append(fields, f)
	}
	return scim.Obj(fields...).String()
}

// outcome is what a request comes to, in a line: the body of the legacy
// call, the change of members, what was ignored, or the error.
func outcome(c Changes, err error) string {
	var e *scim.Error
	switch {
	case errors.As(err, &e):
		return "error " + e.Type + ": " + e.Detail
	case errors.Is(err, ErrNeedRecord):
		return "needs the record"
	case errors.Is(err, ErrNeedMembers):
		return "needs the members"
	case err != nil:
		return "error of another kind: " + err.Error()
	}
	out := string(c.Body())
	if c.Members.Reset {
		out += " members reset"
	}
	if ids := c.Members.Added(); len(ids) > 0 {
		out += " add " + strings.Join(ids, ",")
	}
	if ids := c.Members.Removed(); len(ids) > 0 {
		out += " remove " + strings.Join(ids, ",")
	}
	if len(c.Ignored) > 0 {
		out += " ignored " + strings.Join(c.Ignored, ", ")
	}
	return out
}

// golden compares got with the file, or writes it with -update.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", filepath.Base(file), diff)
	}
}

// values returns ids as they stand in the body of a call.
func values(table *Table, ids ...string) []scim.Value {
	var out []scim.Value
	for _, id := range ids {
		out = append(out, table.IDValue(id))
	}
	return out
}
