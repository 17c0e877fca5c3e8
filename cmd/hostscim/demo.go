package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/spf13/cobra"

	"hostscim/configs"
	"hostscim/legacyclient/legacytest"
	"hostscim/mapping"
)

// demoFlags are what a demonstration can be told.
type demoFlags struct {
	listen, admin, legacy string
	token, legacyToken    string
	hosts                 int
	latency               time.Duration
	rate                  float64
	paced                 bool // rate was told
	only                  string
	config                string
	lenient               bool
	logs                  logFlags
}

// The parts of a demonstration that can be served alone, each by a process of
// its own: what one takes of time and memory is then told apart from the other.
const (
	onlyLegacy = "legacy"
	onlySCIM   = "scim"
)

func newDemo() *cobra.Command {
	var f demoFlags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Serve SCIM in front of an embedded host API, to try it out",
		Long: `Serve SCIM in front of an embedded host API, to try it out. At the end it says how many
calls the host API had, and how much memory was taken.

To see what the adapter alone takes, serve the two by two processes, with the same flags:

	hostscim demo --only legacy --legacy-latency 5ms --legacy-rate 50
	hostscim demo --only scim --legacy-latency 5ms --legacy-rate 50`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.paced = cmd.Flags().Changed("legacy-rate")
			return f.run(cmd)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.listen, "listen", "127.0.0.1:8080", "where SCIM is served")
	flags.StringVar(&f.admin, "admin-listen", "127.0.0.1:9090", "where the status page, /healthz and /readyz are")
	flags.StringVar(&f.legacy, "legacy-listen", "127.0.0.1:8081", "where the embedded host API is")
	flags.StringVar(&f.token, "token", "demo-token", "the bearer token of SCIM clients")
	flags.StringVar(&f.legacyToken, "legacy-token", "demo-legacy-token", "the bearer token of the embedded host API")
	flags.IntVar(&f.hosts, "hosts", 0, "how many invented hosts there are at the start")
	flags.DurationVar(&f.latency, "legacy-latency", 0, "how long the embedded host API takes for a call")
	flags.Float64Var(&f.rate, "legacy-rate", 0, "how many calls a second the embedded host API takes before it answers 429, which is legacy.rate_limit of the adapter too; 0: neither has a limit (default: only the adapter has that of its profile)")
	flags.StringVar(&f.only, "only", "", "serve a part alone: legacy, the embedded host API, or scim, in front of one that is at --legacy-listen")
	flags.StringVar(&f.config, "config", "", "another profile for the same API")
	flags.BoolVar(&f.lenient, "lenient", false, "require nothing of a user but the userName")
	f.logs.add(cmd)
	return cmd
}

func (f *demoFlags) run(cmd *cobra.Command) error {
	log, err := f.logs.logger(cmd)
	if err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return usageError{err}
	}
	out := cmd.OutOrStdout()
	switch f.only {
	case onlyLegacy:
		return f.serveAPI(cmd.Context(), out)
	case onlySCIM:
		err = f.serve(cmd, log, "http://"+f.legacy+legacytest.Prefix)
	default:
		var api *hostAPI
		if api, err = f.startAPI(); err != nil {
			return err
		}
		defer api.close()
		if err = f.serve(cmd, log, api.url); err == nil {
			api.tell(out)
		}
	}
	if err == nil {
		tellPeak(out)
	}
	return err
}

// check refuses what cannot be.
func (f *demoFlags) check() error {
	switch {
	case f.hosts < 0 || f.token == "" || f.legacyToken == "":
		return fmt.Errorf("--hosts must not be negative, and the tokens not empty")
	case f.latency < 0:
		return fmt.Errorf("--legacy-latency must not be negative")
	case !(f.rate == 0 || f.rate >= lowestRate && f.rate <= highestRate):
		return fmt.Errorf("--legacy-rate must be calls a second, from %g to %d, or 0 for no limit", lowestRate, highestRate)
	case f.only != "" && f.only != onlyLegacy && f.only != onlySCIM:
		return fmt.Errorf("--only must be legacy or scim, not %q", f.only)
	}
	return nil
}

// The bounds of a rate that can be told.
const (
	lowestRate  = 0.01 // as that of legacy.rate_limit
	highestRate = 1_000_000
)

// serve serves SCIM, and says how to try it once it does.
func (f *demoFlags) serve(cmd *cobra.Command, log *slog.Logger, legacyURL string) error {
	config, err := f.load(legacyURL)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	scheme := "http://"
	if config.Server.TLS != nil {
		scheme = "https://"
	}
	return serve(ctx, config, log, nil, func(public, admin net.Addr) {
		f.greet(cmd.OutOrStdout(), scheme+public.String()+config.Server.BasePath, admin.String(), legacyURL)
	})
}

// load returns the profile for the embedded API at that URL.
func (f *demoFlags) load(legacyURL string) (*mapping.Config, error) {
	file, src := "signinenterprise.yaml", configs.SignInEnterprise
	if f.config != "" {
		file = f.config
		var err error
		if src, err = readFile(file); err != nil {
			return nil, err
		}
	}
	var options []mapping.Option
	if f.lenient {
		options = append(options, mapping.Lenient())
	}
	config, err := load(file, src, map[string]string{
		"HOSTSCIM_TOKEN": f.token, "LEGACY_URL": legacyURL, "LEGACY_TOKEN": f.legacyToken,
	}, options...)
	if err != nil {
		return nil, err
	}
	config.Server.Listen, config.Server.AdminListen = mapping.Address(f.listen), mapping.Address(f.admin)
	if f.paced {
		for _, tenant := range config.Each() {
			tenant.Legacy.RateLimit = mapping.RateLimit{PerSecond: f.rate}
		}
	}
	config.Server.AdminPublic = true // who writes such an address on the command line means it
	return config, nil
}

// greet prints what to enter in Entra, and lines to paste into a shell.
func (f *demoFlags) greet(w io.Writer, scimURL, admin, legacyURL string) {
	fmt.Fprintf(w, `hostscim demo is running. Stop it with Ctrl-C; it forgets everything then.

  Tenant URL    %[1]s
  Secret Token  %[2]s
  Status page   http://%[3]s/
  Health        http://%[3]s/readyz
  Legacy API    %[4]s (token %[5]s)

Create a host as Entra does, find it, make it invisible, and look at the legacy API:

curl -s -H 'Authorization: Bearer %[2]s' -H 'Content-Type: application/scim+json' -d '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"userName":"ada@example.com","active":true,"emails":[{"primary":true,"type":"work","value":"ada@example.com"}],"name":{"givenName":"Ada","familyName":"Example"},"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Engines"}}' %[1]s/Users
curl -s -G -H 'Authorization: Bearer %[2]s' --data-urlencode 'filter=userName eq "ADA@example.com"' %[1]s/Users
curl -s -X PATCH -H 'Authorization: Bearer %[2]s' -H 'Content-Type: application/scim+json' -d '{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"active","value":"False"}]}' %[1]s/Users/%[6]d
curl -s -H 'Authorization: Bearer %[5]s' '%[4]s/hosts?query=ada@example.com'
`, scimURL, f.token, admin, legacyURL, f.legacyToken, f.hosts+1)
}
