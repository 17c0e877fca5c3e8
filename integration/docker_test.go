package integration

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"hostscim/integration/harness"
)

// instruction is one of a Dockerfile.
type instruction struct{ name, args string }

// list returns the arguments of an instruction in its JSON form.
func (i instruction) list(t *testing.T) (all []string) {
	t.Helper()
	if err := json.Unmarshal([]byte(i.args), &all); err != nil {
		t.Errorf("%s %s is not in the form that needs no shell: %v", i.name, i.args, err)
	}
	return all
}

// dockerfile returns the stages of the shipped Dockerfile: of each its FROM
// and what follows.
func dockerfile(t *testing.T) (stages [][]instruction) {
	t.Helper()
	src, err := os.ReadFile("../configs/docker/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	known := []string{"FROM", "WORKDIR", "COPY", "ARG", "RUN", "USER", "EXPOSE", "ENTRYPOINT", "CMD"}
	for n, line := range strings.Split(strings.ReplaceAll(string(src), "\\\n", " "), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		name, args, _ := strings.Cut(line, " ")
		if !slices.Contains(known, name) {
			t.Fatalf("Dockerfile:%d: unknown instruction %s", n+1, name)
		}
		if name == "FROM" {
			stages = append(stages, nil)
		}
		if len(stages) == 0 {
			t.Fatalf("Dockerfile:%d: %s before FROM", n+1, name)
		}
		last := len(stages) - 1
		stages[last] = append(stages[last], instruction{name, args})
	}
	return stages
}

// the returns the one instruction of that name in the stage.
func the(t *testing.T, stage []instruction, name string) instruction {
	t.Helper()
	var found []instruction
	for _, i := range stage {
		if i.name == name {
			found = append(found, i)
		}
	}
	if len(found) != 1 {
		t.Fatalf("the stage FROM %s has %d times %s, want one", stage[0].args, len(found), name)
	}
	return found[0]
}

// copied are the files of the repository that the image is built of, and where
// they go.
func copied(t *testing.T) map[string]string {
	t.Helper()
	files := make(map[string]string)
	for _, i := range dockerfile(t)[0] {
		if i.name != "COPY" {
			continue
		}
		paths := strings.Fields(i.args)
		to := paths[len(paths)-1]
		for _, from := range paths[:len(paths)-1] {
			if strings.HasSuffix(to, "/") {
				files[from] = filepath.Join(to, filepath.Base(from))
			} else {
				files[from] = to
			}
		}
	}
	return files
}

// ignored reports whether the files next to the Dockerfile keep a path out of
// what is built of: what is not let in by name, and tests.
func ignored(t *testing.T, path string) bool {
	t.Helper()
	src, err := os.ReadFile("../configs/docker/Dockerfile.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	out := false
	for line := range strings.Lines(string(src)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		pattern, in := strings.CutPrefix(line, "!")
		deep, anywhere := strings.CutPrefix(pattern, "**/")
		matches := pattern == "*" || path == pattern || strings.HasPrefix(path, pattern+"/")
		for part := range strings.SplitSeq(path, "/") {
			if ok, err := filepath.Match(deep, part); err != nil {
				t.Fatal(err)
			} else if ok && anywhere {
				matches = true
			}
		}
		if matches {
			out = !in
		}
	}
	return out
}

// imageSource copies what the image is built of to a directory of its own.
func imageSource(t *testing.T) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "elsewhere")
	for from, to := range copied(t) {
		err := filepath.WalkDir(filepath.Join("..", from), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			inRepository, err := filepath.Rel("..", path)
			if err != nil || ignored(t, inRepository) {
				return err
			}
			within, err := filepath.Rel(from, inRepository)
			if err != nil {
				return err
			}
			return copyFile(path, filepath.Join(root, to, within))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func copyFile(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, data, info.Mode().Perm())
}

// TestDockerfile: the image is built by the script of a release, with the Go
// that the module wants, from files that are there, and runs as nobody.
func TestDockerfile(t *testing.T) {
	stages := dockerfile(t)
	if len(stages) != 2 || stages[1][0].args != "scratch" {
		t.Fatalf("%d stages, the last of them %v; want two, the last FROM scratch", len(stages), stages[len(stages)-1][0])
	}
	module, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	wants := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(module)
	if from := stages[0][0].args; wants == nil || !strings.HasPrefix(from, "golang:"+string(wants[1])+"-") {
		t.Errorf("the build is FROM %s, want the Go of go.mod", from)
	}
	for from := range copied(t) {
		if _, err := os.Stat(filepath.Join("..", from)); err != nil {
			t.Error(err)
		}
		if ignored(t, from) {
			t.Errorf("%s is copied and left out of what is sent to the builder", from)
		}
	}
	last := stages[0][len(stages[0])-1]
	if last != (instruction{"RUN", "cmd/hostscim/release.sh /hostscim"}) {
		t.Errorf("the build ends with %s %s", last.name, last.args)
	}
	uid, gid := imageUser(t)
	if uid == 0 || gid == 0 {
		t.Errorf("the image runs as %d:%d, want nobody", uid, gid)
	}
	if got := the(t, stages[1], "ENTRYPOINT").list(t); !slices.Equal(got, []string{"/hostscim"}) {
		t.Errorf("ENTRYPOINT %q, want /hostscim", got)
	}
}

// imageUser returns as whom the image runs.
func imageUser(t *testing.T) (uid, gid uint32) {
	t.Helper()
	stages := dockerfile(t)
	user, group, _ := strings.Cut(the(t, stages[1], "USER").args, ":")
	u, errUser := strconv.ParseUint(user, 10, 32)
	g, errGroup := strconv.ParseUint(group, 10, 32)
	if err := errors.Join(errUser, errGroup); err != nil {
		t.Fatalf("USER is no pair of numbers, which is all that there is without /etc/passwd: %v", err)
	}
	return uint32(u), uint32(g)
}

// runImage runs the command of the image as an engine would: in a file system
// with the binary and the profile alone, as the user of the image. It returns
// when the process serves, and has ended after SIGTERM.
func runImage(t *testing.T, binary []byte) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Log("only root can run the binary in a file system of its own")
		return
	}
	uid, gid := imageUser(t)
	root := t.TempDir()
	config, env := harness.Profile(t, "http://127.0.0.1:1")
	for name, data := range map[string][]byte{"hostscim": binary, "etc/hostscim/config.yaml": config} {
		file := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, data, 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	stage := dockerfile(t)[1]
	line := append(the(t, stage, "ENTRYPOINT").list(t), the(t, stage, "CMD").list(t)...)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, line[0], line[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: uid, Gid: gid}}
	cmd.Dir = "/"
	for k, v := range env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	logged, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting %q in an empty file system: %v", line, err)
	}
	log := ""
	for lines := bufio.NewScanner(logged); lines.Scan(); {
		log += lines.Text() + "\n"
		if strings.Contains(lines.Text(), `"msg":"serving"`) {
			cmd.Process.Signal(syscall.SIGTERM)
		}
	}
	if err := cmd.Wait(); err != nil || !strings.Contains(log, `"msg":"serving"`) {
		t.Errorf("%q in an empty file system as %d ends with %v\n%s", line, uid, err, log)
	}
}
