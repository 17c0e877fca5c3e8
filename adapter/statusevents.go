package adapter

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

const (
	// beat is how often an open page is told what is new.
	beat = time.Second
	// quietBeats is after how many beats without news a comment is sent, so
	// that nothing in between takes the connection for dead.
	quietBeats = 15
	// maxStreams bounds the pages that are open at a time.
	maxStreams = 32
	// sendTimeout is how long one message may take to be sent.
	sendTimeout = 10 * time.Second
)

// statusEvents keeps an open page up to date by server-sent events: the rows
// of new operations, and the state of the legacy APIs and the findings when they
// have changed. It ends when the server is not ready any more, so that an open
// page does not hold up the end of the process; and when the configuration is
// replaced, after which the page has to be loaded anew.
func (s *Server) statusEvents(w http.ResponseWriter, r *http.Request) {
	defer s.status.streams.Add(-1)
	if s.status.streams.Add(1) > maxStreams || !s.ready.Load() {
		w.Header().Set("Retry-After", "5")
		http.Error(w, "no events now; load the page again", http.StatusServiceUnavailable)
		return
	}
	st := &stream{server: s, w: w, control: http.NewResponseController(w), parts: make(map[string][]byte), filter: parseOperationFilter(r), last: lastEvent(r)}
	// The limits of the listener are for requests that end.
	if err := st.control.SetReadDeadline(time.Time{}); err != nil {
		http.Error(w, "no events on this connection", http.StatusNotImplemented)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for s.ready.Load() {
		if s.current.Load() != s {
			st.replaced()
			return
		}
		if err := st.tell(); err != nil {
			return // the page was closed
		}
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
		}
	}
}

// lastEvent returns the number of the last operation that the page has: as a
// browser says it that connects again, or as the page says it at first.
func lastEvent(r *http.Request) uint64 {
	id := r.Header.Get("Last-Event-ID")
	if id == "" {
		id = r.URL.Query().Get("after")
	}
	n, _ := strconv.ParseUint(id, 10, 64) // 0 of anything else: all is news
	return n
}

// stream is one open page.
type stream struct {
	server  *Server
	w       http.ResponseWriter
	control *http.ResponseController
	filter  operationFilter
	last    uint64            // the number of the last operation that was looked at
	parts   map[string][]byte // of the page, as they were sent last
	beats   int               // since something was sent
}

// tell sends what is new.
func (st *stream) tell() error {
	var message bytes.Buffer
	list, last := st.server.status.operations.since(st.last)
	st.last = last
	if list = st.filter.apply(list); len(list) > 0 {
		rows, err := rendered("rows", st.server.rows(list))
		if err != nil {
			return err
		}
		st.event(&message, "operations", rows)
	}
	if err := st.changed(&message); err != nil {
		return err
	}
	if st.beats++; message.Len() == 0 {
		if st.beats < quietBeats {
			return nil
		}
		message.WriteString(":\n\n") // a comment
	}
	st.beats = 0
	return st.send(message.Bytes())
}

// changed adds to the message the parts of the page that are not as they were
// sent last.
func (st *stream) changed(message *bytes.Buffer) error {
	all, _ := st.server.status.operations.since(0)
	for _, part := range []struct {
		name string
		view any
	}{
		{"legacy", st.server.legacyAPIs()},
		{"findings", findingList{st.server.several(), st.server.findings(all)}},
	} {
		now, err := rendered(part.name, part.view)
		if err != nil {
			return err
		}
		if last, sent := st.parts[part.name]; !sent || !bytes.Equal(now, last) {
			st.parts[part.name] = now
			st.event(message, part.name, now)
		}
	}
	return nil
}

// replaced sends that the page is that of a configuration that was.
func (st *stream) replaced() {
	var message bytes.Buffer
	st.event(&message, "replaced", []byte("the configuration was replaced"))
	st.send(message.Bytes()) // the page may be closed
}

// event adds one event, whose data is HTML, to the message.
func (st *stream) event(message *bytes.Buffer, name string, data []byte) {
	fmt.Fprintf(message, "event: %s\nid: %d\n", name, st.last)
	for line := range bytes.Lines(data) {
		fmt.Fprintf(message, "data: %s\n", bytes.TrimRight(line, "\r\n"))
	}
	message.WriteByte('\n')
}

func (st *stream) send(message []byte) error {
	if err := st.control.SetWriteDeadline(time.Now().Add(sendTimeout)); err != nil {
		return err
	}
	if _, err := st.w.Write(message); err != nil {
		return err
	}
	return st.control.Flush()
}
