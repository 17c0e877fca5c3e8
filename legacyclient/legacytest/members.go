package legacytest

import "net/http"

// maxHostIDs is how many hosts one call adds to a group at most.
const maxHostIDs = 100

func (h *Handler) listMembers(w http.ResponseWriter, r *http.Request) error {
	g, err := h.pathGroup(r)
	if err != nil {
		return err
	}
	win, err := h.window(r)
	if err != nil {
		return err
	}
	recs, total, ok := h.store.members(g.ID, win.from(), win.limit)
	if !ok {
		return notFound("host_group")
	}
	h.writeHosts(w, recs, win, total)
	return nil
}

func (h *Handler) addMembers(w http.ResponseWriter, r *http.Request) error {
	g, err := h.pathGroup(r)
	if err != nil {
		return err
	}
	o, err := decodeObject(r)
	if err != nil {
		return err
	}
	ids, bad := decodeHostIDs(o)
	if bad != nil {
		return refuse(http.StatusBadRequest, *bad)
	}
	if err := h.store.addMembers(g.ID, ids); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (h *Handler) removeMember(w http.ResponseWriter, r *http.Request) error {
	g, err := h.pathGroup(r)
	if err != nil {
		return err
	}
	hostID, ok := pathID(r, "host_id")
	if !ok {
		return notFound("host")
	}
	if err := h.store.removeMember(g.ID, hostID); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
