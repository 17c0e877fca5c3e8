package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"hostscim/adapter"
	"hostscim/configs"
	"hostscim/legacyclient/legacytest"
	"hostscim/mapping"
)

// explainCase is a case of testdata/explain.
type explainCase struct {
	file    string
	archive *txtar.Archive
	profile []byte // a shipped one, edited
}

func explainCases(t *testing.T) map[string]*explainCase {
	t.Helper()
	files, err := filepath.Glob("testdata/explain/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata/explain has no cases: %v", err)
	}
	cases := make(map[string]*explainCase)
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c := &explainCase{file: file, archive: txtar.Parse(src), profile: configs.SignInEnterprise}
		if name := c.part("shipped"); name != nil {
			if c.profile, err = os.ReadFile("../../configs/" + strings.TrimSpace(string(name))); err != nil {
				t.Fatal(err)
			}
		}
		for edit := range strings.Lines(string(c.part("edits"))) {
			before, after, ok := strings.Cut(strings.TrimSuffix(edit, "\n"), " => ")
			if !ok || !bytes.Contains(c.profile, []byte(before)) {
				t.Fatalf("%s: the edit %q does not fit the shipped profile", file, edit)
			}
			c.profile = bytes.ReplaceAll(c.profile, []byte(before), []byte(after))
		}
		cases[strings.TrimSuffix(filepath.Base(file), ".txtar")] = c
	}
	return cases
}

