package chaos

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"hostscim/legacyclient/legacytest"
)

const (
	people = 6 // users at most
	teams  = 2 // groups at most
)

// plan is a schedule: what is done in which order.
type plan struct {
	seed      uint64
	profile   string
	real      bool // the binary is run
	compliant bool // the client's dialect
	steps     []step
}

// step is one thing that happens. What does not fit, such as a change of a
// user who is not there, is passed over: so any step can be left out.
type step struct {
	number int // in the whole plan
	do     action
	who    int // the user
	team   int // the group
	value  int // makes values new; of a kill, the number of the request
	fault  legacytest.Fault
}

type action string

// The actions.
const (
	create     action = "create user"
	update     action = "update user"
	rename     action = "rename user"
	disable    action = "disable user"
	restore    action = "restore user"
	remove     action = "delete user"
	form       action = "create group"
	renameTeam action = "rename group"
	disband    action = "delete group"
	join       action = "add member"
	leave      action = "remove member"
	inject     action = "fault"
	calm       action = "faults end"
	kill       action = "kill"
	cycle      action = "cycle"
)

func (s step) String() string {
	text := fmt.Sprintf("%2d  ", s.number)
	switch s.do {
	case inject:
		b, err := s.fault.MarshalJSON()
		if err != nil {
			panic(err) // it has nothing that could fail
		}
		return text + "fault " + string(b)
	case kill:
		return text + fmt.Sprintf("kill the adapter at request %d of the cycle", s.value)
	case calm, cycle:
		return text + string(s.do)
	case form, renameTeam, disband:
		return text + fmt.Sprintf("%s %d", s.do, s.team)
	case join, leave:
		return text + fmt.Sprintf("%s %d of group %d", s.do, s.who, s.team)
	}
	return text + fmt.Sprintf("%s %d", s.do, s.who)
}

// newPlan returns the schedule of the seed.
func newPlan(seed uint64) plan {
	rng := rand.New(rand.NewPCG(seed, 1))
	names := profileNames()
	p := plan{
		seed: seed, profile: names[rng.IntN(len(names))],
		real: seed%50 == 0, compliant: rng.IntN(2) == 0,
	}
	g := generator{Rand: rng, plan: &p}
	for range 2 + rng.IntN(3) {
		g.cycle()
	}
	for i := range p.steps {
		p.steps[i].number = i
	}
	return p
}

// generator makes the steps of a plan.
type generator struct {
	*rand.Rand
	plan   *plan
	begun  bool
	joined [][2]int // users and the groups that they were added to
}

func (g *generator) add(s step) { g.plan.steps = append(g.plan.steps, s) }

// cycle adds some changes, some faults, and the client's cycle.
func (g *generator) cycle() {
	if !g.begun {
		g.begun = true
		for who := range 2 + g.IntN(people-1) {
			g.add(step{do: create, who: who})
		}
		for team := range g.IntN(teams + 1) {
			g.add(step{do: form, team: team})
		}
	}
	for range 1 + g.IntN(6) {
		g.change()
	}
	if g.IntN(2) == 0 {
		g.add(step{do: calm})
	}
	for range g.IntN(4) {
		g.add(step{do: inject, fault: g.fault()})
	}
	if g.IntN(5) < 2 {
		g.add(step{do: kill, value: 1 + g.IntN(15)})
	}
	g.add(step{do: cycle})
}

// change adds a change of the directory; membership changes most.
func (g *generator) change() {
	actions := []action{create, update, update, rename, disable, restore, remove, form, renameTeam, disband, join, join, join, join, leave, leave, leave}
	s := step{do: actions[g.IntN(len(actions))], who: g.IntN(people), team: g.IntN(teams), value: 1 + g.IntN(1000)}
	switch {
	case s.do == join:
		g.joined = append(g.joined, [2]int{s.who, s.team})
	case s.do == leave && len(g.joined) > 0:
		pair := g.joined[g.IntN(len(g.joined))]
		s.who, s.team = pair[0], pair[1]
	}
	g.add(s)
}

// keep returns the plan with these steps only.
func (p plan) keep(numbers []int) plan {
	p.steps = slices.DeleteFunc(slices.Clone(p.steps), func(s step) bool { return !slices.Contains(numbers, s.number) })
	return p
}

// numbers returns the numbers of the steps.
func (p plan) numbers() []int {
	var n []int
	for _, s := range p.steps {
		n = append(n, s.number)
	}
	return n
}
