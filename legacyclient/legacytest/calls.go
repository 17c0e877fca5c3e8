package legacytest

import (
	"bytes"
	"maps"
	"net/http"
	"sync"
)

const (
	// maxLog is how many calls the log holds; older ones are forgotten.
	maxLog = 4096
	// maxLoggedBody is how much of a body the log keeps, which bounds the log's memory.
	maxLoggedBody = 16 << 10
)

// Call is one call that the API answered.
type Call struct {
	// Method is the HTTP method.
	Method string
	// Path is the escaped path below Prefix, such as "/hosts/1"; the whole path if it
	// lies elsewhere.
	Path string
	// Query is the raw query without "?".
	Query string
	// Body is the body, nil if there was none, cut after 16 KiB. It must not be changed.
	Body []byte
	// Status is the status of the answer, 499 if the client went away during the
	// latency, 0 if a fault broke the connection off before an answer.
	Status int
	// Key is the Idempotency-Key as sent, also one that is too short to count.
	Key string
}

// String returns the method with path and query, as in "GET /hosts?limit=2".
func (c Call) String() string {
	if c.Query == "" {
		return c.Method + " " + c.Path
	}
	return c.Method + " " + c.Path + "?" + c.Query
}

// callLog counts calls by route and holds the latest in a ring.
type callLog struct {
	mu     sync.Mutex
	counts map[string]int
	status map[int]int
	total  int
	ring   []Call
	next   int // where the next call goes once the ring is full
}

func newCallLog() *callLog {
	return &callLog{counts: make(map[string]int), status: make(map[int]int)}
}

func (l *callLog) add(route string, c Call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[route]++
	l.status[c.Status]++
	l.total++
	if len(l.ring) < maxLog {
		l.ring = append(l.ring, c)
		return
	}
	l.ring[l.next] = c
	l.next = (l.next + 1) % maxLog
}

// latest returns the log, oldest first. The lock must be held.
func (l *callLog) latest() []Call {
	return append(append(make([]Call, 0, len(l.ring)), l.ring[l.next:]...), l.ring[:l.next]...)
}

// Calls returns how many calls each route had since the start or the last ResetCalls.
// A route is a method and the vendor's template, such as "GET /hosts/{id}"; paths that
// the API does not have are "other". Refused calls count: without a token, over the
// rate, with a wrong method. A call is counted before its answer is sent, so that a
// client that has its answer is always counted. The map is the caller's.
func (h *Handler) Calls() map[string]int {
	h.calls.mu.Lock()
	defer h.calls.mu.Unlock()
	return maps.Clone(h.calls.counts)
}

// Answers returns how many of these calls were answered with each status, as Call
// tells it. The map is the caller's.
func (h *Handler) Answers() map[int]int {
	h.calls.mu.Lock()
	defer h.calls.mu.Unlock()
	return maps.Clone(h.calls.status)
}

// TotalCalls returns the sum of Calls.
func (h *Handler) TotalCalls() int {
	h.calls.mu.Lock()
	defer h.calls.mu.Unlock()
	return h.calls.total
}

// Log returns the latest 4096 calls at most, in the order of their answers.
func (h *Handler) Log() []Call {
	h.calls.mu.Lock()
	defer h.calls.mu.Unlock()
	return h.calls.latest()
}

// TakeCalls returns the same as Log and empties it. The counters of Calls stay.
func (h *Handler) TakeCalls() []Call {
	h.calls.mu.Lock()
	defer h.calls.mu.Unlock()
	calls := h.calls.latest()
	h.calls.ring, h.calls.next = nil, 0
	return calls
}

// ResetCalls empties the counters and the log.
func (h *Handler) ResetCalls() {
	h.calls.mu.Lock()
	defer h.calls.mu.Unlock()
	clear(h.calls.counts)
	clear(h.calls.status)
	h.calls.total, h.calls.ring, h.calls.next = 0, nil, 0
}

// recordCalls reads the body of every call and puts the call on record.
func (h *Handler) recordCalls(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := readBody(r)
		r.Body = b
		rec := &recorder{ResponseWriter: w}
		rec.record = func(status int) {
			c := Call{
				Method: r.Method,
				Path:   logPath(r),
				Query:  r.URL.RawQuery,
				Body:   b.data,
				Status: status,
				Key:    r.Header.Get(keyHeader),
			}
			if len(c.Body) > maxLoggedBody {
				c.Body = bytes.Clone(c.Body[:maxLoggedBody])
			}
			h.calls.add(h.route(r), c)
		}
		next.ServeHTTP(rec, r)
	})
}

func logPath(r *http.Request) string {
	p := r.URL.EscapedPath()
	if len(p) > len(Prefix) && p[:len(Prefix)] == Prefix && p[len(Prefix)] == '/' {
		return p[len(Prefix):]
	}
	return p
}

// recorder reports the status of an answer before any byte of it leaves.
type recorder struct {
	http.ResponseWriter

	record func(status int)
}

// WriteHeader reports the status and passes it on. Every answer of this package calls
// it exactly once.
func (r *recorder) WriteHeader(status int) {
	r.record(status)
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
