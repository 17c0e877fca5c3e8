package integration

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"hostscim/integration/harness"
)

func readme(t *testing.T) string {
	t.Helper()
	src, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// TestReadmeByHand runs the blocks of the section "Try it by hand" in one
// shell, as a newcomer would, and holds what they print against what the
// text around them says.
func TestReadmeByHand(t *testing.T) {
	bash := harness.Tool(t, "bash", "bash")
	harness.Tool(t, "curl", "curl")
	_, section, _ := strings.Cut(readme(t), "## Try it by hand")
	section, _, _ = strings.Cut(section, "\n## ")
	var script strings.Builder
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(section, -1) {
		script.WriteString(block[1])
	}
	p := demo(t)
	_, legacy, _ := strings.Cut(p.Stdout(), "Legacy API    ")
	legacy, _, _ = strings.Cut(legacy, " ")
	lines := strings.NewReplacer("http://127.0.0.1:8080/scim/v2", p.URL, "http://127.0.0.1:8081/api/v3", legacy).Replace(script.String())
	out, err := exec.Command(bash, "-e", "-c", lines).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	left := string(out)
	for _, want := range []string{
		`"id":"1"`, `"active":true`, "(201)",
		`"username":"grace@example.com"`, `"department":"Compilers"`, `"visible":true`, "(200)",
		`"totalResults":1`, `"userName":"grace@example.com"`, "(200)",
		`"active":false`, "(200)", `"id":1,`, `"visible":false`,
		`"active":true`, "(200)", `"id":1,`, `"visible":true`,
		`"displayName":"Reception","members":[]`, "(201)",
		"(204)", `"username":"grace@example.com"`, `"total_records":1`,
		"(204)", `"hosts":[]`,
		"(204)", `"name":"Front desk"`,
		"(204)", `"host_groups":[]`,
	} {
		_, rest, found := strings.Cut(left, want)
		if !found {
			t.Fatalf("the README's lines print\n%s\nwant next %s in\n%s", out, want, left)
		}
		left = rest
	}
	p.Stop(t)
}

// TestReadmeAttributes holds the attribute tables to what the command prints.
func TestReadmeAttributes(t *testing.T) {
	got := run(t, "attributes", "--config", "../configs/signinenterprise.yaml", "--format", "markdown")
	if got.code != 0 || strings.Count(got.stdout, "| Attribute |") != 2 {
		t.Fatalf("hostscim attributes: exit code %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	text := readme(t)
	for table := range strings.SplitSeq(got.stdout, "**") {
		if table = strings.TrimSpace(table); strings.Contains(table, "|") && !strings.Contains(text, "\n"+table+"\n") {
			t.Errorf("the README lacks this table:\n%s", table)
		}
	}
}

// TestReadmeCheck holds the session of the section "Check it" to the script
// that runs it: [...] stands for lines that are left out.
func TestReadmeCheck(t *testing.T) {
	script, err := txtar.ParseFile("../cmd/hostscim/testdata/script/check-connect.txtar")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(readme(t), "\n## Check it\n")
	_, session, _ := strings.Cut(section, "```console\n$ ")
	session, _, _ = strings.Cut(session, "```")
	command, shown, found := strings.Cut(session, "\n")
	if !found || !strings.Contains(string(script.Comment), " "+command+"\n") {
		t.Fatalf("the script does not run what the README does: %s", command)
	}
	printed := ""
	for _, f := range script.Files {
		if f.Name == "session.txt" || f.Name == "failure.txt" {
			printed += string(f.Data)
		}
	}
	for part := range strings.SplitSeq(shown, "[...]\n") {
		_, rest, found := strings.Cut("\n"+printed, "\n"+part)
		if !found {
			t.Fatalf("the README shows\n%s\nwhich is not next in what is printed:\n%s", part, printed)
		}
		printed = rest
	}
	if printed != "" {
		t.Errorf("the README leaves out the end without a word:\n%s", printed)
	}
}

// TestReadmeExplain runs the session of the section "Explain a request", and
// holds what it prints to the letter.
func TestReadmeExplain(t *testing.T) {
	bash := harness.Tool(t, "bash", "bash")
	_, section, _ := strings.Cut(readme(t), "## Explain a request")
	section, _, _ = strings.Cut(section, "\n## ")
	session := regexp.MustCompile("(?s)```sh\n(.*?)```\n\n```text\n(.*?)```").FindStringSubmatch(section)
	if session == nil {
		t.Fatal("the README has no session of explain")
	}
	cmd := exec.Command(bash, "-e", "-c", strings.Replace(session[1], "./hostscim", harness.Build(t), 1))
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(session[2], string(out)); diff != "" {
		t.Errorf("hostscim explain (-README +printed):\n%s", diff)
	}
}

// TestReadmeCommands: the two commands stand there as they are promised.
func TestReadmeCommands(t *testing.T) {
	for _, command := range []string{"\ngo run ./cmd/hostscim demo ", "\ngo test ./... "} {
		if !strings.Contains(readme(t), command) {
			t.Errorf("the README lacks %s", strings.TrimSpace(command))
		}
	}
}
