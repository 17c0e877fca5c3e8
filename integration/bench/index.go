package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"

	"hostscim/legacyclient/legacytest"
)

// newIndex returns the API with an index of the usernames that are there now.
// The search of legacytest looks at every host, which at a million of them
// leaves next to nothing to measure in front of it.
func newIndex(api *legacytest.Handler) http.Handler {
	ids := make(map[string]int64)
	for _, h := range api.Hosts() {
		ids[h.Username] = h.ID
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, found := int64(0), false
		if r.Method == http.MethodGet && r.URL.Path == legacyBase+"/hosts" {
			id, found = ids[r.URL.Query().Get("query")]
		}
		if !found {
			api.ServeHTTP(w, r)
			return
		}
		// The record is read from the API, which also counts the call.
		one := r.Clone(r.Context())
		one.URL.Path, one.URL.RawQuery = legacyBase+"/hosts/"+strconv.FormatInt(id, 10), ""
		record := httptest.NewRecorder()
		api.ServeHTTP(record, one)
		if record.Code != http.StatusOK {
			w.WriteHeader(record.Code)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{
			"hosts":      []json.RawMessage{bytes.TrimSpace(record.Body.Bytes())},
			"pagination": map[string]any{"total_records": 1, "current_offset": 0, "next_offset": nil, "limit": 100, "last_id": id},
		})
	})
}
