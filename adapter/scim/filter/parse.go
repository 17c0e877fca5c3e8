package filter

import "strings"

// maxDepth is how deeply parentheses and brackets may be nested. No client
// needs more than a few; every recursion over a parsed filter is bounded by it.
const maxDepth = 50

// Parse returns the filter that s is. urns are the URNs of the schemas known
// to the caller; they tell where a URN ends and its attribute begins. An error
// is a *[SyntaxError].
func Parse(s string, urns ...string) (Expr, error) {
	p := parser{lexer: lexer{s: s}, urns: urns}
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.space(); !p.end() {
		return nil, p.fail("and, or, or the end of the filter", false)
	}
	return e, nil
}

// parser reads by recursive descent, one method for each rule of RFC 7644
// figure 1 in the order of precedence.
type parser struct {
	lexer
	urns  []string
	depth int
	inner bool // in brackets
}

func (p *parser) or() (Expr, error) {
	left, err := p.and()
	for err == nil && p.keyword("or") {
		var right Expr
		right, err = p.and()
		left = Or{left, right}
	}
	return left, err
}

func (p *parser) and() (Expr, error) {
	left, err := p.term()
	for err == nil && p.keyword("and") {
		var right Expr
		right, err = p.term()
		left = And{left, right}
	}
	return left, err
}

func (p *parser) term() (Expr, error) {
	p.space()
	if p.at('(') {
		return p.nested(')')
	}
	start := p.pos
	if p.keyword("not") {
		if p.space(); p.at('(') {
			e, err := p.nested(')')
			return Not{e}, err
		}
		word := p.word()
		if op, pr := operator(word); word != "" && op == "" && !pr {
			return nil, p.fail(`"(" after not`, true)
		}
		p.pos = start // an attribute of that name
	}
	return p.attribute()
}

// nested reads a filter from the opening character up to and past that
// closing one.
func (p *parser) nested(closing byte) (Expr, error) {
	if p.depth == maxDepth {
		return nil, &SyntaxError{p.pos, "expected no more than 50 levels of parentheses"}
	}
	p.depth++
	p.pos++
	e, err := p.or()
	p.depth--
	if err != nil {
		return nil, err
	}
	if p.space(); !p.at(closing) {
		return nil, p.fail(`and, or, or "`+string(closing)+`"`, false)
	}
	p.pos++
	return e, nil
}

// attribute reads attrExp or valuePath.
func (p *parser) attribute() (Expr, error) {
	start := p.pos
	path, err := p.path(false)
	if err != nil {
		return nil, err
	}
	if path.Filter != nil && path.Sub == "" {
		return ValuePath{path, start}, nil
	}
	p.space()
	word := p.word()
	op, pr := operator(word)
	switch {
	case pr:
		p.pos += len(word)
		return Present{path, start}, nil
	case op == "":
		return nil, p.fail("an operator such as eq", p.beforeValue(word))
	}
	p.pos += len(word)
	p.space()
	v, err := p.literal()
	if err != nil {
		return nil, err
	}
	return Compare{path, op, v, start}, nil
}

// beforeValue reports whether the word where an operator belongs has
// something after it. If it has not, it may be the value of a comparison that
// lacks its operator, and must not be quoted.
func (p *parser) beforeValue(word string) bool {
	rest := lexer{p.s, p.pos + len(word)}
	if rest.keyword("and") || rest.keyword("or") {
		return false
	}
	rest.space()
	return !rest.end() && rest.s[rest.pos] != ')' && rest.s[rest.pos] != ']'
}

// operator returns the comparison operator that word is, or "", and whether
// it is pr.
func operator(word string) (op Op, pr bool) {
	if len(word) != 2 {
		return "", false
	}
	switch [2]byte{word[0] | 0x20, word[1] | 0x20} {
	case [2]byte{'e', 'q'}:
		return Eq, false
	case [2]byte{'n', 'e'}:
		return Ne, false
	case [2]byte{'c', 'o'}:
		return Co, false
	case [2]byte{'s', 'w'}:
		return Sw, false
	case [2]byte{'e', 'w'}:
		return Ew, false
	case [2]byte{'g', 't'}:
		return Gt, false
	case [2]byte{'g', 'e'}:
		return Ge, false
	case [2]byte{'l', 't'}:
		return Lt, false
	case [2]byte{'l', 'e'}:
		return Le, false
	case [2]byte{'p', 'r'}:
		return "", true
	}
	return "", false
}

// known returns the length of the longest known URN, in any letter case, that
// text begins with and that is all of it or is joined to the attribute by a
// colon or a dot; zero when there is none.
func (p *parser) known(text string) int {
	longest, last := 0, strings.LastIndexByte(text, ':')
	for _, u := range p.urns {
		n := len(u)
		if n <= longest || n > len(text) || !strings.EqualFold(text[:n], u) {
			continue
		}
		// A colon further on is part of a longer URN, which is not known.
		if n == len(text) || last <= n && (text[n] == ':' || text[n] == '.') {
			longest = n
		}
	}
	return longest
}
