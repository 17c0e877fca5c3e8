package chaos

import (
	"time"

	"hostscim/legacyclient/legacytest"
)

var routes = []string{
	"", "", "", "GET *", "GET /hosts", "GET /hosts/{id}", "POST *", "POST *", "POST /hosts", "PATCH *", "PUT *", "DELETE *",
	"* /host_groups*", "POST /host_groups", "GET /host_groups/{id}/hosts", "POST /host_groups/{id}/hosts", "DELETE /host_groups/{id}/hosts/{host_id}",
}

var kinds = []legacytest.Kind{
	legacytest.Refuse, legacytest.Reset, legacytest.Reset, legacytest.Hang, legacytest.Slow, legacytest.Error, legacytest.Error,
	legacytest.Throttle, legacytest.HTML, legacytest.FalseSuccess, legacytest.Trickle, legacytest.Truncate, legacytest.Cut,
	legacytest.Mistype, legacytest.Headers, legacytest.Shift, legacytest.Stale,
}

// waits are what Retry-After may hold.
var waits = []string{"", "", "0", "1", "30", "+2s", "-1h", "-5", "999999999999999999999", "soon"}

// fault returns a fault of any kind. A search that is declared to lag does so
// most of the time.
func (g *generator) fault() legacytest.Fault {
	if g.plan.profile == lagging && g.IntN(2) == 0 {
		return legacytest.Fault{Kind: legacytest.Stale, Calls: 1 + g.IntN(20)}
	}
	f := legacytest.Fault{Kind: kinds[g.IntN(len(kinds))], Route: routes[g.IntN(len(routes))]}
	switch g.IntN(4) {
	case 0:
		f.Nth = 1 + g.IntN(6)
	case 1:
		f.Every = 1 + g.IntN(4)
	default:
		f.Probability = 0.05 + g.Float64()*0.6
	}
	switch f.Kind {
	case legacytest.Refuse:
		f.Route = ""
	case legacytest.Reset:
		f.Committed = g.IntN(2) == 0
	case legacytest.Hang:
		if g.plan.profile == listed {
			return g.fault() // it would take the time that is there
		}
		f.Committed = g.IntN(2) == 0
	case legacytest.Slow:
		if g.plan.profile == listed {
			return g.fault() // see its timeout
		}
		f.Delay = time.Duration(1+g.IntN(80)) * time.Millisecond // a call has 40
	case legacytest.Error:
		f.Status = []int{500, 502, 503, 504}[g.IntN(4)]
		f.Committed, f.RetryAfter = g.IntN(2) == 0, waits[g.IntN(len(waits))]
	case legacytest.Throttle:
		f.RetryAfter = waits[g.IntN(len(waits))]
	case legacytest.HTML:
		f.Status = []int{200, 400, 404, 409, 422, 500, 502, 503}[g.IntN(8)]
		f.Committed = g.IntN(2) == 0
	case legacytest.FalseSuccess:
		f.Committed = g.IntN(2) == 0
	case legacytest.Trickle:
		f.Delay = time.Duration(g.IntN(200)) * time.Microsecond
	case legacytest.Headers:
		f.Header = map[string]string{"RateLimit-Remaining": "0", "RateLimit-Reset": "30", "X-RateLimit-Remaining": "0"}
	case legacytest.Shift:
		f.Shift = 1 - 2*g.IntN(2)
	case legacytest.Stale:
		if f.Calls = 1 + g.IntN(8); sameNames(g.plan.profile) {
			return g.fault() // whom no search shows, nobody can keep apart
		}
	}
	return f
}
