package legacyclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// OAuth2 describes how the client obtains its tokens: by the grant for client
// credentials (RFC 6749, section 4.4). A token is used until it is near the end
// of its life, when the next one is fetched beside the calls, or until the API
// refuses it.
type OAuth2 struct {
	// Mandatory.
	TokenURL               *url.URL
	ClientID, ClientSecret string
	// Scopes are asked for; nil: those that the client has.
	Scopes []string
	// Params are sent with the request for a token, such as audience.
	Params []Param
	// Style says how the client names itself; empty: OAuth2Basic.
	Style OAuth2Style
}

// OAuth2Style is where a request for a token has the client id and secret.
type OAuth2Style string

const (
	OAuth2Basic OAuth2Style = "basic" // in a header, by basic authentication
	OAuth2Post  OAuth2Style = "post"  // in the body
)

func (o *OAuth2) validate() error {
	var faults []error
	if u := o.TokenURL; u == nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" {
		faults = append(faults, errors.New("oauth2: token url must begin with http:// or https:// and hold no user name and no fragment"))
	}
	if o.ClientID == "" || o.ClientSecret == "" {
		faults = append(faults, errors.New("oauth2: client id or client secret is missing"))
	}
	if o.Style != "" && o.Style != OAuth2Basic && o.Style != OAuth2Post {
		faults = append(faults, fmt.Errorf("oauth2: unknown style %q", o.Style))
	}
	own := []string{"", "grant_type", "scope", "client_id", "client_secret"}
	for _, p := range o.Params {
		if slices.Contains(own, p.Name) {
			faults = append(faults, fmt.Errorf("oauth2: parameter %q has no name or is set by the client itself", p.Name))
		}
	}
	return errors.Join(faults...)
}

// tokens keeps the one token of a client.
type tokens struct {
	config clientcredentials.Config
	http   *http.Client
	within time.Duration // the time that one request for a token may take

	current atomic.Pointer[oauthToken]
	turn    chan struct{} // holds one token of ours while nobody fetches
	// What follows belongs to who has the turn.
	failed   error // of the last fetch; nil: it went well
	failedAt time.Time
}

// oauthToken is an access token.
type oauthToken struct {
	header []string // shared by all requests: its capacity is full
	// stale is when the next one is fetched, ends when this one is over; zero:
	// it does not say.
	stale, ends time.Time
}

const (
	// staleAt is the part of its life, in percent, after which a token is
	// replaced.
	staleAt = 85
	// staleRetry is how long after a failure a token that still lives is left
	// to itself.
	staleRetry = 5 * time.Second
)

func newTokens(o *OAuth2, transport http.RoundTripper, within time.Duration) *tokens {
	style := oauth2.AuthStyleInHeader
	if o.Style == OAuth2Post {
		style = oauth2.AuthStyleInParams
	}
	params := make(url.Values)
	for _, p := range o.Params {
		params.Add(p.Name, p.Value)
	}
	s := &tokens{
		config: clientcredentials.Config{
			ClientID: o.ClientID, ClientSecret: o.ClientSecret, TokenURL: o.TokenURL.String(),
			Scopes: slices.Clone(o.Scopes), EndpointParams: params, AuthStyle: style,
		},
		// A redirect would carry the secret elsewhere.
		http:   &http.Client{Transport: transport, CheckRedirect: refuseRedirect},
		within: within,
		turn:   make(chan struct{}, 1),
	}
	s.turn <- struct{}{}
	return s
}

// token returns a token that lives.
func (s *tokens) token(ctx context.Context) (*oauthToken, error) {
	t := s.current.Load()
	if t == nil {
		return s.next(ctx, nil)
	}
	now := time.Now()
	switch {
	case t.ends.IsZero() || now.Before(t.stale):
	case now.Before(t.ends):
		s.renew(ctx, t)
	default:
		return s.next(ctx, t)
	}
	return t, nil
}

// next returns the token after old, which is fetched by one caller at a time:
// those who waited share what came of it, unless that was only the end of its
// caller's time.
func (s *tokens) next(ctx context.Context, old *oauthToken) (*oauthToken, error) {
	came := time.Now()
	select {
	case <-s.turn:
	case <-ctx.Done():
		return nil, &Error{Kind: contextKind(ctx.Err()), Op: "token", Cause: describe(ctx.Err())}
	}
	defer func() { s.turn <- struct{}{} }()
	if t := s.current.Load(); t != nil && t != old {
		return t, nil
	}
	if s.failed != nil && s.failedAt.After(came) {
		return nil, s.failed
	}
	within, cancel := context.WithTimeout(ctx, s.within)
	defer cancel()
	t, err := s.fetch(within)
	if err != nil && ctx.Err() == nil {
		s.failed, s.failedAt = err, time.Now()
	}
	return t, err
}

