package integration

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"hostscim/configs"
	"hostscim/integration/harness"
	"hostscim/legacyclient/legacytest"
)

// system is the binary in front of a host API, and a client of it.
type system struct {
	*client
	process *harness.Process
	legacy  *legacytest.Server
}

// The first ids that the host API of a system gives: no host has the id of a
// group, so that one taken for the other is seen.
const (
	firstHost  = 101
	firstGroup = 21
)

// newLegacy returns a host API whose next ids are firstHost and firstGroup.
func newLegacy(t *testing.T, options ...legacytest.Option) *legacytest.Server {
	t.Helper()
	legacy := legacytest.NewServer(append([]legacytest.Option{legacytest.WithToken(harness.LegacyToken)}, options...)...)
	t.Cleanup(legacy.Close)
	return legacy
}

// skipIDs makes and deletes hosts and groups.
func skipIDs(t *testing.T, legacy *legacytest.Server) {
	t.Helper()
	for range firstHost - 1 {
		h := legacy.AddHost(legacytest.Host{Username: "gone"})
		deleteLegacy(t, legacy, fmt.Sprintf("/hosts/%d", h.ID))
	}
	for range firstGroup - 1 {
		g := legacy.AddGroup(legacytest.Group{Name: "gone"})
		deleteLegacy(t, legacy, fmt.Sprintf("/host_groups/%d", g.ID))
	}
	legacy.ResetCalls()
}

// deleteLegacy deletes behind the adapter's back. The call is counted.
func deleteLegacy(t *testing.T, legacy *legacytest.Server, path string) {
	t.Helper()
	res := do(t, http.DefaultClient, "DELETE", legacy.URL+path, nil, "Authorization", "Bearer "+harness.LegacyToken)
	if res.status != http.StatusNoContent {
		t.Fatalf("DELETE %s of the host API = %d, want 204", path, res.status)
	}
}

// config returns the profile of that name: shipped, full, or users, which is
// the shipped one without groups.
func config(t *testing.T, name string) []byte {
	t.Helper()
	switch name {
	case "shipped":
		return harness.Loopback(t, configs.SignInEnterprise)
	case "users":
		before, _, found := bytes.Cut(harness.Loopback(t, configs.SignInEnterprise), []byte("\n  Group:\n"))
		if !found {
			t.Fatal("the shipped profile has no groups")
		}
		return append(before, '\n')
	case "full":
		src, err := os.ReadFile("testdata/full.yaml")
		if err != nil {
			t.Fatal(err)
		}
		return harness.Loopback(t, src)
	}
	t.Fatalf("there is no profile %q; write shipped, full or users", name)
	return nil
}

// quick returns the shipped profile without its rate limit and with short
// waits, for tests of many calls and of faults.
func quick(t *testing.T) []byte {
	t.Helper()
	c := string(config(t, "shipped"))
	for _, r := range [][2]string{
		{"rate_limit: {per_second: 50, burst: 50}", "rate_limit: {per_second: 100000, burst: 100000}"},
		{"min_wait: 200ms, max_wait: 5s", "min_wait: 1ms, max_wait: 20ms"},
	} {
		if strings.Count(c, r[0]) != 1 {
			t.Fatalf("the shipped profile does not say %q once", r[0])
		}
		c = strings.Replace(c, r[0], r[1], 1)
	}
	return []byte(c)
}

// start returns a system with that configuration in front of legacy.
func start(t *testing.T, config []byte, legacy *legacytest.Server) *system {
	t.Helper()
	s := startAt(t, config, legacy.URL)
	s.legacy = legacy
	return s
}

// startAt is start for a host API that is reached at another URL.
func startAt(t *testing.T, config []byte, legacyURL string) *system {
	t.Helper()
	p := harness.Start(t, harness.Options{Config: config, Env: harness.Env(legacyURL)})
	return &system{client: newClient(t, p.URL), process: p}
}
