// Package legacyclient calls the vendor's host API in the vendor's own words:
// endpoints, records and pages. It owns everything that is true of any REST
// API reached over an unreliable network: credentials, limits, deadlines,
// retries, paging, and the reading of errors.
//
// It must not know SCIM, attribute mapping or configuration files, and it
// imports no other package of this module. What is particular to one API
// (paths, parameters, error codes) arrives as data in [Options] and [Endpoint].
//
// # One call
//
//	Client.Do / Page / Pages       client.go, page.go
//	  Endpoint.target              endpoint.go   template -> URL; bad ids stop here
//	  retryablehttp.Client.Do      (library)     the loop over attempts and the waits
//	    call.RoundTrip             call.go       one attempt:
//	      limiter                  limit.go        takes a token
//	      attempt timeout                          covers the body as well
//	      Authorize                auth.go         sets the credential
//	      Options.Transport        transport.go    the socket
//	      readAnswer               transport.go    whole body, capped
//	      decode                   envelope.go     is it JSON, is there a list in it
//	      classify                 fault.go        status and faults -> kind
//	    call.checkRetry            retry.go      again, or give up
//	  Error                        errors.go     what the caller sees
//
// The body is read and checked inside the attempt, so an answer that is cut
// short is a failed attempt like any other.
//
// # Retries
//
// A retry must never double a write. An attempt is repeated as follows, at
// most Options.MaxAttempts times, and only if the wait fits into the deadline:
//
//	what happened                                  GET HEAD PUT     POST with   POST
//	                                               PATCH DELETE     a key       without
//	not sent: no connection, no such host          yes              yes         yes
//	429                                            yes              yes         yes
//	408, 5xx (not 501, 505)                        yes              yes         no
//	reset, timeout, cut short                      yes              yes         no
//	2xx that is not the JSON asked for             yes              yes         no
//	a rule says ErrUnavailable, ErrTimeout or
//	  (with another status than 429) ErrThrottled  yes              yes         no
//	certificate refused, answer over MaxBody       no               no          no
//	anything else                                  no               no          no
//
// PATCH counts as repeatable because our callers put absolute values into
// PATCH bodies, never increments. A POST has a key if the endpoint says
// Idempotent and Options.IdempotencyHeader is set; one Do uses one key for all
// of its attempts. A DELETE that answers 404 after an earlier attempt that may
// have been executed counts as done.
//
// The wait is exponential with jitter between MinWait and MaxWait. A
// Retry-After of the API is kept and never shortened: if it does not fit, the
// call fails at once and the error carries it.
//
// The standard library's transport repeats on its own, uncounted, a request
// that met a kept-alive connection the server had just closed; it does so only
// where nothing was sent, for GET and HEAD, or under an Idempotency-Key.
//
// # Error kinds
//
// Every error is an [*Error] and unwraps to exactly one of these:
//
//	ErrNotFound       the API said that the object does not exist
//	ErrConflict       the API refused a duplicate
//	ErrInvalid        the API refused a value; see Faults
//	ErrDenied         the API refused our credential
//	ErrThrottled      429, or our own limiter cannot serve within the deadline
//	ErrUnavailable    no usable answer: outage, reset, HTML, bad JSON
//	ErrTimeout        no answer in time
//	ErrCanceled       the caller went away
//	ErrMisconfigured  the description does not fit the API
//	ErrBadID          the id cannot be an id; nothing was sent
//
// No error text holds a URL, an id, a query, a body or a message of the API.
// Faults carry the API's messages as data, cleaned and capped.
//
// # Adding a paging style
//
// Add a constant to paging.go, accept it in Paging.compile, write its query
// parameters in Paging.appendQuery, and let Client.Pages compute the next
// position from the page it has just read. Nothing else knows styles.
package legacyclient
