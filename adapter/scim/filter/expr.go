package filter

import (
	"fmt"

	"hostscim/adapter/scim"
)

// Op is a comparison operator (RFC 7644 section 3.4.2.2, table 3), in lower
// case.
type Op string

// The comparison operators.
const (
	Eq Op = "eq" // equal
	Ne Op = "ne" // not equal
	Co Op = "co" // contains
	Sw Op = "sw" // starts with
	Ew Op = "ew" // ends with
	Gt Op = "gt" // greater than
	Ge Op = "ge" // greater than or equal to
	Lt Op = "lt" // less than
	Le Op = "le" // less than or equal to
)

// Expr is a filter: [And], [Or], [Not], [Compare], [Present] or [ValuePath],
// each as a value and never as a pointer. String returns it in canonical
// spacing with no more parentheses than it needs; parsing that gives the same
// Expr but for positions.
type Expr interface {
	fmt.Stringer
	expr()
}

// And matches when both sides do. a and b and c is And{And{a, b}, c}.
type And struct{ Left, Right Expr }

// Or matches when either side does. It binds less tightly than [And].
type Or struct{ Left, Right Expr }

// Not matches when Expr does not.
type Not struct{ Expr Expr }

// Compare compares the attribute at Path with a literal.
type Compare struct {
	Path  Path
	Op    Op
	Value scim.Value // a string, a number, a boolean or null
	Pos   int        // byte offset of Path in the source
}

// Present matches when the attribute at Path has a value ("pr").
type Present struct {
	Path Path
	Pos  int // byte offset of Path in the source
}

// ValuePath matches when one element of the attribute at Path matches
// Path.Filter, which is set; Path.Sub is "".
type ValuePath struct {
	Path Path
	Pos  int // byte offset of Path in the source
}

func (And) expr()       {}
func (Or) expr()        {}
func (Not) expr()       {}
func (Compare) expr()   {}
func (Present) expr()   {}
func (ValuePath) expr() {}

// Path names an attribute, some elements of one, or a sub-attribute of these
// (PATH in RFC 7644 section 3.5.2).
type Path struct {
	URN    string // of the schema; "" when the attribute is not qualified
	Attr   string // "" only when the path is a bare URN: the whole extension
	Filter Expr   // selects elements; nil when there are no brackets
	Sub    string // "" when there is none
}

// conjuncts returns the operands of a chain of ands that were not grouped.
// Such a chain may be as long as the text, so nothing recurses down its left
// side.
func conjuncts(e Expr) []Expr {
	return chain(e, func(e Expr) (Expr, Expr, bool) {
		and, ok := e.(And)
		return and.Left, and.Right, ok
	})
}

// disjuncts is conjuncts for ors.
func disjuncts(e Expr) []Expr {
	return chain(e, func(e Expr) (Expr, Expr, bool) {
		or, ok := e.(Or)
		return or.Left, or.Right, ok
	})
}

func chain(e Expr, split func(Expr) (left, right Expr, ok bool)) []Expr {
	n := 1
	for left, _, ok := split(e); ok; left, _, ok = split(left) {
		n++
	}
	parts := make([]Expr, n)
	for i := n - 1; i > 0; i-- {
		e, parts[i], _ = split(e)
	}
	parts[0] = e
	return parts
}
