package chaos

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"hostscim/configs"
	"hostscim/integration/harness"
	"hostscim/mapping"
)

// The profiles.
const (
	shipped = "shipped" // as it is
	keyless = "keyless" // no idempotency keys, and nobody but the adapter keeps names apart
	loose   = "loose"   // keys there are, but nobody except the adapter keeps names apart
	whole   = "whole"   // records are replaced
	lagging = "lagging" // searches are declared to lag
	listed  = "listed"  // members are a list in the record of the group
)

// hasty are the edits that let nobody wait: for an API that hangs, between
// tries, or for pages.
var hasty = []string{
	"request_timeout: 25s", "request_timeout: 200ms",
	"  timeout: 10s", "  timeout: 40ms",
	"{per_second: 50, burst: 50}", "{per_second: 100000, burst: 100000}",
	"{max_attempts: 4, min_wait: 200ms, max_wait: 5s}", "{max_attempts: 3, min_wait: 1ms, max_wait: 3ms}",
	"{style: offset, limit: 100, limit_param: limit, offset_param: offset}", "{style: offset, limit: 3}",
	"paging: {style: offset, limit: 100}", "paging: {style: offset, limit: 2}",
	"max_per_call: 100", "max_per_call: 2",
	"  # breaker: {failures: 20, window: 1m, open: 5s}", "  breaker: {failures: 10, window: 1m, open: " + open.String() + "}",
}

// open is how long an API that was found down is left alone.
const open = 20 * time.Millisecond

// edits are those that make a profile of the shipped one.
var edits = map[string][]string{
	shipped: nil,
	keyless: {
		"POST /hosts, idempotent: true, unique: legacy", "POST /hosts, unique: adapter",
		"POST /host_groups, idempotent: true, unique: legacy", "POST /host_groups, unique: adapter",
		"max_per_call: 2, idempotent: true", "max_per_call: 2",
		"  idempotency_header: Idempotency-Key\n", "",
	},
	loose: {
		"POST /hosts, idempotent: true, unique: legacy", "POST /hosts, idempotent: true, unique: adapter",
		"POST /host_groups, idempotent: true, unique: legacy", "POST /host_groups, idempotent: true, unique: adapter",
	},
	whole: {
		`update: {request: "PATCH /hosts/{id}", body: changed}`, `update: {request: "PUT /hosts/{id}", body: whole}`,
		`update: {request: "PATCH /host_groups/{id}", body: changed}`, `update: {request: "PATCH /host_groups/{id}", body: whole}`,
	},
	listed: {
		// Of two writes of one list, a call that is executed after its time was
		// over undoes the other, and no lock of ours can help. So there is time.
		"request_timeout: 200ms", "request_timeout: 3s",
		"  timeout: 40ms", "  timeout: 1s",
	},
	lagging: {
		"returns: superset}", "returns: superset, lag: 30s}",
		"returns: superset}", "returns: superset, lag: 30s}",
		"returns: superset}", "returns: superset, lag: 30s}",
	},
}

// memberCalls is the part of the shipped profile that says how members are kept.
var memberCalls = regexp.MustCompile(`(?s)    members:\n.*?(    attributes:\n)`)

// sameNames reports whether the API of the profile takes a name twice.
func sameNames(profile string) bool { return profile == keyless || profile == loose }

func profileNames() []string { return slices.Sorted(maps.Keys(edits)) }

// unhurried are the edits for the race detector, under which all takes longer.
var unhurried = []string{"request_timeout: 200ms", "request_timeout: 2s", "  timeout: 40ms", "  timeout: 400ms"}

// profile returns the text of a profile.
func profile(name string) string {
	text := string(configs.SignInEnterprise)
	changes := append(slices.Clone(hasty), edits[name]...)
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(text, changes[i]) {
			panic(fmt.Sprintf("the profile has no text %q to edit", changes[i]))
		}
		text = strings.Replace(text, changes[i], changes[i+1], 1)
	}
	if harness.Race() {
		text = strings.NewReplacer(unhurried...).Replace(text)
	}
	if name == listed {
		text = memberCalls.ReplaceAllString(text, "    members: {field: custom_fields.members}\n$1")
	}
	return text
}

// loaded holds the profiles once they are loaded.
var loaded sync.Map

// load returns a profile for an API at the URL.
func load(name, legacyURL string) (*mapping.Config, error) {
	env := harness.Env(legacyURL)
	known, ok := loaded.Load(name)
	if !ok {
		config, err := mapping.Load(name+".yaml", []byte(profile(name)), mapping.Sources{
			Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		})
		if err != nil {
			return nil, err
		}
		known, _ = loaded.LoadOrStore(name, config)
	}
	config := *known.(*mapping.Config)
	base, err := parseURL(legacyURL)
	config.Legacy.BaseURL = base
	return &config, err
}
