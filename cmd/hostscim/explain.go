package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/spf13/cobra"

	"hostscim/adapter"
	"hostscim/mapping"
)

// maxRequest bounds a request that is explained. It is above every limit that
// a configuration should have, so that a body over that limit is explained too.
const maxRequest = 64 << 20

// explainFlags are what an explanation can be told.
type explainFlags struct {
	config, tenant string
	connect, json  bool
}

func newExplain() *cobra.Command {
	var f explainFlags
	cmd := &cobra.Command{
		Use:   "explain --config FILE [REQUEST-FILE]",
		Short: "Show which legacy calls a SCIM request would make, and send nothing",
		Long: `Explain reads a SCIM request, from a file or from standard input, and shows
what would become of it: which legacy fields are set, the legacy calls with
their bodies, the answer, and what of that is decided at run time.

A request is a line with method and path, headers if any, an empty line, and
the body:

  PATCH /Users/1

  {"Operations": [{"op": "Replace", "path": "active", "value": "False"}]}

Nothing is sent. The secrets of the configuration need not be set.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{fmt.Errorf("%s takes one file, and %q besides; see hostscim --help", cmd.CommandPath(), args[1])}
			}
			return nil
		},
		RunE: f.run,
	}
	cmd.Flags().StringVar(&f.config, "config", "", "the configuration file")
	cmd.Flags().StringVar(&f.tenant, "tenant", "", "whose request it is, where the configuration has tenants")
	cmd.Flags().BoolVar(&f.connect, "connect", false, "read from the legacy API what the request reads; nothing is written")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	requireFlag(cmd, "config")
	return cmd
}

func (f *explainFlags) run(cmd *cobra.Command, args []string) error {
	src, err := readFile(f.config)
	if err != nil {
		return err
	}
	config, hide, err := f.load(src)
	if err != nil {
		return err
	}
	request, err := readRequest(cmd, args)
	if err != nil {
		return err
	}
	explanation, err := adapter.Explain(cmd.Context(), config, request, adapter.ExplainOptions{Connect: f.connect, Tenant: f.tenant, Hide: hide})
	if errors.Is(err, adapter.ErrTenant) {
		return usageError{fmt.Errorf("--tenant: %w", err)}
	}
	if err != nil {
		return err
	}
	if !f.json {
		return explanation.WriteText(cmd.OutOrStdout())
	}
	enc := json.NewEncoder(cmd.OutOrStdout())
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(explanation)
}

// load reads the configuration, and returns which texts of it came from
// elsewhere and are not to be shown. Where nothing is sent, what is not set
// has a stand-in.
func (f *explainFlags) load(src []byte) (*mapping.Config, map[string]string, error) {
	hide := make(map[string]string)
	sources := mapping.Sources{
		Env: func(name string) (string, bool) {
			value, ok := os.LookupEnv(name)
			if !ok && !f.connect {
				value, ok = unset+"/"+name, true
			}
			if ok && len(value) >= minHidden {
				hide[value] = "${" + name + "}"
			}
			return value, ok
		},
		ReadFile: func(name string) ([]byte, error) {
			value, err := os.ReadFile(name)
			if err != nil && !f.connect {
				value, err = []byte(unset+"/"+name), nil
			}
			if err == nil && len(value) >= minHidden {
				hide[string(value)] = "${file:" + name + "}"
			}
			return value, err
		},
	}
	config, err := loadFrom(f.config, src, sources)
	return config, hide, err
}

// minHidden is how long a text must be to be hidden: a shorter one is no
// secret, and stands in too many places.
const minHidden = 6

// readRequest reads the request from the file, or from standard input.
func readRequest(cmd *cobra.Command, args []string) (*http.Request, error) {
	name, in := "standard input", cmd.InOrStdin()
	if len(args) == 1 {
		file, err := os.Open(args[0])
		if err != nil {
			return nil, usageError{fmt.Errorf("the request cannot be read: %w", err)}
		}
		defer file.Close()
		name, in = args[0], file
	}
	src, err := io.ReadAll(io.LimitReader(in, maxRequest+1))
	switch {
	case err != nil:
		return nil, usageError{fmt.Errorf("the request cannot be read: %w", err)}
	case len(src) > maxRequest:
		return nil, usageError{fmt.Errorf("%s is larger than %d bytes, which no request is", name, maxRequest)}
	}
	r, err := parseRequest(src)
	if err != nil {
		return nil, usageError{fmt.Errorf("%s %w", name, err)}
	}
	return r, nil
}
