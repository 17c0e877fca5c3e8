package integration

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"hostscim/integration/harness"
	"hostscim/legacyclient/legacytest"
)

// reloading is a process whose configuration is a file of the test.
type reloading struct {
	*system
	file string
	src  string
}

// startReloading starts a process from a file in a folder of its own. place
// puts the configuration there; nil: it is written.
func startReloading(t *testing.T, place func(dir string, src []byte) string) *reloading {
	t.Helper()
	legacy := newLegacy(t, legacytest.WithHosts(1))
	src := quick(t)
	if place == nil {
		place = func(dir string, src []byte) string {
			file := filepath.Join(dir, "config.yaml")
			writeFile(t, file, src)
			return file
		}
	}
	file := place(t.TempDir(), src)
	p := harness.Start(t, harness.Options{Args: []string{"serve", "--config", file}, Env: harness.Env(legacy.URL)})
	return &reloading{&system{client: newClient(t, p.URL), process: p, legacy: legacy}, file, string(src)}
}

func writeFile(t *testing.T, file string, src []byte) {
	t.Helper()
	if err := os.WriteFile(file, src, 0o600); err != nil {
		t.Fatal(err)
	}
}

// edited returns the configuration with what max_results says.
func (r *reloading) edited(maxResults string) []byte {
	return []byte(strings.Replace(r.src, "max_results: 1000", "max_results: "+maxResults, 1))
}

// maxResults is what discovery says of it.
func (r *reloading) maxResults() string {
	body := string(r.want(http.StatusOK, "GET", "/ServiceProviderConfig", "").body)
	_, rest, _ := strings.Cut(body, `"maxResults":`)
	number, _, _ := strings.Cut(rest, "}")
	return number
}

// metrics is what a scrape sees.
func (r *reloading) metrics() string {
	a, err := try(r.t, r.http, "GET", r.process.AdminURL+"/metrics", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(a.body)
}

// until waits until it is so.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for tick := time.Tick(10 * time.Millisecond); !so(); {
		select {
		case <-tick:
		case <-timeout:
			t.Fatalf("%s: not so after 20s", what)
		}
	}
}

// TestReload: on SIGHUP and when the file changes, the new configuration is
// used if it is one, and shown as refused if not.
func TestReload(t *testing.T) {
	r := startReloading(t, nil)
	uses := func(number string) {
		t.Helper()
		until(t, "max_results "+number, func() bool { return r.maxResults() == number })
	}
	uses("1000")
	writeFile(t, r.file, r.edited("11"))
	uses("11")

	other := r.file + ".new"
	writeFile(t, other, r.edited("12"))
	if err := os.Rename(other, r.file); err != nil {
		t.Fatal(err)
	}
	uses("12")

	refused := func(text string) {
		t.Helper()
		until(t, text, func() bool { return strings.Contains(r.process.Log(), text) })
		if !strings.Contains(r.metrics(), "hostscim_config_last_load_successful 0\n") {
			t.Error("the metric does not say that the configuration was refused")
		}
		uses("12")
	}
	writeFile(t, r.file, bytes.Replace(r.edited("13"), []byte("  max_body_bytes"), []byte("  max_bodybytes"), 1))
	refused("max_bodybytes")
	writeFile(t, r.file, bytes.Replace(r.edited("14"), []byte("\n  listen: 127.0.0.1:0"), []byte("\n  listen: 127.0.0.1:1"), 1))
	refused("without a restart")

	writeFile(t, r.file, r.edited("15"))
	uses("15")
	if !strings.Contains(r.metrics(), "hostscim_config_last_load_successful 1\n") {
		t.Error("the metric does not say that the configuration is used")
	}
	applied := func() int { return strings.Count(r.process.Log(), "configuration replaced") }
	before := applied()
	r.process.Signal(t, syscall.SIGHUP)
	until(t, "SIGHUP", func() bool { return applied() > before })
	uses("15")
}

// TestReloadKubernetes: a volume of a ConfigMap or a Secret is replaced by
// turning a link that lies beside the links to its files.
func TestReloadKubernetes(t *testing.T) {
	version := func(dir, name string, files map[string][]byte) {
		t.Helper()
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		for file, src := range files {
			writeFile(t, filepath.Join(dir, name, file), src)
		}
		if err := os.Symlink(name, filepath.Join(dir, "..data_tmp")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")); err != nil {
			t.Fatal(err)
		}
	}
	volume := t.TempDir()
	version(volume, "..one", map[string][]byte{"token": []byte(harness.Token)})
	if err := os.Symlink("..data/token", filepath.Join(volume, "token")); err != nil {
		t.Fatal(err)
	}
	var folder string
	r := startReloading(t, func(dir string, src []byte) string {
		folder = dir
		src = bytes.Replace(src, []byte("${HOSTSCIM_TOKEN}"), []byte("${file:"+filepath.Join(volume, "token")+"}"), 1)
		version(dir, "..one", map[string][]byte{"config.yaml": src})
		if err := os.Symlink("..data/config.yaml", filepath.Join(dir, "config.yaml")); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, "config.yaml")
	})
	src := bytes.Replace(r.edited("21"), []byte("${HOSTSCIM_TOKEN}"), []byte("${file:"+filepath.Join(volume, "token")+"}"), 1)
	version(folder, "..two", map[string][]byte{"config.yaml": src})
	if err := os.RemoveAll(filepath.Join(folder, "..one")); err != nil {
		t.Fatal(err)
	}
	until(t, "the new ConfigMap", func() bool { return r.maxResults() == "21" })

	version(volume, "..two", map[string][]byte{"token": []byte("another-token")})
	until(t, "the new Secret", func() bool {
		return r.send("GET", "/ServiceProviderConfig", "", "Authorization", "Bearer another-token").status == http.StatusOK
	})
	if a := r.send("GET", "/ServiceProviderConfig", ""); a.status != http.StatusUnauthorized {
		t.Errorf("the token that was replaced = %d, want 401", a.status)
	}
}

// TestReloadDropsNothing reloads all the time while clients read and write on
// connections that are kept alive.
func TestReloadDropsNothing(t *testing.T) {
	r := startReloading(t, nil)
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if a := r.send("PATCH", "/Users/1", patch(op("replace", "active", true))); a.status != http.StatusOK {
					t.Errorf("PATCH = %d %s, want 200", a.status, a.body)
				}
				if a := r.send("GET", "/Users?count=1", ""); a.status != http.StatusOK {
					t.Errorf("GET = %d %s, want 200", a.status, a.body)
				}
			}
		})
	}
	replaced := func() int { return strings.Count(r.process.Log(), "configuration replaced") }
	for i := range 20 {
		writeFile(t, r.file, r.edited([]string{"31", "32"}[i%2]))
		r.process.Signal(t, syscall.SIGHUP)
		until(t, "a reload", func() bool { return replaced() > i })
	}
	close(stop)
	clients.Wait()
}

// TestDrain: after SIGTERM the process is not ready, takes requests for as
// long as it was told, and ends.
func TestDrain(t *testing.T) {
	legacy := newLegacy(t, legacytest.WithHosts(1))
	src := bytes.Replace(quick(t), []byte("  # shutdown_delay: 5s"), []byte("  shutdown_delay: 3s"), 1)
	s := start(t, src, legacy)
	s.process.Terminate(t)
	if got := waitUnready(t, s); got != "503" {
		t.Errorf("/readyz while it waits: %s, want 503", got)
	}
	s.want(http.StatusOK, "GET", "/Users/1", "")
	s.process.Stop(t)
}
