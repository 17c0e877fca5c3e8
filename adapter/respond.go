package adapter

import (
	"net/http"
	"strconv"
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
	if a.location != "" {
		w.Header().Set("Location", a.location)
	}
	if a.version != "" {
		w.Header().Set("ETag", a.version)
	}
	if a.body.Kind() == scim.Absent {
		w.WriteHeader(a.status)
		return
	}
	body := append(a.body.Append(make([]byte, 0, 1024)), '\n')
	w.Header().Set("Content-Type", scim.MediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(a.status)
	w.Write(body) // a client that went away is seen in the next read
}

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
