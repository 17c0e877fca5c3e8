package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "legacy" {
		exit(serveLegacy(os.Args[2:]))
	}
	// Ctrl-C ends the load, and what there was of it is judged.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	exit(run(ctx, os.Args[1:], os.Stdout))
}

func exit(err error) {
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// run does what the command line says. An error of a run that came to its end
// says how much is wrong; what it is, is printed.
func run(ctx context.Context, args []string, out io.Writer) error {
	o, err := parseOptions(args, out)
	if err != nil {
		return err
	}
	s, err := newSoak(o)
	if err != nil {
		return err
	}
	defer s.close()
	e, err := s.run(ctx, out)
	if err != nil {
		return err
	}
	if err := s.markdown(out, e); err != nil {
		return err
	}
	wrong := e.judge()
	if len(wrong) == 0 {
		fmt.Fprintln(out, "No request was dropped, and nothing has grown.")
		return nil
	}
	for _, text := range wrong {
		fmt.Fprintln(out, "-", text)
	}
	return fmt.Errorf("%d things are wrong", len(wrong))
}