// part returns a file of the case; nil when there is none.
func (c *explainCase) part(name string) []byte {
	for _, f := range c.archive.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

// write puts the profile and the request into files.
func (c *explainCase) write(t *testing.T) (profile, request string) {
	t.Helper()
	dir := t.TempDir()
	profile, request = filepath.Join(dir, "profile.yaml"), filepath.Join(dir, "request")
	for file, data := range map[string][]byte{profile: c.profile, request: c.part("request")} {
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return profile, request
}

// TestExplain holds what is printed of each case, twice: it is the same each
// time. The variables of the profile are not set.
func TestExplain(t *testing.T) {
	for name, c := range explainCases(t) {
		t.Run(name, func(t *testing.T) {
			profile, request := c.write(t)
			var outputs []string
			for range 2 {
				var stdout, stderr bytes.Buffer
				if code := run(t.Context(), []string{"explain", "--config", profile, request}, &stdout, &stderr); code != 0 || stderr.Len() > 0 {
					t.Fatalf("explain ends with exit code %d: %s", code, stderr.Bytes())
				}
				outputs = append(outputs, stdout.String())
			}
			if diff := cmp.Diff(outputs[0], outputs[1]); diff != "" {
				t.Errorf("the output is another the second time: %s", diff)
			}
			if *update {
				c.update(t, outputs[0])
				return
			}
			if diff := cmp.Diff(string(c.part("want")), outputs[0]); diff != "" {
				t.Errorf("explain (-want +got):\n%s", diff)
			}
		})
	}
}

func (c *explainCase) update(t *testing.T, output string) {
	t.Helper()
	c.archive.Files = slices.DeleteFunc(c.archive.Files, func(f txtar.File) bool { return f.Name == "want" })
	c.archive.Files = append(c.archive.Files, txtar.File{Name: "want", Data: []byte(output)})
	if err := os.WriteFile(c.file, txtar.Format(c.archive), 0o600); err != nil {
		t.Fatal(err)
	}
}

// exampleProfile is the environment of the cases that are really served.
var exampleProfile = map[string]string{"HOSTSCIM_TOKEN": "token-of-the-client", "LEGACY_TOKEN": "token-of-the-legacy-api"}

func (c *explainCase) load(t *testing.T, legacyURL string) *mapping.Config {
	t.Helper()
	config, err := mapping.Load("profile.yaml", c.profile, mapping.Sources{Env: func(name string) (string, bool) {
		if name == "LEGACY_URL" {
			return legacyURL, true
		}
		value, ok := exampleProfile[name]
		return value, ok
	}})
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// TestExplainedIsMade holds that the calls that are explained are the calls
// that are made: each case is served in front of an API that stands as the
// explanation supposes. Cases that suppose what the embedded API cannot be
// have a part "unreal" that says why.
func TestExplainedIsMade(t *testing.T) {
	served := 0
	for name, c := range explainCases(t) {
		if c.part("unreal") != nil {
			continue
		}
		served++
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			legacy := legacytest.NewServer(legacytest.WithToken(exampleProfile["LEGACY_TOKEN"]))
			defer legacy.Close()
			config := c.load(t, legacy.URL)
			explanation, err := adapter.Explain(t.Context(), config, c.request(t), adapter.ExplainOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if calls := legacy.TakeCalls(); len(calls) > 0 {
				t.Fatalf("explain has made the calls %v", calls)
			}
			stand(legacy, explanation)
			status := serveOnce(t, config, c.request(t))
			if status != explanation.Answer.Status {
				t.Errorf("the answer is explained to be %d, and is %d", explanation.Answer.Status, status)
			}
			explained, made := newNeutral(c.part("request")), newNeutral(c.part("request"))
			for _, call := range explanation.Calls {
				explained.add(call.Method, call.URL, string(call.Body))
			}
			for _, call := range legacy.TakeCalls() {
				made.add(call.Method, strings.TrimSuffix(call.Path+"?"+call.Query, "?"), string(call.Body))
			}
			if diff := cmp.Diff(explained.calls, made.calls); diff != "" {
				t.Errorf("calls (-explained +made):\n%s", diff)
			}
		})
	}
	if served < 20 {
		t.Errorf("%d cases were served; want every kind of request", served)
	}
}

// stand makes the API stand as the explanation supposes: as many records as it
// says, and in the group n the members n+10 and n+11.
func stand(legacy *legacytest.Server, e *adapter.Explanation) {
	records := int64(30)
	if slices.Contains(e.If, "there are 1000 records") {
		records = 1000
	}
	for n := int64(1); n <= records; n++ {
		name := fmt.Sprintf("host%d@example.com", n)
		legacy.AddHost(legacytest.Host{Username: name, Email: name, FirstName: "Ex", LastName: "Ample"})
	}
	for n := int64(1); n <= records; n++ {
		legacy.AddGroup(legacytest.Group{Name: fmt.Sprintf("Group%dx", n)}, (n+9)%records+1, (n+10)%records+1)
	}
}

func (c *explainCase) request(t *testing.T) *http.Request {
	t.Helper()
	r, err := parseRequest(c.part("request"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// serveOnce sends the request to a server of that configuration.
func serveOnce(t *testing.T, config *mapping.Config, r *http.Request) int {
	t.Helper()
	server, err := adapter.New(adapter.Options{Config: config})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	public := httptest.NewServer(server.Handler())
	defer public.Close()
	target := public.URL + config.Server.BasePath + strings.TrimPrefix(r.URL.RequestURI(), config.Server.BasePath)
	sent, err := http.NewRequestWithContext(t.Context(), r.Method, target, r.Body)
	if err != nil {
		t.Fatal(err)
	}
	sent.Header = r.Header.Clone()
	sent.Header.Set("Authorization", "Bearer "+exampleProfile["HOSTSCIM_TOKEN"])
	resp, err := public.Client().Do(sent)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode
}

// neutral is calls in which every id that the request does not name is called
// by the order in which it comes: the simulation gives others than the API.
type neutral struct {
	request string
	ids     map[string]string
	calls   []string
}

func newNeutral(request []byte) *neutral {
	return &neutral{request: string(request), ids: make(map[string]string)}
}

var idInPath = regexp.MustCompile(`/(\d+)`)

func (n *neutral) add(method, url, body string) {
	path, query, _ := strings.Cut(url, "?")
	path = idInPath.ReplaceAllStringFunc(path, func(segment string) string {
		if named := regexp.MustCompile(`[/"]` + segment[1:] + `\b`); named.MatchString(n.request) {
			return segment
		}
		if n.ids[segment] == "" {
			n.ids[segment] = fmt.Sprintf("/(id %d)", len(n.ids)+1)
		}
		return n.ids[segment]
	})
	if strings.Contains(body, `"id":`) {
		body = "(a whole record)"
	}
	n.calls = append(n.calls, strings.TrimSpace(method+" "+path+" "+query+" "+body))
}

// TestExplainSendsNothing: without --connect there is no call, be the API
// there or not; with it, what reads is really read, and what writes is not.
func TestExplainSendsNothing(t *testing.T) {
	legacy := legacytest.NewServer(legacytest.WithToken(exampleProfile["LEGACY_TOKEN"]))
	defer legacy.Close()
	ada := legacytest.Host{Username: "ada@example.com", Email: "ada@example.com", FirstName: "Ada", LastName: "Ample"}
	legacy.AddHost(ada)
	legacy.AddGroup(legacytest.Group{Name: "Reception"}, 1)
	for name, value := range exampleProfile {
		t.Setenv(name, value)
	}
	t.Setenv("LEGACY_URL", legacy.URL)
	file := filepath.Join(t.TempDir(), "profile.yaml")
	if err := os.WriteFile(file, configs.SignInEnterprise, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, request string
		reads         []string // of the legacy API, with --connect
		shown         []string
	}{
		{"a filter", "GET /Users?filter=userName eq \"ADA@example.com\"",
			[]string{"GET /hosts"}, []string{`"familyName": "Ample"`, "If the legacy API stands as it does now:", "What reads was sent"}},
		{"a filter that finds nobody", "GET /Users?filter=userName eq \"eve@example.com\"",
			[]string{"GET /hosts"}, []string{`"totalResults": 0`}},
		{"a patch", "PATCH /Users/1\n\n" + `{"Operations":[{"op":"replace","path":"name.givenName","value":"Eva"}]}`,
			[]string{"GET /hosts/1"}, []string{"1. PATCH /hosts/1 -> 200", `"givenName": "Eva"`, `"familyName": "Ample"`}},
		{"a patch of nobody", "PATCH /Users/2\n\n" + `{"Operations":[{"op":"replace","path":"name.givenName","value":"Eva"}]}`,
			[]string{"GET /hosts/2"}, []string{"PATCH /hosts/2 -> 404", "The client gets 404"}},
		{"a create", "POST /Groups\n\n" + `{"displayName":"Front desk","members":[{"value":"1"}]}`,
			nil, []string{"POST /host_groups -> 201", "no other record has the name"}},
		{"a replacement of members", "PATCH /Groups/1\n\n" + `{"Operations":[{"op":"replace","path":"members","value":[]}]}`,
			[]string{"GET /host_groups/1/hosts", "GET /host_groups/1"}, []string{"DELETE /host_groups/1/hosts/1 -> 204"}},
		{"a delete", "DELETE /Users/1", []string{"GET /hosts/1"}, []string{"DELETE /hosts/1 -> 204"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			request := filepath.Join(t.TempDir(), "request")
			if err := os.WriteFile(request, []byte(tt.request), 0o600); err != nil {
				t.Fatal(err)
			}
			out := explained(t, "--config", file, request)
			if calls := legacy.TakeCalls(); len(calls) > 0 {
				t.Errorf("without --connect the calls %v were made", calls)
			}
			out += explained(t, "--config", file, "--connect", request)
			var reads []string
			for _, call := range legacy.TakeCalls() {
				if read := call.Method + " " + call.Path; !slices.Contains(reads, read) {
					reads = append(reads, read)
				}
			}
			if diff := cmp.Diff(tt.reads, reads); diff != "" {
				t.Errorf("calls with --connect (-want +got):\n%s", diff)
			}
			for _, want := range tt.shown {
				if !strings.Contains(out, want) {
					t.Errorf("explain prints\n%s\nwant %q in it", out, want)
				}
			}
			for _, secret := range exampleProfile {
				if strings.Contains(out, secret) {
					t.Errorf("explain prints the credential %q:\n%s", secret, out)
				}
			}
		})
	}
	if hosts, groups := legacy.Hosts(), legacy.Groups(); len(hosts) != 1 || len(groups) != 1 || hosts[0].FirstName != "Ada" {
		t.Errorf("the legacy API has %v and %v; something was written", hosts, groups)
	}
}

func explained(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := run(context.Background(), append([]string{"explain"}, args...), &stdout, &stderr); code != 0 {
		t.Fatalf("explain ends with exit code %d: %s", code, stderr.Bytes())
	}
	return stdout.String()
}
