package integration

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hostscim/integration/harness"
)

// TestManualPages: every command has a page, and the typesetter has nothing to
// say against any.
func TestManualPages(t *testing.T) {
	groff := harness.Tool(t, "groff", "groff-base")
	dir := t.TempDir()
	if got := run(t, "man", dir); got.code != 0 {
		t.Fatalf("hostscim man: exit code %d\n%s", got.code, got.stderr)
	}
	want := []string{"hostscim.1"}
	_, commands, _ := strings.Cut(run(t, "--help").stdout, "Available Commands:\n")
	commands, _, _ = strings.Cut(commands, "\n\n")
	for _, m := range regexp.MustCompile(`(?m)^  (\S+) `).FindAllStringSubmatch(commands, -1) {
		if m[1] != "help" {
			want = append(want, "hostscim-"+m[1]+".1")
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, file := range files {
		got = append(got, filepath.Base(file))
		cmd := exec.Command(groff, "-man", "-Tutf8", "-ww", file)
		var said strings.Builder
		cmd.Stderr = &said
		page, err := cmd.Output()
		if err != nil || said.Len() > 0 || !strings.Contains(string(page), "HOSTSCIM") {
			t.Errorf("groff of %s: %v\n%s", filepath.Base(file), err, said.String())
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if len(want) < 8 || !slices.Equal(got, want) {
		t.Errorf("pages %q, want %q", got, want)
	}
}

// TestBashCompletion: the script is one for bash, which completes as it asks.
func TestBashCompletion(t *testing.T) {
	bash := harness.Tool(t, "bash", "bash")
	// Without the package bash-completion, its word splitter is not there.
	const ask = `
_get_comp_words_by_ref() { cur=${COMP_WORDS[COMP_CWORD]}; prev=${COMP_WORDS[COMP_CWORD-1]}; words=("${COMP_WORDS[@]}"); cword=$COMP_CWORD; }
compopt() { :; }
source <("$HOSTSCIM" completion bash)
COMP_WORDS=("$HOSTSCIM" serve --log-format j) COMP_CWORD=3 COMP_LINE="$HOSTSCIM serve --log-format j" COMP_POINT=${#COMP_LINE} COMP_TYPE=9
__start_hostscim
printf '%s\n' "${COMPREPLY[@]}"
`
	cmd := exec.Command(bash, "--norc", "-c", ask)
	cmd.Env = []string{"HOSTSCIM=" + harness.Build(t), "PATH=/usr/bin:/bin"}
	out, err := cmd.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "json" {
		t.Errorf("bash completes serve --log-format j with %q, %v, want json", out, err)
	}
}
