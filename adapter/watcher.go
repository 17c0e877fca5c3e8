package adapter

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxProbeCalls bounds the calls of one probe, attempts counted.
const maxProbeCalls = 100

var (
	errReadOnly   = errors.New("a probe makes no other calls than GET")
	errProbeCalls = errors.New("a probe makes no more calls")
)

// watcher stands in front of the transport while the legacy API is probed. It
// lets nothing but GET through, and remembers what the client of the API does
// not tell: the last answer as it came, and what answers say beside it.
type watcher struct {
	next http.RoundTripper

	mu     sync.Mutex
	calls  int
	status int // of the last answer; 0: there was none
	header http.Header
	body   []byte
	limits map[string]string // headers that tell of a rate limit, as first seen
	ahead  time.Duration     // how far the clock of the API is ahead of ours
	dated  bool              // ahead is known
}

// RoundTrip makes the attempt if it is one of a GET.
func (w *watcher) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.status, w.header, w.body = 0, nil, nil
	switch {
	case r.Method != http.MethodGet:
		return nil, errReadOnly
	case w.calls >= maxProbeCalls:
		return nil, errProbeCalls
	}
	w.calls++
	resp, err := w.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	w.status, w.header = resp.StatusCode, resp.Header.Clone()
	w.note(resp.Header)
	resp.Body = &copied{ReadCloser: resp.Body, to: w}
	return resp, nil
}

// note takes from the header what is of interest beside the answer.
func (w *watcher) note(h http.Header) {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		w.ahead, w.dated = time.Until(date), true
	}
	for name, values := range h {
		lower := strings.ReplaceAll(strings.ToLower(name), "-", "")
		if !strings.Contains(lower, "ratelimit") || len(values) != 1 || len(values[0]) > 80 {
			continue
		}
		// What is left changes with every call; what is allowed does not.
		if lower == "ratelimit" || strings.Contains(lower, "remaining") || strings.Contains(lower, "reset") || strings.Contains(lower, "used") {
			continue
		}
		if w.limits == nil {
			w.limits = make(map[string]string)
		}
		if w.limits[name] == "" {
			w.limits[name] = values[0]
		}
	}
}

// limitLines returns the headers that tell of a rate limit, in order.
func (w *watcher) limitLines() []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(w.limits)) {
		lines = append(lines, name+": "+w.limits[name])
	}
	return lines
}

// CloseIdleConnections closes those of the transport.
func (w *watcher) CloseIdleConnections() {
	if t, ok := w.next.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// maxWatched bounds what is kept of an answer.
const maxWatched = 4 << 20

// copied is a body that is kept while it is read.
type copied struct {
	io.ReadCloser
	to *watcher
}

// Read reads from the body.
func (c *copied) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.to.mu.Lock()
	defer c.to.mu.Unlock()
	if len(c.to.body)+n <= maxWatched {
		c.to.body = append(c.to.body, p[:n]...)
	}
	return n, err
}

// last returns the status of the last answer and its body; 0: there was none.
func (w *watcher) last() (status int, html bool, body []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	html = w.header != nil && strings.Contains(strings.ToLower(w.header.Get("Content-Type")), "html") ||
		bytes.HasPrefix(bytes.ToLower(bytes.TrimSpace(w.body)), []byte("<!doctype html"))
	return w.status, html, w.body
}
