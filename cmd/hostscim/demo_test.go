package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// running is a demonstration in this process.
type running struct {
	greeting string
	cancel   context.CancelFunc
	ended    chan int
	rest     chan string
}

// startPart runs the command until it has printed a line with the text, and on.
func startPart(t *testing.T, text string, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	out, w := io.Pipe()
	r := &running{cancel: cancel, ended: make(chan int, 1), rest: make(chan string, 1)}
	var said bytes.Buffer
	go func() {
		r.ended <- run(ctx, args, w, &said)
		w.Close()
	}()
	lines := bufio.NewReader(out)
	for !strings.Contains(r.greeting, text) {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("%q ends with exit code %d: %s", args, <-r.ended, said.String())
		}
		r.greeting += line
	}
	go func() {
		rest, _ := io.ReadAll(lines) // ends with the command
		r.rest <- string(rest)
	}()
	return r
}

// stop ends the demonstration and returns what it printed meanwhile.
func (r *running) stop(t *testing.T) string {
	t.Helper()
	r.cancel()
	rest := <-r.rest
	if code := <-r.ended; code != 0 {
		t.Errorf("the demonstration ends with exit code %d", code)
	}
	return rest
}

// after returns the word that follows the label in the greeting.
func (r *running) after(label string) string {
	_, rest, _ := strings.Cut(r.greeting, label)
	if fields := strings.Fields(rest); len(fields) > 0 {
		return fields[0]
	}
	return ""
}

const free = "127.0.0.1:0"

// startBoth serves a demonstration on free ports.
func startBoth(t *testing.T, args ...string) *running {
	t.Helper()
	return startPart(t, "/hosts?query=", append([]string{"demo", "--log-level", "error", "--listen", free, "--admin-listen", free, "--legacy-listen", free}, args...)...)
}

// ask returns the status and the body of an answer.
func ask(t *testing.T, url, token string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// TestDemoRate: the host API takes as many calls as it is told, and the adapter
// makes no more.
func TestDemoRate(t *testing.T) {
	for _, tt := range []struct {
		args    []string
		metric  string
		answers []int // of the host API, one call after the other
	}{
		{nil, "50", []int{200, 200}},
		{[]string{"--legacy-rate", "0"}, "0", []int{200, 200}},
		{[]string{"--legacy-rate", "0.01"}, "0.01", []int{200, 429}}, // the next after 100 s
	} {
		demo := startBoth(t, tt.args...)
		for i, want := range tt.answers {
			if got, body := ask(t, demo.after("Legacy API")+"/hosts", "demo-legacy-token"); got != want {
				t.Errorf("%q: call %d of the host API gets %d, want %d: %s", tt.args, i+1, got, want, body)
			}
		}
		metric := "hostscim_legacy_rate_limit{tenant=\"default\"} " + tt.metric + "\n"
		if _, metrics := ask(t, strings.TrimSuffix(demo.after("Status page"), "/")+"/metrics", ""); !strings.Contains(metrics, metric) {
			t.Errorf("%q: the metrics lack %s", tt.args, metric)
		}
		farewell := demo.stop(t)
		want := "\nCalls of the host API: 2, answered with 429: 0\n        2  GET /hosts\n"
		if tt.answers[1] != 200 {
			want = "\nCalls of the host API: 2, answered with 429: 1\n        2  GET /hosts\n"
		}
		if !strings.HasPrefix(farewell, want) {
			t.Errorf("%q: at the end it prints\n%s\nwant\n%s", tt.args, farewell, want)
		}
	}
}

// TestDemoParts: the host API and the adapter in front of it are two commands.
func TestDemoParts(t *testing.T) {
	const latency = 50 * time.Millisecond
	flags := []string{"--token", "t1", "--legacy-token", "t2", "--legacy-rate", "0", "--legacy-latency", latency.String(), "--hosts", "3"}
	legacy := startPart(t, "serves SCIM in front of it", append([]string{"demo", "--only", "legacy", "--legacy-listen", free}, flags...)...)
	url := legacy.after("Legacy API")
	addr, _, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
	scim := startPart(t, "/hosts?query=", append([]string{"demo", "--only", "scim", "--log-level", "error", "--listen", free, "--admin-listen", free, "--legacy-listen", addr}, flags...)...)
	if got := scim.after("Legacy API"); got != url {
		t.Errorf("SCIM is served in front of %s, want %s", got, url)
	}
	asked := time.Now()
	if status, body := ask(t, scim.after("Tenant URL")+"/Users?count=2", "t1"); status != 200 || !strings.Contains(body, `"totalResults":3`) {
		t.Errorf("GET /Users = %d %s", status, body)
	}
	if took := time.Since(asked); took < latency {
		t.Errorf("GET /Users takes %v, less than the host API does", took)
	}
	memory := regexp.MustCompile(`\nThis process took \d+ MiB of memory at most\.\n$`)
	if got := scim.stop(t); strings.Contains(got, "Calls") || !memory.MatchString(got) {
		t.Errorf("SCIM alone prints at the end\n%s", got)
	}
	if got := legacy.stop(t); !strings.Contains(got, "\nCalls of the host API: 1, answered with 429: 0\n        1  GET /hosts\n") || !memory.MatchString(got) {
		t.Errorf("the host API alone prints at the end\n%s", got)
	}
}

func TestPeak(t *testing.T) {
	const status = "Name:\thostscim\nVmPeak:\t 1919832 kB\nVmHWM:\t   35844 kB\nVmRSS:\t   30000 kB\n"
	if got := peakKB(status); got != 35844 {
		t.Errorf("the peak is %d kB, want 35844", got)
	}
	if got := peakKB("Name:\thostscim\n"); got != 0 {
		t.Errorf("the peak that is not told is %d kB, want 0", got)
	}
}
