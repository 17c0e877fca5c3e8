package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
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
	config                string
	lenient               bool
	logs                  logFlags
}

func newDemo() *cobra.Command {
	var f demoFlags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Serve SCIM in front of an embedded host API, to try it out",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.run(cmd)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.listen, "listen", "127.0.0.1:8080", "where SCIM is served")
	flags.StringVar(&f.admin, "admin-listen", "127.0.0.1:9090", "where /healthz and /readyz are")
	flags.StringVar(&f.legacy, "legacy-listen", "127.0.0.1:8081", "where the embedded host API is")
	flags.StringVar(&f.token, "token", "demo-token", "the bearer token of SCIM clients")
	flags.StringVar(&f.legacyToken, "legacy-token", "demo-legacy-token", "the bearer token of the embedded host API")
	flags.IntVar(&f.hosts, "hosts", 0, "how many invented hosts there are at the start")
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
	if f.hosts < 0 || f.token == "" || f.legacyToken == "" {
		return usageError{fmt.Errorf("--hosts must not be negative, and the tokens not empty")}
	}
	legacy, err := listenTCP("--legacy-listen", f.legacy)
	if err != nil {
		return err
	}
	legacyURL := "http://" + legacy.Addr().String() + legacytest.Prefix
	config, err := f.load(legacyURL)
	if err != nil {
		legacy.Close()
		return err
	}
	legacyServer := &http.Server{Handler: f.api(), ReadHeaderTimeout: 10 * time.Second}
	go legacyServer.Serve(legacy) // ends by Close below
	defer legacyServer.Close()
	return f.serve(cmd, config, log, legacyURL)
}

// serve serves, and says how to try it once it does.
func (f *demoFlags) serve(cmd *cobra.Command, config *mapping.Config, log *slog.Logger, legacyURL string) error {
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	return serve(ctx, config, log, nil, func(public, admin net.Addr) {
		f.greet(cmd.OutOrStdout(), "http://"+public.String()+config.Server.BasePath, admin.String(), legacyURL)
	})
}

// api returns the embedded host API.
func (f *demoFlags) api() http.Handler {
	options := []legacytest.Option{legacytest.WithToken(f.legacyToken), legacytest.WithHosts(f.hosts)}
	if f.lenient {
		options = append(options, legacytest.WithLenient())
	}
	return legacytest.NewHandler(options...)
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
	config.Server.AdminPublic = true // who writes such an address on the command line means it
	return config, nil
}

// greet prints what to enter in Entra, and lines to paste into a shell.
func (f *demoFlags) greet(w io.Writer, scimURL, admin, legacyURL string) {
	fmt.Fprintf(w, `hostscim demo is running. Stop it with Ctrl-C; it forgets everything then.

  Tenant URL    %[1]s
  Secret Token  %[2]s
  Health        http://%[3]s/readyz
  Legacy API    %[4]s (token %[5]s)

Create a host as Entra does, find it, make it invisible, and look at the legacy API:

curl -s -H 'Authorization: Bearer %[2]s' -H 'Content-Type: application/scim+json' -d '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"userName":"ada@example.com","active":true,"emails":[{"primary":true,"type":"work","value":"ada@example.com"}],"name":{"givenName":"Ada","familyName":"Example"},"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Engines"}}' %[1]s/Users
curl -s -G -H 'Authorization: Bearer %[2]s' --data-urlencode 'filter=userName eq "ADA@example.com"' %[1]s/Users
curl -s -X PATCH -H 'Authorization: Bearer %[2]s' -H 'Content-Type: application/scim+json' -d '{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"active","value":"False"}]}' %[1]s/Users/%[6]d
curl -s -H 'Authorization: Bearer %[5]s' '%[4]s/hosts?query=ada@example.com'
`, scimURL, f.token, admin, legacyURL, f.legacyToken, f.hosts+1)
}
