// Package conformance runs conformance suites that others wrote against the
// real process: `hostscim demo`, as shipped and with --lenient. scim2-tester
// also judges the profile configs/complete.yaml, which maps every attribute,
// so that no finding has an excuse.
//
//	scim2-tester  by its command scim2 of scim2-cli: discovery, and for each
//	              resource type and each attribute that /Schemas publishes,
//	              create, read, replace, PATCH and search, with random values
//	scim-sanity   its probe: the life of a user and of a group, searches,
//	              errors; the same requests each time
//
// Every finding fails the test, unless the list in accepted_test.go has it.
// The table "What conformance suites find" in adapter/DIVERGENCES.md says the
// same with reasons; TestTable holds the two together.
//
// Both are Python programs, pinned in requirements.txt with all that they
// need; integration/setup.sh installs them in a virtual environment of their
// own. A test is skipped where its program is not installed, and fails instead
// if HOSTSCIM_REQUIRE_EXTERNAL is 1.
//
// PyPI and npm have no third suite that runs without an account: what else is
// there are clients, servers and libraries, among them scim-sim, a directory
// to test clients against. Microsoft's SCIM validator is a web site, and needs
// a server that the Internet can reach.
package conformance
