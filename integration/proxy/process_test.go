package proxy

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a running proxy.
type process struct {
	addr string   // where it listens
	logs []string // the files that it writes

	cmd    *exec.Cmd
	output buffer
	exited chan struct{}
	err    error // once exited is closed
	once   sync.Once
}

// shipped returns a file of configs with each old text replaced by its new
// one. An old text that is not there fails the test: the file has changed.
func shipped(t *testing.T, name string, oldnew ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "configs", name))
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for i := 0; i < len(oldnew); i += 2 {
		if !strings.Contains(text, oldnew[i]) {
			t.Fatalf("configs/%s has no %q for this test to replace", name, oldnew[i])
		}
		text = strings.ReplaceAll(text, oldnew[i], oldnew[i+1])
	}
	return text
}

// startNginx runs nginx in front of the upstream, with the further changes
// to its file. As root, its workers lose
// their rights as they do in earnest.
func startNginx(t *testing.T, program, upstream string, cert certificate, oldnew []string) *process {
	t.Helper()
	dir := publicDir(t)
	conf, startLog := filepath.Join(dir, "nginx.conf"), filepath.Join(dir, "start.log")
	p := startOnFreePort(t, func(addr string) *exec.Cmd {
		writeFile(t, conf, []byte(shipped(t, "nginx.conf", append(oldnew,
			"listen 443 ssl", "listen "+addr+" ssl",
			"/etc/nginx/tls/scim.example.com.pem", cert.file,
			"/etc/nginx/tls/scim.example.com.key", cert.key,
			"server 127.0.0.1:8080;", "server "+upstream+";",
			"/run/nginx.pid", dir+"/nginx.pid",
			"/var/log/nginx/", dir+"/",
			"/var/lib/nginx/", dir+"/",
		)...)))
		return exec.Command(program, "-p", dir, "-c", conf, "-e", startLog, "-g", "daemon off;")
	})
	p.logs = []string{filepath.Join(dir, "access.log"), filepath.Join(dir, "error.log"), startLog}
	return p
}

// startCaddy does the same with Caddy.
func startCaddy(t *testing.T, program, upstream string, cert certificate, oldnew []string) *process {
	t.Helper()
	dir := publicDir(t)
	conf := filepath.Join(dir, "Caddyfile")
	return startOnFreePort(t, func(addr string) *exec.Cmd {
		_, port, _ := net.SplitHostPort(addr)
		writeFile(t, conf, []byte(shipped(t, "Caddyfile", append(oldnew,
			"\nhttps://example.com {\n", "\nhttps://example.com:"+port+" {\n\tbind 127.0.0.1\n",
			"/etc/caddy/tls/example.com.pem", cert.file,
			"/etc/caddy/tls/example.com.key", cert.key,
			"reverse_proxy 127.0.0.1:8080 ", "reverse_proxy "+upstream+" ",
		)...)))
		cmd := exec.Command(program, "run", "--config", conf, "--adapter", "caddyfile")
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "XDG_DATA_HOME=" + dir, "XDG_CONFIG_HOME=" + dir}
		return cmd
	})
}

// publicDir returns a directory that processes with fewer rights can enter,
// which [testing.T.TempDir] is not.
func publicDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hostscim-proxy-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// startOnFreePort runs the command until it listens. A port that was free
// may be taken when the program comes to it: then another is tried.
func startOnFreePort(t *testing.T, command func(addr string) *exec.Cmd) *process {
	t.Helper()
	var last string
	for range 3 {
		addr := freeAddr(t)
		p := &process{addr: addr, cmd: command(addr), exited: make(chan struct{})}
		p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
		p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // see stop
		if err := p.cmd.Start(); err != nil {
			t.Fatal(err)
		}
		go func() {
			p.err = p.cmd.Wait()
			close(p.exited)
		}()
		if p.listens() {
			t.Cleanup(func() {
				p.stop(t)
				if t.Failed() {
					t.Logf("log of the proxy:\n%s", p.log(t))
				}
			})
			return p
		}
		p.kill()
		last = p.output.String()
	}
	t.Fatalf("the proxy does not start:\n%s", last)
	return nil
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// listens waits until the process accepts connections.
func (p *process) listens() bool {
	deadline := time.After(patience)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if conn, err := net.DialTimeout("tcp", p.addr, patience); err == nil {
			conn.Close()
			return true
		}
		select {
		case <-tick.C:
		case <-p.exited:
			return false
		case <-deadline:
			return false
		}
	}
}

// stop ends the process as a service manager does, and waits for it.
func (p *process) stop(t *testing.T) {
	t.Helper()
	p.once.Do(func() {
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Errorf("stopping the proxy: %v", err)
		}
		select {
		case <-p.exited:
			if p.err != nil {
				t.Errorf("the proxy ended with %v, want exit code 0", p.err)
			}
		case <-time.After(patience):
			t.Errorf("the proxy was still there %v after SIGTERM", patience)
		}
		p.kill()
	})
}

// kill ends what is left of the process and its children.
func (p *process) kill() {
	syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // fails where nothing is left
	<-p.exited
}

// log returns all that the process wrote, to files and to its output.
func (p *process) log(t *testing.T) string {
	t.Helper()
	text := p.output.String()
	for _, name := range p.logs {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Errorf("reading a log: %v", err)
		}
		text += string(data)
	}
	return text
}

// buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	mu   sync.Mutex
	data bytes.Buffer
}

// Write keeps data.
func (b *buffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.Write(data)
}

// String returns what was written so far.
func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.String()
}

// reset forgets what was written so far.
func (b *buffer) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data.Reset()
}
