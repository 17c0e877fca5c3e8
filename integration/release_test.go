package integration

import (
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"hostscim/integration/harness"
)

const (
	releaseVersion = "v1.2.3-example"
	releaseCommit  = "0123456789abcdef0123456789abcdef01234567"
)

// TestRelease: the same source makes the same binary, to the byte, whoever
// builds it and wherever; it is static, tells its version, and serves. The
// other place is that of the image, with no more than the Dockerfile copies.
func TestRelease(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the binary twice")
	}
	here, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := imageSource(t)
	one := buildRelease(t, here)
	other := buildRelease(t, elsewhere, "GOFLAGS=-trimpath=false -buildvcs=true", "CGO_ENABLED=1", "GOAMD64=v2", "TZ=Asia/Tokyo", "LC_ALL=C", "HOME="+t.TempDir())
	if !bytes.Equal(one, other) {
		t.Errorf("the source built in %s and in %s makes two binaries, of %d and %d bytes", here, elsewhere, len(one), len(other))
	}
	for name, path := range map[string]string{"the source": here, "the copy": elsewhere, "Go's": runtime.GOROOT()} {
		if bytes.Contains(one, []byte(path+"/")) {
			t.Errorf("the binary holds the path of %s", name)
		}
	}
	checkStatic(t, one)
	runImage(t, other)

	file := filepath.Join(t.TempDir(), "hostscim")
	if err := os.WriteFile(file, one, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(file, "version")
	cmd.Env = []string{}
	out, err := cmd.CombinedOutput()
	want := "hostscim " + releaseVersion + "\ncommit " + releaseCommit + "\n" + runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH + "\n"
	if err != nil || string(out) != want {
		t.Errorf("hostscim version = %q, %v, want %q", out, err, want)
	}
}

// buildRelease returns the binary that the script makes of the source in root.
func buildRelease(t *testing.T, root string, env ...string) []byte {
	t.Helper()
	sh := harness.Tool(t, "sh", "dash")
	file := filepath.Join(t.TempDir(), "hostscim")
	cmd := exec.Command(sh, filepath.Join(root, "cmd/hostscim/release.sh"), file)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "GOCACHE="+goEnv(t, "GOCACHE"), "GOMODCACHE="+goEnv(t, "GOMODCACHE"), "VERSION="+releaseVersion, "COMMIT="+releaseCommit)
	cmd.Env = append(cmd.Env, env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building the release: %v\n%s", err, out)
	}
	binary, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// checkStatic checks that the binary needs no other file to run.
func checkStatic(t *testing.T, binary []byte) {
	t.Helper()
	if runtime.GOOS != "linux" {
		return // other systems have no static binaries
	}
	file, err := elf.NewFile(bytes.NewReader(binary))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range file.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Errorf("the binary has a %s: it is not static", p.Type)
		}
	}
}
