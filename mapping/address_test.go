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
