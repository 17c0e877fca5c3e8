package backends

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hostscim/configs"
	"hostscim/integration/rehearse"
)

// TestPocketBase tells the story to PocketBase, with relations and a filter
// language of its own.
func TestPocketBase(t *testing.T) {
	for _, d := range rehearse.Dialects() {
		t.Run("user, "+d.Name(), func(t *testing.T) {
			t.Parallel()
			userStory(t, pocketBase(t), d)
		})
		t.Run("group, "+d.Name(), func(t *testing.T) {
			t.Parallel()
			groupStory(t, pocketBase(t), d)
		})
	}
	t.Run("rehearsal", func(t *testing.T) {
		t.Parallel()
		rehearsal(t, pocketBase(t))
	})
	t.Run("refusals", func(t *testing.T) {
		t.Parallel()
		pocketBaseRefusals(t, pocketBase(t))
	})
}

// pocketBaseRefusals: what PocketBase refuses is told in words of SCIM, and a
// name in its filter language is a text and nothing else.
func pocketBaseRefusals(t *testing.T, b backend) {
	c := newClient(t, b.scim)
	var all []host
	for _, name := range []string{`o'ada"s%_@example.com`, `EXAMPLE\ada`} {
		h := host{Login: name, Visible: true, First: "Ada", Last: "Example"}
		h.ID = c.create("/Users", `{"userName":`+quoted(name)+`,"name":{"givenName":"Ada","familyName":"Example"}}`)
		c.wantFound("/Users", "userName eq "+quoted(strings.ToUpper(name)), h.ID)
		all = append(all, h)
	}
	for _, name := range []string{`' || username != '`, `" || username != "`, `%`, `_`, `o'ada"s%`, `' || username ~ 'ada`, `EXAMPLE\\ada`} {
		c.wantFound("/Users", "userName eq "+quoted(name))
	}
	ada := all[0]
	meta, _ := c.want("GET", "/Users/"+ada.ID, "", http.StatusOK)["meta"].(object)
	for _, name := range []string{"created", "lastModified"} {
		text, _ := meta[name].(string)
		if when, err := time.Parse(time.RFC3339Nano, text); err != nil || time.Since(when).Abs() > time.Hour {
			t.Errorf("meta.%s is %q, want a date of just now", name, text)
		}
	}
	design := createGroup(c, "Design")
	path := "/Groups/" + design.ID
	for _, tt := range []struct{ method, path, body, detail string }{
		{"PATCH", path, rehearse.Patch(rehearse.Dialects()[0].AddMembers(ada.ID, "nosuchhost00000")...), `"nosuchhost00000"`},
		{"POST", "/Groups", `{"displayName":"Looms","members":[{"value":"` + ada.ID + `"},{"value":"nosuchhost00000"}]}`, `"nosuchhost00000"`},
		{"PATCH", "/Users/" + ada.ID, rehearse.Patch(rehearse.Op("replace", `emails[type eq "work"].value`, "no mail")), `emails[type eq "work"].value`},
	} {
		status, o := c.send(tt.method, tt.path, tt.body)
		if detail, _ := o["detail"].(string); status != http.StatusBadRequest || o["scimType"] != "invalidValue" || !strings.Contains(detail, tt.detail) {
			t.Errorf("%s %s = %d %v, want 400 invalidValue with %s", tt.method, tt.path, status, o, tt.detail)
		}
	}
	b.wantGroups(t, design)
	b.wantHosts(t, all...)
	looms := group{Name: "Looms", ID: c.create("/Groups", `{"displayName":"Looms","members":[{"value":"`+ada.ID+`"}]}`), Members: []string{ada.ID}}
	b.wantGroups(t, design, looms)
}

// quoted returns the text as a string of JSON, which is one of SCIM filters
// too.
func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string
	}
	return string(b)
}

// The superuser of a PocketBase under test.
const (
	pocketBaseEmail    = "admin@example.com"
	pocketBasePassword = "example-password-1"
)

