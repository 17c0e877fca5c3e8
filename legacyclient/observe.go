package legacyclient

import (
	"net/http"
	"time"
)

// Attempted is what one attempt came to, for metrics and records of what was
// done. It holds no value, and no part of a URL but the template.
type Attempted struct {
	Op      string        // the method and the path as the endpoint has it: GET /hosts/{id}
	Attempt int           // 1 for the first of its call
	Status  int           // of the answer; zero: there was none
	Kind    error         // one of the error kinds; nil: it succeeded
	Backoff time.Duration // before it, since the one before had failed; zero of a first
	Waited  time.Duration // for its turn
	Took    time.Duration // with its turn, to the end of the answer
	// Made says that it had its turn; without, breaker, limiter or the caller
	// ended it before.
	Made bool
}

// observed is attempt, of which Options.Begin and Options.Observe are told.
func (k *call) observed(req *http.Request) *http.Response {
	observe := k.client.observe
	if observe == nil {
		return k.attempt(req)
	}
	if k.client.begin != nil {
		req = req.WithContext(k.client.begin(req.Context(), k.endpoint.op))
	}
	begin := time.Now()
	k.begun = time.Time{}
	resp := k.attempt(req)
	end := time.Now()
	a := Attempted{Op: k.endpoint.op, Attempt: k.rounds, Backoff: k.wait, Status: k.last.status, Kind: k.last.kind, Made: !k.begun.IsZero()}
	k.wait = 0
	if a.Made {
		a.Waited, a.Took = k.begun.Sub(begin), end.Sub(k.begun)
	} else {
		a.Waited = end.Sub(begin)
	}
	observe(req.Context(), a)
	return resp
}
