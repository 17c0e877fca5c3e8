package main

import (
	"errors"
	"fmt"
	"os"
)

// profile writes where the CPU time of hostscim goes: all operations in turn, as
// in a round, for so many rounds.
func (b *bench) profile(file string) error {
	f, err := newField(b, directory{hosts: smallDirectory}, hostscimName)
	if err != nil {
		return err
	}
	defer f.stop()
	ops := operations()
	// The runs that take away what others made end early, so the time is over
	// before the rounds are.
	seconds := max(1, int(b.d.Seconds()*float64(b.rounds*len(ops))*2/3))
	b.say("profile of %d seconds", seconds)
	type answer struct {
		text string
		err  error
	}
	profiled := make(chan answer, 1)
	go func() {
		text, err := f.contestants[0].Ask(fmt.Sprintf("/debug/pprof/profile?seconds=%d", seconds))
		profiled <- answer{text, err}
	}()
	_, err = b.repeat(f, ops, b.rounds, b.d, "profile")
	a := <-profiled
	if err := errors.Join(err, a.err); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(a.text), 0o644)
}
