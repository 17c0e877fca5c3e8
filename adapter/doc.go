// Package adapter is SCIM in, legacy calls out: the one package that knows
// both sides.
//
// A request goes one way through these files, and its answer back:
//
//	middleware.go  request id, access log, panic guard, deadline
//	oauth.go       the token endpoint, beside everything below
//	auth.go        who is it; nothing behind it runs for a stranger
//	  jwt.go       tokens that an issuer signed, keyset.go its keys
//	  source.go    where it comes from, and how strangers are slowed down
//	tenant.go      whom the token selects: all that is kept is the tenant's own
//	routes.go      every method and path
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
// out under which URL we are seen, metrics.go counts. status.go is the page that
// shows people how it goes: statuslog.go keeps the last operations, statusreason.go
// says why one failed, statusfindings.go what there is to look at, statusview.go
// gathers it, and statusevents.go keeps an open page up to date.
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
// The package must not know field names of the legacy API (they are in the
// table) nor how its calls are made, paced and retried (that is
// legacyclient). It must not log values: ids and attribute names only.
package adapter
