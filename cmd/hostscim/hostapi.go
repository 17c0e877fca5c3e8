package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"hostscim/legacyclient/legacytest"
)

// hostAPI is the host API of a demonstration, which is served from its start on.
type hostAPI struct {
	url string

	handler *legacytest.Handler
	server  *http.Server
}

// startAPI serves the embedded host API.
func (f *demoFlags) startAPI() (*hostAPI, error) {
	l, err := listenTCP("--legacy-listen", f.legacy)
	if err != nil {
		return nil, err
	}
	a := &hostAPI{url: apiURL(l.Addr()), handler: legacytest.NewHandler(f.apiOptions()...)}
	a.server = &http.Server{Handler: a.handler, ReadHeaderTimeout: 10 * time.Second}
	go a.server.Serve(l) // ends by Close
	return a, nil
}

func apiURL(addr net.Addr) string { return "http://" + addr.String() + legacytest.Prefix }

func (f *demoFlags) apiOptions() []legacytest.Option {
	options := []legacytest.Option{
		legacytest.WithToken(f.legacyToken), legacytest.WithHosts(f.hosts), legacytest.WithLatency(f.latency),
		legacytest.WithRateLimit(f.rate, int(math.Ceil(f.rate))),
	}
	if f.lenient {
		options = append(options, legacytest.WithLenient())
	}
	return options
}

func (a *hostAPI) close() { a.server.Close() }

// serveAPI serves nothing but the host API, until ctx ends.
func (f *demoFlags) serveAPI(ctx context.Context, w io.Writer) error {
	api, err := f.startAPI()
	if err != nil {
		return err
	}
	defer api.close()
	fmt.Fprintf(w, `The host API of hostscim demo is running. Stop it with Ctrl-C; it forgets everything then.

  Legacy API    %s (token %s)

"hostscim demo --only scim", with the same flags, serves SCIM in front of it.
`, api.url, f.legacyToken)
	<-ctx.Done()
	api.tell(w)
	tellPeak(w)
	return nil
}

// tell prints how many calls the API had, by route.
func (a *hostAPI) tell(w io.Writer) {
	routes := a.handler.Calls()
	fmt.Fprintf(w, "\nCalls of the host API: %d, answered with 429: %d\n",
		a.handler.TotalCalls(), a.handler.Answers()[http.StatusTooManyRequests])
	for _, route := range slices.SortedFunc(maps.Keys(routes), func(a, b string) int {
		return cmp.Or(cmp.Compare(routes[b], routes[a]), cmp.Compare(a, b))
	}) {
		fmt.Fprintf(w, "%9d  %s\n", routes[route], route)
	}
}

// tellPeak prints the most memory that this process ever had resident, where
// the system tells it.
func tellPeak(w io.Writer) {
	status, err := os.ReadFile("/proc/self/status") // of Linux
	if err != nil {
		return
	}
	if kb := peakKB(string(status)); kb > 0 {
		fmt.Fprintf(w, "\nThis process took %d MiB of memory at most.\n", (kb+1023)/1024)
	}
}

// peakKB reads VmHWM, 0 if it is not there.
func peakKB(status string) int {
	_, rest, _ := strings.Cut(status, "\nVmHWM:")
	number, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	kb, _ := strconv.Atoi(number)
	return kb
}
