package legacyclient

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
)

// Options configure a [Client].
type Options struct {
	// Mandatory. BaseURL may have a path prefix, such as /api/v3.
	BaseURL *url.URL
	// Authorize sets the credential on every attempt; nil: none is sent.
	Authorize Authorizer
	// OAuth2 obtains the credential in place of Authorize; nil: it does not.
	OAuth2 *OAuth2
	// Passthrough takes the credential of [WithCredential] in place of both; a
	// call whose context has none is ErrDenied, and not sent.
	Passthrough bool
	// Timeout bounds one attempt, the body of the answer included; zero: 10s.
	Timeout time.Duration
	// PerSecond is the rate of attempts; zero: unlimited. Burst is how many may
	// go at once; zero: one second's worth. The rate falls for a while when the
	// API says that it is called too often, an unlimited one too.
	PerSecond float64
	Burst     int
	// MaxInFlight bounds the attempts under way; zero: 64. MaxQueue bounds those
	// that wait for their turn, by whatever limit; zero: 1000.
	MaxInFlight, MaxQueue int
	// Breaker says when the API counts as down; zero: never.
	Breaker Breaker
	// MaxAttempts bounds the attempts of one call; zero: 4, one: no retries.
	MaxAttempts int
	// MinWait and MaxWait make the wait between attempts where the API does not
	// name one: MinWait is the first in the middle, MaxWait bounds all; zero:
	// 200ms and 5s. A wait that the API names to one call holds up the others no
	// longer than MaxWait.
	MinWait, MaxWait time.Duration
	// IdempotencyHeader carries the idempotency key; empty: the API has none,
	// and a POST is never repeated after it was sent.
	IdempotencyHeader string
	// ErrorFormat says where faults are in an error answer; zero: the vendor's.
	ErrorFormat ErrorFormat
	// ErrorRules go before the built-in table. The first match wins.
	ErrorRules []ErrorRule
	// MaxBody bounds an answer, in bytes; zero: 8 MiB.
	MaxBody int64
	// TLS and Proxy are for the connections to the API and, if it is not
	// Transport that makes them, only there; zero: what the system trusts, and
	// the proxy of the environment.
	TLS   TLS
	Proxy *url.URL
	// Transport carries the attempts; nil: a clone of http.DefaultTransport
	// tuned for one host.
	Transport http.RoundTripper
	// Around returns what stands in front of the transport, be it Transport or
	// the clone, and sees every attempt; nil: nothing does.
	Around func(http.RoundTripper) http.RoundTripper
	// Begin returns the context of an attempt that begins, which ends in that of
	// the call; nil: it is that one. Not without Observe.
	Begin func(ctx context.Context, op string) context.Context
	// Observe is told of every attempt when it has ended, under its context;
	// nil: nobody is. Several may be told at once.
	Observe func(context.Context, Attempted)
	// Logger gets one line per retry; nil: nothing is logged.
	Logger *slog.Logger
	// UserAgent names us to the API; empty: "hostscim".
	UserAgent string
	// Headers are sent on every attempt, each as it stands: nothing is filled
	// in. They may replace Accept, and nothing else that the client sets
	// itself: what Authorize sets, the idempotency key and all that belongs to
	// the body or the connection stands above them.
	Headers []Param
}

// Client calls one API with one credential under one rate limit. Each tenant
// has its own. All methods may be called by many goroutines at once.
type Client struct {
	base        base
	authorize   Authorizer
	oauth       *tokens // nil: authorize has the credential
	passes      bool    // authorize takes it from the context
	timeout     time.Duration
	limiter     *limiter
	breaker     *breaker
	flights     flights
	maxAttempts int
	minWait     time.Duration
	maxWait     time.Duration
	keyHeader   string // canonical; "": none
	faults      faultPaths
	rules       []ErrorRule
	maxBody     int64
	maxPages    int
	transport   http.RoundTripper
	begin       func(context.Context, string) context.Context
	observe     func(context.Context, Attempted)
	retired     atomic.Bool // connections are not kept
	logger      *slog.Logger
	acceptValue []string // header values shared by all requests
	agentValue  []string
	headers     []fixedHeader
}

