// Package page tests the status page in a real browser: Debian's Chromium,
// headless, on loopback. It looks at what people get to see and use, with and
// without scripts, on a phone, by keyboard, by screen reader, in light and dark.
//
// A test is skipped where Chromium is not installed, and fails instead if
// HOSTSCIM_REQUIRE_EXTERNAL is 1. integration/setup.sh installs it. With -update
// the picture in the README is taken anew.
package page
