package legacytest

import (
	"net/http"
	"strconv"
)

func (h *Handler) listHosts(w http.ResponseWriter, r *http.Request) error {
	win, err := h.window(r)
	if err != nil {
		return err
	}
	recs, total := h.store.hosts(win.words, win.from(), win.limit)
	if f := faultOf(r, Stale); f != nil && win.words != nil {
		recs, total = h.store.staleHosts(f, win)
	}
	h.writeHosts(w, recs, win, total)
	return nil
}

func (h *Handler) writeHosts(w http.ResponseWriter, recs []*record, win window, total int) {
	p := page{key: "hosts", window: win, total: total, count: len(recs)}
	if len(recs) > 0 {
		p.lastID = recs[len(recs)-1].ID
	}
	h.writePage(w, p, func(b []byte, i int) []byte { return append(b, recs[i].json...) })
}

func (h *Handler) createHost(w http.ResponseWriter, r *http.Request) error {
	o, err := decodeObject(r)
	if err != nil {
		return err
	}
	rec, err := h.store.createHost(hostRules{whole: true, lenient: h.lenient}.edit(o))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusCreated, rec.json)
	return nil
}

func (h *Handler) getHost(w http.ResponseWriter, r *http.Request) error {
	rec, err := h.pathHost(r)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, rec.json)
	return nil
}

func (h *Handler) patchHost(w http.ResponseWriter, r *http.Request) error {
	return h.updateHost(w, r, hostRules{lenient: h.lenient})
}

func (h *Handler) putHost(w http.ResponseWriter, r *http.Request) error {
	return h.updateHost(w, r, hostRules{whole: true, lenient: h.lenient})
}

func (h *Handler) updateHost(w http.ResponseWriter, r *http.Request, rules hostRules) error {
	// First of all: a host that does not exist is 404 whatever the body says.
	rec, err := h.pathHost(r)
	if err != nil {
		return err
	}
	o, err := decodeObject(r)
	if err != nil {
		return err
	}
	if rec, err = h.store.updateHost(rec.ID, rules.edit(o)); err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, rec.json)
	return nil
}

func (h *Handler) deleteHost(w http.ResponseWriter, r *http.Request) error {
	id, ok := pathID(r, "id")
	if !ok || !h.store.deleteHost(id) {
		return notFound("host")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (h *Handler) pathHost(r *http.Request) (*record, error) {
	if id, ok := pathID(r, "id"); ok {
		if rec, ok := h.store.host(id); ok {
			return rec, nil
		}
	}
	return nil, notFound("host")
}

// pathID returns the positive integer in the path, or false for anything else.
func pathID(r *http.Request, name string) (int64, bool) {
	id, err := strconv.ParseUint(r.PathValue(name), 10, 63)
	return int64(id), err == nil && id > 0
}
