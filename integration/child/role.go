package child

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Build makes the binary of hostscim in the folder and returns its path.
func Build(dir string) (string, error) {
	binary := filepath.Join(dir, "hostscim")
	out, err := exec.Command("go", "build", "-o", binary, "hostscim/cmd/hostscim").CombinedOutput()
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
