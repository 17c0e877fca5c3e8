package legacytest

import "net/http"

func (h *Handler) listGroups(w http.ResponseWriter, r *http.Request) error {
	win, err := h.window(r)
	if err != nil {
		return err
	}
	groups, total := h.store.groups(win.words, win.from(), win.limit)
	if f := faultOf(r, Stale); f != nil && win.words != nil {
		groups, total = h.store.staleGroups(f, win)
	}
	p := page{key: "host_groups", window: win, total: total, count: len(groups)}
	if len(groups) > 0 {
		p.lastID = groups[len(groups)-1].ID
	}
	h.writePage(w, p, func(b []byte, i int) []byte { return groups[i].appendJSON(b) })
	return nil
}

func (h *Handler) createGroup(w http.ResponseWriter, r *http.Request) error {
	o, err := decodeObject(r)
	if err != nil {
		return err
	}
	g, err := h.store.createGroup(newGroupEdit(o, true))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusCreated, g.appendJSON(nil))
	return nil
}

func (h *Handler) getGroup(w http.ResponseWriter, r *http.Request) error {
	g, err := h.pathGroup(r)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, g.appendJSON(nil))
	return nil
}

func (h *Handler) patchGroup(w http.ResponseWriter, r *http.Request) error {
	g, err := h.pathGroup(r)
	if err != nil {
		return err
	}
	o, err := decodeObject(r)
	if err != nil {
		return err
	}
	if g, err = h.store.updateGroup(g.ID, newGroupEdit(o, false)); err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, g.appendJSON(nil))
	return nil
}

func (h *Handler) deleteGroup(w http.ResponseWriter, r *http.Request) error {
	id, ok := pathID(r, "id")
	if !ok || !h.store.deleteGroup(id) {
		return notFound("host_group")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (h *Handler) pathGroup(r *http.Request) (Group, error) {
	if id, ok := pathID(r, "id"); ok {
		if g, ok := h.store.group(id); ok {
			return g, nil
		}
	}
	return Group{}, notFound("host_group")
}
