// Package adapter is SCIM in, legacy calls out: the one package that knows
// both sides.
//
// A request goes one way through these files, and its answer back:
//
//	middleware.go  request id, access log, panic guard, deadline
//	auth.go        who is it; nothing behind it runs for a stranger
//	routes.go      every method and path
//	resource.go    one handler per operation: decode, call, encode
//	endpoint.go    one resource type: its table, its legacy calls
//	find.go        filter -> plan -> records that match
//	members.go     a membership change -> calls
//	errors.go      what went wrong -> the SCIM error that says so
//	respond.go     the answer
//
// Beside them: client.go makes the client of the legacy API, query.go reads parameters, view.go is what attributes and
// excludedAttributes leave of a resource, discovery.go publishes what the
// table serves, forwarded.go finds out under which URL we are seen.
//
// The package must not know field names of the legacy API (they are in the
// table) nor how its calls are made, paced and retried (that is
// legacyclient). It must not log values: ids and attribute names only.
package adapter
