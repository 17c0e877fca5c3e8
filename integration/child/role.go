package child

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Build makes the binary of hostscim in the folder, as it is shipped, by the
// script that makes a release, and returns its path.
func Build(dir string) (string, error) {
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

// Self returns this program, not started, with these arguments: the first is
// the role that it is to play.
func Self(args ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return exec.Command(self, args...), nil
}

// Serve serves on free loopback ports until the process is killed, and says
// where in the way that [Start] waits for. The admin listener has /metrics
// besides.
func Serve(h http.Handler, admin *http.ServeMux) error {
	public, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	private, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	admin.Handle("GET /metrics", promhttp.Handler())
	failed := make(chan error, 2)
	go func() { failed <- (&http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}).Serve(public) }()
	go func() { failed <- (&http.Server{Handler: admin, ReadHeaderTimeout: 10 * time.Second}).Serve(private) }()
	if err := json.NewEncoder(os.Stderr).Encode(serving{"serving", public.Addr().String(), private.Addr().String()}); err != nil {
		return err
	}
	return <-failed
}
