package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"hostscim/integration/harness"
)

// rehearseSection returns the README's section "Rehearse".
func rehearseSection(t *testing.T) string {
	t.Helper()
	_, section, found := strings.Cut(readme(t), "\n## Rehearse\n")
	if !found {
		t.Fatal("the README has no section Rehearse")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	return section
}

var stepRow = regexp.MustCompile(`(?m)^\| ([a-z ]+) \| (\d+) \| (\d+) \| (\d+) \| \d+\.\d ms \| \d+\.\d ms \|$`)

// TestReadmeRehearse runs the README's command against a demo and holds the
// README's table to what it prints; the times are of another machine.
func TestReadmeRehearse(t *testing.T) {
	bash := harness.Tool(t, "bash", "bash")
	section := rehearseSection(t)
	block := regexp.MustCompile("(?s)```sh\n(.*?)```").FindStringSubmatch(section)
	if block == nil {
		t.Fatal("the section has no command")
	}
	p := demo(t)
	command := strings.NewReplacer("http://127.0.0.1:8080/scim/v2", p.URL, "go run ./cmd/hostscim", harness.Build(t)).Replace(block[1])
	out, err := exec.Command(bash, "-e", "-c", command).Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	rows := stepRow.FindAllStringSubmatch(section, -1)
	if len(rows) < 8 {
		t.Fatalf("the README's table has %d rows", len(rows))
	}
	for _, row := range rows {
		want := regexp.MustCompile(`(?m)^ *` + row[1] + ` +` + row[2] + ` +` + row[3] + ` +` + row[4] + ` +\d`)
		if !want.Match(out) {
			t.Errorf("the README says %s, and the command prints\n%s", row[0], out)
		}
	}
}

// TestReadmeRehearseFlags: the flags of the README are those that there are.
func TestReadmeRehearseFlags(t *testing.T) {
	help := run(t, "rehearse", "--help")
	for _, flag := range regexp.MustCompile("`(--[a-z-]+)`").FindAllStringSubmatch(rehearseSection(t), -1) {
		if !strings.Contains(help.stdout, " "+flag[1]+" ") {
			t.Errorf("the README names %s, and rehearse --help does not", flag[1])
		}
	}
}

// TestReadmeFinding holds the README's finding to what is printed for a
// profile that lacks the rule.
func TestReadmeFinding(t *testing.T) {
	script, err := txtar.ParseFile("../cmd/hostscim/testdata/script/rehearse-findings.txtar")
	if err != nil {
		t.Fatal(err)
	}
	profile := filepath.Join(t.TempDir(), "users.yaml")
	for _, f := range script.Files {
		if f.Name == "users.yaml" {
			if err := os.WriteFile(profile, f.Data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	p := demo(t, "--config", profile)
	cmd := harness.Command(t, map[string]string{"TOKEN": "demo-token"},
		"rehearse", "--url", p.URL, "--token-env", "TOKEN", "--users", "2", "--groups", "0", "--dialect", "legacy", "--rate", "0")
	out, _ := cmd.Output() // ends with 1, for the finding
	block := regexp.MustCompile("(?s)```\n(1\\..*?)```").FindStringSubmatch(rehearseSection(t))
	if block == nil {
		t.Fatal("the README shows no finding")
	}
	for line := range strings.Lines(block[1]) {
		if !strings.Contains(string(out), "\n"+line) {
			t.Errorf("the README has the line %q, which is not in\n%s", line, out)
		}
	}
}
