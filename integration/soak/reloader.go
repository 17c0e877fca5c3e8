package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"syscall"
	"time"

	"hostscim/integration/child"
)

// reloadTimeout is how long a reload may take on a busy machine.
const reloadTimeout = 20 * time.Second

// reloads are how many configurations were applied and refused.
type reloads struct{ Applied, Refused int }

// reloader has the adapter load its configuration again and again.
type reloader struct {
	client
	hostscim *child.Process
	config   *configuration
	tally    *tally
	weather  *weather
	every    time.Duration

	number int     // of the reload
	holds  int     // server.max_results as it holds
	bad    bool    // the file is one that was refused
	did    reloads // since the start, the first configuration included
}

// run reloads until ctx ends.
func (r *reloader) run(ctx context.Context) {
	defer r.close()
	for begin := time.Now(); sleep(ctx, time.Until(begin.Add(time.Duration(r.number+1)*r.every))); {
		r.number++
		var err error
		switch {
		case r.number%6 == 0:
			err = r.refused()
		case r.number%7 == 0:
			err = r.unchanged()
		default:
			err = r.applied()
		}
		if err == nil {
			err = r.settled()
		}
		if err != nil {
			r.tally.blame("reload %d: %v", r.number, err)
		}
	}
}

// applied writes another configuration, and tells the adapter every second
// time; else it has to see for itself. A file that was refused before is made
// good by it.
func (r *reloader) applied() error {
	r.did.Applied++
	r.bad = false
	r.holds = firstResults - 1 - r.number%500
	if err := r.config.write(r.holds, valid[r.number%len(valid)]); err != nil {
		return err
	}
	if r.number%2 == 0 {
		return r.hangUp()
	}
	return nil
}

// last has the adapter take another client of the host API, so that no
// connection to it is left but those that something holds on to. It tells
// whether the adapter has counted all.
func (r *reloader) last() error {
	defer r.close()
	r.number++
	r.did.Applied++
	r.holds = firstResults - 1 - r.number%500
	if err := r.config.write(r.holds, []change{{"scan_limit: 20000", "scan_limit: 19999"}}); err != nil {
		return err
	}
	if err := r.hangUp(); err != nil {
		return err
	}
	return r.settled()
}

// unchanged has the file loaded as it is.
func (r *reloader) unchanged() error {
	if r.bad {
		r.did.Refused++
	} else {
		r.did.Applied++
	}
	return r.hangUp()
}

func (r *reloader) refused() error {
	r.did.Refused++
	r.bad = true
	if err := r.config.write(firstResults+r.number, invalid[r.number/6%len(invalid)]); err != nil {
		return err
	}
	if r.number%4 == 0 {
		return r.hangUp()
	}
	return nil
}

func (r *reloader) hangUp() error { return r.hostscim.Signal(syscall.SIGHUP) }

// settled waits until the adapter has counted the reload, and holds that the
// right configuration is used.
func (r *reloader) settled() error {
	for end := time.Now().Add(reloadTimeout); ; time.Sleep(20 * time.Millisecond) {
		counted, err := countReloads(r.hostscim)
		switch {
		case err != nil:
			return err
		case counted == r.did:
			return r.inUse()
		case counted.Applied > r.did.Applied || counted.Refused > r.did.Refused || time.Now().After(end):
			// What follows is counted from there on, or everything would be wrong.
			wanted := r.did
			r.did = counted
			return fmt.Errorf("the adapter has counted %+v, want %+v", counted, wanted)
		}
	}
}

// inUse holds that discovery speaks of the configuration that holds.
func (r *reloader) inUse() error {
	a, ok := ask(&r.client, r.tally, r.weather, "GET", "/ServiceProviderConfig", "", http.StatusOK)
	if !ok {
		return nil // which was told
	}
	var c struct{ Filter struct{ MaxResults int } }
	if err := json.Unmarshal(a.body, &c); err != nil || c.Filter.MaxResults != r.holds {
		return fmt.Errorf("maxResults is %d, want %d: %w", c.Filter.MaxResults, r.holds, err)
	}
	return nil
}

func countReloads(p *child.Process) (reloads, error) {
	text, err := p.Ask("/metrics")
	if err != nil {
		return reloads{}, err
	}
	count := func(outcome string) int {
		n, err := child.Metric(text, `hostscim_config_loads_total{outcome="`+outcome+`"}`)
		if err != nil {
			return 0 // a counter is not there before it counts
		}
		return int(n)
	}
	return reloads{count("applied"), count("refused")}, nil
}
