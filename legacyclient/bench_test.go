package legacyclient

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkPage measures a page of the offset style and its envelope on our
// side of the socket, of one record and of a hundred.
func BenchmarkPage(b *testing.B) {
	for _, n := range []int{1, 100} {
		list := `{"hosts":[` + strings.Repeat(host+",", n-1) + host + `],"pagination":{"total_records":100}}`
		rt := roundTripFunc(func(*http.Request) (*http.Response, error) { return answer(200, list), nil })
		c := newClient(b, memoryOptions(b, rt))
		ep := compile(b, Endpoint{Method: "GET", Path: "/hosts", Items: "hosts", Total: "pagination.total_records", Paging: Paging{Style: PagingOffset}})
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Page(b.Context(), ep, nil, 200, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// fullOptions turns everything on that a call goes through.
func fullOptions(o Options) Options {
	o.PerSecond, o.Burst = 1e9, 1e9
	o.MaxInFlight, o.MaxQueue = 64, 1000
	o.Breaker = Breaker{Failures: 20}
	o.Authorize, o.Passthrough = nil, true
	return o
}

// bareCall is the same call in plain net/http.
func bareCall(ctx context.Context, b testing.TB, c *http.Client, method, base, change string) {
	var in io.Reader
	if change != "" {
		in = strings.NewReader(change)
	}
	req, err := http.NewRequestWithContext(ctx, method, base+"/hosts/"+url.PathEscape("7"), in)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "bare")
	req.Header.Set("Authorization", "Bearer tok")
	if change != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != 200 {
		b.Fatal(resp.Status, err)
	}
	_ = resp.Body.Close()
}

// BenchmarkCall measures one call, with everything on, beside the same call in
// bare net/http with a timeout: over a socket to the same server, and on our side
// alone, where the transport answers at once from memory.
func BenchmarkCall(b *testing.B) {
	s := newServer(b, body(200, "application/json", host))
	o := fullOptions(s.options(b))
	o.Timeout = 0
	memory := roundTripFunc(func(*http.Request) (*http.Response, error) { return answer(200, host), nil })
	for _, at := range []struct {
		name, base string
		bare       http.RoundTripper
		options    Options
	}{
		{"socket", s.URL + "/api/v3", newTransport(10*time.Second, nil, nil), o},
		{"memory", "https://host.example.com/api/v3", memory, fullOptions(memoryOptions(b, memory))},
	} {
		bare := &http.Client{Transport: at.bare, Timeout: 10 * time.Second}
		c := newClient(b, at.options)
		ctx, cancel := context.WithTimeout(WithCredential(b.Context(), "Bearer tok"), time.Hour)
		defer cancel()
		for _, method := range []string{"GET", "PATCH"} {
			ep := compile(b, Endpoint{Method: method, Path: "/hosts/{id}"})
			var change string
			var in []byte
			if method == "PATCH" {
				change = `{"visible":false}`
				in = []byte(change)
			}
			b.Run(at.name+"/"+method+"/bare", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					bareCall(ctx, b, bare, method, at.base, change)
				}
			})
			b.Run(at.name+"/"+method+"/Do", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := c.Do(ctx, ep, Vars{"id": "7"}, in); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// TestCallCost holds that a call with everything on allocates about as much as
// one in bare net/http.
func TestCallCost(t *testing.T) {
	memory := roundTripFunc(func(*http.Request) (*http.Response, error) { return answer(200, host), nil })
	bare := &http.Client{Transport: memory, Timeout: 10 * time.Second}
	c := newClient(t, fullOptions(memoryOptions(t, memory)))
	ctx, cancel := context.WithTimeout(WithCredential(t.Context(), "Bearer tok"), time.Hour)
	defer cancel()
	for method, change := range map[string]string{"GET": "", "PATCH": `{"visible":false}`} {
		ep := compile(t, Endpoint{Method: method, Path: "/hosts/{id}"})
		floor := testing.AllocsPerRun(200, func() { bareCall(ctx, t, bare, method, "https://host.example.com/api/v3", change) })
		var in []byte
		if change != "" {
			in = []byte(change)
		}
		got := testing.AllocsPerRun(200, func() {
			if _, err := c.Do(ctx, ep, Vars{"id": "7"}, in); err != nil {
				t.Fatal(err)
			}
		})
		if got > floor*1.15 {
			t.Errorf("%s: %v allocations, want no more than 1.15 of the %v of net/http", method, got, floor)
		}
	}
}
