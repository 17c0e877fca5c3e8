package rehearse

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Rehearsal is one run against an endpoint. Make it with [New], and call
// [Rehearsal.Run], [Rehearsal.CleanUp] and [Rehearsal.Report] in this order.
type Rehearsal struct {
	r rehearsal
}

// rehearsal is the run itself.
type rehearsal struct {
	o      Options
	client *client
	ledger *ledger
	began  time.Time

	noGroups bool            // the endpoint has none, or the provider asks for none
	mapped   []string        // the paths that are provisioned
	offered  map[string]bool // the paths of /Schemas; nil: not known
	keepsExt bool            // externalId came back
	secrets  []string        // which are not shown

	mu       sync.Mutex
	dialect  string // of what happens now
	steps    []*Step
	byName   map[string]*Step // by dialect and name
	time     timeline
	findings []Finding
	recent   recent
	tests    []Test
	broken   map[string]bool // paths that did not come back, which are reported once
	objects  int             // pieces of work, for the thresholds of quarantine
	failed   int             // of these
	stopped  string          // why the run ended early
	left     []string        // what clean-up could not remove
	ended    time.Duration
}

// New returns a rehearsal, or an error that says which option is wrong. It
// sends nothing.
func New(o Options) (*Rehearsal, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Prefix == "" {
		o.Prefix = "rehearse-" + strings.ToLower(rand.Text()[:8])
	}
	l := newLedger()
	r := &Rehearsal{rehearsal{
		o: o, ledger: l, client: newClient(o, profileOf(o.Profile, o.Dialect), l),
		byName: make(map[string]*Step), broken: make(map[string]bool), mapped: tutorialPaths,
	}}
	r.r.client.observe = r.r.observe
	r.r.hide(append(o.OAuth.secrets(), o.Token)...)
	return r, nil
}

// Prefix returns what the names begin with that the run writes.
func (r *Rehearsal) Prefix() string { return r.r.o.Prefix }

// Run rehearses until it is done or ctx ends. What it finds is in the report.
func (r *Rehearsal) Run(ctx context.Context) {
	r.r.began = time.Now()
	if r.r.o.Suite != "" {
		r.r.suite(ctx)
	} else {
		r.r.play(ctx)
	}
	if ctx.Err() != nil && r.r.stopped == "" {
		r.r.stopped = "It was interrupted."
	}
}

// play plays the provider: what needs no writing, then a stage for each
// dialect.
func (r *rehearsal) play(ctx context.Context) {
	if !r.connect(ctx) {
		return
	}
	r.discover(ctx)
	if r.o.ReadOnly {
		r.page(ctx)
		return
	}
	for _, st := range r.client.profile.styles {
		s := r.newStage(st)
		s.cycle(ctx)
		if ctx.Err() != nil || r.stopped != "" {
			return
		}
	}
}

// stage is the life of the people and groups of one dialect.
type stage struct {
	*rehearsal
	style  style
	cast   cast
	users  []actor
	groups []crowd
}

// actor is a person at the endpoint.
type actor struct {
	id     string // "" while it is not there
	events event
}

// crowd is a group at the endpoint.
type crowd struct {
	id      string
	events  event
	members map[int]bool // numbers of people
}

func (r *rehearsal) newStage(st style) *stage {
	prefix := r.o.Prefix
	if len(r.client.profile.styles) > 1 {
		prefix += "-" + st.name
	}
	r.enter(st.name)
	return &stage{
		rehearsal: r, style: st, cast: cast{prefix: prefix, seed: r.o.Seed, people: r.o.People},
		users: make([]actor, r.o.Users), groups: make([]crowd, r.o.Groups),
	}
}

// enter begins the part of a dialect, which is named where there are several.
func (r *rehearsal) enter(dialect string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.client.profile.styles) > 1 {
		r.dialect = dialect
	}
	clear(r.broken)
}

// cycle goes through the steps in the provider's order.
func (s *stage) cycle(ctx context.Context) {
	steps := []func(context.Context){
		s.activate, s.initialUsers, s.readUsers, s.matchAgain, s.page, s.duplicate, s.managers, s.otherShapes,
		s.initialGroups, s.initialMembers, s.readGroups, s.matchGroupsAgain, s.referenceCheck,
		s.updateUsers, s.clearUsers, s.moveMembers, s.exchangeMembers, s.disableUsers, s.disableBeside, s.restoreUsers, s.renameUsers, s.renameGroups,
		s.onDemandUser, s.onDemandGroup,
		s.deleteGroups, s.deleteUsers,
	}
	for _, step := range steps {
		if ctx.Err() != nil || s.stopped != "" {
			return
		}
		step(ctx)
	}
}

// observe counts an answer.
func (r *rehearsal) observe(a *answer) {
	throttledBelow := a.status == http.StatusTooManyRequests && r.o.Rate > 0 && r.o.Rate <= mustSustain
	r.mu.Lock()
	key := r.dialect + "\x00" + a.step
	st := r.byName[key]
	if st == nil {
		st = &Step{Dialect: r.dialect, Name: a.step}
		r.byName[key] = st
		r.steps = append(r.steps, st)
	}
	st.add(a)
	r.recent.add(a)
	r.time.add(a.began.Sub(r.began)+a.took, a)
	r.mu.Unlock()
	if throttledBelow {
		r.find("throttled", a, "%s", fmt.Sprintf("At %g requests a second the answer was 429.", r.o.Rate))
	}
	if a.err == nil && len(a.body) > 0 && a.status != http.StatusNotModified && !a.html() && !a.scim() {
		r.find("media-type", a, "%s", "The Content-Type was "+quote(a.header.Get("Content-Type"))+".")
	}
}

// mustSustain is how many requests a second Microsoft asks an endpoint to
// take from a tenant.
const mustSustain = 25

// scim reports whether the answer has the media type of SCIM.
func (a *answer) scim() bool {
	media, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(media), "application/scim+json")
}

func (r *rehearsal) progress(step string, done, total int) {
	if r.o.Progress != nil {
		r.o.Progress(Progress{step, done, total})
	}
}

// count counts pieces of work and how many of them failed.
func (r *rehearsal) count(objects, failed int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.objects += objects
	r.failed += failed
}

func (r *rehearsal) sleep(ctx context.Context, d time.Duration) {
	if r.o.Sleep != nil {
		r.o.Sleep(d)
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// stop ends the run early, as the provider would.
func (r *rehearsal) stop(why string) {
	if r.stopped == "" {
		r.stopped = why
	}
}

// isBroken reports whether the path did not come back before, and notes that
// it does not now.
func (r *rehearsal) isBroken(path string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.broken[path]
	r.broken[path] = true
	return was
}
