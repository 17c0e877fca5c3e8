package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"hostscim/legacyclient/legacytest"
)

var update = flag.Bool("update", false, "write what the commands print into the scripts")

// TestMain makes the test binary the command hostscim of the scripts.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"hostscim": main})
}

// TestScripts runs the command as a shell does: testdata/README.md says how a
// script is written.
func TestScripts(t *testing.T) {
	configs, err := filepath.Abs("../../configs")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exit": exit, "demo": startDemo},
		Setup: func(env *testscript.Env) error {
			env.Setenv("CONFIGS", configs)
			api := legacytest.NewServer(legacytest.WithToken("example-secret-2"), legacytest.WithHosts(120))
			api.AddGroup(legacytest.Group{Name: "Reception"}, 1, 2)
			env.Defer(api.Close)
			env.Setenv("HOST_API", api.URL)
			return nil
		},
	})
}

// exit is a command of the scripts, exit CODE PROGRAM ARGS...: it runs the
// program and holds it to the exit code, which exec cannot.
func exit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exit CODE PROGRAM ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	if err != nil {
		ts.Fatalf("%q is no exit code", args[0])
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exited *exec.ExitError
		if !errors.As(err, &exited) {
			ts.Fatalf("%v", err)
		}
		got = exited.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s ends with exit code %d, want %d", args[1], got, want)
	}
}

// startDemo is a command of the scripts, demo ARGS...: it starts the
// demonstration on free ports, to be stopped at the end of the script, and
// puts the URL that it serves SCIM at into $SCIM.
func startDemo(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: demo ARGS...")
	}
	args = append([]string{"demo", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--legacy-listen", "127.0.0.1:0"}, args...)
	for i, arg := range args {
		if filepath.Ext(arg) == ".yaml" {
			args[i] = ts.MkAbs(arg)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	greeting, w := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, args, w, io.Discard)
		w.Close()
	}()
	ts.Defer(func() {
		cancel()
		if code := <-ended; code != 0 {
			ts.Logf("the demo ends with exit code %d", code)
		}
	})
	lines := bufio.NewScanner(greeting)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(strings.TrimSpace(lines.Text()), "Tenant URL"); ok {
			ts.Setenv("SCIM", strings.TrimSpace(url))
			go io.Copy(io.Discard, greeting) // or the demo waits for a reader
			return
		}
	}
	ts.Fatalf("the demo does not say where it is")
}
