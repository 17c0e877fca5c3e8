package legacytest

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// batch is an asynchronous job: counters, no ids.
type batch struct {
	BID          string `json:"bid"`
	Status       string `json:"status"`
	TotalRecords int    `json:"total_records"`
	Pending      int    `json:"pending"`
	Completed    int    `json:"completed"`
	Failed       int    `json:"failed"`
}

// createBatch creates hosts. The work is done before the answer, which nevertheless
// shows the batch as it was accepted, with everything pending: that is what a client of
// an asynchronous call must expect, and GET /batches/{id} tells the end.
func (h *Handler) createBatch(w http.ResponseWriter, r *http.Request) error {
	o, err := decodeObject(r)
	if err != nil {
		return err
	}
	if absent(o["hosts"]) {
		return refuse(http.StatusBadRequest, blank("batch", "hosts"))
	}
	var rows []json.RawMessage
	if err := json.Unmarshal(o["hosts"], &rows); err != nil {
		return refuse(http.StatusBadRequest, invalid("batch", "hosts", "is not a list"))
	}
	done := batch{Status: "completed", TotalRecords: len(rows)}
	for _, row := range rows {
		if h.createRow(row) {
			done.Completed++
		} else {
			done.Failed++
		}
	}
	done.BID = h.store.addBatch(done)
	return writeBatch(w, http.StatusAccepted, batch{
		BID: done.BID, Status: "pending", TotalRecords: len(rows), Pending: len(rows),
	})
}

func (h *Handler) createRow(row json.RawMessage) bool {
	var o object
	if err := json.Unmarshal(row, &o); err != nil || o == nil {
		return false
	}
	_, err := h.store.createHost(hostRules{whole: true, lenient: h.lenient}.edit(o))
	return err == nil
}

func (h *Handler) getBatch(w http.ResponseWriter, r *http.Request) error {
	b, ok := h.store.batch(r.PathValue("id"))
	if !ok {
		return notFound("batch")
	}
	return writeBatch(w, http.StatusOK, b)
}

func writeBatch(w http.ResponseWriter, status int, b batch) error {
	encoded, err := json.Marshal(b)
	if err != nil {
		return err
	}
	writeJSON(w, status, encoded)
	return nil
}

// addBatch stores b under a new bid and returns it. The vendor's bids are strings.
func (s *store) addBatch(b batch) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	b.BID = fmt.Sprintf("%024x", len(s.batches)+1)
	s.batches[b.BID] = b
	return b.BID
}

func (s *store) batch(bid string) (batch, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, ok := s.batches[bid]
	return b, ok
}
