package legacytest

// trigramKinds is how many kinds of trigrams the index tells apart.
const trigramKinds = 1 << 13

// trigramIndex tells which blocks may hold a text with a word in it. A word is
// part of a text only if each of its trigrams, three bytes in a row, is; the index
// notes which kinds of trigrams the texts of a block have. It may say too much,
// since kinds are shared and what is gone from a block is forgotten late, and
// never too little. It needs two bytes for each text, whatever its length, where
// a list of the texts of each trigram would need several hundred.
type trigramIndex struct {
	segments []*segment // nil: nothing is in its blocks
}

// segment is the index of as many blocks as a word has bits: bit b of a kind says
// that block b may have a trigram of that kind.
type segment [trigramKinds]uint64

// kind returns the kind of the trigram that begins at i.
func kind(text string, i int) uint32 {
	t := uint32(text[i])<<16 | uint32(text[i+1])<<8 | uint32(text[i+2])
	return t * 0x9E3779B1 >> (32 - 13) // multiplicative hashing: the upper bits are the mixed ones
}

// add notes that the text is in block b.
func (x *trigramIndex) add(b int, text string) {
	s := b / blockSize
	for len(x.segments) <= s {
		x.segments = append(x.segments, nil)
	}
	if x.segments[s] == nil {
		x.segments[s] = new(segment)
	}
	bit := uint64(1) << (b % blockSize)
	for i := range len(text) - 2 {
		x.segments[s][kind(text, i)] |= bit
	}
}

// forget notes that nothing is in block b.
func (x *trigramIndex) forget(b int) {
	segment, bit := x.segments[b/blockSize], uint64(1)<<(b%blockSize)
	left := uint64(0)
	for k := range segment {
		segment[k] &^= bit
		left |= segment[k]
	}
	if left == 0 {
		x.segments[b/blockSize] = nil
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
		kinds = append(kinds, of)
	}
	return func(yield func(int) bool) {
		for s := range (n + blockSize - 1) / blockSize {
			for b := range ones(x.may(s, kinds)) {
				if b += s * blockSize; b >= n || !yield(b) {
					return
				}
			}
		}
	}
}

// may returns which blocks of segment s have all the kinds of one of the words.
func (x *trigramIndex) may(s int, words [][]uint32) (may uint64) {
	if s >= len(x.segments) || x.segments[s] == nil {
		return 0
	}
	segment := x.segments[s]
	for _, kinds := range words {
		has := ^uint64(0)
		for _, k := range kinds {
			if has &= segment[k]; has == 0 {
				break
			}
		}
		may |= has
	}
	return may
}
