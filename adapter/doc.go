// Package adapter is SCIM in, legacy calls out: the one package that knows
// both sides.
//
// A request goes one way through these files, and its answer back:
//
//	middleware.go  request id, access log, panic guard, deadline
//	tracing.go     spans, where somebody records them
//	oauth.go       the token endpoint, beside everything below
//	auth.go        who is it; nothing behind it runs for a stranger
//	  jwt.go       tokens that an issuer signed, keyset.go its keys
//	  source.go    where it comes from, and how strangers are slowed down
//	pause.go       what those who run the service have stopped for a while
//	tenant.go      whom the token selects: all that is kept is the tenant's own
//	routes.go      every method and path
//	audit.go       a write and its line in the log
//	resource.go    one handler per operation: decode, call, encode
//	endpoint.go    one resource type: its table, its legacy calls
//	create.go      a create that must not be made twice
//	unique.go      a name that the legacy API does not keep apart
//	find.go        filter -> plan -> records that match
//	members.go     a membership change -> calls, in the way of membercalls.go,
//	               memberfield.go or memberusers.go
//	rewrite.go     a change that is made of the record as it is
//	rowcall.go     attributes that have calls of their own -> calls
//	errors.go      what went wrong -> the SCIM error that says so
//	respond.go     the answer
//
// Beside them: client.go makes the client of the legacy API, query.go reads
// parameters, view.go is what attributes and excludedAttributes leave of a
// resource, discovery.go publishes what the table serves, forwarded.go finds
// out under which URL we are seen, metrics.go counts, and gauges.go tells how
// things stand. What is named there is named in configs/prometheus and
// configs/grafana too. adminheaders.go is what every answer of the admin listener
// tells a browser.
//
// status.go is the page that shows people how it goes: statuslog.go keeps the
// last operations, statuscontact.go when the legacy API answered, statusreason.go
// says why an operation failed, statusfindings.go what there is to look at,
// statusview.go gathers it, and statusevents.go keeps an open page up to date.
//
// A [Server] goes by one configuration. A [Service] (reload.go) puts another in
// its place while requests run, each of which ends in the server that it began
// in. What is kept between requests is either the tenant's, and handed on by
// inherit, or lasting: whoever adds something decides for one of them.
//
// probe.go is apart from all this: [Probe] asks the legacy API whether it is as
// the table says, by the calls above that read. probelist.go, probesearch.go
// and proberecord.go are its questions, watcher.go keeps it from writing, and
// probeshape.go looks at answers for what the table should have said.
//
// [Explain] runs a request through all of this and sends nothing (explain.go):
// the legacy API is one that answers what the configuration describes
// (simulate.go), and the request runs again where one thing about that API
// stands otherwise (world.go). What the handlers make of the request they tell a
// witness (witness.go). A call that the API has besides needs its line among the
// parts in simulate.go; one that has none is answered by a status alone.
//
// # Laws
//
// What must hold whatever the legacy API and the client do. Each names the test
// that fails when it is broken.
//
//  1. Unknown is not absent. A 404 or an empty list is given only where the
//     legacy API said so; an outage, a throttle and a timeout are 503, 429
//     and 504. adapter/TestUnknownIsNotAbsent
//  2. A filter is exact. Every result is held against the whole filter, only a
//     search that finds at least all matches is pushed down and then read to
//     its end, and what cannot be answered whole is refused.
//     adapter/TestPropertyFilters
//  3. A retry never doubles: a create is repeated under a key that the API
//     honours, or after a look proves that the first try did not land.
//     adapter/TestRetryNeverDoubles, integration/chaos/TestChaos
//  4. A membership change is a delta. Where the API has only whole lists, they
//     are changed one at a time, from what is read inside the lock.
//     adapter/TestMembers
//  5. What an operation costs in legacy calls is stated and holds.
//     integration/TestBudget
//  6. A miss is not remembered, and what is remembered is proved before it is
//     believed. adapter/TestCache
//  7. Nothing is echoed that was not stored, and what was stored comes back
//     verbatim. mapping/TestPutThenGet
//  8. Discovery tells what the configuration serves.
//     adapter/TestDiscoveryTellsTheTruth
//  9. Lenient in, strict out: every provider's dialect is taken without a
//     switch, and what is sent is RFC 7643. integration/TestTranscripts
//  10. A deadline is kept, by every wait, queue and retry. adapter/TestBudget
//  11. An attribute that is not supported does not block the rest: it is
//     ignored, counted and logged once, unless the table rejects it.
//     adapter/TestIgnoredIsCounted
//  12. Tenants never meet. adapter/TestTenants
//  13. Secrets and personal data stay out of logs, metrics, errors and traces;
//     ids are no secret. integration/TestLogNamesNobody
//  14. Every error is a SCIM error, with a detail that says what to do.
//     adapter/TestErrors
//
// The package must not know field names of the legacy API (they are in the
// table) nor how its calls are made, paced and retried (that is
// legacyclient). It must not log values: ids and attribute names only.
package adapter
