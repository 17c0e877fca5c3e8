// Package integration holds the tests of the whole system: the hostscim
// binary as a process, clients on its socket, and the embedded host API of
// legacytest behind it.
//
// What identity providers send, and what they must get, is written down as
// stories in testdata/transcripts; testdata/README.md explains the format.
// A new case of a conversation is a new story, or a step in one:
//
//	go test ./integration -run 'Transcripts/<name>'          # compare
//	go test ./integration -run 'Transcripts/<name>' -update  # write the answers
//
// Read what -update wrote before you keep it: a story is a specification, and
// the program under test is not its author. What a story cannot say (many
// requests at once, faults, signals, memory) is a test in Go.
//
// A line "cases: 12, 15" in the comment of a story or of a test claims cases
// of the specification's list; TestCases holds that each is claimed.
//
// Package harness runs the binary, and package rehearse acts as an identity
// provider against any endpoint. They may be used by tests elsewhere. A
// rehearsal sees what a client sees; the stories and the tests in Go stay
// beside it because they hold what each request costs and leaves behind at
// the host API. Their bodies are those of rehearse, except in the stories,
// which show what is on the wire.
//
// Two commands are run by hand: bench measures what the adapter costs, and soak
// runs it for ten minutes under all that goes on at once in years. Package child
// runs their processes.
package integration
