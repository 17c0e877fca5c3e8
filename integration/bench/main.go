package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"time"

	"hostscim/integration/child"
)

func main() {
	if len(os.Args) > 1 {
		if serve, ok := roles[os.Args[1]]; ok {
			exit(serve(os.Args[2:]))
		}
	}
	exit(measure(os.Args[1:], os.Stdout, os.Stderr))
}

func exit(err error) {
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// bench is one measurement.
type bench struct {
	binary, dir string
	rounds      int
	d           time.Duration // of a run
	slowRounds  int           // at the latency of slowLegacy
	quick       bool
	large       int    // hosts of the large directory; 0: there is none
	gogc        string // of hostscim; "": as it is
	progress    io.Writer
}

const (
	slowLegacy     = 20 * time.Millisecond
	smallDirectory = 1000
)

// report is all that was measured.
type report struct {
	Go         string    `json:"go"`
	CPUs       int       `json:"cpus"`
	Rounds     int       `json:"rounds"`
	Operations []outcome `json:"operations"`
	Slow       []outcome `json:"at_20ms"`
	Memory     []memory  `json:"memory"`
	Start      spread    `json:"first_answer_ms"`
	Scale      *scale    `json:"scale,omitempty"`
	Goals      []goal    `json:"goals"`
}

// measure does what the command line says.
func measure(args []string, out, progress io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(progress)
	asJSON := flags.Bool("json", false, "print everything as JSON instead of Markdown")
	svg := flags.String("svg", "", "write a chart to this file")
	b := &bench{progress: progress, rounds: 7, slowRounds: 5, d: 500 * time.Millisecond, large: 1_000_000}
	flags.BoolVar(&b.quick, "quick", false, "fewer operations, shorter runs and no large directory: under a minute")
	flags.IntVar(&b.rounds, "rounds", b.rounds, "how many rounds are measured; 5 of a quick run")
	flags.DurationVar(&b.d, "run", b.d, "how long a run takes; 150ms of a quick run")
	flags.StringVar(&b.gogc, "gogc", "", "run hostscim, and not the others, with this GOGC")
	profile := flags.String("profile", "", "measure nothing, and write to this file where the CPU time of hostscim goes")
	flags.IntVar(&b.large, "hosts", b.large, "hosts of the large directory; 0: without; of a quick run, 0")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if b.quick {
		b.hurry(flags)
	}
	if flags.NArg() > 0 || b.rounds < 1 || b.d <= 0 || b.large < 0 || b.large > 0 && b.large < 10*smallDirectory {
		return fmt.Errorf("bad arguments; there must be a round, a time, and no hosts or %d at least", 10*smallDirectory)
	}
	if err := b.prepare(); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	if *profile != "" {
		return b.profile(*profile)
	}
	r, err := b.all()
	if err != nil {
		return err
	}
	if *svg != "" {
		if err := os.WriteFile(*svg, chart(r.Operations), 0o644); err != nil {
			return err
		}
	}
	if *asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	return r.markdown(out)
}

// hurry sets what was not asked for otherwise.
func (b *bench) hurry(flags *flag.FlagSet) {
	set := make(map[string]bool)
	flags.Visit(func(f *flag.Flag) { set[f.Name] = true })
	if !set["rounds"] {
		b.rounds = 5
	}
	if !set["run"] {
		b.d = 150 * time.Millisecond
	}
	if !set["hosts"] {
		b.large = 0
	}
	b.slowRounds = 2
}

// prepare builds hostscim in a directory of its own.
func (b *bench) prepare() (err error) {
	if b.dir, err = os.MkdirTemp("", "hostscim-bench-"); err != nil {
		return err
	}
	b.say("building hostscim")
	if b.binary, err = child.Build(b.dir); err != nil {
		os.RemoveAll(b.dir)
	}
	return err
}

// all measures everything.
func (b *bench) all() (*report, error) {
	var err error
	ops := operations()
	if b.quick {
		ops = slices.DeleteFunc(ops, func(op *operation) bool { return !op.quick })
	}
	r := &report{Go: runtime.Version(), CPUs: runtime.NumCPU(), Rounds: b.rounds}
	if r.Start, err = b.firstAnswer(5); err != nil {
		return nil, err
	}
	var peaks memory
	if r.Operations, peaks, err = b.inFront(0, ops, b.rounds); err != nil {
		return nil, err
	}
	r.Memory = append(r.Memory, peaks)
	if r.Slow, _, err = b.inFront(slowLegacy, ops, b.slowRounds); err != nil {
		return nil, err
	}
	if peaks, err = b.crowd(ops, b.d); err != nil {
		return nil, err
	}
	r.Memory = append(r.Memory, peaks)
	if b.large > 0 {
		if r.Scale, err = b.atScale(b.large, b.rounds, b.d); err != nil {
			return nil, err
		}
	}
	r.Goals = goals(r)
	return r, nil
}

// inFront measures the operations in front of a host API of that latency; if
// there is any, also what the host API itself takes.
func (b *bench) inFront(latency time.Duration, ops []*operation, rounds int) ([]outcome, memory, error) {
	names := []string{floorName, proxyName, hostscimName}
	if latency > 0 {
		names = append(names, directName)
	}
	f, err := newField(b, directory{hosts: smallDirectory, latency: latency}, names...)
	if err != nil {
		return nil, memory{}, err
	}
	defer f.stop()
	all, err := b.repeat(f, ops, rounds, b.d, fmt.Sprintf("legacy latency %v", latency))
	if err != nil {
		return nil, memory{}, err
	}
	peaks, err := f.peaks(connections)
	return all, peaks, err
}

// say shows how far it is.
func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.progress, format+"\n", args...) }
