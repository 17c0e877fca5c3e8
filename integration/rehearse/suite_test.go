package rehearse

import (
	"slices"
	"testing"
)

func results(r *Report, result string) (names []string) {
	for _, t := range r.Tests {
		if t.Result == result {
			names = append(names, t.Name)
		}
	}
	return names
}

// TestSuites: a sound endpoint passes each suite, and nothing is left.
func TestSuites(t *testing.T) {
	for _, tt := range []struct {
		suite   string
		tests   int
		skipped []string
	}{
		{"validator", 25 + 7, nil},
		{"gallery", 25, []string{"Validate_Credentials", "Federated_Identity"}},
		{"okta", 11 + 2, nil},
	} {
		e := newEndpoint(t, "")
		report := rehearseAt(t, e, Options{Suite: tt.suite})
		if got := len(report.Tests); got != tt.tests {
			t.Errorf("%s has %d tests, want %d", tt.suite, got, tt.tests)
		}
		if got := results(report, Fail); len(got) > 0 || report.Failed() {
			t.Errorf("%s: %q failed on a sound endpoint\n%s", tt.suite, got, printed(report))
		}
		if got := results(report, Skip); !slices.Equal(got, tt.skipped) {
			t.Errorf("%s: %q were skipped, want %q", tt.suite, got, tt.skipped)
		}
		if got := e.inhabitants(); !slices.Equal(got, residents) {
			t.Errorf("%s leaves %q, want %q", tt.suite, got, residents)
		}
	}
}

// TestSuitesFail: each suite has a test that sees the flaw.
func TestSuitesFail(t *testing.T) {
	for _, tt := range []struct {
		suite, flaw string
		fails       string // among the tests
	}{
		{"validator", "twins", "POST /Users - Create a duplicate User"},
		{"validator", "letter case", "GET /Users filter - existing user with a different case"},
		{"validator", "literal keys", "PATCH /Users/Id - Replace Attributes"},
		{"validator", "members returned", "GET /Groups/Id - excluding members"},
		{"validator", "filtered removal ignored", "PATCH /Groups/Id - Remove Member"},
		{"validator", "manager must be complex", "PATCH /Users/Id - Add Manager"},
		{"validator", "cannot delete", "DELETE /Users/Id - Delete the same User twice (preview)"},
		{"validator", "name is fixed", "PATCH /Users/Id - Update User userName"},
		{"gallery", "active text ignored", "Restore_User_Test"},
		{"gallery", "no group schema", "Create_Group_Test"},
		{"gallery", "keeps what is cleared", "SCIM_Null_Update"},
		{"gallery", "no target", "POD_User_Test"},
		{"gallery", "paging", "SCIM_User_Pagination"},
		{"gallery", "no schemas", "Schema_Discoverability"},
		{"gallery", "remove empties", "POD_Group_Test"},
		{"okta", "open door", "Authentication: a wrong token"},
		{"okta", "no groups", "Groups: list, within 600 ms"},
		{"okta", "one operation", "Groups: remove and add members in one request"},
		{"okta", "filtered removal ignored", "Groups: remove and add members in one request"},
		{"okta", "duplicate is 500", "Users: create the same user again"},
	} {
		e := newEndpoint(t, tt.flaw)
		report := rehearseAt(t, e, Options{Suite: tt.suite})
		if got := results(report, Fail); !slices.Contains(got, tt.fails) {
			t.Errorf("%s on an endpoint with the flaw %q fails %q, want %q among them", tt.suite, tt.flaw, got, tt.fails)
		}
		if !report.Failed() {
			t.Errorf("%s on an endpoint with the flaw %q does not fail", tt.suite, tt.flaw)
		}
		e.check(t, report)
	}
}