// New returns a client. The error names everything that is wrong with the
// options, and quotes no credential.
func New(o Options) (*Client, error) {
	base, baseErr := newBase(o.BaseURL)
	faults, formatErr := o.ErrorFormat.compile()
	headers, headersErr := compileHeaders(o.Headers, o.IdempotencyHeader)
	tlsConfig, tlsErr := o.TLS.config()
	if err := errors.Join(baseErr, formatErr, o.validate(), headersErr, tlsErr); err != nil {
		return nil, fmt.Errorf("legacy client: %w", err)
	}
	o.setDefaults()
	if o.Transport == nil {
		o.Transport = newTransport(o.Timeout, tlsConfig, o.Proxy)
	}
	carrier := o.Transport
	if o.Around != nil {
		carrier = o.Around(carrier)
	}
	key := ""
	if o.IdempotencyHeader != "" {
		key = http.CanonicalHeaderKey(o.IdempotencyHeader)
	}
	c := &Client{
		base:        base,
		authorize:   o.Authorize,
		timeout:     o.Timeout,
		limiter:     newLimiter(&o),
		breaker:     newBreaker(o.Breaker),
		maxAttempts: o.MaxAttempts,
		minWait:     o.MinWait,
		maxWait:     o.MaxWait,
		keyHeader:   key,
		faults:      faults,
		rules:       append([]ErrorRule(nil), o.ErrorRules...),
		maxBody:     o.MaxBody,
		maxPages:    maxPages,
		transport:   carrier,
		begin:       o.Begin,
		observe:     o.Observe,
		logger:      o.Logger,
		acceptValue: []string{"application/json"},
		agentValue:  []string{o.UserAgent},
		headers:     headers,
	}
	switch {
	case o.Passthrough:
		c.passes, c.authorize = true, passthrough
	case o.OAuth2 != nil:
		c.oauth = newTokens(o.OAuth2, o.Transport, o.Timeout)
	}
	return c, nil
}

func (o *Options) validate() error {
	var faults []error
	refuse := func(bad bool, text string) {
		if bad {
			faults = append(faults, errors.New(text))
		}
	}
	refuse(o.Timeout < 0, "timeout is below zero")
	refuse(o.PerSecond < 0 || math.IsNaN(o.PerSecond) || math.IsInf(o.PerSecond, 0), "rate per second is not a rate")
	refuse(o.Burst < 0, "burst is below zero")
	refuse(o.Burst > 0 && o.PerSecond == 0, "burst without a rate per second")
	refuse(o.MaxInFlight < 0 || o.MaxQueue < 0, "max in flight or max queue is below zero")
	refuse(o.Breaker.Failures < 0 || o.Breaker.Window < 0 || o.Breaker.Open < 0, "a bound of the breaker is below zero")
	refuse(o.Authorize != nil && (o.OAuth2 != nil || o.Passthrough) || o.OAuth2 != nil && o.Passthrough, "there are two credentials; keep one of authorize, oauth2 and passthrough")
	refuse(o.Transport != nil && (o.Proxy != nil || o.TLS.CA != nil || o.TLS.Cert != nil || o.TLS.Key != nil), "tls or proxy beside a transport, which has its own")
	refuse(o.Begin != nil && o.Observe == nil, "begin without observe")
	refuse(o.MaxAttempts < 0, "max attempts is below zero")
	refuse(o.MinWait < 0 || o.MaxWait < 0, "a wait is below zero")
	refuse(o.MaxWait > 0 && o.MinWait > o.MaxWait, "min wait is above max wait")
	refuse(o.MaxBody < 0, "max body is below zero")
	refuse(strings.ContainsFunc(o.IdempotencyHeader, notInName), "idempotency header is no header name")
	refuse(strings.ContainsFunc(o.UserAgent, unicode.IsControl), "user agent holds a control character")
	faults = append(faults, validProxy(o.Proxy))
	if o.OAuth2 != nil {
		faults = append(faults, o.OAuth2.validate())
	}
	for i := range o.ErrorRules {
		if err := o.ErrorRules[i].validate(); err != nil {
			faults = append(faults, fmt.Errorf("error rule %d: %w", i+1, err))
		}
	}
	return errors.Join(faults...)
}

