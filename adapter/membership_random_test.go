package adapter_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestMembershipAgrees: whatever requests come, in whatever order, every way
// of keeping members ends with those that a plain set of them would have.
func TestMembershipAgrees(t *testing.T) {
	everyStyle(t, func(t *testing.T, style string) {
		const people, rounds, requests = 6, 8, 12
		for seed := range uint64(rounds) {
			r := rand.New(rand.NewPCG(seed, 0))
			c := &club{style: style, people: people}
			f := startClub(t, c)
			group, other := c.put(), c.put(1, 2)
			model := make(map[int]bool)
			var story []string
			for range requests {
				var operations []string
				for range 1 + r.IntN(3) {
					operations = append(operations, randomMembers(r, people, model))
				}
				body := patch(operations...)
				story = append(story, body)
				a := f.call("PATCH", "/Groups/"+group, body)
				want := memberNames(model)
				if got := c.members(group); a.status != 204 || got != want || c.members(other) != "1 2" {
					t.Fatalf("seed %d: status %d %s, members %q, want %q, others %q, after\n%s", seed, a.status, a.body, got, want, c.members(other), strings.Join(story, "\n"))
				}
				if got := memberText(t, f.call("GET", "/Groups/"+group, "")); got != want {
					t.Fatalf("seed %d: GET shows %q, want %q, after\n%s", seed, got, want, strings.Join(story, "\n"))
				}
			}
		}
	})
}

// randomMembers returns an operation on some of the people, and does it to the
// model.
func randomMembers(r *rand.Rand, people int, model map[int]bool) string {
	ids := make([]int, r.IntN(4))
	for i := range ids {
		ids[i] = 1 + r.IntN(people)
	}
	put := func(in bool) {
		for _, id := range ids {
			model[id] = in
		}
	}
	switch r.IntN(5) {
	case 0:
		clear(model)
		put(true)
		return member("replace", ids...)
	case 1:
		put(false)
		return member("remove", ids...)
	case 2:
		ids = append(ids[:0], 1+r.IntN(people))
		put(false)
		return fmt.Sprintf(`{"op":"remove","path":"members[value eq \"%d\"]"}`, ids[0])
	}
	put(true)
	return member("add", ids...)
}

// memberNames returns who is in the model, in order.
func memberNames(model map[int]bool) string {
	var ids []int
	for id, in := range model {
		if in {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return strings.Trim(fmt.Sprint(ids), "[]")
}
