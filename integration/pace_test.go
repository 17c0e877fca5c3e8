package integration

import (
	"bytes"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"hostscim/legacyclient/legacytest"
)

var pace = flag.Duration("pace", 2*time.Second, "how long TestPace sends requests; the figure in the README is from 5m")

// The load of TestPace: what Entra sends to one application, and what the host
// API allows.
const (
	paceRequests = 25 // a second
	paceAllowed  = 25 // calls a second
	paceLatency  = 200 * time.Millisecond
)

// TestPace sends a mixed load of 25 requests a second, as Entra does, through
// to a host API that allows 25 calls a second and takes 200 ms for each. None
// may be answered 429 or fail.
//
//	go test ./integration -run TestPace -v -pace 5m -timeout 10m
//
// cases: 63
func TestPace(t *testing.T) {
	legacy := newLegacy(t, legacytest.WithHosts(500), legacytest.WithRateLimit(paceAllowed, paceAllowed), legacytest.WithLatency(paceLatency))
	group := legacy.AddGroup(legacytest.Group{Name: "Everyone"}).ID
	config := bytes.Replace(config(t, "shipped"), []byte("rate_limit: {per_second: 50, burst: 50}"),
		fmt.Appendf(nil, "rate_limit: {per_second: %d, burst: %d}", paceAllowed, paceAllowed), 1)
	s := start(t, config, legacy)
	l := load{client: s.client, hosts: legacy.Hosts(), group: group, statuses: make(map[int]int)}
	l.run(*pace)

	slices.Sort(l.took)
	at := func(percent int) time.Duration { return l.took[(len(l.took)-1)*percent/100].Round(time.Millisecond) }
	refused, logged := throttled(legacy)
	t.Logf("%d requests in %v: statuses %v; p50 %v, p99 %v, longest %v; %d calls, the host API throttled %d of the last %d",
		len(l.took), *pace, l.statuses, at(50), at(99), at(100), legacy.TotalCalls(), refused, logged)
	for status, n := range l.statuses {
		if status == 0 || status >= 400 {
			t.Errorf("%d requests were answered with status %d", n, status)
		}
	}
}

// throttled returns how many of the calls that the host API remembers it
// answered with 429.
func throttled(legacy *legacytest.Server) (n, of int) {
	calls := legacy.Log()
	for _, c := range calls {
		if c.Status == 429 {
			n++
		}
	}
	return n, len(calls)
}

// load is Entra at work on many people at once.
type load struct {
	*client
	hosts []legacytest.Host
	group int64

	mu       sync.Mutex
	statuses map[int]int
	took     []time.Duration
}

// run begins a request 25 times a second, whatever became of those before.
func (l *load) run(d time.Duration) {
	tick := time.NewTicker(time.Second / paceRequests)
	defer tick.Stop()
	var wg sync.WaitGroup
	for n := range int(d.Seconds() * paceRequests) {
		<-tick.C
		wg.Go(func() {
			begin := time.Now()
			status := l.request(n)
			l.mu.Lock()
			defer l.mu.Unlock()
			l.statuses[status]++
			l.took = append(l.took, time.Since(begin))
		})
	}
	wg.Wait()
}

// request is one of the requests of a cycle, each of which costs one call.
func (l *load) request(n int) int {
	host := l.hosts[n%len(l.hosts)]
	user := fmt.Sprintf("/Users/%d", host.ID)
	switch n % 5 {
	case 0:
		return l.send("GET", `/Users?filter=userName+eq+%22`+host.Username+`%22`, "").status
	case 1:
		return l.send("POST", "/Users", newUser(fmt.Sprintf("pace%d", n))).status
	case 2:
		return l.send("PATCH", user, patch(op("Replace", `phoneNumbers[type eq "mobile"].value`, strconv.Itoa(n)))).status
	case 3:
		return l.send("PATCH", fmt.Sprintf("/Groups/%d", l.group), patch(older.AddMembers(ids(host.ID)...)...)).status
	}
	return l.send("GET", fmt.Sprintf("/Groups/%d?excludedAttributes=members", l.group), "").status
}
