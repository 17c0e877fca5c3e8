package integration

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// unclaimed are the cases of the specification that nothing here covers.
var unclaimed = map[int]string{}

// lastCase is the last of the cases.
const lastCase = 71

var claim = regexp.MustCompile(`(?m)^(?:// )?cases: ([0-9, ]+)$`)

// TestCases holds that every case is claimed by a story or a test, and no
// other number is.
func TestCases(t *testing.T) {
	var wanted []int
	for n := 1; n <= lastCase; n++ {
		wanted = append(wanted, n)
	}
	claimed := make(map[int][]string)
	for _, pattern := range []string{"testdata/transcripts/*.txtar", "*_test.go", "../adapter/*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			for _, n := range claims(t, file) {
				claimed[n] = append(claimed[n], file)
			}
		}
	}
	for _, n := range wanted {
		reason, without := unclaimed[n]
		switch {
		case claimed[n] == nil && !without:
			t.Errorf("nothing claims case %d", n)
		case claimed[n] != nil && without:
			t.Errorf("case %d is claimed by %s, and unclaimed says %q", n, strings.Join(claimed[n], ", "), reason)
		}
	}
	for n, files := range claimed {
		if !slices.Contains(wanted, n) {
			t.Errorf("%s: there is no case %d here", strings.Join(files, ", "), n)
		}
	}
}

// claims returns the cases that the file claims.
func claims(t *testing.T, file string) []int {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var numbers []int
	for _, m := range claim.FindAllSubmatch(src, -1) {
		for word := range strings.SplitSeq(string(m[1]), ",") {
			n, err := strconv.Atoi(strings.TrimSpace(word))
			if err != nil {
				t.Fatalf("%s: %q is no list of cases", file, m[1])
			}
			numbers = append(numbers, n)
		}
	}
	if filepath.Ext(file) == ".txtar" && numbers == nil {
		t.Errorf("%s claims no case; write a line such as \"cases: 12, 15\" into its comment", file)
	}
	return numbers
}
