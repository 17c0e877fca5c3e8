package proxy

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"hostscim/integration/harness"
)

// patience bounds every wait of these tests.
const patience = 15 * time.Second

func TestMain(m *testing.M) {
	code := m.Run()
	harness.Cleanup()
	os.Exit(code)
}

// kinds are the proxies under test.
var kinds = []kind{
	{name: "nginx", pkg: "nginx", host: "scim.example.com", prefix: "", start: startNginx},
	{name: "caddy", pkg: "caddy", host: "example.com", prefix: "/visitors", start: startCaddy},
}

// kind is one of the proxies.
type kind struct {
	name, pkg string // the program, and its Debian package
	host      string // of its shipped configuration
	prefix    string // of the path, in its shipped configuration
	start     func(t *testing.T, program, upstream string, cert certificate, oldnew []string) *process
}

// tenantURL is what an administrator would enter.
func (k kind) tenantURL() string { return "https://" + k.host + k.prefix + "/scim/v2" }

// program returns the path of the proxy's program. Without it the test is
// skipped, or fails if the environment says that it must be there.
func (k kind) program(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath(k.name)
	if err == nil {
		return path
	}
	// Where Debian puts daemons, if the PATH of the test does not have it.
	if path, err = exec.LookPath("/usr/sbin/" + k.name); err == nil {
		return path
	}
	if os.Getenv("HOSTSCIM_REQUIRE_EXTERNAL") == "1" {
		t.Fatalf("%s is not installed; it is in the Debian package %s, and integration/setup.sh installs it", k.name, k.pkg)
	}
	t.Skipf("%s is not installed; it is in the Debian package %s", k.name, k.pkg)
	return ""
}
