// Package child runs processes for the programs below integration that are no
// tests: the binary of hostscim, and the program itself in another role.
//
//	cmd, err := child.Self("legacy")       // which calls child.Serve
//	legacy, err := child.Start(cmd, io.Discard)
//	legacy.Addr, legacy.Ask("/metrics"), legacy.Memory("VmRSS")
//	legacy.Kill()
//
// It knows the log line that says where a process listens, and nothing of
// SCIM. Tests run the binary by package harness.
package child
