package mapping

import (
	"fmt"
	"net/url"
)

// Legacy says where the legacy API is and how it wants to be called.
type Legacy struct {
	BaseURL           URL        `yaml:"base_url" need:"https://api.example.com/api/v3"` // what the path of every call is put behind
	Auth              LegacyAuth `yaml:"auth"`
	Timeout           Duration   `yaml:"timeout"` // of one call; default 10s
	TLS               TLS        `yaml:"tls"`
	Proxy             Secret     `yaml:"proxy"` // a URL; "": that of the environment
	RateLimit         RateLimit  `yaml:"rate_limit"`
	MaxInFlight       int        `yaml:"max_in_flight" min:"1"` // calls at once; default 64
	MaxQueue          int        `yaml:"max_queue" min:"1"`     // calls that wait for their turn; default 1000
	Retry             Retry      `yaml:"retry"`
	Breaker           Breaker    `yaml:"breaker"`
	IdempotencyHeader string     `yaml:"idempotency_header"` // "" where the API has none
	// Headers are sent with every call, such as a version of the API.
	Headers     Ordered[string] `yaml:"headers"`
	ErrorFormat ErrorFormat     `yaml:"error_format"`
	Errors      []ErrorRule     `yaml:"errors"`
	ScanLimit   int             `yaml:"scan_limit" min:"1"` // the most records one filter may read; default 20000
}

// LegacyAuth is the credential of the adapter at the legacy API; at most one.
type LegacyAuth struct {
	Bearer Secret  `yaml:"bearer"`
	Basic  *Basic  `yaml:"basic"`
	Header *Header `yaml:"header"`
	OAuth2 *OAuth2 `yaml:"oauth2_client_credentials"`
	// Passthrough: the legacy API gets the token that the client sent. The
	// adapter itself then lets every token in, and remembers no names.
	Passthrough bool `yaml:"passthrough"`
}

// Basic is a user name and password (RFC 7617).
type Basic struct {
	Username string `yaml:"username" need:"hostscim"` // of the adapter
	Password Secret `yaml:"password" need:"\"${LEGACY_PASSWORD}\""`
}

// Header is a credential in a header of its own, such as X-Api-Key.
type Header struct {
	Name  string `yaml:"name" need:"X-Api-Key"` // of the header
	Value Secret `yaml:"value" need:"\"${LEGACY_KEY}\""`
}

// RateLimit bounds the calls to the legacy API, every attempt counted. The rate
// falls by itself for a while when the API says that it is called too often.
type RateLimit struct {
	PerSecond float64 `yaml:"per_second" min:"0.01"` // zero: not limited
	Burst     int     `yaml:"burst" min:"1"`         // zero: per_second, rounded up
}

// Retry bounds the attempts of one call. Waits between them are random from
// zero to a bound, which doubles: the first is MinWait in the middle, and none
// is longer than MaxWait, unless the API asks for it.
type Retry struct {
	MaxAttempts int      `yaml:"max_attempts" min:"1"` // how often a call is tried; default 4
	MinWait     Duration `yaml:"min_wait"`             // before the second attempt, where the API says nothing; default 200ms
	MaxWait     Duration `yaml:"max_wait"`             // between two attempts; default 5s
}

// ErrorFormat says where an error answer of the legacy API keeps its parts;
// paths are dotted. The default is the vendor's: a list under errors, of
// objects with domain, attribute, code and message.
type ErrorFormat struct {
	Items string `yaml:"items"` // dotted path of the list of errors
	// Keyed says that items is an object with a name for each field at fault,
	// as in {"errors": {"email": ["is taken"]}}. What stands under a name is an
	// error, or a list of them, each with a code and a message or a text alone.
	Keyed   bool   `yaml:"keyed"`
	Field   string `yaml:"field"`   // of an error: the field that it is about
	Code    string `yaml:"code"`    // of an error: what is wrong, for programs
	Message string `yaml:"message"` // of an error: what is wrong, for people
	Domain  string `yaml:"domain"`  // of an error: the part of the API that it comes from
}

// ErrorRule gives a meaning to answers of the legacy API. What is left out
// matches everything; the first rule that matches counts.
type ErrorRule struct {
	Status []int  `yaml:"status"`                                                                               // between 400 and 599
	Code   string `yaml:"code"`                                                                                 // as the answer has it at error_format.code
	Field  string `yaml:"field"`                                                                                // as the answer has it at error_format.field
	SCIM   string `yaml:"scim" need:"uniqueness" enum:"uniqueness,invalidValue,notFound,throttled,unavailable"` // what it means
}

func (l *Legacy) check(d *decoder) {
	l.Auth.check(d)
	l.TLS.check(d)
	l.checkProxy(d)
	if u := url.URL(l.BaseURL); u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		d.add("legacy.base_url", "must be scheme, host and path only; put credentials under legacy.auth")
	}
	if l.Retry.MinWait > l.Retry.MaxWait {
		d.add("legacy.retry.min_wait", "is longer than max_wait")
	}
	for i, r := range l.Errors {
		for _, s := range r.Status {
			if s < 400 || s > 599 {
				d.add(fmt.Sprintf("legacy.errors[%d].status", i), "must be between 400 and 599; other answers are no errors")
			}
		}
	}
}
