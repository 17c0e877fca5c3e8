package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"hostscim/configs"
)

// How the adapter is asked, and by what time slow clients are shown out.
const (
	scimBase = "/scim/v2"
	users    = "/Users"
	groups   = "/Groups"

	headerTimeout = "2s"
	readTimeout   = "8s"
	idleTimeout   = "20s"
)

// change replaces a part of the configuration, which stands there once.
type change [2]string

// edited returns the configuration with the changes.
func edited(config string, changes ...change) (string, error) {
	for _, c := range changes {
		if strings.Count(config, c[0]) != 1 {
			return "", fmt.Errorf("the configuration does not say %q once", c[0])
		}
		config = strings.Replace(config, c[0], c[1], 1)
	}
	return config, nil
}

// base are the changes of the shipped profile that hold for the whole run:
// times that are over while it lasts, a rate that is no hindrance, and a memory
// of names that is full soon, so that it is known how large it becomes.
var base = []change{
	{"\n  listen: 127.0.0.1:8080", "\n  listen: 127.0.0.1:0"},
	{"admin_listen: 127.0.0.1:9090", "admin_listen: 127.0.0.1:0"},
	{"request_timeout: 25s", "request_timeout: 20s"},
	{"\n  # limits:\n", fmt.Sprintf("\n  limits: {header_timeout: %s, read_timeout: %s, idle_timeout: %s}\n", headerTimeout, readTimeout, idleTimeout)},
	{"\n  timeout: 10s", "\n  timeout: 4s"},
	{"  # breaker: {failures: 20, window: 1m, open: 5s}", "  breaker: {failures: 20, window: 1m, open: 2s}"},
	{"rate_limit: {per_second: 50, burst: 50}", "rate_limit: {per_second: 1000, burst: 1000}"},
	{"cache_entries: 100000", "cache_entries: 2000"},
}

// valid are configurations that take the place of each other. The client of
// the legacy API is a new one in some and the old one in others.
var valid = [][]change{
	nil,
	{{"cache_entries: 2000", "cache_entries: 1000"}},
	{{"rate_limit: {per_second: 1000, burst: 1000}", "rate_limit: {per_second: 1500, burst: 1500}"}},
	{{"      userName: {legacy: username", "      title: {legacy: profile_pic_url}\n      userName: {legacy: username"}},
	{{"    # unmapped: warn", "    unmapped: ignore"}},
	{{"  # max_in_flight: 64", "  max_in_flight: 128"}},
	{{"scan_limit: 20000", "scan_limit: 10000"}, {"cache_ttl: 1h", "cache_ttl: 10m"}},
}

// invalid are configurations that are refused.
var invalid = [][]change{
	{{"  max_body_bytes: ", "  max_bodybytes: "}},
	{{"resources:\n", "resources: [\n"}},
	{{"\n  listen: 127.0.0.1:0", "\n  listen: 127.0.0.1:1"}}, // it would want a restart
	{{"userName: {legacy: username, required: true}", "userName: {legcy: username, required: true}"}},
}

// configuration is the file of the adapter.
type configuration struct {
	file string
	base string
}

// newConfiguration writes the first one into the folder.
func newConfiguration(dir string) (*configuration, error) {
	text, err := edited(string(configs.SignInEnterprise), base...)
	if err != nil {
		return nil, err
	}
	c := &configuration{filepath.Join(dir, "soak.yaml"), text}
	return c, c.write(firstResults, nil)
}

// firstResults is server.max_results of the first configuration; every one
// has another, so that it can be seen which one is used.
const firstResults = 1000

// write puts a changed configuration in the place of the file.
func (c *configuration) write(maxResults int, changes []change) error {
	text, err := edited(c.base, append([]change{{"max_results: 1000", fmt.Sprintf("max_results: %d", maxResults)}}, changes...)...)
	if err != nil {
		return err
	}
	next := c.file + ".next"
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		return err
	}
	return os.Rename(next, c.file)
}
