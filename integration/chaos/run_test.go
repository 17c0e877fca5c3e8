package chaos

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"hostscim/integration/harness"
	"hostscim/legacyclient/legacytest"
)

// lastCycles is how many cycles without faults the client may take to finish.
// It should take three: to find out what became of a create, to do the rest,
// and its members. A busy machine lets requests run out of time.
const lastCycles = 20

// run runs a schedule from begin to end. It returns what was wrong, "" if
// nothing was, and the story as it went.
func run(t testing.TB, p plan) (wrong, story string) {
	options := []legacytest.Option{legacytest.WithToken(harness.LegacyToken), legacytest.WithSeed(p.seed)}
	if sameNames(p.profile) {
		options = append(options, legacytest.WithDuplicateNames())
	}
	api := legacytest.NewServer(options...)
	defer api.Close()
	c := &client{
		record: new(record), directory: newDirectory(), plan: p, truth: truth{api, p.profile == listed},
		http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: inFlight}},
	}
	defer c.http.CloseIdleConnections()
	var err error
	if c.system, err = newSystem(t, p, api.URL); err != nil {
		return fmt.Sprintf("the adapter does not start: %v", err), ""
	}
	defer func() { c.system.stop() }()
	c.follow()
	c.finish()
	return strings.Join(c.wrong, "\n"), strings.Join(c.lines, "\n")
}

func newSystem(t testing.TB, p plan, legacyURL string) (system, error) {
	if p.real {
		return newOutside(t, profile(p.profile), legacyURL), nil
	}
	config, err := load(p.profile, legacyURL)
	if err != nil {
		return nil, err
	}
	return newInside(t, config)
}

// follow does the steps of the plan.
func (c *client) follow() {
	killAt := 0
	for _, s := range c.plan.steps {
		c.tell("%s", s)
		switch s.do {
		case inject:
			c.truth.api.Inject(s.fault)
		case calm:
			c.truth.api.ClearFaults()
		case kill:
			killAt = s.value
		case cycle:
			c.cycle(killAt)
			killAt = 0
			c.settle()
		default:
			c.apply(s)
		}
		if len(c.wrong) > 0 {
			return
		}
	}
}

// settle waits until the work of calls that nobody waits for any more is done.
// One that was sent by an adapter just before its death may not have been read
// yet: the call that is made here comes behind it.
func (c *client) settle() {
	c.truth.api.Settle()
	if resp, err := http.Get(c.truth.api.URL + "/batches/0"); err == nil {
		resp.Body.Close()
	}
	c.truth.api.Settle()
}

// finish ends the faults and repeats the cycle until nothing is left to do.
func (c *client) finish() {
	c.truth.api.ClearFaults()
	c.settle()
	if c.plan.profile == lagging {
		// The next cycle of Entra is 40 minutes later: what the adapter
		// remembers as long as a search lags is forgotten by then.
		c.tell("    the adapter is started again")
		c.system.restart()
	}
	for n := 0; c.dirty() && len(c.wrong) == 0; n++ {
		if n == lastCycles {
			c.blame("after %d cycles without faults there is still something to do", n)
			return
		}
		// The next cycle of Entra is 40 minutes later, and finds no breaker open.
		time.Sleep(open)
		c.tell("    cycle without faults")
		c.cycle(0)
		c.settle()
	}
	if len(c.wrong) == 0 {
		c.truth.checkDirectory(c.record, c.directory)
	}
}
