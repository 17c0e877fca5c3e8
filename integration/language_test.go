package integration

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hostscim/configs"
)

// TestLanguageSteps builds the profile of configs/README.md as the page tells
// to: check accepts the file after each step, and the last one is the profile
// that is shipped.
func TestLanguageSteps(t *testing.T) {
	page, err := os.ReadFile("../configs/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var file outline
	steps := 0
	for _, section := range strings.Split(string(page), "\n## Step ")[1:] {
		title, _, _ := strings.Cut(section, "\n")
		section, _, _ = strings.Cut(section, "\n## ")
		blocks := yamlBlock.FindAllStringSubmatch(section, -1)
		if len(blocks) != 1 {
			t.Fatalf("step %s has %d YAML blocks, want one", title, len(blocks))
		}
		step := parseOutline(blocks[0][1])
		file.merge(&step)
		steps++
		name := filepath.Join(t.TempDir(), "profile.yaml")
		if err := os.WriteFile(name, []byte(file.text("")), 0o600); err != nil {
			t.Fatal(err)
		}
		got := run(t, "check", "--config", name)
		if got.code != 0 || !strings.Contains(got.stdout, "no faults") {
			t.Errorf("after step %s: exit code %d\n%s%s", title, got.code, got.stdout, got.stderr)
		}
	}
	if steps < 5 {
		t.Fatalf("the page has %d steps, want 5 and more", steps)
	}
	shipped, err := os.ReadFile("../configs/json-server.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := parseOutline(string(shipped))
	if diff := cmp.Diff(want.text(""), file.text("")); diff != "" {
		t.Errorf("the profile at the end of the page is not configs/json-server.yaml (-shipped +page):\n%s", diff)
	}
}

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// outline is a YAML text as its reader sees it: lines, and below each what is
// indented more. Comments and empty lines are left out.
type outline struct {
	line  string
	below []outline
}

func parseOutline(src string) outline {
	var root outline
	open, indents := []*outline{&root}, []int{-1}
	for line := range strings.Lines(src) {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || trimmed[0] == '#' {
			continue
		}
		indent := len(line) - len(strings.TrimLeft(line, " "))
		for indents[len(indents)-1] >= indent {
			open, indents = open[:len(open)-1], indents[:len(indents)-1]
		}
		parent := open[len(open)-1]
		parent.below = append(parent.below, outline{line: trimmed})
		open, indents = append(open, &parent.below[len(parent.below)-1]), append(indents, indent)
	}
	return root
}

// key returns what tells the line from those beside it: of a list item all.
func (o *outline) key() string {
	key, _, found := strings.Cut(o.line, ": ")
	if !found || strings.HasPrefix(o.line, "- ") {
		return strings.TrimSuffix(o.line, ":")
	}
	return key
}

// merge puts the lines below step into those below o.
func (o *outline) merge(step *outline) {
next:
	for _, s := range step.below {
		for i := range o.below {
			if old := &o.below[i]; old.key() == s.key() {
				if old.line == s.line && !s.isList() {
					old.merge(&s)
				} else {
					*old = s
				}
				continue next
			}
		}
		o.below = append(o.below, s)
	}
}

func (o *outline) isList() bool { return len(o.below) > 0 && strings.HasPrefix(o.below[0].line, "- ") }

func (o *outline) text(indent string) string {
	var b strings.Builder
	for _, part := range o.below {
		fmt.Fprintf(&b, "%s%s\n%s", indent, part.line, part.text(indent+"  "))
	}
	return b.String()
}

// TestLanguageReference: the tables of the page have every key and every word
// of what they describe.
func TestLanguageReference(t *testing.T) {
	page, err := os.ReadFile("../configs/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, reference, _ := strings.Cut(string(page), "\n# Reference\n")
	var code strings.Builder // what stands between backticks
	for i, part := range strings.Split(reference, "`") {
		if i%2 == 1 {
			code.WriteString(part + "\n")
		}
	}
	has := func(word string) bool {
		return regexp.MustCompile(`(^|[^\w-])` + regexp.QuoteMeta(word) + `([^\w-]|$)`).MatchString(code.String())
	}
	var schema struct {
		Defs map[string]struct {
			Properties map[string]struct{ AnyOf []struct{ Enum []string } }
		} `json:"$defs"`
	}
	if err := json.Unmarshal(configs.Schema, &schema); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"ListOp", "Paging", "SearchOp", "UpdateOp", "Members", "MemberOp", "RowSpec"} {
		for key, property := range schema.Defs[kind].Properties {
			words := []string{key}
			for _, option := range property.AnyOf {
				words = append(words, option.Enum...)
			}
			for _, word := range words {
				if !has(word) {
					t.Errorf("the reference of configs/README.md lacks %s, of the key %s of %s", word, key, kind)
				}
			}
		}
	}
	if len(schema.Defs["RowSpec"].Properties) < 10 {
		t.Errorf("the schema has no keys of rows: %v", schema.Defs)
	}
}
