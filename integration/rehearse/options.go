package rehearse

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Options says whom to play, against what, and at what size.
type Options struct {
	URL   string // Mandatory. The base URL of the endpoint, as it is entered in the identity provider.
	Token string // The bearer token; "" sends none.

	Profile string // one of [Profiles]; "" is entra
	Dialect string // of entra: legacy, compliant or both; "" is both
	Suite   string // one of [Suites], in place of the cycles; "" is none
	OAuth   OAuth  // how a client fetches tokens, for the suite gallery

	Users   int      // how many people are invented for each dialect; ignored with People
	People  []Person // people to take in place of invented ones; see [ReadPeople]
	Groups  int      // how many groups for each dialect
	Members int      // of each group, at most Users

	Rate     float64 // requests a second; 0: as fast as InFlight allows
	InFlight int     // requests at a time; 0 is 5, what Entra was seen to do
	Seed     uint64  // chooses among the invented people
	// Prefix begins every name that is written, and must be of nobody else.
	// "": one is made that is different in every run.
	Prefix string

	ReadOnly bool // send only what changes nothing
	Remote   bool // allow writing to an endpoint that is not on loopback

	Transport http.RoundTripper // nil: one that is tuned for InFlight connections
	Progress  func(Progress)    // called after each answer, by several goroutines at a time; nil: nobody is told
	// Sleep waits before what failed is tried again; nil: as long as it is told to.
	Sleep func(time.Duration)
}

// Progress is how far a step is.
type Progress struct {
	Step        string
	Done, Total int // objects of the step; Total is 0 when that is not known
}

// Suites are the names of the published suites that can be run.
func Suites() []string { return []string{"validator", "gallery", "okta"} }

// ErrRemote is returned by [New] for an endpoint that is not on loopback when
// the options do not allow to write there.
var ErrRemote = errors.New("the endpoint is not on this machine")

const (
	defaultInFlight = 5
	maxObjects      = 10_000_000
)

// check fills in what is not said and refuses what cannot be.
func (o *Options) check() error {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("the URL must be http or https with a host, such as https://scim.example.com/scim/v2")
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("the URL must have no query; the flag aadOptscim062020 is --dialect compliant here")
	}
	o.URL = strings.TrimRight(o.URL, "/")
	if o.Profile == "" {
		o.Profile = "entra"
	}
	if o.Dialect == "" {
		o.Dialect = "both"
	}
	if !slices.Contains(Profiles(), o.Profile) {
		return fmt.Errorf("the profile must be one of %s, not %q", strings.Join(Profiles(), ", "), o.Profile)
	}
	if !slices.Contains([]string{"legacy", "compliant", "both"}, o.Dialect) {
		return fmt.Errorf("the dialect must be legacy, compliant or both, not %q", o.Dialect)
	}
	if o.Suite != "" && !slices.Contains(Suites(), o.Suite) {
		return fmt.Errorf("the suite must be one of %s, not %q", strings.Join(Suites(), ", "), o.Suite)
	}
	if o.Suite != "" && o.ReadOnly {
		return fmt.Errorf("the suites write; they cannot be run read-only")
	}
	if err := o.OAuth.check(o.Suite); err != nil {
		return err
	}
	if len(o.People) > 0 {
		o.Users = len(o.People)
	}
	for what, n := range map[string]int{"users": o.Users, "groups": o.Groups, "members": o.Members, "requests in flight": o.InFlight} {
		if n < 0 || n > maxObjects {
			return fmt.Errorf("the number of %s must be between 0 and %d, not %d", what, maxObjects, n)
		}
	}
	if o.Rate < 0 {
		return fmt.Errorf("the rate must be requests a second, or 0 for as fast as possible")
	}
	o.Members = min(o.Members, o.Users)
	if o.InFlight == 0 {
		o.InFlight = defaultInFlight
	}
	if !o.ReadOnly && !o.Remote && !loopback(u.Hostname()) {
		return fmt.Errorf("%s: %w: a rehearsal writes people and groups there, and deletes them afterwards", u.Host, ErrRemote)
	}
	return nil
}

// loopback reports whether the host is this machine without asking a name
// server, whose word is not enough to write.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
