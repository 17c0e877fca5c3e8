package mapping

import (
	"strings"
	"testing"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, network, at string }{
		{"127.0.0.1:8080", "tcp", "127.0.0.1:8080"},
		{"localhost:0", "tcp", "localhost:0"},
		{"my_host.example.com:65535", "tcp", "my_host.example.com:65535"},
		{":8080", "tcp", ":8080"},
		{"[::1]:8080", "tcp", "[::1]:8080"},
		{"unix:/run/hostscim.sock", "unix", "/run/hostscim.sock"},
		{"unix:/" + strings.Repeat("x", 106), "unix", "/" + strings.Repeat("x", 106)},
		{"systemd", "systemd", ""},
	} {
		var a Address
		err := a.decodeText(tt.text)
		if network, at := a.Split(); err != nil || network != tt.network || at != tt.at {
			t.Errorf("%s is %s %s, %v, want %s %s", tt.text, network, at, err, tt.network, tt.at)
		}
	}
	for _, text := range []string{
		"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:-1", "127.0.0.1:65536", "::1:8080", "[::1:8080", "[127.0.0.1]:80",
		"[::1]x:80", "a b:80", "a/b:80", "http://localhost:80", "-x:80", "systemd:x", "unix:", "unix:@x", "unix:x", "unix:/x/", "unix:/x\x00",
		"unix:/" + strings.Repeat("x", 107),
	} {
		if err := new(Address).decodeText(text); err == nil || !strings.Contains(err.Error(), "; write for example ") {
			t.Errorf("%q: %v, want a fault that says what to write", text, err)
		}
	}
}

func TestFileMode(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]FileMode{"0660": 0o660, "660": 0o660, "0600": 0o600, "777": 0o777} {
		var m FileMode
		if err := m.decodeText(text); err != nil || m != want {
			t.Errorf("%s is %o, %v, want %o", text, m, err, want)
		}
	}
	for _, text := range []string{"", "0", "0400", "0200", "0680", "06600", "4660", "0o660", "-660", "rw"} {
		if err := new(FileMode).decodeText(text); err == nil {
			t.Errorf("%q is taken, want a fault", text)
		}
	}
}

func TestAddressClashes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b Address
		want bool
	}{
		{"127.0.0.1:8080", "127.0.0.1:8080", true},
		{"127.0.0.1:8080", "127.0.0.1:9090", false},
		{"127.0.0.1:8080", "127.0.0.2:8080", false},
		{"127.0.0.1:0", "127.0.0.1:0", false},
		{"127.0.0.1:8080", "127.0.0.1:08080", true},
		{"0.0.0.0:8080", "127.0.0.1:8080", true},
		{"127.0.0.1:8080", ":8080", true},
		{"[::]:8080", "10.0.0.1:8080", true},
		{"localhost:8080", "LOCALHOST:8080", true},
		{"unix:/run/a", "unix:/run/a", true},
		{"unix:/run/a", "unix:/run/b", false},
		{"unix:/run/a", "127.0.0.1:8080", false},
		{"systemd", "systemd", false}, // they have names
	} {
		if got := tt.a.clashes(tt.b); got != tt.want {
			t.Errorf("%s clashes with %s: %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

// TestAdminPublic: which addresses of the admin listener have to be asked for.
func TestAdminPublic(t *testing.T) {
	t.Parallel()
	for address, public := range map[string]bool{
		"127.0.0.1:9090": false, "127.1.2.3:9090": false, `"[::1]:9090"`: false, "localhost:9090": false, "systemd": false, "unix:/run/admin": false,
		`":9090"`: true, "0.0.0.0:9090": true, `"[::]:9090"`: true, "10.0.0.1:9090": true, "admin.example.com:9090": true, `"[2001:db8::1]:9090"`: true,
	} {
		for _, allowed := range []string{"", "  admin_public: true\n"} {
			_, err := Load("f.yaml", []byte("server:\n  admin_listen: "+address+"\n"+allowed+profile("")), sources())
			if got := err != nil && strings.Contains(err.Error(), "server.admin_listen: answers everybody"); got != (public && allowed == "") {
				t.Errorf("admin_listen: %s with %q: %v, want a fault: %v", address, allowed, err, public && allowed == "")
			}
		}
	}
}
