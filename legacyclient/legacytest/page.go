package legacytest

import (
	"net/http"
	"net/url"
	"strconv"
)

// defaultLimit is the documented limit of a list call that names none.
const defaultLimit = 50

// window is the part of a list that a call asks for.
type window struct {
	words  []string // of the fuzzy query; nil for everything
	offset int
	limit  int
	shift  int // by how much the list is shorter than it is
}

// window reads query, limit and offset. A limit above the cap is cut to it; both
// parameters' faults are reported together.
func (h *Handler) window(r *http.Request) (window, error) {
	win := window{limit: min(defaultLimit, h.pageCap)}
	if r.URL.RawQuery == "" {
		return win, nil
	}
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return win, refuse(http.StatusBadRequest, entry{Domain: "global", Code: "malformed", Message: "the query string is malformed"})
	}
	var errs []entry
	if q.Has("limit") {
		n, err := strconv.ParseUint(q.Get("limit"), 10, 63)
		if err != nil || n == 0 {
			errs = append(errs, invalid("global", "limit", "is not a positive integer"))
		}
		win.limit = int(min(n, uint64(h.pageCap)))
	}
	if q.Has("offset") {
		n, err := strconv.ParseUint(q.Get("offset"), 10, 63)
		if err != nil {
			errs = append(errs, invalid("global", "offset", "is not an integer of 0 or more"))
		}
		win.offset = int(n)
	}
	if len(errs) > 0 {
		return win, refuse(http.StatusBadRequest, errs...)
	}
	win.words = words(q.Get("query"))
	if f := faultOf(r, Shift); f != nil && win.offset > 0 {
		win.shift = f.Shift
	}
	return win, nil
}

// from returns where in the list the page begins.
func (win *window) from() int { return max(win.offset+win.shift, 0) }

// page is what a list call answers, but for its elements.
type page struct {
	window

	key    string
	total  int
	count  int
	lastID int64 // 0 if there are no elements
}

// writePage answers with p.count elements, each appended by element. The buffer is
// used again once it is written.
func (h *Handler) writePage(w http.ResponseWriter, p page, element func(b []byte, i int) []byte) {
	buf, ok := h.buffers.Get().(*[]byte)
	if !ok {
		buf = new([]byte)
	}
	defer h.buffers.Put(buf)
	b := append(append(append((*buf)[:0], `{"`...), p.key...), `":[`...)
	for i := range p.count {
		if i > 0 {
			b = append(b, ',')
		}
		b = element(b, i)
	}
	p.total = max(p.total-p.shift, 0)
	b = strconv.AppendInt(append(b, `],"pagination":{"total_records":`...), int64(p.total), 10)
	b = strconv.AppendInt(append(b, `,"current_offset":`...), int64(p.offset), 10)
	b = append(b, `,"next_offset":`...)
	if p.offset < p.total-p.count {
		b = strconv.AppendInt(b, int64(p.offset+p.count), 10)
	} else {
		b = append(b, "null"...)
	}
	b = strconv.AppendInt(append(b, `,"limit":`...), int64(p.limit), 10)
	b = append(b, `,"last_id":`...)
	if p.lastID > 0 {
		b = strconv.AppendInt(b, p.lastID, 10)
	} else {
		b = append(b, "null"...)
	}
	b = append(b, "}}"...)
	*buf = b
	writeJSON(w, http.StatusOK, b)
}
