package backends

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"hostscim/configs"
	"hostscim/integration/harness"
	"hostscim/integration/rehearse"
)

// TestJSONServer tells the story to json-server, which checks nothing: what
// is held is held by the adapter.
func TestJSONServer(t *testing.T) {
	for _, d := range rehearse.Dialects() {
		t.Run("user, "+d.Name(), func(t *testing.T) {
			t.Parallel()
			userStory(t, jsonServer(t), d)
		})
		t.Run("group, "+d.Name(), func(t *testing.T) {
			t.Parallel()
			groupStory(t, jsonServer(t), d)
		})
	}
	t.Run("rehearsal", func(t *testing.T) {
		t.Parallel()
		rehearsal(t, jsonServer(t))
	})
}

// jsonServer starts a json-server without data, and the adapter in front.
func jsonServer(t *testing.T) backend {
	t.Helper()
	node := harness.Tool(t, "node", "nodejs")
	program := filepath.Join("..", ".npm", "node_modules", "json-server", "lib", "cli", "bin.js")
	if _, err := os.Stat(program); err != nil {
		if os.Getenv("HOSTSCIM_REQUIRE_EXTERNAL") == "1" {
			t.Fatalf("json-server is not installed; integration/setup.sh jsonserver installs it: %v", err)
		}
		t.Skip("json-server is not installed; integration/setup.sh jsonserver installs it")
	}
	file := filepath.Join(t.TempDir(), "db.json")
	if err := os.WriteFile(file, []byte(`{"hosts": [], "groups": []}`), 0o600); err != nil {
		t.Fatal(err)
	}
	addr := start(t, func(addr string) *exec.Cmd {
		ip, port, _ := net.SplitHostPort(addr)
		return exec.Command(node, program, "--host", ip, "--port", port, "--quiet", file)
	})
	api := "http://" + addr
	return backend{
		scim:   serve(t, configs.JSONServer, api, nil),
		hosts:  func(t testing.TB) []host { return jsonServerHosts(t, api) },
		groups: func(t testing.TB) []group { return jsonServerGroups(t, api) },
	}
}

// jsonServerHosts reads the hosts where they stand.
func jsonServerHosts(t testing.TB, api string) []host {
	t.Helper()
	var db struct {
		Hosts []struct {
			ID            int
			Login, Status string
			First         string `json:"first_name"`
			Last          string `json:"last_name"`
			Email, Mobile string
			Department    string
		}
	}
	look(t, api+"/db", &db)
	var all []host
	for _, h := range db.Hosts {
		all = append(all, host{strconv.Itoa(h.ID), h.Login, h.Status == "visible", h.First, h.Last, h.Email, h.Mobile, h.Department})
	}
	return all
}

// jsonServerGroups does the same with the groups.
func jsonServerGroups(t testing.TB, api string) []group {
	t.Helper()
	var db struct {
		Groups []struct {
			ID      int
			Name    string
			Members []int
		}
	}
	look(t, api+"/db", &db)
	var all []group
	for _, g := range db.Groups {
		out := group{ID: strconv.Itoa(g.ID), Name: g.Name}
		for _, id := range g.Members {
			out.Members = append(out.Members, strconv.Itoa(id))
		}
		all = append(all, out)
	}
	return all
}

// look reads JSON at a URL into dst.
func look(t testing.TB, url string, dst any) {
	t.Helper()
	lookAs(t, "", url, dst)
}

// lookAs is look with a bearer token; "" sends none.
func lookAs(t testing.TB, token, url string, dst any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(dst); err != nil {
		t.Fatal(err)
	}
}
