package legacytest

import "slices"

// trigramKinds is how many kinds of trigrams the index tells apart.
const trigramKinds = 1 << 13

// trigramIndex tells which blocks may hold a text with a word in it. A word is
// part of a text only if each of its trigrams, three bytes in a row, is; the index
// notes which kinds of trigrams the texts of a block have. It may say too much,
// since kinds are shared and what is gone from a block is forgotten late, and
// never too little. It needs two bytes for each text, whatever its length, where
// a list of the texts of each trigram would need several hundred.
type trigramIndex struct {
	// has is, of each kind, a bit for each block that may have it: block b is bit
	// b%64 of word b/64. What is beyond its end is zero. It stands by kinds and not
	// by blocks, because a search looks at a few kinds of all blocks.
	has [trigramKinds][]uint64
	// blocksOf is how many bits of each kind are set. A search begins with the kind
	// that the fewest blocks have: the first letters of names are in all of them.
	blocksOf [trigramKinds]int
}

// kind returns the kind of the trigram that begins at i.
func kind(text string, i int) uint32 {
	t := uint32(text[i])<<16 | uint32(text[i+1])<<8 | uint32(text[i+2])
	return t * 0x9E3779B1 >> (32 - 13) // multiplicative hashing: the upper bits are the mixed ones
}

// add notes that the text is in block b.
func (x *trigramIndex) add(b int, text string) {
	w, bit := b/blockSize, uint64(1)<<(b%blockSize)
	for i := range len(text) - 2 {
		k := kind(text, i)
		if missing := w + 1 - len(x.has[k]); missing > 0 {
			x.has[k] = append(x.has[k], make([]uint64, missing)...)
		}
		if x.has[k][w]&bit == 0 {
			x.has[k][w] |= bit
			x.blocksOf[k]++
		}
	}
}

// forget notes that nothing is in block b.
func (x *trigramIndex) forget(b int) {
	w, bit := b/blockSize, uint64(1)<<(b%blockSize)
	for k, has := range x.has {
		if w < len(has) && has[w]&bit != 0 {
			has[w] &^= bit
			x.blocksOf[k]--
		}
	}
}

// blocks yields which of the first n blocks may hold a text with one of the words
// in it, in order. A word of fewer than three bytes has no trigram to tell by, and may
// be anywhere.
func (x *trigramIndex) blocks(words []string, n int) func(yield func(int) bool) {
	kinds := make([][]uint32, 0, len(words))
	for _, w := range words {
		of := make([]uint32, 0, len(w))
		for i := range len(w) - 2 {
			of = append(of, kind(w, i))
		}
		slices.SortFunc(of, func(a, b uint32) int { return x.blocksOf[a] - x.blocksOf[b] })
		kinds = append(kinds, of)
	}
	return func(yield func(int) bool) {
		for w := range (n + blockSize - 1) / blockSize {
			for b := range ones(x.may(w, kinds)) {
				if b += w * blockSize; b >= n || !yield(b) {
					return
				}
			}
		}
	}
}

// may returns which blocks of word w have all the kinds of one of the words of a
// search.
func (x *trigramIndex) may(w int, words [][]uint32) (may uint64) {
	for _, kinds := range words {
		all := ^uint64(0)
		for _, k := range kinds {
			if w >= len(x.has[k]) {
				all = 0
				break
			}
			if all &= x.has[k][w]; all == 0 {
				break
			}
		}
		may |= all
	}
	return may
}
