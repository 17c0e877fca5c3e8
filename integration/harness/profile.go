package harness

import (
	"regexp"
	"testing"

	"hostscim/configs"
)

// The tokens that [Profile] puts into the environment.
const (
	Token       = "integration-scim-token"   // of SCIM clients
	LegacyToken = "integration-legacy-token" // of the adapter at the host API
)

var listenAddr = regexp.MustCompile(`(?m)^(\s+(?:admin_)?listen:).*$`)

// Profile returns the shipped profile for a host API at legacyURL, listening
// on free loopback ports, and the environment that it wants.
func Profile(t testing.TB, legacyURL string) (config []byte, env map[string]string) {
	t.Helper()
	return Loopback(t, configs.SignInEnterprise), Env(legacyURL)
}

// Loopback returns the configuration with free loopback ports in place of
// its listen addresses.
func Loopback(t testing.TB, config []byte) []byte {
	t.Helper()
	if n := len(listenAddr.FindAll(config, -1)); n != 2 {
		t.Fatalf("the configuration has %d listen addresses, want listen and admin_listen", n)
	}
	return listenAddr.ReplaceAll(config, []byte("$1 127.0.0.1:0"))
}

// Env returns the environment that the profiles want.
func Env(legacyURL string) map[string]string {
	return map[string]string{"HOSTSCIM_TOKEN": Token, "LEGACY_URL": legacyURL, "LEGACY_TOKEN": LegacyToken}
}
