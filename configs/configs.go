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

// Complete is a profile with every attribute of RFC 7643, for the embedded
// host API.
//
//go:embed complete.yaml
var Complete []byte

// JSONServer is the profile of json-server, an API that others wrote.
//
//go:embed json-server.yaml
var JSONServer []byte

// PocketBase is the profile of PocketBase, an API that others wrote.
//
//go:embed pocketbase.yaml
var PocketBase []byte

// Schema is the JSON Schema of a configuration file, for editors. A test of
// package mapping writes it.
//
//go:embed schema.json
var Schema []byte
