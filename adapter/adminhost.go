package adapter

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"hostscim/mapping"
)

// adminHosts are the names that the admin listener answers to. A web page can
// give its own name the address of this machine (DNS rebinding): its requests
// are then of one origin with it, and it could read the status page and pause.
// The browser still names the page's host, which is no name of ours. An address
// needs no look: no page is loaded from here by it that is not ours.
type adminHosts struct {
	names  []mapping.HostName
	always bool // else over loopback alone, where no other machine has a name for us
}

func newAdminHosts(s *mapping.Server) adminHosts {
	h := adminHosts{names: slices.Clone(s.AdminHosts), always: len(s.AdminHosts) > 0}
	if network, at := s.AdminListen.Split(); network == mapping.NetworkTCP {
		if host, _, err := net.SplitHostPort(at); err == nil {
			h.names = append(h.names, mapping.HostName(strings.ToLower(host)))
		}
	}
	return h
}

// only serves requests for the names, and passes probes on under any: what
// they tell is no secret, and a load balancer may call us as it likes.
func (h adminHosts) only(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		probe := r.URL.Path == "/healthz" || r.URL.Path == "/readyz"
		if name := hostOf(r); !probe && (h.always || overLoopback(r)) && !h.known(name) {
			http.Error(w, fmt.Sprintf("%.100q is no name of this service: a web page elsewhere may have sent the request; "+
				"call it by localhost or an address, or write server.admin_hosts: [the name]", name), http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// known reports whether the host is an address, this machine, or one of the
// names. Browsers say one; what says none is no browser.
func (h adminHosts) known(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil || host == "" {
		return true
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || slices.Contains(h.names, mapping.HostName(host))
}

// hostOf returns the host that the request is for, without its port.
func hostOf(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.Host); err == nil {
		return host
	}
	return strings.Trim(r.Host, "[]")
}

// overLoopback reports whether the request came to a loopback address.
func overLoopback(r *http.Request) bool {
	at, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ok && at.IP.IsLoopback()
}
