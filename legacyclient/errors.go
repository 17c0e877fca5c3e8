package legacyclient

import (
	"errors"
	"strconv"
	"time"
)

// The kinds of failure. Every error of this package unwraps to one of them.
var (
	// ErrNotFound says that the API positively answered that the object does
	// not exist. An outage is never ErrNotFound.
	ErrNotFound = errors.New("not found")
	// ErrConflict says that the API refused a duplicate.
	ErrConflict = errors.New("conflict")
	// ErrInvalid says that the API refused a value of the request.
	ErrInvalid = errors.New("refused as invalid")
	// ErrDenied says that the API refused our credential.
	ErrDenied = errors.New("credential refused")
	// ErrThrottled says that the API, or our own rate limit, allows no call now.
	ErrThrottled = errors.New("throttled")
	// ErrUnavailable says that there was no usable answer.
	ErrUnavailable = errors.New("unavailable")
	// ErrTimeout says that there was no answer in time.
	ErrTimeout = errors.New("timed out")
	// ErrCanceled says that the caller's context was canceled.
	ErrCanceled = errors.New("canceled")
	// ErrMisconfigured says that the description of the API does not fit it.
	ErrMisconfigured = errors.New("configuration does not fit the API")
	// ErrBadID says that a value cannot stand in a path; nothing was sent.
	ErrBadID = errors.New("value cannot be an id")
)

// Error is a failed call. It unwraps to its Kind and to its Cause.
type Error struct {
	// Kind is one of the Err variables of this package.
	Kind error
	// Op is the method and the path template of the endpoint, such as
	// "GET /hosts/{id}"; never a filled path and never a query.
	Op string
	// Status is the HTTP status of the last answer; zero: there was none.
	Status int
	// Faults is what the API said is wrong. Its messages are data for the
	// caller and not part of the error text.
	Faults []Fault
	// RetryAfter is how long the API, or our own limiter, asks to wait; zero:
	// unknown.
	RetryAfter time.Duration
	// MayHaveHappened says that a write may have been executed although it
	// failed for us. It is never set for GET and HEAD.
	MayHaveHappened bool
	// Passed says that the credential, which is refused if Kind is ErrDenied, was
	// that of the context (Options.Passthrough) and not the client's own.
	Passed bool
	// Attempts is the number of attempts that were made.
	Attempts int
	// Cause is the underlying failure; nil: the API's answer is all there is.
	// The text of its first layer is safe to log; that of deeper layers,
	// reached by unwrapping, may hold parts of an answer.
	Cause error
}

// Error returns the op, the kind, the status and a cause from a fixed
// vocabulary. It holds no ids, queries, bodies, addresses or messages.
func (e *Error) Error() string {
	s := e.Op + ": " + e.Kind.Error()
	if e.Status != 0 {
		s += " (status " + strconv.Itoa(e.Status) + ")"
	}
	if r, ok := errors.AsType[*reason](e.Cause); ok {
		s += ": " + r.text
	}
	return s
}

// Unwrap returns the Kind and the Cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Cause}
}

// reason is a cause whose own text is safe to show, around one that is not.
type reason struct {
	text string
	err  error
}

func (r *reason) Error() string { return r.text }
func (r *reason) Unwrap() error { return r.err }

// isKind says whether err is one of the kinds an answer of the API can have,
// and so may stand in an ErrorRule.
func isKind(err error) bool {
	switch err { //nolint:errorlint // the sentinels themselves are meant
	case ErrNotFound, ErrConflict, ErrInvalid, ErrDenied, ErrThrottled,
		ErrUnavailable, ErrTimeout, ErrMisconfigured:
		return true
	}
	return false
}

// isOutage says whether a failure of this kind leaves open what happened.
func isOutage(kind error) bool {
	switch kind { //nolint:errorlint // the sentinels themselves are meant
	case ErrUnavailable, ErrTimeout, ErrThrottled:
		return true
	}
	return false
}
