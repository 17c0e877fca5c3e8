package mapping

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// Address is where a listener is: a host and a port, as 127.0.0.1:8080; a Unix
// socket, as unix:/run/hostscim/hostscim.sock; or systemd, for a socket that
// systemd has opened: the one whose FileDescriptorName is the key, listen or
// admin_listen, or the only one that there is.
type Address string

// The networks of an [Address].
const (
	NetworkTCP     = "tcp"
	NetworkUnix    = "unix"
	NetworkSystemd = "systemd"
)

// maxSocketPath is what the kernel has room for, but for the zero at the end.
const maxSocketPath = 107

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)

func (a *Address) decodeText(text string) error {
	*a = Address(text)
	switch network, at := a.Split(); network {
	case NetworkSystemd:
		return nil
	case NetworkUnix:
		if at == "" || at[0] != '/' || at[len(at)-1] == '/' || len(at) > maxSocketPath || strings.ContainsRune(at, 0) {
			return fmt.Errorf("the path of a Unix socket must begin with / and have at most %d bytes; write for example unix:/run/hostscim/hostscim.sock", maxSocketPath)
		}
		return nil
	}
	if _, _, err := a.hostPort(); err != nil {
		return errors.New("must be a host and a port, unix: and a path, or systemd; write for example 127.0.0.1:8080")
	}
	return nil
}

// Split returns the network, and where in it the listener is: host:port, the
// path of a socket, or "" for systemd.
func (a Address) Split() (network, at string) {
	if a == NetworkSystemd {
		return NetworkSystemd, ""
	}
	if path, ok := strings.CutPrefix(string(a), "unix:"); ok {
		return NetworkUnix, path
	}
	return NetworkTCP, string(a)
}

// hostPort returns the parts of an address in TCP. The host is "" for every
// address of the machine.
func (a Address) hostPort() (host string, port uint16, err error) {
	i := strings.LastIndexByte(string(a), ':')
	if i < 0 {
		return "", 0, errors.New("no port")
	}
	n, err := strconv.ParseUint(string(a[i+1:]), 10, 16)
	if err != nil {
		return "", 0, err
	}
	host = string(a[:i])
	if inside, ok := strings.CutPrefix(host, "["); ok {
		host, _ = strings.CutSuffix(inside, "]")
		if ip, err := netip.ParseAddr(host); err != nil || !ip.Is6() || len(host) == len(inside) {
			return "", 0, errors.New("no IPv6 address in brackets")
		}
	} else if host != "" && !hostName.MatchString(host) {
		return "", 0, errors.New("no host")
	}
	return host, uint16(n), nil
}

// everywhere reports whether the host stands for every address of the machine.
func everywhere(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "" || err == nil && ip.IsUnspecified()
}

// public reports whether other machines may reach the listener. Of systemd that
// is not known before the socket is there.
func (a Address) public() bool {
	if network, _ := a.Split(); network != NetworkTCP {
		return false
	}
	host, _, err := a.hostPort()
	return err == nil && !isLoopback(host)
}

// clashes reports whether both cannot be listened on at the same time. Port 0
// is any that is free.
func (a Address) clashes(b Address) bool {
	aNetwork, aPath := a.Split()
	bNetwork, bPath := b.Split()
	if aNetwork != bNetwork || aNetwork == NetworkSystemd {
		return false
	}
	if aNetwork == NetworkUnix {
		return aPath == bPath
	}
	aHost, aPort, aErr := a.hostPort()
	bHost, bPort, bErr := b.hostPort()
	if aErr != nil || bErr != nil || aPort != bPort || aPort == 0 {
		return false
	}
	return strings.EqualFold(aHost, bHost) || everywhere(aHost) || everywhere(bHost)
}

// HostName is a name of a machine or service, without scheme and port, in
// lower case.
type HostName string

func (n *HostName) decodeText(text string) error {
	if !hostName.MatchString(text) || len(text) > 253 {
		return errors.New("must be a name alone, without scheme and port; write for example status.example.com")
	}
	*n = HostName(strings.ToLower(text))
	return nil
}

// FileMode says who may use a file, in octal digits, as 0660.
type FileMode uint32

var octalMode = regexp.MustCompile(`^0?[0-7]{3}$`)

func (m *FileMode) decodeText(text string) error {
	n, err := strconv.ParseUint(text, 8, 16)
	if err != nil || !octalMode.MatchString(text) || n&0o600 != 0o600 {
		return errors.New("must be three octal digits that let the owner read and write; write for example 0660")
	}
	*m = FileMode(n)
	return nil
}

// checkSocketMode holds the mode to something that it is the mode of.
func (s *Server) checkSocketMode(d *decoder) {
	if !d.given("server.socket_mode") || d.faulty("server.listen") || d.faulty("server.admin_listen") {
		return
	}
	for _, a := range []Address{s.Listen, s.AdminListen} {
		if network, _ := a.Split(); network == NetworkUnix {
			return
		}
	}
	d.add("server.socket_mode", "is for a Unix socket, and there is none; write for example listen: unix:/run/hostscim/hostscim.sock, or leave it out")
}

// checkProxies holds the word unix to a listener that has such peers. Of
// systemd that is not known before the socket is there.
func (s *Server) checkProxies(d *decoder) {
	network, _ := s.Listen.Split()
	if network != NetworkTCP || d.faulty("server.listen") {
		return
	}
	for i, p := range s.TrustedProxies {
		if p.Unix {
			d.add(fmt.Sprintf("server.trusted_proxies[%d]", i), "trusts the peers of a Unix socket, and server.listen is none; write the addresses of the proxies, or listen: unix:/run/hostscim/hostscim.sock")
		}
	}
}

// checkAdmin holds that both listeners can be there, and that strangers do not
// reach by accident the one that asks nobody for a token.
func (s *Server) checkAdmin(d *decoder) {
	switch {
	case d.faulty("server.listen"), d.faulty("server.admin_listen"):
	case s.Listen.clashes(s.AdminListen):
		d.add("server.admin_listen", "is the address of server.listen too; give it one of its own, for example 127.0.0.1:9090")
	case s.AdminListen.public() && !s.AdminPublic:
		d.add("server.admin_listen", "answers everybody who can reach it, without a token; write 127.0.0.1:9090, or admin_public: true if the network keeps strangers away")
	}
}
