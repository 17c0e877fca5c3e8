package integration

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hostscim/integration/harness"
	"hostscim/legacyclient/legacytest"
)

// TestTranscripts plays the stories of testdata/transcripts.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			play(t, file)
		})
	}
}

func play(t *testing.T, file string) {
	s, err := readStory(file)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	sys := s.stage(t)
	for i := range s.steps {
		st := &s.steps[i]
		sys.legacy.TakeCalls()
		a := sys.send(st.method, st.path, st.body, append(s.clientHeader(), st.header...)...)
		checkAnswer(t, i+1, a)
		got := sys.print(t, a)
		calls := printCalls(sys.legacy.TakeCalls())
		if *update {
			st.answer, st.legacy = got, calls
			continue
		}
		if diff := cmp.Diff(st.answer, got); diff != "" {
			t.Errorf("%s: step %d: %s %s: the answer differs (-want +got):\n%s", file, i+1, st.method, st.path, diff)
		}
		if diff := cmp.Diff(st.legacy, calls); diff != "" {
			t.Errorf("%s: step %d: %s %s: the legacy calls differ (-want +got):\n%s", file, i+1, st.method, st.path, diff)
		}
	}
	checkLog(t, sys.process.Log())
	if *update {
		if err := os.WriteFile(file, s.format(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// stage starts the system that the setup describes.
func (s *story) stage(t *testing.T) *system {
	t.Helper()
	legacy := newLegacy(t)
	skipIDs(t, legacy)
	for _, set := range s.setup {
		switch set.key {
		case "host":
			var h legacytest.Host
			decodeSetting(t, set, &h)
			legacy.AddHost(h)
		case "group":
			var g struct {
				legacytest.Group
				Hosts []int64 `json:"hosts"`
			}
			decodeSetting(t, set, &g)
			legacy.AddGroup(g.Group, g.Hosts...)
		case "profile", "client":
		default:
			t.Fatalf("setup: there is no setting %q", set.key)
		}
	}
	return start(t, config(t, s.value("profile", "shipped")), legacy)
}

func decodeSetting(t *testing.T, s setting, v any) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(s.value))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		t.Fatalf("setup: %s: %v", s.key, err)
	}
}

// clientHeader returns the headers that the client of the story always sends.
func (s *story) clientHeader() []string {
	var header []string
	for _, set := range s.setup {
		if set.key == "client" {
			name, value, _ := strings.Cut(set.value, ": ")
			header = append(header, name, value)
		}
	}
	return header
}

// shown are the headers of answers that stories show when they are there.
var shown = []string{"Location", "WWW-Authenticate", "Retry-After", "Allow"}

// version is an entity tag as JSON spells it, which the times go into.
var version = regexp.MustCompile(`W/\\"[A-Za-z0-9_-]{16}\\"`)

var timestamp = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)`)

// print returns the answer as stories show it.
func (s *system) print(t *testing.T, a answer) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%d\n", a.status)
	for _, name := range shown {
		if v := a.header.Get(name); v != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, s.mask(v))
		}
	}
	if len(a.body) > 0 {
		body, err := layout([]byte(s.mask(string(a.body))))
		if err != nil {
			t.Errorf("the body %q is no JSON: %v", a.body, err)
		}
		fmt.Fprintf(&b, "\n%s\n", body)
	}
	return b.String()
}

// mask puts placeholders for what is different with each run.
func (s *system) mask(text string) string {
	text = timestamp.ReplaceAllString(strings.ReplaceAll(text, s.base, "{base}"), "{time}")
	return version.ReplaceAllString(text, "{version}")
}

// printCalls returns the calls as stories show them, one a line.
func printCalls(calls []legacytest.Call) string {
	if len(calls) == 0 {
		return "(no call)\n"
	}
	var b strings.Builder
	for _, c := range calls {
		b.WriteString(c.String())
		if c.Key != "" {
			b.WriteString(" {key}")
		}
		if len(c.Body) > 0 {
			fmt.Fprintf(&b, " %s", c.Body)
		}
		fmt.Fprintf(&b, " -> %d\n", c.Status)
	}
	return b.String()
}

// checkAnswer holds what is true of every answer (case 8): the media type,
// the form of errors, no nulls, and the types of what clients compare.
func checkAnswer(t *testing.T, n int, a answer) {
	t.Helper()
	if len(a.body) == 0 {
		if a.status != http.StatusNoContent {
			t.Errorf("step %d: status %d without a body", n, a.status)
		}
		return
	}
	if got := a.header.Get("Content-Type"); got != "application/scim+json" {
		t.Errorf("step %d: Content-Type = %q, want application/scim+json", n, got)
	}
	o := a.object(t)
	checkValue(t, n, "", map[string]any(o))
	if a.status < 400 {
		return
	}
	if o.text("schemas", 0) != "urn:ietf:params:scim:api:messages:2.0:Error" || o.text("status") != fmt.Sprint(a.status) || o.text("detail") == "" {
		t.Errorf("step %d: the error %s lacks its schema, its status %d as a string, or a detail", n, a.body, a.status)
	}
}

func checkValue(t *testing.T, n int, path string, v any) {
	t.Helper()
	switch v := v.(type) {
	case nil:
		t.Errorf("step %d: %s is null", n, path)
	case map[string]any:
		for name, part := range v {
			if _, isBool := part.(bool); (name == "active" || name == "primary") && !isBool {
				t.Errorf("step %d: %s.%s = %v, want a boolean", n, path, name, part)
			}
			if id, isText := part.(string); name == "id" && (!isText || id == "") {
				t.Errorf("step %d: %s.id = %v, want a text", n, path, part)
			}
			checkValue(t, n, path+"."+name, part)
		}
	case []any:
		for _, part := range v {
			checkValue(t, n, path+"[]", part)
		}
	}
}

// checkLog holds that the log names nobody and no secret: userNames and e-mail
// addresses in stories have an @, and the rest are their passwords.
func checkLog(t *testing.T, log string) {
	t.Helper()
	for _, secret := range []string{"@", "%40", harness.Token, harness.LegacyToken, "1mz050nq", "2xq161pr", "correct horse"} {
		for line := range strings.Lines(log) {
			if strings.Contains(line, secret) {
				t.Errorf("the log says %q, which must not stand there: %s", secret, line)
			}
		}
	}
}
