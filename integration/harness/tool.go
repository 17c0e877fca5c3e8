package harness

import (
	"os"
	"os/exec"
	"testing"
)

// Tool returns the path of a program that a suite runs against. Without it
// the test is skipped, with the name of the Debian package that has it; or it
// fails, if HOSTSCIM_REQUIRE_EXTERNAL is 1.
func Tool(t testing.TB, name, debianPackage string) string {
	t.Helper()
	// The second is where Debian puts daemons, which PATH may not have.
	for _, file := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(file); err == nil {
			return path
		}
	}
	if os.Getenv("HOSTSCIM_REQUIRE_EXTERNAL") == "1" {
		t.Fatalf("%s is not installed; it is in the Debian package %s, and integration/setup.sh installs it", name, debianPackage)
	}
	t.Skipf("%s is not installed; it is in the Debian package %s", name, debianPackage)
	return ""
}
