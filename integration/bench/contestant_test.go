package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hostscim/adapter"
	"hostscim/configs"
	"hostscim/legacyclient/legacytest"
	"hostscim/mapping"
)

// newTestField returns the contestants in this process, in front of a host
// API of theirs.
func newTestField(t *testing.T) (*field, *legacytest.Server) {
	t.Helper()
	api := legacytest.NewServer(legacytest.WithToken(legacyToken), legacytest.WithHosts(200))
	t.Cleanup(api.Close)
	var ids []int64
	for _, h := range api.Hosts() {
		ids = append(ids, h.ID)
	}
	addr := strings.TrimSuffix(strings.TrimPrefix(api.URL, "http://"), legacytest.Prefix)
	f := &field{host: &process{addr: addr}, hosts: 200}
	ids = append(ids, api.AddHost(legacytest.Host{Username: "one.more"}).ID)
	for i := range bigGroups {
		api.AddGroup(legacytest.Group{Name: groupName(bigGroup(i))}, ids...)
	}
	for i := range 3 * emptyGroups {
		api.AddGroup(legacytest.Group{Name: groupName(bigGroups + 1 + i)})
	}
	var err error
	if f.people, err = readPeople(f.host); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		name    string
		handler http.Handler
	}{{floorName, newFloor(addr)}, {proxyName, newProxy(addr)}, {hostscimName, newAdapter(t, api.URL)}} {
		server := httptest.NewServer(c.handler)
		t.Cleanup(server.Close)
		f.contestants = append(f.contestants, &contestant{
			process: &process{addr: server.Listener.Addr().String()}, name: c.name, legacy: c.name == proxyName,
			made: make(map[string][]int), empty: bigGroups + 1 + i*emptyGroups,
		})
	}
	t.Cleanup(func() {
		for _, c := range f.contestants {
			for _, conn := range c.conns {
				conn.close()
			}
		}
	})
	return f, api
}

func newAdapter(t *testing.T, legacyURL string) http.Handler {
	t.Helper()
	profile := strings.Replace(string(configs.SignInEnterprise), "rate_limit: {per_second: 50, burst: 50}", "rate_limit: {per_second: 1000000, burst: 1000000}", 1)
	profile = strings.Replace(profile, "cache_entries: 100000", "cache_entries: 1", 1)
	env := map[string]string{"HOSTSCIM_TOKEN": scimToken, "LEGACY_TOKEN": legacyToken, "LEGACY_URL": legacyURL}
	config, err := mapping.Load("bench.yaml", []byte(profile), mapping.Sources{Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }})
	if err != nil {
		t.Fatal(err)
	}
	server, err := adapter.New(adapter.Options{Config: config})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server.Handler()
}

// TestOperations: every contestant can do every operation, with the calls of
// the budget, and leaves the directory as large as it was.
func TestOperations(t *testing.T) {
	f, api := newTestField(t)
	const times = 40
	for _, op := range operations() {
		for _, c := range f.contestants {
			if c.legacy && op.legacy == nil {
				continue
			}
			api.ResetCalls()
			var s sample
			if err := f.runs(c, op, 3, limit{ops: times}, &s); err != nil {
				t.Errorf("%s, %s: %v", c.name, op.name, err)
			}
			if got := api.TotalCalls(); s.ops != times || got != times*op.calls {
				t.Errorf("%s, %s: %d times with %d calls, want %d with %d", c.name, op.name, s.ops, got, times, times*op.calls)
			}
		}
	}
	if hosts, groups := len(api.Hosts()), len(api.Groups()); hosts != 201 || groups != bigGroups+3*emptyGroups {
		t.Errorf("%d hosts and %d groups are left, want 201 and %d", hosts, groups, bigGroups+3*emptyGroups)
	}
}

// TestFloorAnswers: what the floor does for its cost is the translation that
// hostscim does: to the same request it answers the same resources.
func TestFloorAnswers(t *testing.T) {
	f, _ := newTestField(t)
	for i, op := range operations() {
		if op.takes != "" {
			continue
		}
		var answers []any
		for _, name := range []string{floorName, hostscimName} {
			c := *f.named(name)
			c.run, c.empty = 1+i, bigGroups+1
			answers = append(answers, essence(t, f, &c, op))
		}
		if op.makes == "" { // else the names differ
			if diff := cmp.Diff(answers[1], answers[0]); diff != "" {
				t.Errorf("%s: the floor answers other than hostscim (-hostscim +floor):\n%s", op.name, diff)
			}
		}
	}
}

// essence returns what both must say of the resources in an answer.
func essence(t *testing.T, f *field, c *contestant, op *operation) any {
	t.Helper()
	conn, err := dial(c.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.close()
	body, err := conn.ask(op.request(f, c, 3))
	if err != nil {
		t.Fatalf("%s, %s: %v", c.name, op.name, err)
	}
	if len(body) == 0 {
		return nil
	}
	var v map[string]any
	if err := json.Unmarshal(bytes.ReplaceAll(body, []byte(c.addr), []byte("here")), &v); err != nil {
		t.Fatal(err)
	}
	drop(v)
	return v
}

// drop takes out the version, which the floor does without, and the time of
// the last change, which may lie between the two.
func drop(v any) {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "version")
		delete(v, "lastModified")
		for _, child := range v {
			drop(child)
		}
	case []any:
		for _, child := range v {
			drop(child)
		}
	}
}
