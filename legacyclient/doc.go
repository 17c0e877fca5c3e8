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
//	  walk                         walk.go       of a list: from page to page
//	  Endpoint.target              target.go     template -> URL; bad ids stop here (spelling.go)
//	  Endpoint.encode              body.go       the body as the API wants it
//	  call.share                   flight.go     a GET that is under way is joined
//	  retryablehttp.Client.Do      (library)     the loop over attempts and the waits
//	    call.RoundTrip             attempt.go    one attempt:
//	      breaker                  breaker.go      is the API known to be down
//	      limiter, pace            limit.go        takes its turn: a place and a token
//	      tokens                   oauth.go        an OAuth2 token, if that is how
//	      attempt timeout                          covers the body as well
//	      fixed headers            header.go
//	      Authorizer               auth.go         sets the credential
//	      Options.Transport        transport.go    the socket
//	      readAnswer               transport.go    whole body, capped
//	      decode                   envelope.go     is it JSON, is there a list in it
//	      classify                 fault.go        status and faults -> kind
//	      feedback, verdict        quota.go        what limiter and breaker learn of it
//	      Options.Observe          observe.go      who is told what it came to
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
//	not sent: no connection, no such host,
//	  no token for want of an answer               yes              yes         yes
//	429                                            yes              yes         yes
//	401 to an OAuth2 token, once in a call, at
//	  once and besides MaxAttempts                 yes              yes         yes
//	408, 5xx (not 501, 505)                        yes              yes         no
//	reset, timeout, cut short                      yes              yes         no
//	2xx that is not the JSON asked for, or holds
//	  errors where an error answer has them        yes              yes         no
//	a rule says ErrUnavailable, ErrTimeout or
//	  (with another status than 429) ErrThrottled  yes              yes         no
//	refused by our own limiter or breaker          no               no          no
//	certificate refused, answer over MaxBody       no               no          no
//	the caller went away                           no               no          no
//	anything else                                  no               no          no
//
// PATCH counts as repeatable because our callers put absolute values into
// PATCH bodies, never increments. A POST has a key if the endpoint says
// Idempotent and Options.IdempotencyHeader is set; one Do uses one key for all
// of its attempts, so that an API which answers that the first of them is still
// under way (a rule makes of that ErrUnavailable) is asked again under the same
// one. A DELETE that answers 404 after an earlier attempt that may have been
// executed counts as done.
//
// The wait is random between zero and a bound, which doubles from 2*MinWait up to
// MaxWait: calls that failed together come back spread. A Retry-After of the API,
// in either form, or the reset of a RateLimit header beside a 429, is kept and
// never shortened: if it does not fit, the call fails at once and the error
// carries it.
//
// Places, tokens, attempts and waits are all within the deadline of the context.
// When it is canceled, a read stops. A write that was sent goes on to its answer,
// its timeout or the deadline, so that its outcome is known; it is not tried
// again, and what is not sent yet is not sent.
//
// The standard library's transport repeats on its own, uncounted, a request
// that met a kept-alive connection the server had just closed; it does so only
// where nothing was sent, for GET and HEAD, or under an Idempotency-Key.
//
// # Pacing
//
// Attempts pass in the order in which they came. Options.MaxInFlight bounds those
// under way, MaxQueue those that wait; one whose turn would come after its
// deadline fails at once as ErrThrottled, with the time that it would take.
//
// The rate falls by a fifth when the API answers 429 or says by a RateLimit header
// that the window is spent, once for all attempts that were under way together,
// and comes back in equal steps within half a minute. Where none is configured,
// the first fall is from the rate that was reached, and the limit is let go of at
// twice the rate of the last complaint. What the API asks one call to wait, the
// others wait too, but no longer than MaxWait. [Client.Stats] shows all this.
//
// # Breaker
//
// After Breaker.Failures attempts in a row that found no connection, no answer or
// a status of 500 and above, with no other answer between them, calls fail at once
// as ErrUnavailable, with the time to the next probe. After Breaker.Open one call
// is sent as the probe; its success opens the way for all. Callers who leave,
// deadlines that leave little time and certificates say nothing of the API.
//
// # Shared reads
//
// A GET that is under way is joined by callers who ask for the same: endpoint, URL
// and, under Options.Passthrough, credential. It is never joined after a write of
// this client has ended, since it may have been read before; writes of other
// processes are not known here. If it ends because who made it goes away or has no
// more time, it is made anew for those who wait and have some.
//
// # Error kinds
//
// Every error is an [*Error] and unwraps to exactly one of these:
//
//	ErrNotFound       the API said that the object does not exist
//	ErrConflict       the API refused a duplicate
//	ErrInvalid        the API refused a value; see Faults
//	ErrDenied         the API refused the credential, or its token endpoint us
//	ErrThrottled      429, or our own limiter cannot serve within the deadline
//	ErrUnavailable    no usable answer: outage, reset, HTML, bad JSON, breaker
//	ErrTimeout        no answer in time
//	ErrCanceled       the caller went away
//	ErrMisconfigured  the description does not fit the API
//	ErrBadID          the id cannot be an id; nothing was sent
//
// No error text holds a URL, an id, a query, a body or a message of the API.
// Faults carry the API's messages as data, cleaned and capped.
//
// # Lists
//
// A list is read by pages, in one of these styles. An answer tells how many
// records there are in its body (Endpoint.Total), in a header
// (Endpoint.TotalHeader), or not at all.
//
//	style   the next page is                  Page(offset) costs
//	none    no page: all is there             1 call
//	offset  behind the records of the last    1 call
//	page    the next number                   1 call, at a page that is not full 2,
//	                                          where the API has its own size 3
//	cursor  under the token at Paging.Next    1 call for each page up to there
//	link    at the URL in a Link header       1 call for each page up to there
//	next    at the URL at Paging.Next         1 call for each page up to there
//
// With offset and page, the list ends where the total says, else at an empty
// page; with the last three, where the API names no next page. An API of the
// style page that refuses numbers beyond the last page needs a total. A 404 of a
// page that is named by a number, token or URL is ErrUnavailable: it may be about
// the page alone.
//
// A URL that an answer holds is followed only to the origin of the base URL and
// below its path (follow.go): the API cannot send our credential elsewhere, nor
// us to another part of its own network. A list that leads back to where it was,
// or has no end, is ErrMisconfigured.
//
// # Without the API
//
// A [Trace] with Carry takes the attempts of one request in place of the
// transport. An [Attempt] can answer itself as an API that is as described would
// (imitate.go), so that what a request would do can be seen and nothing is sent.
//
// # Adding a paging style
//
// All of it is in paging.go: add a constant, a type with the four methods of
// style, and its line in the table styles; where an answer says how to go on,
// lead says what stands there. What the description needs besides goes into
// Paging and is checked in compile. A configuration file may name the style once
// its word is in the enum of the mapping language, which alone knows what may be
// written. The rest of the package asks the style; it knows by name only none,
// where nothing is paged, and offset, whose pages are handed on as they come. In
// the listing, a style finds the header of the answer, what was at Paging.Next,
// the records and the total. Then add a case to TestTarget and the style to
// listAPI in listapi_test.go, which the tests of walk.go read through from every
// offset.
package legacyclient
