package adapter_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
)

// TestRemoveInBulk: an API that removes several members at once and says 404
// when one of them is none must not keep the others in the group.
func TestRemoveInBulk(t *testing.T) {
	members := []int{1, 2, 3}
	var calls []string
	f := start(t, setup{
		edits: []string{
			`{request: "DELETE /host_groups/{id}/hosts/{value}"}`,
			`{request: "POST /host_groups/{id}/hosts/remove", body: {host_ids: "{values}"}, max_per_call: 10}`,
		},
		before: func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/api/v3/host_groups/1/hosts/remove" {
				return false
			}
			var body struct {
				IDs []int `json:"host_ids"`
			}
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				t.Error(err)
			}
			calls = append(calls, fmt.Sprint(body.IDs))
			for _, id := range body.IDs {
				if !slices.Contains(members, id) {
					w.Header().Set("Content-Type", "application/json")
					w.WriteHeader(http.StatusNotFound)
					return true
				}
			}
			members = slices.DeleteFunc(members, func(id int) bool { return slices.Contains(body.IDs, id) })
			w.WriteHeader(http.StatusNoContent)
			return true
		},
	})
	f.want(201, "POST", "/Groups", `{"displayName":"Reception"}`)
	f.want(204, "PATCH", "/Groups/1", patch(`{"op":"Remove","path":"members","value":[{"value":"1"},{"value":"9"},{"value":"3"}]}`))
	if want := []string{"[1 9 3]", "[1]", "[9]", "[3]"}; !slices.Equal(calls, want) || !slices.Equal(members, []int{2}) {
		t.Errorf("removed by %v, left %v, want %v and 2", calls, members, want)
	}
	calls = nil
	f.want(204, "PATCH", "/Groups/1", patch(`{"op":"Remove","path":"members","value":[{"value":"2"}]}`))
	if want := []string{"[2]"}; !slices.Equal(calls, want) || len(members) > 0 {
		t.Errorf("removed by %v, left %v, want %v and nobody", calls, members, want)
	}
}
