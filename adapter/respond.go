package adapter

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"hostscim/adapter/scim"
)

// reply is an answer: a status, and a body unless it is absent.
type reply struct {
	status   int
	body     scim.Value
	location string // the Location header; "" sends none
	version  string // the ETag header; "" sends none
}

// serve runs the handler and sends its answer or its error.
func (s *Server) serve(w http.ResponseWriter, ex *exchange, h handler) {
	ex.base = s.baseURL(ex.Request)
	answer, err := h(ex)
	if err != nil {
		s.fail(w, ex.Request, toError(err, ex.endpoint, ex.id), err)
		return
	}
	send(w, answer)
}

// send writes the answer: encoded first, so that what cannot be encoded is
// still an error and not half a body.
func send(w http.ResponseWriter, a reply) {
	h := w.Header()
	if a.location != "" {
		h["Location"] = []string{a.location}
	}
	if a.version != "" {
		h["Etag"] = []string{a.version}
	}
	if a.body.Kind() == scim.Absent {
		w.WriteHeader(a.status)
		return
	}
	buf := bodies.Get().(*[]byte)
	body := append(a.body.Append((*buf)[:0]), '\n')
	h["Content-Type"] = mediaType
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(a.status)
	w.Write(body) // a client that went away is seen in the next read
	if cap(body) <= maxKept {
		*buf = body
		bodies.Put(buf)
	}
}

// bodies are buffers to encode into. A page has some hundred kilobytes, and
// in a new buffer it grew there by copying itself eight times.
var bodies = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

// maxKept is the largest buffer that is kept; a larger body is rare.
const maxKept = 512 << 10

// mediaType is shared by all answers.
var mediaType = []string{scim.MediaType}

// fail sends e, and notes for the log what caused it.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, e *scim.Error, cause error) {
	note(r, func(entry *entry) { entry.err, entry.scimType = cause, e.Type })
	if e.RetryAfter > 0 {
		seconds := (e.RetryAfter + time.Second - 1) / time.Second
		w.Header().Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
	}
	if e.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="hostscim"`)
	}
	send(w, reply{status: e.Status, body: e.Value()})
}
