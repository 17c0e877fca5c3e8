// Package harness runs the hostscim binary for whole-system tests: it builds
// it once, starts it on free loopback ports, and stops it as an operator
// would.
//
//	legacy := legacytest.NewServer(legacytest.WithToken(harness.LegacyToken))
//	config, env := harness.Profile(t, legacy.URL)
//	p := harness.Start(t, harness.Options{Config: config, Env: env})
//	http.Get(p.URL + "/Users") // with harness.Token as the bearer token
//
// It knows the command line, the log and the configuration file. It must not
// know what a SCIM request means.
package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// binary is built by the first test that asks for it.
var binary struct {
	once sync.Once
	dir  string
	path string
	err  error
}

// Build returns the path of the hostscim binary. It is built once for each
// test process, with the race detector if the test has it. A package that
// calls it should call [Cleanup] at the end of its TestMain.
func Build(t testing.TB) string {
	t.Helper()
	binary.once.Do(build)
	if binary.err != nil {
		t.Fatal(binary.err)
	}
	return binary.path
}

func build() {
	binary.dir, binary.err = os.MkdirTemp("", "hostscim-integration-")
	if binary.err != nil {
		return
	}
	binary.path = filepath.Join(binary.dir, "hostscim")
	args := []string{"build", "-o", binary.path}
	if raceEnabled {
		args = append(args, "-race")
	}
	out, err := exec.Command("go", append(args, "hostscim/cmd/hostscim")...).CombinedOutput()
	if err != nil {
		binary.err = fmt.Errorf("building hostscim: %w\n%s", err, out)
	}
}

// Race reports whether the test, and so the binary, has the race detector.
func Race() bool { return raceEnabled }

// Cleanup removes the binary that [Build] made.
func Cleanup() {
	if binary.dir != "" {
		os.RemoveAll(binary.dir)
	}
}
