package main

import (
	"fmt"
	"log/slog"
	"os"

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
