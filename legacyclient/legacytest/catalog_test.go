package legacytest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// listed is a catalog without an index: what it must agree with.
type listed map[int64]string

func (l listed) search(words []string, offset, limit int) (page []int64, total int) {
	var found []int64
	for id, text := range l {
		if len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) }) {
			found = append(found, id)
		}
	}
	slices.Sort(found)
	return cut(found, offset, limit), len(found)
}

// randomText returns text of few letters, so that much is found, some of them of
// several bytes.
func randomText(rng *rand.Rand, most int) string {
	var b strings.Builder
	for range rng.IntN(most + 1) {
		b.WriteString([]string{"A", "B", "C", "1", "2", "@", ".", "É", "Ж", "\n"}[rng.IntN(10)])
	}
	return b.String()
}

// TestCatalog: whatever is written, the index finds what a look at every text does,
// in the same order.
func TestCatalog(t *testing.T) {
	for seed := range uint64(6) {
		rng := rand.New(rand.NewPCG(seed, 0))
		ids := []int64{3, 200, 10_000}[seed%3] // of which the last needs several words of the index
		c, want := catalog[int64]{}, listed{}
		check := func() {
			t.Helper()
			var words []string
			for range rng.IntN(4) {
				words = append(words, strings.ReplaceAll(randomText(rng, 5), "\n", "")+string(rune('A'+rng.IntN(3))))
			}
			offset, limit := rng.IntN(5)*rng.IntN(30), rng.IntN(40)
			found, total := c.search(words, offset, limit)
			page, wantTotal := want.search(words, offset, limit)
			var got []int64
			for _, id := range found {
				got = append(got, *id)
			}
			if !slices.Equal(got, page) || total != wantTotal || c.size != len(want) {
				t.Fatalf("seed %d: %q from %d, at most %d: %v of %d, want %v of %d; %d values, want %d",
					seed, words, offset, limit, got, total, page, wantTotal, c.size, len(want))
			}
		}
		for step := range 12_000 {
			id := 1 + rng.Int64N(ids)
			if rng.IntN(3) == 0 {
				c.remove(id)
				delete(want, id)
			} else {
				text := randomText(rng, 12)
				c.put(id, &id, text)
				want[id] = text
			}
			_, there := want[id]
			if got := c.get(id); (got != nil) != there || there && *got != id {
				t.Fatalf("seed %d: get(%d) = %v, want there %t", seed, id, got, there)
			}
			if step%100 == 0 {
				check()
			}
		}
		for _, id := range []int64{-1, 0, ids + 1, 1 << 40} {
			if c.remove(id); c.get(id) != nil {
				t.Errorf("seed %d: get(%d) finds something", seed, id)
			}
		}
		for id := range want { // until nothing is left
			if c.remove(id); len(want)%50 == 0 {
				delete(want, id)
				check()
			}
			delete(want, id)
		}
		check()
		if slices.ContainsFunc(c.blocks, func(b *block[int64]) bool { return b != nil }) || slices.Max(c.index.blocksOf[:]) != 0 ||
			slices.Min(c.index.blocksOf[:]) != 0 {
			t.Errorf("seed %d: a catalog that is empty again keeps its blocks", seed)
		}
	}
}

// TestIndexSelects: a word that few texts have leads to few blocks, also after each
// text was written many times over.
func TestIndexSelects(t *testing.T) {
	h := NewHandler(WithHosts(20_000))
	word := words("18123@example.com")
	selected := func() (n int) {
		for range h.store.hostsByID.index.blocks(word, len(h.store.hostsByID.blocks)) {
			n++
		}
		return n
	}
	before := selected()
	rng := rand.New(rand.NewPCG(1, 0))
	for id := range int64(6_400) {
		for range 40 {
			host := Host{ID: id + 1, Username: fmt.Sprintf("%05d@example.com", rng.IntN(100_000))}
			h.store.hostsByID.put(host.ID, newRecord(host), searchText(&host))
		}
	}
	if after := selected(); before == 0 || before > 15 || after > before+5 {
		t.Errorf("%q leads to %d of %d blocks, and to %d after many writes; want a few", word, before, len(h.store.hostsByID.blocks), after)
	}
}
