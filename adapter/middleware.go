package adapter

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
	"unicode"

	"hostscim/adapter/scim"
	"hostscim/legacyclient"
	"hostscim/mapping"
)

// chain puts the middleware around the routes; the first listed is the
// outermost. The order matters: a panic is logged as the 500 that it becomes,
// and a stranger gets no further than authenticate.
func (s *Server) chain(h http.Handler) http.Handler {
	layers := []func(http.Handler) http.Handler{
		s.accessLog,
		s.recoverPanics,
		s.deadline,
		s.authenticate,
		s.refusePaused,
	}
	for i := len(layers) - 1; i >= 0; i-- {
		h = layers[i](h)
	}
	return h
}

// entry is what the access log says of a request. Handlers add to it through
// [note]. It holds ids and names of attributes and never values.
type entry struct {
	requestID string
	traceID   string // "": nothing is traced
	route     string // the pattern, such as GET /Users/:id
	id        string
	token     string  // the name of the token
	tenant    *tenant // whom the token selects; nil before that is known
	scimType  string
	err       error
	trace     legacyclient.Trace
	ignored   []ignored
	witness   *witness // nil but for Explain
}

type entryKey struct{}

// note changes the log entry of the request.
func note(r *http.Request, change func(*entry)) {
	if e, ok := r.Context().Value(entryKey{}).(*entry); ok {
		change(e)
	}
}

// tenantOf returns the tenant of a request that authenticate let through.
func tenantOf(r *http.Request) *tenant {
	e, _ := r.Context().Value(entryKey{}).(*entry)
	return e.tenant
}

// loggedAs returns the id under which the request is logged.
func loggedAs(ctx context.Context) string {
	if e, ok := ctx.Value(entryKey{}).(*entry); ok {
		return e.requestID
	}
	return ""
}

// accessLog gives the request an id and writes one line when it ends.
func (s *Server) accessLog(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		e := &entry{requestID: s.requestID(r)}
		traced := s.tracing.begin(r, s.proxies)
		e.traceID = s.tracing.traceID(traced)
		ctx := context.WithValue(traced, entryKey{}, e)
		ctx = legacyclient.WithTrace(ctx, &e.trace)
		w.Header().Set("X-Request-Id", e.requestID)
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		defer func() { s.tracing.end(traced, r, e, rec.status) }() // after a panic too
		next.ServeHTTP(rec, r.WithContext(ctx))
		s.logEntry(r, e, rec.status, time.Since(start))
	})
}

func (s *Server) logEntry(r *http.Request, e *entry, status int, took time.Duration) {
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError && !errors.Is(e.err, legacyclient.ErrCanceled) && !errors.Is(e.err, errPaused) {
		level = slog.LevelError // a client that went away is nobody's fault, nor is a pause
	}
	attrs := append(make([]slog.Attr, 0, 10),
		slog.String("request_id", e.requestID),
		slog.String("method", method(r)),
		slog.String("route", e.route),
		slog.Int("status", status),
		slog.Int64("duration_ms", took.Milliseconds()),
		slog.Int("legacy_calls", e.trace.Attempts()),
	)
	for _, optional := range []struct{ key, value string }{
		{"id", printable(e.id)}, {"token", e.token}, {"scim_type", e.scimType}, {"err", errText(e.err)},
		{"trace_id", e.traceID},
	} {
		if optional.value != "" {
			attrs = append(attrs, slog.String(optional.key, optional.value))
		}
	}
	log := s.log
	if e.tenant != nil {
		log = e.tenant.log
	}
	// Not by LogAttrs, which walks the stack for a source line that is always
	// this one: a third of what the line cost.
	if h := log.Handler(); h.Enabled(r.Context(), level) {
		line := slog.NewRecord(time.Now(), level, "request", 0)
		line.AddAttrs(attrs...)
		h.Handle(r.Context(), line) // as slog.Logger, which has nowhere to report an error either
	}
	s.metrics.countRequest(e, status, took)
	for _, i := range e.ignored {
		name, first := s.ignored.count(i, e.tenant.quiet(i))
		s.metrics.countIgnored(i, name)
		if first {
			log.LogAttrs(r.Context(), slog.LevelWarn, "attribute ignored: the mapping has no row for it; this is logged once",
				slog.String("request_id", e.requestID), slog.String("resource", i.resource), slog.String("attribute", i.attribute))
		}
	}
}

// printable returns the id if it may stand in a log, else "". slog escapes what
// would begin a line, but not the control characters beyond ASCII, nor what
// turns the direction of a text.
func printable(id string) string {
	if strings.ContainsFunc(id, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	return id
}

// quiet reports whether the mapping says that the attribute is ignored without
// a word.
func (t *tenant) quiet(i ignored) bool {
	for _, e := range t.endpoints() {
		if e.table.Type.Name == i.resource {
			return e.table.Policy(i.attribute) == mapping.PolicyIgnore
		}
	}
	return false
}

// method returns the request's method, or "other" for one that is made up.
func method(r *http.Request) string {
	switch r.Method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return r.Method
	}
	return "other"
}

// errText returns what the log may say of an error: never the detail of a
// SCIM error, which can name a value of the request.
func errText(err error) string {
	switch err := err.(type) {
	case nil:
		return ""
	case *scim.Error:
		return fmt.Sprintf("refused with status %d", err.Status)
	}
	return err.Error()
}

// requestID returns the id that a trusted proxy gave the request, if it looks
// like one, or a new one: what a stranger sends does not get into the log.
func (s *Server) requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	if id != "" && len(id) <= 64 && isToken(id) && s.proxies.trusts(r.RemoteAddr) {
		return id
	}
	var random [8]byte
	rand.Read(random[:]) // never fails
	return hex.EncodeToString(random[:])
}

// isToken reports whether s is made of letters, digits and -_. only.
func isToken(s string) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// recorder remembers the status that was sent.
type recorder struct {
	http.ResponseWriter
	status int
	sent   bool
}

// WriteHeader sends and remembers the status.
func (r *recorder) WriteHeader(status int) {
	if !r.sent {
		r.status, r.sent = status, true
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write sends a part of the body.
func (r *recorder) Write(p []byte) (int, error) {
	r.sent = true
	return r.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// recoverPanics turns a panic into a 500 and a log line with the stack. What
// was panicked with is not logged: it may hold a value.
func (s *Server) recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler {
				panic(v)
			}
			err := fmt.Errorf("panic (%T)", v)
			s.log.ErrorContext(r.Context(), "panic", "request_id", loggedAs(r.Context()), "kind", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
			if rec, ok := w.(*recorder); ok && rec.sent {
				panic(http.ErrAbortHandler) // half an answer must not look whole
			}
			s.fail(w, r, toError(err, nil, ""), err)
		}()
		next.ServeHTTP(w, r)
	})
}

// deadline gives the request its budget. A client that goes away stops what
// only reads; a write that has begun goes on to its end, since nobody could
// tell otherwise how far it came.
func (s *Server) deadline(next http.Handler) http.Handler {
	budget := time.Duration(s.config.RequestTimeout)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		if writes(r) {
			// What it reads decides about what it writes.
			ctx = legacyclient.Fresh(context.WithoutCancel(ctx))
		}
		ctx, cancel := context.WithTimeout(ctx, budget)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
