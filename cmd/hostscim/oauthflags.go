package main

import (
	"cmp"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"hostscim/integration/rehearse"
)

// oauthFlags are where the secrets stand for the tests of a token endpoint: a
// command line is no place for them.
type oauthFlags struct {
	secretEnv, secondSecretEnv string
	assertion                  string
	refused                    []string
}

// register gives the flags to the command.
func (f *oauthFlags) register(cmd *cobra.Command, o *rehearse.OAuth) {
	flags := cmd.Flags()
	flags.StringVar(&o.TokenURL, "oauth-token-url", "", "of the suite gallery: the token endpoint to test, such as https://scim.example.com/oauth/token")
	flags.StringVar(&o.ClientID, "oauth-client-id", "", "the client_id at the token endpoint")
	flags.StringVar(&o.Scope, "oauth-scope", "", "the scope to ask for (default: none with a secret, scim with an assertion)")
	flags.StringVar(&f.secretEnv, "oauth-client-secret-env", "", "the environment variable that holds the client's secret")
	flags.StringVar(&f.secondSecretEnv, "oauth-second-secret-env", "", "the environment variable that holds another live secret of the client, to test rotation")
	flags.StringVar(&f.assertion, "oauth-assertion-file", "", "a file with an assertion (JWT) that the token endpoint must accept, to test workload identity federation")
	flags.StringArrayVar(&f.refused, "oauth-refused-assertion-file", nil, "a file with an assertion that it must refuse, such as one for another audience; may be repeated")
}

// fill reads the secrets into the options.
func (f *oauthFlags) fill(o *rehearse.OAuth) error {
	var errs [3]error
	o.Secret, errs[0] = fromEnv("oauth-client-secret-env", f.secretEnv)
	o.SecondSecret, errs[1] = fromEnv("oauth-second-secret-env", f.secondSecretEnv)
	o.Assertion, errs[2] = fromFile("oauth-assertion-file", f.assertion)
	if err := cmp.Or(errs[:]...); err != nil {
		return err
	}
	for _, name := range f.refused {
		jwt, err := fromFile("oauth-refused-assertion-file", name)
		if err != nil {
			return err
		}
		o.Refused = append(o.Refused, jwt)
	}
	return nil
}

// fromEnv returns what the environment variable of a flag holds.
func fromEnv(flag, name string) (string, error) {
	value := os.Getenv(name)
	if name != "" && value == "" {
		return "", fmt.Errorf("--%s: the environment variable %s is empty", flag, name)
	}
	return value, nil
}

// fromFile returns what the file of a flag holds, without the white space
// around it.
func fromFile(flag, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	b, err := os.ReadFile(name)
	value := strings.TrimSpace(string(b))
	if err == nil && value == "" {
		err = fmt.Errorf("%s is empty", name)
	}
	if err != nil {
		return "", fmt.Errorf("--%s: %w", flag, err)
	}
	return value, nil
}
