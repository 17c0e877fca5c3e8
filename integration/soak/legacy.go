package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"hostscim/integration/child"
	"hostscim/legacyclient/legacytest"
)

// seeded is how many hosts there are that no job touches.
const seeded = 500

// The tokens of the run.
const (
	scimToken    = "soak-scim-token"
	legacyToken  = "soak-legacy-token"
	controlToken = "soak-control-token"
)

// serveLegacy is the host API in a process of its own.
func serveLegacy(args []string) error {
	flags := flag.NewFlagSet("legacy", flag.ContinueOnError)
	seed := flags.Uint64("seed", 1, "decides which calls meet a fault")
	if err := flags.Parse(args); err != nil {
		return err
	}
	api := legacytest.NewServer(legacytest.WithToken(legacyToken), legacytest.WithControl(controlToken),
		legacytest.WithHosts(seeded), legacytest.WithSeed(*seed))
	defer api.Close()
	admin := http.NewServeMux()
	admin.HandleFunc("GET /url", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, api.URL) })
	admin.HandleFunc("GET /directory", func(w http.ResponseWriter, _ *http.Request) {
		api.Settle()
		d := directory{Hosts: api.Hosts(), Groups: api.Groups(), Members: make(map[int64][]int64)}
		for _, g := range d.Groups {
			d.Members[g.ID] = api.Members(g.ID)
		}
		if err := json.NewEncoder(w).Encode(d); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	// The API has a listener of its own, since it is that one which can refuse
	// connections.
	return child.Serve(http.NotFoundHandler(), admin)
}

// legacy is that process.
type legacy struct {
	*child.Process
	url string
}

func startLegacy(seed uint64) (*legacy, error) {
	cmd, err := child.Self("legacy", "-seed", strconv.FormatUint(seed, 10))
	if err != nil {
		return nil, err
	}
	l := new(legacy)
	if l.Process, err = child.Start(apart(cmd), io.Discard); err != nil {
		return nil, err
	}
	if l.url, err = l.Ask("/url"); err != nil {
		l.Kill()
		return nil, err
	}
	return l, nil
}

func (l *legacy) directory() (*directory, error) {
	text, err := l.Ask("/directory")
	if err != nil {
		return nil, err
	}
	d := new(directory)
	return d, json.Unmarshal([]byte(text), d)
}

// inject makes these faults.
func (l *legacy) inject(faults []legacytest.Fault) error {
	body, err := json.Marshal(map[string]any{"faults": faults})
	if err != nil {
		return err
	}
	_, err = l.control("POST", body)
	return err
}

// clear ends all faults, and returns how often each kind applied.
func (l *legacy) clear() (map[legacytest.Kind]int, error) {
	text, err := l.control("GET", nil)
	if err != nil {
		return nil, err
	}
	var is struct {
		Faults []struct {
			Kind    legacytest.Kind
			Applied int
		}
	}
	if err := json.Unmarshal(text, &is); err != nil {
		return nil, err
	}
	applied := make(map[legacytest.Kind]int)
	for _, f := range is.Faults {
		applied[f.Kind] += f.Applied
	}
	_, err = l.control("DELETE", nil)
	return applied, err
}

// control asks on a connection of its own: those of this program may be
// refused as well, so that it asks until one is taken.
func (l *legacy) control(method string, body []byte) (text []byte, err error) {
	for range 50 {
		if text, err = l.controlOnce(method, body); err == nil {
			return text, nil
		}
	}
	return nil, err
}

func (l *legacy) controlOnce(method string, body []byte) ([]byte, error) {
	req, err := http.NewRequest(method, l.url[:len(l.url)-len(legacytest.Prefix)]+"/_control/faults", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+controlToken)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("%s /_control/faults: %s: %s", method, res.Status, text)
	}
	return text, err
}