// pocketBase starts a PocketBase with empty collections, and the adapter in
// front.
func pocketBase(t *testing.T) backend {
	t.Helper()
	program := buildPocketBase(t)
	dir := t.TempDir()
	api := "http://" + start(t, func(addr string) *exec.Cmd {
		cmd := exec.Command(program, filepath.Join(dir, addr), addr)
		cmd.Env = append(os.Environ(), "POCKETBASE_EMAIL="+pocketBaseEmail, "POCKETBASE_PASSWORD="+pocketBasePassword)
		return cmd
	})
	token := pocketBaseToken(t, api)
	return backend{
		scim:   serve(t, configs.PocketBase, api, map[string]string{"LEGACY_TOKEN": token}),
		hosts:  func(t testing.TB) []host { return pocketBaseHosts(t, api, token) },
		groups: func(t testing.TB) []group { return pocketBaseGroups(t, api, token) },
	}
}

// pocketBaseBuild is the program, built by the first test that wants it.
var pocketBaseBuild struct {
	once sync.Once
	path string
	err  error
}

// buildPocketBase returns the path of the program of integration/pocketbase.
// Its modules are not fetched here: that is for integration/setup.sh.
func buildPocketBase(t *testing.T) string {
	t.Helper()
	b := &pocketBaseBuild
	b.once.Do(func() {
		var dir string
		if dir, b.err = os.MkdirTemp("", "hostscim-pocketbase-"); b.err != nil {
			return
		}
		cleanups = append(cleanups, func() { os.RemoveAll(dir) })
		b.path = filepath.Join(dir, "pocketbase")
		cmd := exec.Command("go", "build", "-o", b.path, ".")
		cmd.Dir = filepath.Join("..", "pocketbase")
		cmd.Env = append(os.Environ(), "GOPROXY=off", "GOWORK=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			b.err = fmt.Errorf("building PocketBase: %w\n%s", err, out)
		}
	})
	switch {
	case b.err == nil:
		return b.path
	case os.Getenv("HOSTSCIM_REQUIRE_EXTERNAL") == "1":
		t.Fatalf("PocketBase cannot be built; integration/setup.sh pocketbase fetches what it needs: %v", b.err)
	}
	t.Skipf("PocketBase cannot be built; integration/setup.sh pocketbase fetches what it needs: %v", b.err)
	return ""
}

// pocketBaseToken logs the superuser in.
func pocketBaseToken(t *testing.T, api string) string {
	t.Helper()
	body := fmt.Sprintf(`{"identity":%q,"password":%q}`, pocketBaseEmail, pocketBasePassword)
	req, err := http.NewRequestWithContext(t.Context(), "POST", api+"/api/collections/_superusers/auth-with-password", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct{ Token string }
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || answer.Token == "" {
		t.Fatalf("logging in at PocketBase: status %d, %v", res.StatusCode, err)
	}
	return answer.Token
}

func pocketBaseHosts(t testing.TB, api, token string) []host {
	t.Helper()
	var page struct {
		Items []struct {
			ID, Username  string
			Visible       bool
			First         string `json:"first_name"`
			Last          string `json:"last_name"`
			Email, Mobile string
			Department    string
		}
	}
	lookAs(t, token, api+"/api/collections/hosts/records?perPage=500", &page)
	var all []host
	for _, h := range page.Items {
		all = append(all, host{h.ID, h.Username, h.Visible, h.First, h.Last, h.Email, h.Mobile, h.Department})
	}
	return all
}

func pocketBaseGroups(t testing.TB, api, token string) []group {
	t.Helper()
	var page struct {
		Items []struct {
			ID, Name string
			Members  []string
		}
	}
	lookAs(t, token, api+"/api/collections/host_groups/records?perPage=500", &page)
	var all []group
	for _, g := range page.Items {
		all = append(all, group{g.ID, g.Name, g.Members})
	}
	return all
}
