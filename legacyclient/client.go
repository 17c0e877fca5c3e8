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
	"time"
	"unicode"
)

// Options configure a [Client].
type Options struct {
	// Mandatory. BaseURL may have a path prefix, such as /api/v3.
	BaseURL *url.URL
	// Authorize sets the credential on every attempt; nil: none is sent.
	Authorize Authorizer
	// Timeout bounds one attempt, the body of the answer included; zero: 10s.
	Timeout time.Duration
	// PerSecond is the rate of attempts; zero: unlimited. Burst is how many may
	// go at once; zero: one second's worth.
	PerSecond float64
	Burst     int
	// MaxAttempts bounds the attempts of one call; zero: 4, one: no retries.
	MaxAttempts int
	// MinWait and MaxWait bound the wait between attempts where the API does
	// not name one; zero: 200ms and 5s.
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
	// Transport carries the attempts; nil: a clone of http.DefaultTransport
	// tuned for one host.
	Transport http.RoundTripper
	// Around returns what stands in front of the transport, be it Transport or
	// the clone, and sees every attempt; nil: nothing does.
	Around func(http.RoundTripper) http.RoundTripper
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
	timeout     time.Duration
	limiter     *limiter
	maxAttempts int
	minWait     time.Duration
	maxWait     time.Duration
	keyHeader   string // canonical; "": none
	faults      faultPaths
	rules       []ErrorRule
	maxBody     int64
	maxPages    int
	transport   http.RoundTripper
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
	if err := errors.Join(baseErr, formatErr, o.validate(), headersErr); err != nil {
		return nil, fmt.Errorf("legacy client: %w", err)
	}
	o.setDefaults()
	key := ""
	if o.IdempotencyHeader != "" {
		key = http.CanonicalHeaderKey(o.IdempotencyHeader)
	}
	return &Client{
		base:        base,
		authorize:   o.Authorize,
		timeout:     o.Timeout,
		limiter:     newLimiter(o.PerSecond, o.Burst),
		maxAttempts: o.MaxAttempts,
		minWait:     o.MinWait,
		maxWait:     o.MaxWait,
		keyHeader:   key,
		faults:      faults,
		rules:       append([]ErrorRule(nil), o.ErrorRules...),
		maxBody:     o.MaxBody,
		maxPages:    maxPages,
		transport:   o.Transport,
		logger:      o.Logger,
		acceptValue: []string{"application/json"},
		agentValue:  []string{o.UserAgent},
		headers:     headers,
	}, nil
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
	refuse(o.MaxAttempts < 0, "max attempts is below zero")
	refuse(o.MinWait < 0 || o.MaxWait < 0, "a wait is below zero")
	refuse(o.MaxWait > 0 && o.MinWait > o.MaxWait, "min wait is above max wait")
	refuse(o.MaxBody < 0, "max body is below zero")
	refuse(strings.ContainsFunc(o.IdempotencyHeader, notInName), "idempotency header is no header name")
	refuse(strings.ContainsFunc(o.UserAgent, unicode.IsControl), "user agent holds a control character")
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
	if o.MaxBody == 0 {
		o.MaxBody = 8 << 20
	}
	if o.Transport == nil {
		o.Transport = newTransport(o.Timeout)
	}
	if o.Around != nil {
		o.Transport = o.Around(o.Transport)
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
// An answer without the record that the endpoint's Item describes is
// ErrUnavailable. Only a write may be answered by nothing at all.
//
// A DELETE that is answered by 404 after an earlier attempt that may have been
// executed is a success: Reply.Repeated is set and Reply.Status is 404.
func (c *Client) Do(ctx context.Context, ep *Endpoint, vars Vars, body []byte) (Reply, error) {
	k := call{client: c, endpoint: ep, body: body}
	return k.do(ctx, vars, place{})
}
