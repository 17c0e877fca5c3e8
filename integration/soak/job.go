package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"
)

const (
	peopleOfJob = 6
	groupsOfJob = 2
)

// job is a provisioning job: one connection, and records that are its own, so
// that it knows what they hold. It does one thing after the other, as Entra does
// for one user.
type job struct {
	*rand.Rand
	client
	turns   <-chan struct{} // when it may send; closed: it is over
	tally   *tally
	weather *weather
	people  []*record
	groups  []*record
	over    bool
}

func newJob(s *soak, number int) *job {
	j := &job{
		Rand: rand.New(rand.NewPCG(s.seed, uint64(number))), client: client{addr: s.hostscim.Addr},
		turns: s.turns, tally: s.tally, weather: s.weather,
	}
	for i := range peopleOfJob {
		j.people = append(j.people, newRecord(users, fmt.Sprintf("soak-%d-p%d", number, i)))
	}
	for i := range groupsOfJob {
		j.groups = append(j.groups, newRecord(groups, fmt.Sprintf("soak-%d-g%d", number, i)))
	}
	return j
}

// run works until there are no more turns.
func (j *job) run() {
	defer j.close()
	for !j.over {
		switch n := j.IntN(100); {
		case n < 6:
			j.listPage()
		case n < 75:
			j.next(j.people[j.IntN(len(j.people))], userSteps)
		default:
			j.next(j.groups[j.IntN(len(j.groups))], groupSteps)
		}
	}
}

// step is something that may be done with a record.
type step struct {
	weight int
	may    func(j *job, r *record) bool
	do     func(j *job, r *record)
}

// next does one of the steps that may be done now.
func (j *job) next(r *record, steps []step) {
	sum := 0
	for _, s := range steps {
		if s.may(j, r) {
			sum += s.weight
		}
	}
	if sum == 0 {
		return
	}
	n := j.IntN(sum)
	for _, s := range steps {
		if !s.may(j, r) {
			continue
		}
		if n -= s.weight; n < 0 {
			s.do(j, r)
			return
		}
	}
}

// ask waits for its turn, makes a request and holds the answer against what is
// wanted. It reports whether it was one of the wanted; if not, nobody knows
// whether a write was made. Where it is over, nothing was sent.
func (j *job) ask(method, path, body string, wanted ...int) (answer, bool) {
	if _, more := <-j.turns; !more {
		j.over = true
		return answer{}, false
	}
	return ask(&j.client, j.tally, j.weather, method, path, body, wanted...)
}

// ask makes a request of a well-behaved client and tells the tally.
func ask(c *client, t *tally, w *weather, method, path, body string, wanted ...int) (answer, bool) {
	begin := time.Now()
	a, err := c.ask(method, path, body)
	end := time.Now()
	fair := !w.foul(begin, end)
	what := method + " " + path
	if err != nil {
		t.drop("%s: %v", what, err)
		return answer{}, false
	}
	t.answered(a.status, end.Sub(begin), fair)
	if slices.Contains(wanted, a.status) {
		return a, true
	}
	switch {
	case !slices.Contains(later, a.status):
		t.blame("%s = %d, want one of %v: %.300s", what, a.status, wanted, a.body)
	case fair:
		t.blame("%s = %d while the host API was well: %.300s", what, a.status, a.body)
	case a.status != http.StatusGatewayTimeout && a.header.Get("Retry-After") == "":
		t.blame("%s = %d without Retry-After", what, a.status)
	}
	return a, false
}

// later are the statuses by which the adapter asks a client to come again:
// throttled, unavailable, too late. Nobody can know when an API answers that
// does not, so that the last has no Retry-After.
var later = []int{http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusGatewayTimeout}

// blame notes what is wrong with a record, if something is.
func (j *job) blame(r *record, what string, differences []string) {
	for _, d := range differences {
		j.tally.blame("%s of %s %s: %s", what, r.slot, r.id, d)
	}
}

func anyTime(*job, *record) bool { return true }

func isThere(_ *job, r *record) bool { return r.there.is(yes) }
func isGone(_ *job, r *record) bool  { return r.there.is(no) }

// isHalfDeleted: a delete failed, and may have been made.
func isHalfDeleted(_ *job, r *record) bool { return len(r.there) > 1 && r.id != "" }

// isNowhere: no group may have it as a member.
func isNowhere(j *job, r *record) bool {
	return !slices.ContainsFunc(j.groups, func(g *record) bool { return g.members[r].allows(yes) })
}
