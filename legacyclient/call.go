package legacyclient

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// call is one Do with all its attempts. The hooks of go-retryablehttp are not
// told which call they serve, so each call brings its own two clients: they are
// plain values with no connections, which all live in Client.transport.
type call struct {
	client   *Client
	endpoint *Endpoint
	body     []byte
	page     *listing // where to put the records of a list; nil: no list is wanted
	key      string   // idempotency key; "": none
	version  string   // that the record must have; "": any
	trace    *Trace
	shown    *Attempt // for Trace.Carry; nil: the transport carries
	retrying retryablehttp.Client
	http     http.Client

	last     outcome       // of the latest attempt
	rounds   int           // through RoundTrip, those included that ended before sending
	attempts int           // that were sent, or were meant to be when there was no connection
	unsure   bool          // some attempt may have been executed though it failed
	repeated bool          // unsure, as of before the latest attempt
	wait     time.Duration // before the next attempt
	begun    time.Time     // when the latest attempt had its turn; zero: it had none
	short    bool          // our deadline ended it, with more time there was more to try
	token    *oauthToken   // of the latest attempt; nil: another kind of credential
	renewed  bool          // the token was refused once and given up
}

func (k *call) do(ctx context.Context, vars Vars, at place) (Reply, error) {
	target, err := k.endpoint.target(&k.client.base, vars, at)
	k.trace = traceOf(ctx)
	if err == nil {
		if k.trace.carries() {
			k.shown = newAttempt(k, vars, at)
		}
		k.body, err = k.endpoint.encode(k.body)
	}
	if err != nil {
		if errors.Is(err, ErrBadID) {
			k.last = outcome{kind: ErrBadID}
		} else {
			k.last = outcome{kind: ErrMisconfigured, cause: err}
		}
		return Reply{}, k.failure()
	}
	if k.endpoint.versionHeader != "" {
		k.version = vars["version"]
	}
	if k.endpoint.Idempotent && k.client.keyHeader != "" {
		k.key = newKey()
	}
	switch {
	case k.endpoint.Method == http.MethodGet:
		k.share(ctx, target)
	case k.writes():
		k.write(ctx, target)
	default:
		k.run(ctx, target)
	}
	if k.last.kind == nil {
		o := &k.last
		return Reply{o.status, o.header, o.body, k.attempts, k.repeated, target}, nil
	}
	return Reply{}, k.failure()
}

// writes says whether the call may change something.
func (k *call) writes() bool {
	return k.endpoint.Method != http.MethodGet && k.endpoint.Method != http.MethodHead
}

// write makes the call of a write.
func (k *call) write(ctx context.Context, target *url.URL) {
	defer k.client.flights.wrote() // be it done or not, and after a panic
	k.run(ctx, target)
}

// run makes the attempts and leaves the result in k.last.
func (k *call) run(ctx context.Context, target *url.URL) {
	k.http.Transport = k
	k.http.CheckRedirect = refuseRedirect
	k.retrying = retryablehttp.Client{
		HTTPClient:   &k.http,
		RetryMax:     k.client.maxAttempts - 1,
		CheckRetry:   k.checkRetry,
		Backoff:      k.backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	// Header and body are set anew for each attempt, so this request has none
	// and the two clients have nothing to copy.
	req := (&http.Request{
		Method: k.endpoint.Method, URL: target, Host: target.Host, Header: http.Header{},
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(ctx)
	k.last = outcome{kind: ErrMisconfigured, cause: errNoAttempt}
	resp, err := k.retrying.Do(&retryablehttp.Request{Request: req})
	if err == nil {
		_ = resp.Body.Close() // empty: RoundTrip has read the real one
	}
	ctxErr := ctx.Err()
	if ctxErr == nil {
		return
	}
	k.short = true
	if k.last.sent && k.writes() && errors.Is(ctxErr, context.Canceled) {
		k.logAlone(ctx)
	}
	// The context may have ended in a wait, after an attempt that failed. What
	// the API positively said about the request stands all the same.
	if isOutage(k.last.kind) {
		k.last.kind, k.last.cause = contextKind(ctxErr), describe(ctxErr)
	}
}

var errNoAttempt = &reason{text: "request could not be made"}

// refuseRedirect is never asked, because RoundTrip hides where redirects lead;
// it is here so that a redirect stays refused if that changes.
func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// failure returns the outcome of the last attempt as an error.
func (k *call) failure() error {
	o := &k.last
	e := &Error{
		Kind: o.kind, Cause: o.cause, Status: o.status, Faults: slices.Clone(o.faults),
		RetryAfter: o.retryAfter, Attempts: k.attempts, Passed: k.client.passes, Op: "call",
	}
	if k.endpoint != nil && k.endpoint.compiled {
		m := k.endpoint.Method
		e.Op = k.endpoint.op
		e.MayHaveHappened = k.unsure && m != http.MethodGet && m != http.MethodHead
	}
	return e
}

// contextKind returns the kind of a context that has ended.
func contextKind(err error) error {
	if errors.Is(err, context.Canceled) {
		return ErrCanceled
	}
	return ErrTimeout
}

// newKey returns an idempotency key of 128 random bits in 32 characters. The
// vendor ignores keys shorter than 10.
func newKey() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
