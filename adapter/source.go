package adapter

import (
	"context"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"hostscim/mapping"
)

// source is the address that a request comes from: that of the peer, or, when
// the peer is a trusted proxy, the one that it says it got the request from.
// The zero source is unknown, as that of a Unix socket whose peers are not
// trusted to tell.
type source struct{ netip.Addr }

func (s *Server) source(r *http.Request) source {
	var from netip.Addr
	if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		from = peer.Addr().Unmap()
	}
	if !s.proxies.trusts(r.RemoteAddr) {
		return source{from}
	}
	// The last element: the others came from outside.
	if told, err := netip.ParseAddr(lastOf(r.Header, "X-Forwarded-For")); err == nil {
		from = told.Unmap()
	}
	return source{from}
}

// network is what a source is counted under: a single IPv4 address, or the /64
// that one IPv6 host may choose its addresses from.
func (s source) network() netip.Prefix {
	bits := 32
	if s.Is6() {
		bits = 64
	}
	p, _ := s.Prefix(bits) // the zero Prefix for an unknown source
	return p
}

// networks are those that requests may come from; none: any.
type networks []netip.Prefix

func newNetworks(prefixes []mapping.Prefix) networks {
	all := make(networks, len(prefixes))
	for i := range prefixes {
		all[i] = netip.Prefix(prefixes[i])
	}
	return all
}

func (n networks) contains(s source) bool {
	for _, p := range n {
		if s.IsValid() && p.Contains(s.Addr) {
			return true
		}
	}
	return len(n) == 0
}

// strangers slows down whoever tries credentials: the answer to a wrong one
// comes later with every failure from the same network. A right one is never
// kept waiting, and the number of those that wait is bounded, so that nobody
// can lock others out.
type strangers struct {
	now  func() time.Time
	wait func(context.Context, time.Duration) // until the time is over, or the caller gone

	mu      sync.Mutex
	failed  map[netip.Prefix]failures
	waiting int
}

// failures are those of one network.
type failures struct {
	n    int
	last time.Time
}

const (
	maxStrangers   = 10_000           // networks that are remembered
	maxWaiting     = 256              // answers that are held back at a time
	forgetStranger = 10 * time.Minute // without a failure
	firstDelay     = 50 * time.Millisecond
	longestDelay   = 2 * time.Second
	freeFailures   = 3 // a mistyped token is no attack
)

func newStrangers(now func() time.Time) *strangers {
	return &strangers{now: now, wait: wait, failed: make(map[netip.Prefix]failures)}
}

// delay notes a failure and holds its answer back.
func (s *strangers) delay(ctx context.Context, from source) {
	d := s.note(from)
	if d == 0 {
		return
	}
	defer s.leave()
	s.wait(ctx, d)
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// note counts a failure and returns how long its answer is held back. When
// that is not zero, the caller counts as waiting until it calls leave.
func (s *strangers) note(from source) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, network := s.now(), from.network()
	f := s.failed[network]
	if now.Sub(f.last) > forgetStranger {
		f = failures{}
	}
	f.n, f.last = f.n+1, now
	if _, known := s.failed[network]; !known && len(s.failed) >= maxStrangers {
		s.forget(now)
	}
	s.failed[network] = f
	if f.n <= freeFailures || s.waiting >= maxWaiting {
		return 0
	}
	s.waiting++
	return min(firstDelay<<min(f.n-freeFailures-1, 10), longestDelay)
}

// forget makes room: what is old first, and if that frees nothing, all.
// Somebody who fills the memory only makes it forget, which slows nobody.
func (s *strangers) forget(now time.Time) {
	for network, f := range s.failed {
		if now.Sub(f.last) > forgetStranger {
			delete(s.failed, network)
		}
	}
	if len(s.failed) >= maxStrangers {
		clear(s.failed)
	}
}

func (s *strangers) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting--
}
