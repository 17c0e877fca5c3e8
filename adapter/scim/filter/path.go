package filter

// ParsePath returns the path that s is, as in a PATCH operation or the
// attributes parameter. A bare URN is a path only if it is one of urns, which
// are the URNs of the schemas known to the caller. An error is a
// *[SyntaxError].
func ParsePath(s string, urns ...string) (Path, error) {
	p := parser{lexer: lexer{s: s}, urns: urns}
	p.space()
	path, err := p.path(true)
	if err != nil {
		return Path{}, err
	}
	if p.space(); !p.end() {
		return Path{}, p.fail("the end of the path", false)
	}
	return path, nil
}

// path reads attrPath or valuePath [subAttr]; a bare URN only if that is
// allowed.
func (p *parser) path(bare bool) (Path, error) {
	var path Path
	text, colon := p.names()
	if colon >= 0 {
		n := p.known(text)
		if n == len(text) {
			path.URN = text
			p.pos += n
			if bare && !p.at('[') {
				return path, nil
			}
			return path, p.fail("an attribute after the schema's URN", false)
		}
		if n == 0 {
			n = colon
		}
		path.URN = text[:n]
		p.pos += n + 1
	}
	var err error
	if path.Attr, err = p.name("an attribute"); err != nil {
		return path, err
	}
	if p.at('[') {
		if path.Filter, err = p.elements(); err != nil {
			return path, err
		}
	}
	if p.at('.') {
		p.pos++
		if path.Sub, err = p.name("a sub-attribute"); err != nil {
			return path, err
		}
		if p.at('.') || p.at('[') {
			return path, p.fail("no more than one sub-attribute, after any brackets", false)
		}
	}
	return path, nil
}

// names returns the text of a path up to its brackets or end without passing
// it, and where the last colon in it is, or -1.
func (p *parser) names() (text string, colon int) {
	end := p.pos
	colon = -1
	for ; end < len(p.s); end++ {
		c := p.s[end]
		switch {
		case c == ':' && end > p.pos:
			colon = end - p.pos
		case isName(c) || c == '.':
		case colon >= 0 && isURI(c):
		default:
			return p.s[p.pos:end], colon
		}
	}
	return p.s[p.pos:end], colon
}

// name reads ATTRNAME.
func (p *parser) name(expected string) (string, error) {
	word := p.word()
	if word == "" || !isNameStart(word[0]) {
		return "", p.fail(expected, false)
	}
	p.pos += len(word)
	return word, nil
}

// elements reads a value filter in brackets.
func (p *parser) elements() (Expr, error) {
	if p.inner {
		return nil, p.fail("no brackets within brackets", false)
	}
	p.inner = true
	e, err := p.nested(']')
	p.inner = false
	return e, err
}
