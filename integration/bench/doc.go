// Command bench measures what hostscim costs, against what it cannot help
// costing:
//
//	go run ./integration/bench            # a few minutes; prints Markdown
//	go run ./integration/bench --quick    # under a minute, fewer operations
//	go run ./integration/bench --json     # everything that was measured
//	go run ./integration/bench --svg FILE # writes a chart besides
//	go run ./integration/bench --profile FILE # where the CPU time goes, for pprof
//	go run ./integration/bench --gogc 400 # trades memory of hostscim for CPU
//
// Three contestants answer the same requests in front of the same host API
// (legacytest), each in a process of its own:
//
//	floor     the smallest handler that can be written by hand for this API:
//	          httprouter, one tuned http.Transport, structs and encoding/json
//	          both ways, the same legacy calls (floor.go, flooruser.go, floorgroup.go)
//	proxy     httputil.ReverseProxy, which passes the bytes of the legacy call
//	          and translates nothing (proxy.go)
//	hostscim  the binary with the shipped profile, its log and its metrics on
//
// A run is one operation of one contestant for a moment, on 16 connections.
// Runs are interleaved: operation by operation, the contestants take turns, and
// who begins changes from round to round, so that whatever else the machine
// does meets all of them. What is stated is the ratio to the floor of the same
// round, as the median of the rounds with the least and the most.
//
// CPU time is what /proc says of the process, hostscim's garbage collector
// included and the client and the host API left out; memory is its VmHWM, the
// most that was ever resident. Allocations are the Go runtime's own counters.
// It needs Linux for that.
//
// What is added to a latency of the host API is measured against the host API
// asked directly, in the same round: its timer alone may be late by more than a
// translation takes.
//
// The profile is as it is shipped, but for two things: the rate limit is out of
// the way, and the cache of names holds one, since a name that is remembered is
// read by its id, and the floor would search for it. Requests that are under way
// at the same time are for different people, pages and groups, since hostscim
// asks once for what several ask at once, and the floor does not.
//
//	main.go        flags and the order of things
//	process.go     a process: started, watched, measured
//	roles.go       what this program is when it is started as a contestant
//	operation.go   the operations, as SCIM and as the proxy's legacy calls
//	load.go        the client: connections, one run
//	rounds.go      rounds of runs, and what they come to
//	profile.go     where the time goes
//	memory.go, scale.go   256 in flight, the first answer; a large directory
//	goals.go, report.go, chart.go   what comes out
package main
