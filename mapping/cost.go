package mapping

import (
	"fmt"
	"slices"
	"strings"
)

// Cost is how many calls of the legacy API something takes: some that it
// always takes, and some for a list of n, where n is what the operation says
// it is (members, resources, records).
type Cost struct {
	Fixed int
	Lists []Batches
}

// Batches is how many calls n things take that go Size at a time: those
// beyond the first Less of them, at least Least calls, and More at the end
// unless there is nothing at all.
type Batches struct {
	Size, Less, Least, More int
}

// For returns how many calls it takes for n.
func (c Cost) For(n int) int {
	calls := c.Fixed
	for _, b := range c.Lists {
		calls += max((max(n-b.Less, 0)+b.Size-1)/b.Size, b.Least)
		if n > 0 {
			calls += b.More
		}
	}
	return calls
}

// String returns the cost as a formula, such as 1 + ⌈n / 100⌉.
func (c Cost) String() string {
	fixed := c.Fixed
	var terms []string
	for _, b := range c.Lists {
		fixed += b.More
		switch {
		case b.Size == 1 && b.Less == 0:
			terms = append(terms, "n")
		case b.Size == 1:
			terms = append(terms, fmt.Sprintf("(n - %d)", b.Less))
		case b.Less == 0:
			terms = append(terms, fmt.Sprintf("⌈n / %d⌉", b.Size))
		default:
			terms = append(terms, fmt.Sprintf("⌈(n - %d) / %d⌉", b.Less, b.Size))
		}
	}
	if fixed > 0 || len(terms) == 0 {
		terms = slices.Insert(terms, 0, fmt.Sprint(fixed))
	}
	return strings.Join(terms, " + ")
}

// MarshalText returns the formula.
func (c Cost) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// calls is a cost that does not grow.
func calls(n int) Cost { return Cost{Fixed: n} }

// plus returns both costs together.
func (c Cost) plus(others ...Cost) Cost {
	c.Lists = slices.Clone(c.Lists)
	for _, o := range others {
		c.Fixed += o.Fixed
		c.Lists = append(c.Lists, o.Lists...)
	}
	return c
}

// in returns the cost of n things that go size at a time.
func in(size int) Cost { return Cost{Lists: []Batches{{Size: size}}} }

// tells reports whether an answer says how long the whole list is.
func (s *ListShape) tells() bool { return *s.Total != "" || *s.TotalHeader != "" }

// through is the cost of reading a list of n to its end page by page, each
// page once: what is only shown is read so.
func (s *ListShape) through() Cost {
	p := s.Paging
	if p.Style == "none" {
		return calls(1)
	}
	b := Batches{Size: p.Limit, Least: 1}
	if (p.Style == "offset" || p.Style == "page") && !s.tells() {
		b.More = 1 // the empty page that says that there is no more
	}
	return Cost{Lists: []Batches{b}}
}

// carefully is the cost of reading a list of n so that no record is missed
// though the list changes meanwhile. Behind an offset, each page begins with
// the last record of the one before it.
func (s *ListShape) carefully() Cost {
	c := s.through()
	if s.Paging.Style != "offset" {
		return c
	}
	if b := &c.Lists[0]; b.Size > 1 {
		b.Less, b.Size = 1, b.Size-1
		return c
	}
	// Pages of one record cannot overlap: the one before is read again.
	return c.plus(Cost{Lists: []Batches{{Size: 1, Less: 1}}})
}
