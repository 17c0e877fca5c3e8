package legacytest

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestGroupsOf: the store knows the groups of each host, and keeps nothing of those
// that are gone.
func TestGroupsOf(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 7))
	h := NewHandler(WithHosts(40))
	for n := range 12 {
		h.AddGroup(Group{Name: string(rune('a' + n))}, 1+rng.Int64N(40), 1+rng.Int64N(40))
	}
	for range 2_000 {
		group, host := 1+rng.Int64N(12), 1+rng.Int64N(40)
		switch n := rng.IntN(200); {
		case n == 0:
			h.store.deleteHost(host)
		case n == 1:
			h.store.deleteGroup(group)
		case n < 70:
			_ = h.store.removeMember(group, host) // who may be no member
		default:
			_ = h.store.addMembers(group, []int64{host, host}) // who may be gone
		}
	}
	want := make(map[int64][]int64)
	for _, g := range h.store.groupsByID.all() {
		for _, id := range g.members {
			want[id] = append(want[id], g.ID)
		}
	}
	got := make(map[int64][]int64)
	for id, groups := range h.store.groupsOf {
		for _, g := range groups {
			got[id] = append(got[id], g.ID)
		}
		slices.Sort(got[id])
	}
	if !maps.EqualFunc(got, want, slices.Equal) || len(want) == 0 {
		t.Errorf("the groups of hosts are %v, want %v", got, want)
	}
}
