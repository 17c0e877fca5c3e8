package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"hostscim/integration/child"
	"hostscim/legacyclient/legacytest"
)

// roles are what this program is when its first argument says so.
var roles = map[string]func(args []string) error{
	"legacy": serveLegacy,
	"floor":  serveFloor,
	"proxy":  serveProxy,
}

// role starts this program in a role.
func role(args ...string) (*process, error) {
	cmd, err := child.Self(args...)
	if err != nil {
		return nil, err
	}
	return start(cmd)
}

// directory says what a host API begins with.
type directory struct {
	hosts   int
	groups  []int // how many members each has
	latency time.Duration
}

func (d directory) start() (*process, error) {
	groups, err := json.Marshal(d.groups)
	if err != nil {
		return nil, err
	}
	return role("legacy", "-hosts", strconv.Itoa(d.hosts), "-groups", string(groups), "-latency", d.latency.String())
}

// calls returns how many calls the host API has had.
func calls(legacy *process) (int, error) {
	text, err := legacy.Ask("/calls")
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(text)
}

func serveLegacy(args []string) error {
	flags := flag.NewFlagSet("legacy", flag.ContinueOnError)
	var d directory
	flags.IntVar(&d.hosts, "hosts", 0, "how many hosts there are")
	flags.DurationVar(&d.latency, "latency", 0, "of every call")
	groups := flags.String("groups", "[]", "how many members the groups have")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(*groups), &d.groups); err != nil {
		return fmt.Errorf("-groups: %w", err)
	}
	api := legacytest.NewHandler(legacytest.WithToken(legacyToken), legacytest.WithHosts(d.hosts), legacytest.WithLatency(d.latency))
	for i, size := range d.groups {
		members := make([]int64, size)
		for j := range members {
			members[j] = int64(j) + 1
		}
		api.AddGroup(legacytest.Group{Name: groupName(i + 1)}, members...)
	}
	admin := http.NewServeMux()
	admin.HandleFunc("GET /calls", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, api.TotalCalls()) })
	return child.Serve(api, admin)
}

// groupName is the name of the group with that id: one word, and no part of
// that of another, since the search of the host API is a fuzzy one.
func groupName(id int) string { return fmt.Sprintf("bench-%d.", id) }

// newTransport is tuned for many calls of one host.
func newTransport() *http.Transport {
	return &http.Transport{MaxIdleConnsPerHost: 512, IdleConnTimeout: 90 * time.Second, DisableCompression: true}
}
