package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"hostscim/configs"
)

// The tokens of the run.
const (
	scimToken   = "bench-scim-token"
	legacyToken = "bench-legacy-token"
)

// serving is the line by which a process says where it listens. It is the
// one that hostscim logs.
type serving struct {
	Msg         string `json:"msg"`
	Listen      string `json:"listen"`
	AdminListen string `json:"admin_listen"`
}

// process is a program that runs beside this one.
type process struct {
	addr, admin string // host:port
	started     time.Time
	cmd         *exec.Cmd
}

// startTimeout is long because a million hosts are invented first.
const startTimeout = 2 * time.Minute

// start starts a program and waits until it says where it listens. The rest
// of its log is read and dropped: a process that logs pays for writing it.
func start(cmd *exec.Cmd) (*process, error) {
	log, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, started: time.Now()}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", filepath.Base(cmd.Path), err)
	}
	line := make(chan serving, 1)
	said := new(bytes.Buffer)
	go func() {
		defer close(line)
		r := bufio.NewReader(log)
		for {
			text, err := r.ReadBytes('\n')
			var s serving
			if json.Unmarshal(text, &s) == nil && s.Msg == "serving" {
				line <- s
				break
			}
			said.Write(text)
			if err != nil {
				return
			}
		}
		io.Copy(io.Discard, r) // ends with the process
	}()
	select {
	case s, ok := <-line:
		if !ok {
			return nil, fmt.Errorf("%s ended before it served: %w\n%s", filepath.Base(cmd.Path), errors.Join(cmd.Wait()), said)
		}
		p.addr, p.admin = s.Listen, s.AdminListen
		return p, nil
	case <-time.After(startTimeout):
		p.stop()
		return nil, fmt.Errorf("%s does not serve after %v", filepath.Base(cmd.Path), startTimeout)
	}
}

// stop ends the process and waits until it is gone.
func (p *process) stop() {
	p.cmd.Process.Kill() // it keeps nothing that could be lost
	p.cmd.Wait()
}

// hostscim starts the binary in front of the host API at that address.
func (b *bench) hostscim(legacy string) (*process, error) {
	config := string(configs.SignInEnterprise)
	for _, change := range [][2]string{
		{"listen: 127.0.0.1:8080", "listen: 127.0.0.1:0"},
		{"admin_listen: 127.0.0.1:9090", "admin_listen: 127.0.0.1:0"},
		{"rate_limit: {per_second: 50, burst: 50}", "rate_limit: {per_second: 1000000, burst: 1000000}"},
		{"cache_entries: 100000", "cache_entries: 1"},
	} {
		if strings.Count(config, change[0]) != 1 {
			return nil, fmt.Errorf("the shipped profile does not say %q once", change[0])
		}
		config = strings.Replace(config, change[0], change[1], 1)
	}
	file := filepath.Join(b.dir, "bench.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return nil, err
	}
	cmd := exec.Command(b.binary, "serve", "--config", file, "--log-format", "json")
	cmd.Env = append(os.Environ(), "HOSTSCIM_TOKEN="+scimToken, "LEGACY_TOKEN="+legacyToken, "LEGACY_URL=http://"+legacy+"/api/v3")
	if b.gogc != "" {
		cmd.Env = append(cmd.Env, "GOGC="+b.gogc)
	}
	return start(cmd)
}

// build makes the binary of hostscim as it is shipped, by the script that makes
// a release.
func build(dir string) (string, error) {
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("looking for the source of hostscim: %w", err)
	}
	binary := filepath.Join(dir, "hostscim")
	script := filepath.Join(strings.TrimSpace(string(module)), "cmd", "hostscim", "release.sh")
	out, err := exec.Command("sh", script, binary).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building hostscim: %w\n%s", err, out)
	}
	return binary, nil
}

// tick is the unit of times in /proc/PID/stat, which is the same on every
// architecture that Go knows.
const tick = 10 * time.Millisecond

// cpu returns the processor time that the process has used.
func (p *process) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	return parseStat(string(stat))
}

// parseStat reads utime and stime, the fields 14 and 15. The second is the
// name in parentheses, which may hold anything.
func parseStat(stat string) (time.Duration, error) {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/PID/stat has no times: %q", stat)
	}
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tick, errors.Join(err1, err2)
}

// peak returns the most memory that the process ever had resident, in bytes.
func (p *process) peak() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kb, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, err := strconv.ParseInt(kb, 10, 64)
	return n << 10, err
}

// allocated returns how many objects and how many bytes the process has
// allocated so far.
func (p *process) allocated() (objects, size float64, err error) {
	text, err := p.ask("/metrics")
	if err != nil {
		return 0, 0, err
	}
	objects, err1 := metric(text, "go_memstats_mallocs_total")
	size, err2 := metric(text, "go_memstats_alloc_bytes_total")
	return objects, size, errors.Join(err1, err2)
}

func metric(text, name string) (float64, error) {
	_, rest, found := strings.Cut(text, "\n"+name+" ")
	if !found {
		return 0, fmt.Errorf("there is no metric %s", name)
	}
	value, _, _ := strings.Cut(rest, "\n")
	return strconv.ParseFloat(value, 64)
}

// ask gets a page of the admin listener.
func (p *process) ask(path string) (string, error) {
	res, err := http.Get("http://" + p.admin + path)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s", path, res.Status)
	}
	return string(text), err
}
