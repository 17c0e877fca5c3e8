package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"hostscim/mapping"
)

// load reads a configuration file. env comes before the environment of the
// process; nil adds nothing.
func load(file string, src []byte, env map[string]string, options ...mapping.Option) (*mapping.Config, error) {
	return loadFrom(file, src, mapping.Sources{
		Env: func(name string) (string, bool) {
			if v, ok := env[name]; ok {
				return v, true
			}
			return os.LookupEnv(name)
		},
		ReadFile: os.ReadFile,
	}, options...)
}

// unset stands for what is not set where it does not matter. It can be a URL
// and a secret.
const unset = "https://unset.example.com"

// loadShape reads a configuration file for what it says of attributes. It
// needs neither the environment nor the secrets of the place where it runs.
func loadShape(file string, src []byte) (*mapping.Config, error) {
	return loadFrom(file, src, mapping.Sources{
		Env:      func(string) (string, bool) { return unset, true },
		ReadFile: func(string) ([]byte, error) { return []byte(unset), nil },
	})
}

func loadFrom(file string, src []byte, sources mapping.Sources, options ...mapping.Option) (*mapping.Config, error) {
	c, err := mapping.Load(file, src, sources, options...)
	if err != nil {
		return nil, usageError{fmt.Errorf("the configuration has faults:\n%w", err)}
	}
	return c, nil
}

// tenants returns the tenants that a command is for: the one of that name, or
// all of them when it is "".
func tenants(config *mapping.Config, name string) ([]*mapping.Config, error) {
	all := config.Each()
	if name == "" {
		return all, nil
	}
	var names []string
	for _, t := range all {
		if t.Name == name {
			return []*mapping.Config{t}, nil
		}
		names = append(names, t.Name)
	}
	return nil, usageError{fmt.Errorf("--tenant: the configuration has no tenant %q; it has %s", name, strings.Join(names, ", "))}
}

// oneTenant refuses several tenants where there is room for one.
func oneTenant(all []*mapping.Config, what string) error {
	if len(all) == 1 {
		return nil
	}
	return usageError{fmt.Errorf("%s is of one tenant, and the configuration has %d; choose one with --tenant NAME", what, len(all))}
}

// announce prints which tenant comes next, where there are several.
func announce(w io.Writer, all []*mapping.Config, i int) {
	if len(all) == 1 {
		return
	}
	if i > 0 {
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "Tenant %s\n\n", all[i].Name)
}

func readFile(file string) ([]byte, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, usageError{fmt.Errorf("the configuration cannot be read: %w", err)}
	}
	return src, nil
}

// logFlags are the flags of commands that log.
type logFlags struct{ format, level string }

func (f *logFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.format, "log-format", "text", "text or json")
	cmd.Flags().StringVar(&f.level, "log-level", "info", "debug, info, warn or error")
}

// logger returns the logger that the flags ask for, on standard error.
func (f *logFlags) logger(cmd *cobra.Command) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.level)); err != nil {
		return nil, usageError{fmt.Errorf("--log-level must be debug, info, warn or error, not %q", f.level)}
	}
	options := &slog.HandlerOptions{Level: level}
	switch f.format {
	case "text":
		return slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(cmd.ErrOrStderr(), options)), nil
	}
	return nil, usageError{fmt.Errorf("--log-format must be text or json, not %q", f.format)}
}
