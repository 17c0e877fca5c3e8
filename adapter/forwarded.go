package adapter

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"

	"hostscim/mapping"
)

// proxies are the peers whose forwarding headers count.
type proxies struct {
	networks []netip.Prefix
	unix     bool // those of a Unix socket
}

func newProxies(trusted []mapping.Proxy) proxies {
	var p proxies
	for _, t := range trusted {
		if t.Unix {
			p.unix = true
			continue
		}
		p.networks = append(p.networks, t.Network)
	}
	return p
}

// unixPeer is the RemoteAddr of whoever comes over a Unix socket without a name
// of its own. No address in TCP looks like it.
const unixPeer = "@"

// trusts reports whether the peer is one of the proxies.
func (p proxies) trusts(remoteAddr string) bool {
	if remoteAddr == unixPeer {
		return p.unix
	}
	peer, err := netip.ParseAddrPort(remoteAddr)
	if err != nil {
		return false
	}
	for _, network := range p.networks {
		if network.Contains(peer.Addr().Unmap()) {
			return true
		}
	}
	return false
}

// baseURL returns the URL of the service as the client of r sees it, without
// a slash at its end: public_url, or what a trusted proxy says, or what the
// request itself says.
func (s *Server) baseURL(r *http.Request) string {
	if public := url.URL(s.config.PublicURL); public.Host != "" {
		return strings.TrimSuffix(public.String(), "/")
	}
	scheme, host, prefix := "http", r.Host, ""
	if r.TLS != nil {
		scheme = "https"
	}
	if s.proxies.trusts(r.RemoteAddr) {
		f := forwardedBy(r.Header)
		if f.proto == "http" || f.proto == "https" {
			scheme = f.proto
		}
		if s.hosts.valid(f.host) {
			host = f.host
		}
		prefix = f.prefix
	}
	if !s.hosts.valid(host) {
		host = "localhost" // of a client that says none, over a Unix socket perhaps
		if network, at := s.config.Listen.Split(); network == mapping.NetworkTCP {
			host = at
		}
	}
	return scheme + "://" + host + prefix + s.config.BasePath
}

// forwarded is what a proxy says of the request that it passed on.
type forwarded struct{ proto, host, prefix string }

// forwardedBy reads the X-Forwarded-* headers, and the Forwarded header of
// RFC 7239 where there are none. Of a list, the last element counts: it is
// the one that the trusted peer itself added, all before it came from
// outside.
func forwardedBy(h http.Header) forwarded {
	f := forwarded{
		proto:  strings.ToLower(lastOf(h, "X-Forwarded-Proto")),
		host:   lastOf(h, "X-Forwarded-Host"),
		prefix: tidyPrefix(lastOf(h, "X-Forwarded-Prefix")),
	}
	if f.proto != "" || f.host != "" {
		return f
	}
	for pair := range strings.SplitSeq(lastOf(h, "Forwarded"), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		value = strings.Trim(value, `"`)
		switch strings.ToLower(name) {
		case "proto":
			f.proto = strings.ToLower(value)
		case "host":
			f.host = value
		}
	}
	return f
}

func lastOf(h http.Header, name string) string {
	values := h.Values(name)
	if len(values) == 0 {
		return ""
	}
	last := values[len(values)-1]
	if i := strings.LastIndexByte(last, ','); i >= 0 {
		last = last[i+1:]
	}
	return strings.TrimSpace(last)
}

// hosts remembers the host that was valid last: it takes a URL parser to tell,
// and the clients of a service nearly all call it by one name.
type hosts struct{ last atomic.Pointer[string] }

func (h *hosts) valid(host string) bool {
	if last := h.last.Load(); last != nil && *last == host {
		return true
	}
	if !isHost(host) {
		return false
	}
	kept := strings.Clone(host) // not the header that it is a part of
	h.last.Store(&kept)
	return true
}

// isHost reports whether s is a host name or address with an optional port,
// and nothing that could change the rest of a URL.
func isHost(s string) bool {
	if s == "" || len(s) > 255 || strings.ContainsAny(s, "/\\@?#% \t\"<>") {
		return false
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 }) {
		return false // url.Parse takes it, but no URL holds it
	}
	u, err := url.Parse("http://" + s)
	if err != nil || u.Host != s {
		return false
	}
	if host, _, err := net.SplitHostPort(s); err == nil {
		return host != ""
	}
	return true
}

// tidyPrefix returns the path prefix with a slash in front and none at the
// end, or "" for one that is no plain path.
func tidyPrefix(prefix string) string {
	prefix = strings.Trim(prefix, "/")
	if prefix == "" || len(prefix) > 255 {
		return ""
	}
	for _, c := range prefix {
		if !isToken(string(c)) && c != '/' && c != '~' {
			return ""
		}
	}
	if strings.Contains(prefix, "..") || strings.Contains(prefix, "//") {
		return ""
	}
	return "/" + prefix
}