// renew fetches the token after old beside the calls, which use the old one
// meanwhile, and if it cannot be had.
func (s *tokens) renew(ctx context.Context, old *oauthToken) {
	select {
	case <-s.turn:
	default:
		return // somebody is at it
	}
	if s.current.Load() != old || s.failed != nil && time.Since(s.failedAt) < staleRetry {
		s.turn <- struct{}{}
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.within)
	go func() {
		defer func() { s.turn <- struct{}{} }()
		defer cancel()
		// A call that needs the token will say what is wrong.
		if _, err := s.fetch(ctx); err != nil {
			s.failed, s.failedAt = err, time.Now()
		}
	}()
}

// fetch asks for a token. The caller has the turn.
func (s *tokens) fetch(ctx context.Context) (*oauthToken, error) {
	asked := time.Now()
	got, err := s.config.Token(context.WithValue(ctx, oauth2.HTTPClient, s.http))
	if err != nil {
		return nil, tokenFailure(ctx, err)
	}
	if kind := got.TokenType; kind != "" && !strings.EqualFold(kind, "bearer") {
		return nil, &Error{Kind: ErrMisconfigured, Op: "token", Cause: &reason{text: "the token is of another type than bearer"}}
	}
	t := &oauthToken{header: []string{"Bearer " + got.AccessToken}}
	if life := time.Until(got.Expiry); !got.Expiry.IsZero() {
		// It began before we had the answer.
		t.stale, t.ends = asked.Add(life*staleAt/100), asked.Add(life)
	}
	s.failed = nil
	s.current.Store(t)
	return t, nil
}

// refused gives up a token that the API did not accept.
func (s *tokens) refused(t *oauthToken) { s.current.CompareAndSwap(t, nil) }

// obtainToken gets the token of the next attempt, if there is one to get. It
// ends when the caller goes away, in a write too: nothing is sent yet.
func (k *call) obtainToken(ctx context.Context) (err error) {
	if k.client.oauth != nil {
		k.token, err = k.client.oauth.token(ctx)
	}
	return err
}

// renew says whether the attempt is to be made again with another token, as it
// is once in a call: a 401 says that nothing was executed.
func (k *call) renew() bool {
	if k.token == nil || k.renewed || k.last.status != http.StatusUnauthorized || !errors.Is(k.last.kind, ErrDenied) {
		return false
	}
	k.renewed = true
	k.client.oauth.refused(k.token)
	return true
}

// tokenFailure returns the error for a token that could not be had. Its text
// has nothing of the answer, which may quote what was sent.
func tokenFailure(ctx context.Context, err error) error {
	e := &Error{Kind: ErrUnavailable, Op: "token"}
	say := func(text string) { e.Cause = &reason{text: "token endpoint: " + text, err: err} }
	answer, answered := errors.AsType[*oauth2.RetrieveError](err)
	if !answered {
		return unanswered(ctx, err, e)
	}
	status := answer.Response.StatusCode
	e.RetryAfter = parseRetryAfter(answer.Response.Header, time.Now())
	switch {
	case status == http.StatusTooManyRequests:
		e.Kind = ErrThrottled
		say("too many requests")
	case status == http.StatusRequestTimeout, status >= 500:
		say(fmt.Sprintf("status %d", status))
	case answer.ErrorCode == "invalid_scope":
		e.Kind = ErrDenied
		say("refuses the scopes")
	case status == http.StatusBadRequest, status == http.StatusUnauthorized, status == http.StatusForbidden, status < 300:
		e.Kind = ErrDenied
		say("refuses the client")
	default:
		e.Kind = ErrMisconfigured
		say(fmt.Sprintf("status %d", status))
	}
	return e
}

// unanswered is tokenFailure for what is no answer of a token endpoint.
func unanswered(ctx context.Context, err error, e *Error) error {
	text := "answer holds no token"
	if _, ok := errors.AsType[*url.Error](err); ok {
		text = describe(err).Error()
	}
	switch ctxErr := ctx.Err(); {
	case ctxErr != nil:
		e.Kind, text = contextKind(ctxErr), describe(ctxErr).Error()
	case isTimeout(err):
		e.Kind = ErrTimeout
	}
	e.Cause = &reason{text: "token endpoint: " + text, err: err}
	return e
}
