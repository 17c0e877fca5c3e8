package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"hostscim/integration/child"
	"hostscim/legacyclient/legacytest"
)

// soak is one run.
type soak struct {
	options
	dir      string
	legacy   *legacy
	hostscim *child.Process
	log      *logWatch

	turns   chan struct{} // one for each request that is to be sent
	skipped atomic.Int64  // turns that nobody was free to take
	tally   *tally
	weather *weather
	meter   *meter
	reloads *reloader
	slow    *slowClients
	jobs    []*job
	slowly  *record // the user of the slow clients
}

// newSoak starts the processes. The caller must close it.
func newSoak(o options) (*soak, error) {
	s := &soak{options: o, turns: make(chan struct{}), tally: newTally(), log: new(logWatch)}
	var err error
	if s.dir, err = os.MkdirTemp("", "hostscim-soak-"); err != nil {
		return nil, err
	}
	if err := s.start(); err != nil {
		s.close()
		return nil, err
	}
	random := rand.New(rand.NewPCG(o.seed, 0))
	s.weather = &weather{legacy: s.legacy, tally: s.tally, every: o.faults, random: random, applied: make(map[legacytest.Kind]int)}
	s.meter = &meter{process: s.hostscim, tally: s.tally, every: min(time.Second, o.time/20)}
	for i := range max(4, o.rate/2) { // so that each has half a second for a request
		s.jobs = append(s.jobs, newJob(s, i+1))
	}
	return s, nil
}

// start starts the host API and the adapter in front of it.
func (s *soak) start() error {
	var err error
	if s.binary == "" {
		if s.binary, err = child.Build(s.dir); err != nil {
			return err
		}
	}
	if s.legacy, err = startLegacy(s.seed); err != nil {
		return err
	}
	config, err := newConfiguration(s.dir)
	if err != nil {
		return err
	}
	cmd := exec.Command(s.binary, "serve", "--config", config.file, "--log-format", "json")
	cmd.Env = append(os.Environ(), "HOSTSCIM_TOKEN="+scimToken, "LEGACY_TOKEN="+legacyToken, "LEGACY_URL="+s.legacy.url)
	if s.hostscim, err = child.Start(apart(cmd), s.log); err != nil {
		return err
	}
	s.reloads = &reloader{
		client: client{addr: s.hostscim.Addr}, hostscim: s.hostscim, config: config, every: s.reload,
		holds: firstResults, did: reloads{Applied: 1},
	}
	return nil
}

// apart keeps from a process the Ctrl-C that a terminal sends to all of them.
func apart(cmd *exec.Cmd) *exec.Cmd {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// close ends what still runs.
func (s *soak) close() {
	if s.hostscim != nil {
		s.hostscim.Kill()
	}
	if s.legacy != nil {
		s.legacy.Kill()
	}
	os.RemoveAll(s.dir)
}

// run does everything, and returns what it is to be judged by.
func (s *soak) run(ctx context.Context, out io.Writer) (*evidence, error) {
	e := new(evidence)
	if err := s.prepare(); err != nil {
		return nil, err
	}
	var err error
	if e.Before, err = measure(s.hostscim); err != nil {
		return nil, err
	}
	begin := time.Now()
	s.load(ctx, out)
	e.Time = time.Since(begin)
	if err := s.reloads.last(); err != nil {
		s.tally.blame("the last reload: %v", err)
	}
	if e.Counted, err = countReloads(s.hostscim); err != nil {
		return nil, err
	}
	e.Did, e.Early, e.Late = s.reloads.did, s.meter.fifth(1), s.meter.fifth(4)
	if err := s.settle(e); err != nil {
		return nil, err
	}
	d, err := s.legacy.directory()
	if err != nil {
		return nil, err
	}
	e.Exit = s.hostscim.Terminate(time.Minute)
	e.Answers, e.Complaints = s.tally.count(), append(s.tally.complaints(), d.check(s.records())...)
	e.Panics = s.log.count()
	return e, nil
}

// prepare makes the user of the slow clients, and gives everybody the rest of
// what they need.
func (s *soak) prepare() error {
	s.reloads.tally, s.reloads.weather = s.tally, s.weather
	r := newRecord(users, "soak-slow")
	for _, path := range attributesOf(users) {
		r.held[path] = sure(r.newValue(path))
	}
	r.held[userName], r.held[active] = sure(r.newName()), sure("true")
	c := client{addr: s.hostscim.Addr}
	defer c.close()
	a, ok := ask(&c, s.tally, s.weather, "POST", users, newBody(r), http.StatusCreated)
	var made resource
	if !ok || a.decode(&made) != nil || made.ID == "" {
		return fmt.Errorf("the first user was not created: %d %s", a.status, a.body)
	}
	r.id, r.there, r.held[department] = made.ID, sure(yes), r.held[department].or(slowValue)
	s.slowly = r
	s.slow = &slowClients{addr: s.hostscim.Addr, id: r.id, each: s.options.slow, tally: s.tally, weather: s.weather, outcomes: make(map[string]map[string]int)}
	return nil
}

// records returns all records.
func (s *soak) records() []*record {
	all := []*record{s.slowly}
	for _, j := range s.jobs {
		all = append(append(all, j.people...), j.groups...)
	}
	return all
}

// load runs everything at the same time, until the time is over or ctx ends.
func (s *soak) load(ctx context.Context, out io.Writer) {
	ctx, cancel := context.WithTimeout(ctx, s.time)
	defer cancel()
	var all sync.WaitGroup
	for _, do := range []func(context.Context){s.pace, s.weather.run, s.meter.run, s.reloads.run, s.slow.run} {
		all.Go(func() { do(ctx) })
	}
	for _, j := range s.jobs {
		all.Go(j.run)
	}
	for begin := time.Now(); sleep(ctx, 10*time.Second); {
		s.progress(out, time.Since(begin))
	}
	all.Wait()
}

// pace gives turns at the rate. What is late is made up for, but for what is
// more than a second late: nobody was free to take it.
func (s *soak) pace(ctx context.Context) {
	defer close(s.turns)
	begin, given := time.Now(), 0
	for sleep(ctx, 5*time.Millisecond) {
		due := int(time.Since(begin).Seconds() * float64(s.rate))
		if late := due - given - s.rate; late > 0 {
			s.skipped.Add(int64(late))
			given += late
		}
		for ; given < due; given++ {
			select {
			case s.turns <- struct{}{}:
			case <-ctx.Done():
				return
			}
		}
	}
}

// settling is how long what the load has left behind may take to go away:
// requests that wait for the host API, and clients that went in the middle.
const settling = time.Minute

// settle waits until the adapter is as it was before.
func (s *soak) settle(e *evidence) error {
	for end := time.Now().Add(settling); ; time.Sleep(200 * time.Millisecond) {
		var err error
		if e.After, err = measure(s.hostscim); err != nil {
			return err
		}
		if e.settled() || time.Now().After(end) {
			return nil
		}
	}
}

// logWatch reads the log of the adapter and keeps nothing of it but how often
// it speaks of what must not be.
type logWatch struct {
	mu     sync.Mutex
	rest   []byte // of a line that is not whole
	panics int
}

// Write counts lines.
func (l *logWatch) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, p...)
	for {
		line, rest, whole := bytes.Cut(l.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		if bytes.Contains(line, []byte("panic")) || bytes.Contains(line, []byte("DATA RACE")) {
			l.panics++
		}
		l.rest = rest
	}
}

func (l *logWatch) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.panics
}
