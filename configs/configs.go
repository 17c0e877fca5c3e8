// Package configs holds the configuration files that are shipped, embedded in
// the binary and tested as they stand. It holds files and nothing that reads
// them.
package configs

import _ "embed"

// SignInEnterprise is the profile of the full host API.
//
//go:embed signinenterprise.yaml
var SignInEnterprise []byte

// SignInEnterprisePublic is the profile of the part of the host API that the
// vendor has published.
//
//go:embed signinenterprise-public-v3.yaml
var SignInEnterprisePublic []byte
