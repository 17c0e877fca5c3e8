package backends

import (
	"cmp"
	"os"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"hostscim/integration/harness"
)

func TestMain(m *testing.M) {
	code := m.Run()
	harness.Cleanup()
	for _, clean := range cleanups {
		clean()
	}
	os.Exit(code)
}

// cleanups are run when all tests have ended.
var cleanups []func()

// backend is a foreign API with the adapter in front of it.
type backend struct {
	scim string // the tenant URL; the token is harness.Token
	// hosts and groups return all that stands in the API, not through SCIM.
	hosts  func(t testing.TB) []host
	groups func(t testing.TB) []group
}

// host is a user as the API keeps it, in words of ours. What has no value is "".
type host struct {
	ID, Login     string
	Visible       bool
	First, Last   string
	Email, Mobile string
	Department    string
}

// group is a group as the API keeps it.
type group struct {
	ID, Name string
	Members  []string // ids of hosts, in any order
}

// serve runs the adapter with a shipped profile in front of an API and
// returns the tenant URL.
func serve(t *testing.T, profile []byte, api string, env map[string]string) string {
	t.Helper()
	all := map[string]string{"HOSTSCIM_TOKEN": harness.Token, "LEGACY_URL": api}
	for name, value := range env {
		all[name] = value
	}
	return harness.Start(t, harness.Options{Config: harness.Loopback(t, profile), Env: all}).URL
}

// wantHosts holds the API to exactly these hosts, in any order.
func (b backend) wantHosts(t testing.TB, want ...host) {
	t.Helper()
	got, want := b.hosts(t), slices.Clone(want)
	byLogin := func(a, b host) int { return cmp.Compare(a.Login, b.Login) }
	slices.SortFunc(got, byLogin)
	slices.SortFunc(want, byLogin)
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Fatalf("hosts of the back end (-want +got):\n%s", diff)
	}
}

// wantGroups holds the API to exactly these groups, in any order.
func (b backend) wantGroups(t testing.TB, want ...group) {
	t.Helper()
	got, want := b.groups(t), slices.Clone(want)
	for _, groups := range [][]group{want, got} {
		slices.SortFunc(groups, func(a, b group) int { return cmp.Compare(a.Name, b.Name) })
		for i := range groups {
			groups[i].Members = slices.Sorted(slices.Values(groups[i].Members))
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Fatalf("groups of the back end (-want +got):\n%s", diff)
	}
}
