package legacyclient

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// outcome is what one attempt came to.
type outcome struct {
	kind       error // nil: success
	cause      error
	status     int
	header     http.Header
	body       []byte
	faults     []Fault
	retryAfter time.Duration
	sent       bool // the request may have reached the API
	final      bool // another attempt would end the same way
}

// RoundTrip makes one attempt, from the limiter's token to the checked answer,
// and leaves its outcome in k.last. The results only steer the clients above.
func (k *call) RoundTrip(req *http.Request) (*http.Response, error) {
	k.repeated = k.unsure
	k.rounds++
	resp := k.observed(req)
	if k.renew() {
		resp = k.observed(req)
	}
	o := &k.last
	if o.sent && isUncertain(o) {
		k.unsure = true
	}
	if resp == nil {
		return nil, errAttempt
	}
	resp.Body = http.NoBody
	if resp.StatusCode < 400 && resp.StatusCode >= 300 {
		resp.Header.Del("Location")
	}
	return resp, nil
}

var errAttempt = errors.New("attempt failed")

// isUncertain says whether a failed attempt leaves open that the API did, or is
// still doing, what it was asked.
func isUncertain(o *outcome) bool {
	if o.status == http.StatusTooManyRequests {
		return false
	}
	return isOutage(o.kind) || errors.Is(o.kind, ErrCanceled)
}

// attempt makes one attempt if breaker and limiter let it pass, and tells them
// how it went; nil: there is no answer.
func (k *call) attempt(req *http.Request) *http.Response {
	k.last = outcome{}
	c := k.client
	tell, closed := c.breaker.enter()
	if tell == nil {
		k.refuse(ErrUnavailable, errOpen, closed)
		return nil
	}
	var said feedback
	verdict := errUntold
	defer func() { tell(verdict) }()
	pass, wait, err := c.limiter.acquire(req.Context())
	switch {
	case err != nil:
		k.fail(req.Context(), err)
		return nil
	case !pass:
		k.short = true
		k.refuse(ErrThrottled, errOwnLimit, wait)
		return nil
	}
	started := time.Now()
	k.begun = started
	defer func() { c.limiter.release(started, said) }()
	if closed := c.breaker.closedFor(); closed > 0 { // since we stood in the queue
		k.refuse(ErrUnavailable, errOpen, closed)
		return nil
	}
	resp, tried := k.send(req)
	if tried {
		verdict = k.verdict(time.Since(started))
		said = k.feedback()
	}
	return resp
}

// refuse ends the call before its next attempt.
func (k *call) refuse(kind error, cause *reason, retryAfter time.Duration) {
	k.last = outcome{kind: kind, cause: cause, retryAfter: retryAfter, final: true}
}

// send sends the request once; tried is false where it got no further than to
// its credential.
func (k *call) send(req *http.Request) (resp *http.Response, tried bool) {
	var err error
	if k.shown == nil {
		err = k.obtainToken(req.Context())
	}
	ctx, cancel := k.attemptContext(req.Context())
	defer cancel()
	out := req.WithContext(ctx)
	if err == nil {
		err = k.prepare(out)
	}
	if err != nil {
		k.last = credentialFailure(err)
		return nil, false
	}
	k.attempts++
	k.trace.add()
	k.last.sent = true
	resp, err = k.carry(out)
	if err == nil {
		err = k.answer(resp)
	}
	if err != nil {
		settle(req.Context(), ctx)
		k.fail(req.Context(), err)
	}
	if k.client.retired.Load() {
		k.client.CloseIdleConnections() // the answer is read, and this one is idle
	}
	return resp, true
}

// carry sends the request, or hands it to who carries in place of the transport.
func (k *call) carry(out *http.Request) (*http.Response, error) {
	if k.shown == nil {
		return k.client.transport.RoundTrip(out)
	}
	k.shown.Request = out
	return k.trace.Carry(k.shown)
}

// attemptContext bounds one attempt. A write that was sent is not given up when
// its caller goes away, which would leave open what became of it: its attempt
// ends with its answer, its timeout or the caller's deadline.
func (k *call) attemptContext(ctx context.Context) (context.Context, context.CancelFunc) {
	if !k.writes() || ctx.Done() == nil {
		return context.WithTimeout(ctx, k.client.timeout)
	}
	last := time.Now().Add(k.client.timeout)
	if end, ok := ctx.Deadline(); ok && end.Before(last) {
		last = end
	}
	return context.WithDeadline(context.WithoutCancel(ctx), last)
}

// settle waits until ctx has seen its deadline, if own, which has the same one,
// saw it first: who asks ctx next must not find that there is time left.
func settle(ctx, own context.Context) {
	if end, ok := ctx.Deadline(); ok && own.Err() != nil && !time.Now().Before(end) {
		<-ctx.Done()
	}
}

// feedback returns what the attempt tells the limiter.
func (k *call) feedback() feedback {
	o := &k.last
	if o.status == http.StatusTooManyRequests || errors.Is(o.kind, ErrThrottled) {
		return feedback{slower: true, pause: o.retryAfter}
	}
	if o.header == nil {
		return feedback{}
	}
	q := readQuota(o.header, time.Now())
	return feedback{slower: q.spent, pause: q.reset}
}

var errOwnLimit = &reason{text: "own rate limit cannot serve within the deadline"}

