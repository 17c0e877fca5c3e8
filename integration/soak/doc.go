// Command soak runs hostscim as it is run for years, for ten minutes:
//
//	go run ./integration/soak                          # 10 minutes, 200 requests a second
//	go run ./integration/soak --time 3m --seed 7       # shorter, and otherwise
//	go run ./integration/soak --reload 1s --faults 10s # rougher
//
// The binary runs in front of the host API (legacytest), each in a process of
// its own, so that memory and goroutines are the adapter's alone. At the same
// time
//
//   - jobs provision users and groups as Entra does: match, create, PATCH, get,
//     disable, delete, members, pages (job.go). Each has its own records, a few,
//     and knows what they hold;
//   - another configuration is loaded every five seconds, by SIGHUP or because
//     the file has changed, and every sixth is one that must be refused
//     (reloader.go, configuration.go);
//   - the host API fails in phases, each in its own way, and is well most of the
//     time (weather.go);
//   - slow clients trickle, read slowly, go away in the middle, or stay and say
//     nothing (slow.go).
//
// It prints how it goes, a table, and what is wrong; the exit code is 1 then.
// Wrong is (verdict.go)
//
//   - a request of a well-behaved client without a complete answer, whatever the
//     configuration and the host API were doing;
//   - an answer that is not the one to expect: 429, 503 and 504 may be while the
//     host API fails and shortly afterwards, the first two with Retry-After, and
//     nothing else may ever be;
//   - a slow client that is not answered in its time, or not shown out after it;
//   - a directory that is not in the end what the jobs wrote, where writes that
//     were answered with 5xx may have been made or not;
//   - reloads that the adapter has not counted as they were;
//   - goroutines, file descriptors, heap or resident memory that are more in the
//     last fifth of the run than in the second, beyond a bound, or goroutines that
//     do not go when the clients have gone.
//
// It needs Linux, whose /proc tells the memory of a process.
//
//	main.go, options.go, soak.go   the command, and the order of things
//	job.go, recordsteps.go, usersteps.go, groupsteps.go, body.go   what is asked
//	record.go, directory.go   what was written, and what is there
//	client.go, slow.go        clients, well-behaved and slow
//	legacy.go, weather.go     the host API and its faults
//	tally.go, meter.go        what came of it
//	verdict.go, report.go     what that means
package main