// notInName says whether a character cannot be in a header name (RFC 9110,
// section 5.6.2).
func notInName(r rune) bool {
	return !strings.ContainsRune("!#$%&'*+-.^_`|~", r) &&
		(r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

func (o *Options) setDefaults() {
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.MaxAttempts == 0 {
		o.MaxAttempts = 4
	}
	if o.MinWait == 0 {
		o.MinWait = 200 * time.Millisecond
	}
	if o.MaxWait == 0 {
		o.MaxWait = max(5*time.Second, o.MinWait)
	}
	if o.MinWait > o.MaxWait {
		o.MinWait = o.MaxWait
	}
	if o.MaxInFlight == 0 {
		o.MaxInFlight = 64
	}
	if o.MaxQueue == 0 {
		o.MaxQueue = 1000
	}
	if o.Breaker.Window == 0 {
		o.Breaker.Window = time.Minute
	}
	if o.Breaker.Open == 0 {
		o.Breaker.Open = 5 * time.Second
	}
	if o.MaxBody == 0 {
		o.MaxBody = 8 << 20
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.UserAgent == "" {
		o.UserAgent = "hostscim"
	}
}

// CloseIdleConnections closes the connections that are kept alive and not in
// use, if the transport can. The client stays usable.
func (c *Client) CloseIdleConnections() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// Retire is for a client whose place another takes. Its connections are closed,
// and those in use when their call has ended, which it may. The client stays
// usable for whoever still has it, without keeping a connection.
func (c *Client) Retire() {
	c.retired.Store(true)
	c.CloseIdleConnections()
}

// Reply is what the API answered to a call that succeeded.
type Reply struct {
	Status int
	Header http.Header
	// Body is valid JSON, or empty. Where the endpoint has an Item, it is the
	// record alone and shares memory with the answer.
	Body []byte
	// Attempts is the number of attempts that were made, 1 or more.
	Attempts int
	// Repeated says that an earlier attempt may have been executed as well.
	// With Status 404 it says that a DELETE found its work done.
	Repeated bool

	asked *url.URL
}

// Do makes one call of the API: as many attempts as it takes and the retry
// table in the package documentation allows. It blocks until it has an answer,
// gives up, or ctx ends. A nil body sends none; any other is JSON, and is sent as
// the endpoint's Format and Wrap say. It is not copied and must never be changed
// or reused: where the API answers early, the transport may still be reading it
// after Do has returned. The error is an [*Error].
//
// A GET that is asked for by several callers at once, under the same credential
// of their contexts, is made once, and all share what it came to: the header and
// the body of a Reply must not be changed. The Trace counts a shared call for the
// caller who made it alone, since the others cost the API nothing; the attempts of
// a Reply or an Error are those of the call.
//
// When ctx is canceled a read stops; another caller who shared it reads anew. A
// write that was sent is waited for, and has its outcome, but is not tried again;
// give it a context without cancellation for that.
//
// An answer without the record that the endpoint's Item describes is
// ErrUnavailable. Only a write may be answered by nothing at all.
//
// A DELETE that is answered by 404 after an earlier attempt that may have been
// executed is a success: Reply.Repeated is set and Reply.Status is 404.
func (c *Client) Do(ctx context.Context, ep *Endpoint, vars Vars, body []byte) (Reply, error) {
	k := call{client: c, endpoint: ep, body: body}
	return k.do(ctx, vars, place{})
}
