package filter

import (
	"fmt"

	"hostscim/adapter/scim"
)

// SyntaxError says where a text stops being a filter or path, and what
// belongs there.
type SyntaxError struct {
	Offset int // in bytes
	Msg    string
}

// Error returns the message with the position, which counts from 1.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("position %d: %s", e.Offset+1, e.Msg)
}

// UnknownError names an attribute that a resource type does not have.
type UnknownError struct {
	Path string // as the client wrote it, without value filters
	Near string // the attribute that was probably meant; "" when none is close
	// Offset is where it stands in a filter, in bytes; -1 where it was not
	// part of one.
	Offset int
}

// Error returns the message, with the position, which counts from 1, where
// there is one. It names no more than the first 128 bytes of the path.
func (e *UnknownError) Error() string {
	msg := fmt.Sprintf("unknown attribute %q", clip(e.Path, 128))
	if e.Offset >= 0 {
		msg = fmt.Sprintf("position %d: %s", e.Offset+1, msg)
	}
	if e.Near != "" {
		msg += fmt.Sprintf(": did you mean %q?", e.Near)
	}
	return msg
}

// placed gives an error about an attribute the position of the expression
// that names it, if it has none yet.
func placed(err error, offset int) error {
	if unknown, ok := err.(*UnknownError); ok && unknown.Offset < 0 {
		unknown.Offset = offset
	}
	return err
}

// TypeError says that an attribute cannot be compared in that way.
type TypeError struct {
	Offset int       // of the comparison, in bytes
	Path   string    // canonical, without value filters
	Type   scim.Type // of the attribute
	Msg    string    // what is possible instead
}

// Error returns the message with the position, which counts from 1.
func (e *TypeError) Error() string {
	return fmt.Sprintf("position %d: %s has type %s: %s", e.Offset+1, e.Path, e.Type, e.Msg)
}

// clip returns at most n bytes of s.
func clip(s string, n int) string {
	if len(s) > n {
		return s[:n] + "..."
	}
	return s
}
