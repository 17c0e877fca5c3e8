package main

import (
	"strings"
	"testing"
)

// TestKeepsPlace: what needs a restart is refused, and the key is named.
func TestKeepsPlace(t *testing.T) {
	const before = "  listen: unix:/run/a\n  admin_listen: 127.0.0.1:0\n"
	now := loadWith(t, before, "https://api.example.com").Server
	for lines, key := range map[string]string{
		before: "",
		before + "  request_timeout: 30s\n  max_results: 7\n":                     "",
		before + "  admin_public: true\n":                                         "",
		"  listen: unix:/run/b\n  admin_listen: 127.0.0.1:0\n":                    "server.listen: ",
		"  listen: unix:/run/a\n  admin_listen: 127.0.0.1:7\n":                    "server.admin_listen: ",
		before + "  socket_mode: 0600\n":                                          "server.socket_mode: is 0660 now",
		before + "  limits: {max_header_bytes: 5000}\n":                           "server.limits.max_header_bytes: ",
		before + "  limits: {header_timeout: 1s}\n":                               "server.limits.header_timeout: is 10s now",
		before + "  limits: {read_timeout: 50s}\n":                                "server.limits.read_timeout: ",
		before + "  limits: {write_timeout: 50s}\n":                               "server.limits.write_timeout: ",
		before + "  limits: {idle_timeout: 50s}\n":                                "server.limits.idle_timeout: ",
		before + "  limits: {max_connections: 5}\n":                               "server.limits.max_connections: ",
		before + "  tls: {cert_file: reload_test.go, key_file: reload_test.go}\n": "server.tls.cert_file: is none now",
	} {
		err := keepsPlace(now, loadWith(t, lines, "https://api.example.com").Server)
		if (err != nil) != (key != "") || err != nil && !strings.HasPrefix(err.Error(), key) {
			t.Errorf("keepsPlace with\n%s= %v, want %q", lines, err, key)
		}
	}
}
