// Package backends runs hostscim in front of APIs that others wrote, as real
// processes, with the profiles that configs ships for them. It is the proof
// that such an API needs a file and no code.
//
//	json-server   configs/json-server.yaml   npm, pinned in jsonserver/
//	PocketBase    configs/pocketbase.yaml    a Go module of its own, in
//	                                         integration/pocketbase
//
// Each is told one story, Entra's life of a user and of a group in both of its
// dialects (story_test.go), and after each step what stands in the back end is
// held against what should. A back end is a [backend]: where SCIM is, and a way
// to look at what it keeps. To add one, write its profile, a test that starts
// it and looks into it, and its line above.
//
// integration/setup.sh installs what a test needs. Where that is missing the
// test is skipped, and fails instead if HOSTSCIM_REQUIRE_EXTERNAL is 1.
package backends
