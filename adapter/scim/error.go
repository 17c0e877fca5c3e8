package scim

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// The scimType values of RFC 7644 section 3.12, table 9.
const (
	InvalidFilter = "invalidFilter"
	TooMany       = "tooMany"
	Uniqueness    = "uniqueness"
	Mutability    = "mutability"
	InvalidSyntax = "invalidSyntax"
	InvalidPath   = "invalidPath"
	NoTarget      = "noTarget"
	InvalidValue  = "invalidValue"
)

// The scimType values of RFC 9865 section 2.1, for cursor paging.
const (
	InvalidCursor = "invalidCursor"
	ExpiredCursor = "expiredCursor"
	InvalidCount  = "invalidCount"
)

// Error is the answer to a request that failed (RFC 7644 section 3.12).
type Error struct {
	Status     int           // the HTTP status
	Type       string        // scimType, or "" where the RFC has none
	Detail     string        // for the administrator: which attribute, what to do
	RetryAfter time.Duration // sent as the Retry-After header; zero: not sent
}

// Error returns the detail. It may name a value of the request: send it to
// the client, do not log it.
func (e *Error) Error() string { return e.Detail }

// Bad returns a 400 error of that scimType.
func Bad(scimType, format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Type: scimType, Detail: fmt.Sprintf(format, args...)}
}

// Value returns the message body.
func (e *Error) Value() Value {
	fields := []Field{
		{"schemas", Strings(ErrorURN)},
		// A string, not a number: section 3.12.
		{"status", Text(strconv.Itoa(e.Status))},
		{"scimType", Value{}},
		{"detail", Text(e.Detail)},
	}
	if e.Type != "" {
		fields[2].Value = Text(e.Type)
	}
	return Obj(fields...)
}