// prepare gives the request of one attempt its header, body and credential.
func (k *call) prepare(out *http.Request) error {
	c := k.client
	h := make(http.Header, 6)
	h["Accept"] = c.acceptValue
	h["User-Agent"] = c.agentValue
	setHeaders(h, c.headers)
	setHeaders(h, k.endpoint.headers)
	if k.version != "" {
		h[k.endpoint.versionHeader] = []string{k.version}
	}
	if k.key != "" {
		h[c.keyHeader] = []string{k.key}
	}
	if k.body != nil {
		h["Content-Type"] = k.endpoint.contentType
		out.ContentLength = int64(len(k.body))
		// With GetBody the transport may, on finding a kept-alive connection
		// dead before it wrote anything, use another one.
		out.GetBody = func() (io.ReadCloser, error) {
			if len(k.body) == 0 {
				return http.NoBody, nil // else its length would count as unknown
			}
			return io.NopCloser(bytes.NewReader(k.body)), nil
		}
		out.Body, _ = out.GetBody()
	}
	out.Header = h
	switch {
	case k.token != nil:
		h["Authorization"] = k.token.header
	case c.authorize != nil:
		return c.authorize(out)
	}
	return nil
}

// answer reads and judges an answer. An error is one of reading it.
func (k *call) answer(resp *http.Response) error {
	o := &k.last
	o.status, o.header = resp.StatusCode, resp.Header
	if o.status < 200 || o.status > 299 {
		k.refusal(resp)
		return nil
	}
	body, err := readAnswer(resp, k.client.maxBody)
	if err != nil {
		return err
	}
	o.body, err = k.decode(trimMark(body))
	if err != nil {
		o.kind, o.cause = ErrUnavailable, err
		if errors.Is(err, errShortList) || errors.Is(err, errOddToken) {
			o.kind = ErrMisconfigured
		}
	}
	return nil
}

// refusal judges an answer that is not 2xx.
func (k *call) refusal(resp *http.Response) {
	o := &k.last
	body, whole := readError(resp)
	if len(body) > 0 && saysJSON(resp.Header) {
		o.faults = k.client.faults.read(body)
	}
	now := time.Now()
	o.retryAfter = parseRetryAfter(resp.Header, now)
	if o.retryAfter == 0 && o.status == http.StatusTooManyRequests {
		o.retryAfter = readQuota(resp.Header, now).reset
	}
	o.kind = classify(k.client.rules, o.status, o.faults, k.endpoint.hasID, !whole || saysHTML(resp.Header, body))
	switch o.status {
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		o.final = true
	case http.StatusNotFound, http.StatusGone:
		// The object was there when an earlier attempt went out, or it was not;
		// it is gone now, which is what was asked for.
		if k.repeated && k.endpoint.Method == http.MethodDelete && errors.Is(o.kind, ErrNotFound) {
			o.kind = nil
		}
	}
}

// decode checks that a 2xx answer is what the endpoint promises, and returns
// what of it is for the caller. An answer that cannot be understood proves
// nothing, neither success nor absence.
func (k *call) decode(body []byte) ([]byte, error) {
	o := &k.last
	method := k.endpoint.Method
	if len(body) == 0 {
		// Writes may be answered by a status alone. A read may only say so in
		// so many words, and a list not even then.
		if k.page != nil || method == http.MethodGet && o.status != http.StatusNoContent {
			return nil, errEmptyAnswer
		}
		return body, nil
	}
	switch {
	case !saysJSON(o.header):
		return nil, errWrongType
	case k.page != nil:
		return body, k.page.read(k.endpoint, o.header, body)
	case !validJSON(body):
		return nil, errNotJSON
	case k.endpoint.item == nil && k.client.faults.in(body):
		return nil, errFaults
	case k.endpoint.item == nil:
		return body, nil
	}
	record, ok := lookup(body, k.endpoint.item)
	if !ok || record.Kind() != '{' {
		return nil, errNoItem
	}
	return record, nil
}

// fail records a failure of the transport.
func (k *call) fail(ctx context.Context, err error) {
	o := &k.last
	o.kind, o.cause = ErrUnavailable, describe(err)
	o.sent = o.sent && !neverSent(err)
	o.final = certificateRefused(err) || errors.Is(err, errTooLarge)
	switch ctxErr := ctx.Err(); {
	case ctxErr != nil && (!o.sent || !k.writes() || errors.Is(ctxErr, context.DeadlineExceeded)):
		o.kind, o.cause = contextKind(ctxErr), describe(ctxErr)
	case isTimeout(err):
		o.kind = ErrTimeout
	}
}

// credentialFailure returns the outcome of an attempt for which there was no
// credential.
func credentialFailure(err error) outcome {
	o := outcome{kind: authorizeKind(err), cause: &reason{text: "cannot obtain the credential", err: err}}
	if e, ok := errors.AsType[*Error](err); ok {
		o.retryAfter = e.RetryAfter
		if cause, ok := errors.AsType[*reason](e.Cause); ok {
			o.cause = &reason{text: "cannot obtain the credential: " + cause.text, err: err}
		}
	}
	return o
}

// authorizeKind returns the kind of an authorizer's failure.
func authorizeKind(err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	for _, kind := range []error{ErrDenied, ErrMisconfigured, ErrThrottled, ErrTimeout} {
		if errors.Is(err, kind) {
			return kind
		}
	}
	return ErrUnavailable
}
