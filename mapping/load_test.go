package mapping

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hostscim/configs"
)

// TestLoadBad: each file of testdata has one fault, and its message.
func TestLoadBad(t *testing.T) {
	t.Parallel()
	for _, file := range badFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".bad.yaml"), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c, err := Load(filepath.Base(file), src, sources())
			var faults Faults
			if !errors.As(err, &faults) || c != nil {
				t.Fatalf("Load(%s) = %v, %v, want Faults and no configuration", file, c, err)
			}
			if strings.Contains(err.Error(), "example-secret") {
				t.Errorf("Load(%s) shows a credential: %v", file, err)
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".txt", faults.Error()+"\n")
		})
	}
}

func badFiles(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.bad.yaml")
	if err != nil || len(files) < 90 {
		t.Fatalf("found %d bad files, want 90 and more: %v", len(files), err)
	}
	return files
}

func TestLoadReportsAllFaultsInOrder(t *testing.T) {
	t.Parallel()
	src := `server:
  base_path: scim
  max_results: 0
auth:
  bearer:
    - {name: entra}
legacy:
  base_url: https://api.example.com
  timeout: soon
resources:
  User:
    id: id
    operations:
      list: {request: GET /hosts, items: hosts}
      create: {request: GET /hosts, unique: legacy}
    attributes:
      userName: {legacy: username}
      nickname.x: {legacy: nick}
      title: {legacy: username, typ: string}
`
	_, err := Load("f.yaml", []byte(src), sources())
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatalf("Load = %v, want Faults", err)
	}
	var got []string
	for _, f := range faults {
		got = append(got, fmt.Sprintf("%d:%d %s", f.Line, f.Col, f.Path))
	}
	want := []string{
		"2:3 server.base_path", "3:3 server.max_results", "6:7 auth.bearer[0]", "9:3 legacy.timeout",
		"14:7 resources.User.operations.list", "15:16 resources.User.operations.create.request",
		"18:7 resources.User.attributes.'nickname.x'", "19:15 resources.User.attributes.title.legacy",
		"19:33 resources.User.attributes.title.typ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("faults of Load (-want +got):\n%s\n%v", diff, err)
	}
}

// TestLoadSameEveryTime: faults of one place come in one order.
func TestLoadSameEveryTime(t *testing.T) {
	t.Parallel()
	src := `
auth: {bearer: [{name: entra, token: example-token}]}
legacy: {base_url: "https://api.example.com"}
resources:
  User:
    id: id
    operations:
      get: {request: "GET /hosts/{id}"}
      update: {request: "PATCH /hosts/{id}"}
    attributes:
      userName: {legacy: names.login}
      name.givenName: {legacy: names.first}
      name.familyName: {legacy: names.last}
      title: {legacy: names}
`
	_, first := Load("f.yaml", []byte(src), sources())
	for range 50 {
		if _, err := Load("f.yaml", []byte(src), sources()); err == nil || err.Error() != first.Error() {
			t.Fatalf("Load = %v, want %v as before", err, first)
		}
	}
}

// TestLoadHidesCredentials: whatever is wrong on or beside the line of a
// credential, neither the line nor the credential is shown.
func TestLoadHidesCredentials(t *testing.T) {
	t.Parallel()
	const inbound, outbound = "auth:\n  bearer:\n", "legacy:\n  auth:\n"
	for _, src := range []string{
		inbound + "    - {name: x, token: \"hush",
		inbound + "    - token: 'hush\n",
		inbound + "    - token: hush: x\n",
		inbound + "    - token: a: hush\n",
		inbound + "    - token: @hush\n",
		inbound + "    - token: `hush\n",
		inbound + "    - token: [hush\n",
		inbound + "    - token: |hush\n",
		inbound + "    - token: >hush\n",
		inbound + "    - token: \"\\xhush\"\n",
		inbound + "    - token: x\n      hush\n   y: z\n",
		inbound + "    - token: !hush x\n",
		inbound + "    - token: &hush x\n",
		inbound + "    - token: *hush\n",
		inbound + "    - token: [hush]\n",
		inbound + "    - token: {a: hush}\n",
		inbound + "    - token:\n      - hush\n      - hush\n",
		inbound + "    - {hush}\n",
		inbound + "    - hush\n",
		inbound + "    - {name: x, sha256: hush}\n",
		inbound + "    - {name: x, sha-256: hush}\n",
		inbound + "    - {name: x, token: hush, nam: y}\n",
		inbound + "    - {nam: x, token: hush}\n",
		inbound + "    - {name: x, token: hush, token: hush}\n",
		"auth: {bearer: hush}\n",
		"auth: hush\n",
		"Auth: {Bearer: [{Name: x, Token: hush}]}\n",
		"auht: {bearer: [{name: x, token: hush}]}\n",
		"server: {listen: x, token: hush}\n",
		outbound + "    bearer: hush\n    basic: {username: x, password: hush}\n",
		outbound + "    {bearer: hush, bearr: hush}\n",
		outbound + "    basic: {username: [x], password: hush}\n",
		outbound + "    basic: {usernam: x, pasword: hush}\n",
		outbound + "    basic: hush\n",
		outbound + "    header: {name: X-Api-Key, value: [hush]}\n",
		outbound + "    header: {nam: X-Api-Key, value: hush}\n",
		outbound + "    header: {name: X-Api-Key, val: hush}\n",
		outbound + "    bearer: hush${\n",
		outbound + "    bearer: hush${NOT_SET}\n",
		"%YAML hush\n---\na: b\n",
	} {
		_, err := Load("f.yaml", []byte(src), Sources{})
		if err == nil {
			t.Errorf("Load(%s) = nil, want faults", src)
		} else if strings.Contains(err.Error(), "hush") {
			t.Errorf("Load(%s) shows the credential:\n%v", src, err)
		}
	}
}

