package legacytest

import (
	"context"
	"maps"
	"net"
	"net/http"
	"strconv"
	"time"
)

// statusBroken is the status on record for a call whose connection a fault
// broke off before an answer.
const statusBroken = 0

// inject does to a call what the fault that applies to it says. It stands
// before the Idempotency-Key is looked at, so that a key is known when the
// work was done, whatever the client was told.
func (h *Handler) inject(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.store.calls.Add(1)
		if !h.faults.some.Load() {
			next.ServeHTTP(w, r)
			return
		}
		f, cleared := h.faults.call(h.route(r))
		if h.faults.refuses() {
			w.Header().Set("Connection", "close")
		}
		if f == nil {
			next.ServeHTTP(w, r)
			return
		}
		for name, value := range f.Header {
			w.Header().Set(name, value)
		}
		switch f.Kind {
		case Headers:
			next.ServeHTTP(w, r)
		case Slow:
			wait(context.Background(), f.Delay, cleared)
			next.ServeHTTP(w, r.WithContext(context.WithoutCancel(r.Context())))
		case Shift, Stale:
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), faultKey{}, f)))
		case Trickle, Truncate, Cut, Mistype:
			f.spoil(w, r, hold(next, r))
		default:
			if f.Committed {
				hold(next, r)
			}
			h.fail(f, cleared, w, r)
		}
	})
}

type faultKey struct{}

// faultOf returns the fault of that kind that applies to the call, nil if
// there is none.
func faultOf(r *http.Request, kind Kind) *Fault {
	if f, ok := r.Context().Value(faultKey{}).(*Fault); ok && f.Kind == kind {
		return f
	}
	return nil
}

// hold does the work of a call and keeps its answer back.
func hold(next http.Handler, r *http.Request) *heldAnswer {
	held := &heldAnswer{header: make(http.Header)}
	next.ServeHTTP(held, r)
	return held
}

// fail answers in place of the API, or not at all.
func (h *Handler) fail(f *Fault, cleared <-chan struct{}, w http.ResponseWriter, r *http.Request) {
	if after := f.retryAfter(h.clock()); after != "" {
		w.Header().Set("Retry-After", after)
	}
	switch f.Kind {
	case Hang:
		unanswered(w) // on record before the client can have given up
		wait(r.Context(), f.Delay, cleared)
		hangUp(w)
	case Reset:
		breakOff(w)
	case HTML:
		page := []byte("<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>\n")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(page)))
		w.WriteHeader(f.status())
		_, _ = w.Write(page) // a client that went away is not ours to report
	default:
		writeRefusal(w, refuse(f.status(), entry{Domain: "global", Code: "injected", Message: "a fault was injected"}))
	}
}

// spoil sends a real answer in a way that it does not deserve.
func (f *Fault) spoil(w http.ResponseWriter, r *http.Request, real *heldAnswer) {
	maps.Copy(w.Header(), real.header)
	body := real.body.Bytes()
	switch {
	case f.Kind == Mistype:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
	case f.Kind == Truncate && len(body) == 0:
		breakOff(w)
		return
	case f.Kind == Cut && len(body) > 0:
		body = body[:len(body)/2]
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(real.status)
	switch f.Kind {
	case Truncate:
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush() // the rest is missing with or without it
		panic(http.ErrAbortHandler)
	case Trickle:
		f.trickle(w, r, body)
	default:
		if len(body) > 0 {
			_, _ = w.Write(body)
		}
	}
}

// trickle sends the body byte by byte until the client has had enough.
func (f *Fault) trickle(w http.ResponseWriter, r *http.Request, body []byte) {
	flush := http.NewResponseController(w).Flush
	for i := range body {
		if _, err := w.Write(body[i : i+1]); err != nil || r.Context().Err() != nil {
			return
		}
		_ = flush() // what cannot be flushed comes in one piece
		if f.Delay > 0 {
			wait(r.Context(), f.Delay, nil)
		}
	}
}

// wait waits for as long as d, without end if that is zero, or until the context
// ends or the faults are cleared.
func wait(ctx context.Context, d time.Duration, cleared <-chan struct{}) {
	var over <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-over:
	case <-cleared:
	case <-ctx.Done():
	}
}

// breakOff ends a call without an answer.
func breakOff(w http.ResponseWriter) {
	unanswered(w)
	hangUp(w)
}

// unanswered puts a call on record that will have no answer.
func unanswered(w http.ResponseWriter) {
	if rec, ok := w.(*recorder); ok {
		rec.record(statusBroken)
	}
}

// hangUp resets the connection. Where there is none, as under an
// httptest.ResponseRecorder, it panics with http.ErrAbortHandler, which is
// what a server takes for the same.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	reset(conn)
}

// reset closes the connection so that its peer finds it broken, and not at an end.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // else the end is one in good order, and no less an end
	}
	_ = conn.Close() // there is nothing left that could fail
}
