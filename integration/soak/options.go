package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"time"
)

// options are what the command line says.
type options struct {
	time   time.Duration
	rate   int           // requests in a second
	reload time.Duration // from one to the next
	faults time.Duration // from one phase of faults to the next
	slow   int           // slow clients of each kind
	seed   uint64
	binary string // "": it is built
}

func parseOptions(args []string, usage io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.SetOutput(usage)
	flags.DurationVar(&o.time, "time", 10*time.Minute, "how long it takes; growth is judged from a minute on")
	flags.IntVar(&o.rate, "rate", 200, "requests in a second")
	flags.DurationVar(&o.reload, "reload", 5*time.Second, "how often another configuration is loaded")
	flags.DurationVar(&o.faults, "faults", 30*time.Second, "how often the host API fails, for a fifth of that time")
	flags.IntVar(&o.slow, "slow", 3, "slow clients of each kind at a time")
	flags.Uint64Var(&o.seed, "seed", 1, "decides what is asked, and which calls fail")
	flags.StringVar(&o.binary, "binary", "", "the hostscim to run instead of one that is built")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 || o.time <= 0 || o.rate < 1 || o.rate > 10_000 || o.reload <= 0 || o.faults <= 0 || o.slow < 0 {
		return o, fmt.Errorf("bad arguments: %w", errors.New("times must be above zero, and the rate between 1 and 10000"))
	}
	return o, nil
}
