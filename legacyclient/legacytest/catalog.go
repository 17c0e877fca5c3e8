package legacytest

import "math/bits"

// blockSize is how many ids share a block: as many as a word has bits.
const blockSize = 64

// catalog holds values by id and in the order of their ids, and finds them by
// their texts. It stands in blocks of neighbouring ids, so that what is done to
// one value moves no other, and a search passes over the blocks in which
// nothing can match. Ids must be positive and are best given in turn.
type catalog[T any] struct {
	present []uint64    // of each block: which of its ids there are
	blocks  []*block[T] // nil where none of its ids is left
	index   trigramIndex
	size    int
}

// block holds the values of blockSize neighbouring ids.
type block[T any] struct {
	values [blockSize]*T
	texts  [blockSize]string
	// stale is how many texts the index knows of this block that are no longer
	// in it.
	stale int
}

// place returns the block of an id, and where in it the id is.
func place(id int64) (b, i int) { return int(id / blockSize), int(id % blockSize) }

// get returns the value of the id, nil if there is none.
func (c *catalog[T]) get(id int64) *T {
	b, i := place(id)
	if id < 0 || b >= len(c.blocks) || c.blocks[b] == nil {
		return nil
	}
	return c.blocks[b].values[i]
}

// put stores the value under the id, in place of the one that is there.
func (c *catalog[T]) put(id int64, v *T, text string) {
	b, i := place(id)
	if missing := b + 1 - len(c.blocks); missing > 0 {
		c.present = append(c.present, make([]uint64, missing)...)
		c.blocks = append(c.blocks, make([]*block[T], missing)...)
	}
	if c.blocks[b] == nil {
		c.blocks[b] = new(block[T])
	}
	blk := c.blocks[b]
	was := c.present[b]&(1<<i) != 0
	before := blk.texts[i]
	blk.values[i], blk.texts[i] = v, text
	c.present[b] |= 1 << i
	switch {
	case !was:
		c.size++
		c.index.add(b, text)
	case before != text:
		c.index.add(b, text)
		c.outdate(b)
	}
}

// remove removes the value of the id, if there is one.
func (c *catalog[T]) remove(id int64) {
	if c.get(id) == nil {
		return
	}
	b, i := place(id)
	c.blocks[b].values[i], c.blocks[b].texts[i] = nil, ""
	c.present[b] &^= 1 << i
	c.size--
	c.outdate(b)
}

// outdate notes that a text of the block is gone. Once these are as many as a
// block has, the index learns the block anew: it stays as sharp as it was,
// whatever is written.
func (c *catalog[T]) outdate(b int) {
	blk := c.blocks[b]
	blk.stale++
	if blk.stale < blockSize && c.present[b] != 0 {
		return
	}
	blk.stale = 0
	c.index.forget(b)
	if c.present[b] == 0 {
		c.blocks[b] = nil
		return
	}
	for i := range ones(c.present[b]) {
		c.index.add(b, blk.texts[i])
	}
}

// page returns at most limit values from offset on.
func (c *catalog[T]) page(offset, limit int) []*T {
	page := make([]*T, 0, max(0, min(limit, c.size-offset)))
	for b, present := range c.present {
		if n := bits.OnesCount64(present); offset >= n {
			offset -= n
			continue
		}
		for i := range ones(present) {
			if offset > 0 {
				offset--
				continue
			}
			if len(page) == limit {
				return page
			}
			page = append(page, c.blocks[b].values[i])
		}
	}
	return page
}

// all returns all values.
func (c *catalog[T]) all() []*T { return c.page(0, c.size) }

// search returns a page of the values whose text has any of the words in it, and
// how many there are in all. No words match every value.
func (c *catalog[T]) search(words []string, offset, limit int) (page []*T, total int) {
	if len(words) == 0 {
		return c.page(offset, limit), c.size
	}
	for b := range c.index.blocks(words, len(c.blocks)) {
		for i := range ones(c.present[b]) {
			if !matchesAny(c.blocks[b].texts[i], words) {
				continue
			}
			if total >= offset && len(page) < limit {
				page = append(page, c.blocks[b].values[i])
			}
			total++
		}
	}
	return page, total
}

// ones yields the positions of the bits that are set, in order.
func ones(word uint64) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for ; word != 0; word &= word - 1 {
			if !yield(bits.TrailingZeros64(word)) {
				return
			}
		}
	}
}
