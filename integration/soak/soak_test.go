package main

import (
	"bytes"
	"os"
	"runtime"
	"strings"
	"testing"

	"hostscim/configs"
	"hostscim/integration/harness"
	"hostscim/mapping"
)

// TestMain lets the test binary be the host API that a run starts.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "legacy" {
		exit(serveLegacy(os.Args[2:]))
	}
	code := m.Run()
	harness.Cleanup()
	os.Exit(code)
}

// TestSoak runs all of it for a moment: every kind of request and client, a
// few reloads and two phases of faults. What it finds wrong is wrong.
func TestSoak(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("memory of other processes is read from /proc")
	}
	var out bytes.Buffer
	err := run(t.Context(), []string{
		"--time", "3s", "--rate", "30", "--reload", "300ms", "--faults", "2s", "--slow", "1", "--binary", harness.Build(t),
	}, &out)
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{"| Dropped | 0 |", "No request was dropped, and nothing has grown.", "A slow client that trickles its body and gets there | "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report is\n%s\nwant %q in it", out.String(), want)
		}
	}
}

func TestOptions(t *testing.T) {
	for _, bad := range []string{"--time=0s", "--rate=0", "--reload=-1s", "--faults=0s", "--slow=-1", "--port=80", "more"} {
		if o, err := parseOptions([]string{bad}, new(bytes.Buffer)); err == nil {
			t.Errorf("%s = %+v, want an error", bad, o)
		}
	}
}

// TestConfigurations holds that those which are to be applied are valid and
// differ, and that those which are to be refused are not, but for the one that
// only a running adapter can refuse.
func TestConfigurations(t *testing.T) {
	shipped, err := edited(string(configs.SignInEnterprise), base...)
	if err != nil {
		t.Fatal(err)
	}
	load := func(changes []change) error {
		t.Helper()
		text, err := edited(shipped, changes...)
		if err != nil {
			t.Fatal(err)
		}
		if changes != nil && text == shipped {
			t.Errorf("%q changes nothing", changes)
		}
		_, err = mapping.Load("soak.yaml", []byte(text), mapping.Sources{Env: func(string) (string, bool) { return "https://example.com", true }})
		return err
	}
	for _, changes := range valid {
		if err := load(changes); err != nil {
			t.Errorf("%q: %v", changes, err)
		}
	}
	for _, changes := range invalid {
		if err := load(changes); err == nil && !strings.Contains(changes[0][0], " listen:") {
			t.Errorf("%q is valid", changes)
		}
	}
	if text, err := edited(shipped, change{"no such text", ""}); err == nil {
		t.Errorf("a change of what is not there made %s", text)
	}
}
