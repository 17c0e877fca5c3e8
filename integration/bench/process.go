package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"hostscim/configs"
	"hostscim/integration/child"
)

// The tokens of the run.
const (
	scimToken   = "bench-scim-token"
	legacyToken = "bench-legacy-token"
)

// process is a program that runs beside this one.
type process struct {
	*child.Process

	addr    string // host:port
	started time.Time
}

// start starts a program and waits until it says where it listens. The rest
// of its log is read and dropped: a process that logs pays for writing it.
func start(cmd *exec.Cmd) (*process, error) {
	started := time.Now()
	p, err := child.Start(cmd, io.Discard)
	if err != nil {
		return nil, err
	}
	return &process{p, p.Addr, started}, nil
}

// stop ends the process, which keeps nothing that could be lost.
func (p *process) stop() { p.Kill() }

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

// tick is the unit of times in /proc/PID/stat, which is the same on every
// architecture that Go knows.
const tick = 10 * time.Millisecond

// cpu returns the processor time that the process has used.
func (p *process) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.PID))
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
func (p *process) peak() (int64, error) { return p.Memory("VmHWM") }

// allocated returns how many objects and how many bytes the process has
// allocated so far.
func (p *process) allocated() (objects, size float64, err error) {
	text, err := p.Ask("/metrics")
	if err != nil {
		return 0, 0, err
	}
	objects, err1 := child.Metric(text, "go_memstats_mallocs_total")
	size, err2 := child.Metric(text, "go_memstats_alloc_bytes_total")
	return objects, size, errors.Join(err1, err2)
}
