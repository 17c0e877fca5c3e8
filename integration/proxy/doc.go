// Package proxy tests the adapter behind the reverse proxies whose
// configurations are shipped in configs: the real nginx and the real Caddy,
// started on loopback with the shipped files, in which only ports, paths and
// certificates are replaced.
//
// A test is skipped where the program is not installed, and fails instead if
// HOSTSCIM_REQUIRE_EXTERNAL is 1. integration/setup.sh installs both.
package proxy
