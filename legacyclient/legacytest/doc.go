// Package legacytest is the vendor's host API as an in-memory server, shaped
// like net/http/httptest: [NewServer] listens on loopback, [NewHandler] is the
// same API as an http.Handler. Tests, the demo and benchmarks talk to it over
// real HTTP, and a test may look behind the API with methods such as
// [Handler.Host], [Handler.Members] and [Handler.TakeCalls].
//
// It knows the vendor's words only: hosts, host groups, batches. It must not
// know SCIM, hostscim or any package of this module, so that it cannot agree
// with the code under test by sharing that code's mistakes.
//
// # Documented behaviour
//
// From the vendor's public description of its API:
//
//   - The base path is /api/v3; bodies are JSON; a bearer token is asked for.
//   - GET /hosts takes query, limit (50 by default) and offset, and answers
//     {"hosts":[...],"pagination":{...}} with total_records, current_offset,
//     next_offset (null at the end), limit and last_id.
//   - POST /hosts answers 201. POST /hosts/batch answers 202 with a batch, which
//     GET /batches/{id} follows: bid, status and counters, no ids of hosts.
//   - A refusal is {"errors":[{"domain","attribute","code","message"}]}; domain is
//     a model or "global", attribute and message may be null.
//   - A POST with a known Idempotency-Key is executed once. Keys are kept for 24
//     hours (here the latest 32,768 of them), and a key of fewer than 10 characters is
//     ignored.
//
// # Assumed behaviour
//
// The rest is not published. It follows the documented style:
//
//   - Hosts also have username, visible, alternate_email, phone_number, company,
//     custom_fields, created_at and updated_at. first_name, last_name, email and
//     username are required (code "blank"; [WithLenient] asks for username only).
//     username is unique without case (code "taken"). All faults of a body are
//     reported together, in the order in which a host prints its attributes.
//   - GET, PATCH, PUT and DELETE /hosts/{id}. PATCH changes the keys that are
//     present, null clears one. PUT replaces the whole host. Unknown keys are
//     ignored, and so are id, created_at and updated_at.
//   - An absent text is null, and the empty string counts as absent. visible is
//     true unless it is set; null puts it back to true. Without custom fields
//     custom_fields is {}. PATCH merges the top-level keys of custom_fields, null
//     removes one; values keep their spelling and keys their order.
//   - query is fuzzy: a host matches if any word of it is part of first_name,
//     last_name, email or username, without case. Invisible hosts are listed.
//   - host_groups with a name that is unique without case, custom_fields like those
//     of a host, and a sorted set of hosts read, added (at most 100 in a call) and removed below
//     /host_groups/{id}/hosts.
//   - A limit above the page cap (100, [WithPageCap]) is cut to it; a limit or
//     offset that is no number, a negative one and limit=0 are refused with 400.
//   - A replay under an Idempotency-Key gets the status and the bytes of the first
//     answer, 4xx included; while the first is in flight it gets 409 with code
//     "in_progress". A key belongs to one method and path.
//   - Over the rate of [WithRateLimit] the answer is 429 with Retry-After.
//   - updated_at moves only if something changed; a group's also moves when its
//     members do.
//
// # Faults
//
// A [Fault] makes calls go wrong: refused, broken off before or after the work
// is done, hanging, slow, throttled, answered with a page, with half a body, or
// with a success that is none; pages that shift and a search that lags. It
// names the calls by route, and by number or probability. [WithSeed] decides
// the rest, so that the same calls of a route meet the same faults again.
//
//	api := legacytest.NewServer(legacytest.WithSeed(7))
//	api.Inject(
//		// The first host is created, and its answer lost.
//		legacytest.Fault{Route: "POST /hosts", Nth: 1, Kind: legacytest.Reset, Committed: true},
//		// One in ten of all other calls is throttled for a minute.
//		legacytest.Fault{Probability: 0.1, Kind: legacytest.Throttle, RetryAfter: "60"},
//	)
//	...
//	api.ClearFaults()
//
// A program outside does the same over HTTP, if [WithControl] gives it a token:
//
//	GET    /_control/faults   {"faults": [...]}, each with seen and applied
//	POST   /_control/faults   one fault, or {"faults": [...]}
//	DELETE /_control/faults   clears all
//
//	curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8081/_control/faults \
//		-d '{"kind": "reset", "route": "POST /hosts", "nth": 1, "committed": true}'
//
// # Map
//
//	server.go      Server: listener, Close
//	handler.go     Handler: construction, the chain of middleware, the inside view
//	routes.go      every method and path
//	fault.go, faultlist.go   what goes wrong, and in which calls
//	inject.go      the middleware that makes it go wrong
//	control.go     faults over HTTP
//	changes.go     what a lagging search has not seen
//	calls.go       counters and the record of recent calls
//	auth.go, ratelimit.go, idempotency.go, latency.go   one middleware each
//	host.go, hostbody.go, hosts.go                      a host, its body, its endpoints
//	group.go, groups.go, members.go, batch.go           the same for the others
//	store.go, hoststore.go, groupstore.go               the data, behind one lock
//	catalog.go, trigram.go                              values by id, and found by their texts
package legacytest
