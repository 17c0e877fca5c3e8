package proxy

import (
	"os"
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

// program returns the path of the proxy's program.
func (k kind) program(t *testing.T) string {
	t.Helper()
	return harness.Tool(t, k.name, k.pkg)
}
