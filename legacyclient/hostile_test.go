package legacyclient

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// TestRedirectsAreNotFollowed holds that no redirect leads anywhere: neither to
// another server, which would get the credential, nor within the same one.
func TestRedirectsAreNotFollowed(t *testing.T) {
	var elsewhere atomic.Int64
	evil := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	t.Cleanup(evil.Close)
	for _, code := range []int{300, 301, 302, 303, 304, 305, 307, 308} {
		for _, to := range []string{evil.URL + "/api/v3/hosts", "//" + strings.TrimPrefix(evil.URL, "http://"), "/api/v3/hosts", "/admin", "hosts", "", "%zz"} {
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
				s := newServer(t, status(code, "Location", to, "Refresh", "0;url="+evil.URL))
				_, err := newClient(t, s.options(t)).Do(t.Context(), compile(t, Endpoint{Method: method, Path: "/hosts/{id}"}), Vars{"id": "7"}, nil)
				if !errors.Is(err, ErrMisconfigured) || s.calls.Load() != 1 {
					t.Errorf("%s answered by %d to %q: Do() = %v after %d calls, want ErrMisconfigured after one", method, code, to, err, s.calls.Load())
				}
				s.Close()
			}
		}
	}
	if n := elsewhere.Load(); n > 0 {
		t.Errorf("the other server was called %d times", n)
	}
}

// tap counts what is read of answers, behind decompression.
type tap struct {
	next http.RoundTripper
	read atomic.Int64
}

func (m *tap) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := m.next.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.TeeReader(resp.Body, m), resp.Body}
	}
	return resp, err
}

// Write counts p.
func (m *tap) Write(p []byte) (int, error) {
	m.read.Add(int64(len(p)))
	return len(p), nil
}

// TestDecompressionBomb holds that the bound on an answer is one on what it
// unpacks to: of 32 MiB in 32 kB no more is read than is allowed.
func TestDecompressionBomb(t *testing.T) {
	const allowed, block, blocks = 64 << 10, 1 << 20, 32
	for code, bound := range map[int]int64{200: allowed + 1, 422: maxErrorBody + 1 + maxDrain, 503: maxErrorBody + 1 + maxDrain} {
		s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
			if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
				t.Error("the client does not take gzip: the test proves nothing")
			}
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(code)
			z := gzip.NewWriter(w)
			_, _ = io.WriteString(z, `{"hosts":[],"errors":"`)
			for range blocks {
				_, _ = io.WriteString(z, strings.Repeat(" ", block)) // fails once the client has gone
			}
			_, _ = io.WriteString(z, `"}`)
			_ = z.Close()
		})
		var m *tap
		o := s.options(t)
		o.MaxBody, o.MaxAttempts = allowed, 1
		o.Around = func(next http.RoundTripper) http.RoundTripper { m = &tap{next: next}; return m }
		c := newClient(t, o)
		for _, ep := range []Endpoint{{Method: "GET", Path: "/hosts", Items: "hosts"}, {Method: "POST", Path: "/hosts"}} {
			m.read.Store(0)
			_, err := c.Do(t.Context(), compile(t, ep), nil, nil)
			if err == nil || m.read.Load() > bound || m.read.Load() < allowed {
				t.Errorf("%d to %s: Do() = %v after reading %d bytes, want an error after %d at most", code, ep.Method, err, m.read.Load(), bound)
			}
		}
	}
}

// TestJSONBomb holds that an answer is refused, or read, and never ends the
// process, however deep it is nested and whatever its numbers and names are.
func TestJSONBomb(t *testing.T) {
	deep := func(open, inner, end string) string {
		const levels = 1 << 20
		return strings.Repeat(open, levels) + inner + strings.Repeat(end, levels)
	}
	bombs := map[string]string{
		"arrays":        deep("[", "", "]"),
		"objects":       deep(`{"hosts":`, "1", "}"),
		"only open":     strings.Repeat("[", 4<<20),
		"in a record":   `{"hosts":[` + deep(`{"a":`, "1", "}") + `],"total":1}`,
		"in the faults": `{"errors":[` + deep("[", "", "]") + `]}`,
		"in a fault":    `{"errors":[{"code":` + deep("[", "", "]") + `}]}`,
		"a number":      `{"hosts":[],"total":` + strings.Repeat("9", 1<<20) + `}`,
		"an exponent":   `{"hosts":[],"total":1e999999999}`,
		"many names":    `{"hosts":[{` + strings.Repeat(`"a":1,`, 1<<18) + `"a":1}],"total":1}`,
		"many faults":   `{"errors":[` + strings.Repeat(`{"code":"x"},`, 1<<16) + `{"code":"x"}]}`,
	}
	for name, bomb := range bombs {
		for _, code := range []int{200, 400, 503} {
			s := newServer(t, body(code, "application/json", bomb))
			o := s.options(t)
			o.MaxAttempts = 1
			c := newClient(t, o)
			_, doErr := c.Do(t.Context(), compile(t, Endpoint{Method: "PATCH", Path: "/hosts/{id}", Item: "hosts"}), Vars{"id": "7"}, []byte("{}"))
			_, pageErr := c.Page(t.Context(), compile(t, Endpoint{Method: "GET", Path: "/hosts", Items: "hosts", Total: "total"}), nil, 0, 10)
			if doErr == nil || code != 200 && pageErr == nil {
				t.Errorf("%s under %d: Do() = %v, Page() = %v, want errors", name, code, doErr, pageErr)
			}
			if e, ok := errors.AsType[*Error](doErr); ok && len(e.Faults) > maxFaults {
				t.Errorf("%s under %d: %d faults, want %d at most", name, code, len(e.Faults), maxFaults)
			}
			s.Close()
		}
	}
}