// TestSecretPrintsHidden holds law 13 of package adapter for every way to print.
func TestSecretPrintsHidden(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	if got := string(c.Auth.Bearer[0].Token); got != "example-token" {
		t.Fatalf("token = %q, want example-token", got)
	}
	var out strings.Builder
	for _, v := range []any{c.Auth.Bearer[0].Token, c.Auth, &c.Auth, c.Legacy.Auth, c, *c} {
		fmt.Fprintf(&out, "%v %+v %#v %s %q\n", v, v, v, v, v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
	}
	printed, err := json.Marshal(map[string]any{"auth": c.Auth, "legacy": c.Legacy.Auth})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(printed)
	if !strings.Contains(out.String(), hidden) {
		t.Errorf("printed %s, want %s in it", &out, hidden)
	}
	for _, secret := range []string{"example-token", "example-legacy-token"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%s is printed: %s", secret, &out)
		}
	}
}

// TestLoadHostile: a file that nobody meant to write is refused for less than a
// second of work. It is not parallel: what counts is the processor time of the
// process, which other processes on the machine do not add to.
func TestLoadHostile(t *testing.T) {
	distinct := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	var indented strings.Builder
	for i := range 340 {
		indented.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	for _, tt := range []struct{ name, src, want string }{
		{"empty", "", "the file is empty"},
		{"blank", " \n\n", "the file is empty"},
		{"comment", "# x\n", "the file is empty"},
		{"null", "null\n", "must be a mapping of keys to values"},
		{"text", "hello\n", "must be a mapping of keys to values"},
		{"list", "- a\n", "must be a mapping of keys to values"},
		{"2 MB", strings.Repeat("a: b\n", 400_000), "the file has 2000000 bytes"},
		{"not UTF-8", "a: b\nc: \"\xff\xfe\"\n", "f.yaml:2:1: not UTF-8"},
		{"UTF-16", "\xff\xfea\x00:\x00", "not UTF-8"},
		{"tab", "auth:\n\tbearer: x\n", "f.yaml:2:1: not YAML"},
		{"second document", "a: b\n---\nc: d\n", "a second YAML document"},
		{"aliases", "a: &a [x, x]\nb: &b [*a, *a]\nauth: *b\n", "anchors, aliases and tags are not supported"},
		{"brackets", strings.Repeat("[", 60_000), "the line has 60000 bytes"},
		{"brackets on lines", strings.Repeat("[\n", 30_000), "more than 64 brackets are open"},
		{"braces", strings.Repeat("{a: ", 1000), "more than 64 brackets are open"},
		{"dashes", strings.Repeat("- ", 4000), "must be a mapping of keys to values"},
		{"question marks", strings.Repeat("? ", 4000), "not YAML"},
		{"colons", strings.Repeat("a: ", 2700), "not YAML"},
		{"indentation", indented.String(), "unknown key"},
		{"keys", distinct(6000, "k%d: 1\n"), "unknown key"},
		{"the same key", strings.Repeat("server: {}\n", 5000), "the key is there twice"},
		{"flow keys", "{" + strings.Repeat("a: b, ", 1300) + "}", "the key is there twice"},
		{"rows", "resources:\n  User:\n    attributes:\n" + distinct(1200, "      'emails[type eq \"t%d\"].value': {legacy: f}\n"), "is written by"},
		{"expressions", "resources:\n  User:\n    attributes:\n" + distinct(1000, "      'emails[type eq \"t%d\"].value': {expr: a+b}\n"), "id is missing"},
		{"a long expression", "resources:\n  User:\n    attributes:\n      title: {expr: '" + strings.Repeat("(", 4000) + "'}\n", "is no expression"},
		{"a long sum", "resources:\n  User:\n    attributes:\n      title: {expr: '" + strings.Repeat("a+", 4000) + "a'}\n", "exceeds maximum allowed nodes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			start := processorTime(t)
			_, err := Load("f.yaml", []byte(tt.src), Sources{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Load = %.300v, want %q in it", err, tt.want)
			}
			if took := processorTime(t) - start; took > time.Second && !withRace() {
				t.Errorf("Load took %v of processor time", took)
			}
		})
	}
}

// processorTime returns what the process has used so far.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func TestLoadByteOrderMark(t *testing.T) {
	t.Parallel()
	if _, err := Load("f.yaml", append([]byte("\ufeff"), configs.SignInEnterprise...), sources()); err != nil {
		t.Errorf("Load of a file with a byte order mark: %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(configs.SignInEnterprise)
	for _, file := range badFiles(f) {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		c, err := Load("f.yaml", src, sources())
		var faults Faults
		switch {
		case err == nil && c.User == nil && c.Group == nil:
			t.Error("a configuration without a table")
		case err != nil && (!errors.As(err, &faults) || len(faults) == 0 || c != nil):
			t.Errorf("Load = %v, %v, want Faults alone", c, err)
		}
		for _, f := range faults {
			if f.Line < 1 || f.Col < 1 || f.Msg == "" {
				t.Errorf("fault without a place or a message: %#v", f)
			}
		}
	})
}

// withRace reports whether the race detector is at work, which takes its time.
func withRace() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}
