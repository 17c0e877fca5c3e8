package filter

// String returns the filter as text.
func (e And) String() string { return string(appendExpr(nil, e)) }

// String returns the filter as text.
func (e Or) String() string { return string(appendExpr(nil, e)) }

// String returns the filter as text.
func (e Not) String() string { return string(appendExpr(nil, e)) }

// String returns the filter as text.
func (e Compare) String() string { return string(appendExpr(nil, e)) }

// String returns the filter as text.
func (e Present) String() string { return string(appendExpr(nil, e)) }

// String returns the filter as text.
func (e ValuePath) String() string { return string(appendExpr(nil, e)) }

// String returns the path as text; a URN is joined to its attribute by a
// colon.
func (p Path) String() string { return string(appendPath(nil, p)) }

// name returns the path without its value filter, whose literals belong in no
// message.
func (p Path) name() string {
	p.Filter = nil
	return p.String()
}

func appendExpr(dst []byte, e Expr) []byte {
	switch e := e.(type) {
	case And:
		for i, part := range conjuncts(e) {
			if i > 0 {
				dst = append(dst, " and "...)
			}
			_, or := part.(Or)
			_, and := part.(And) // grouped on the right side
			dst = appendOperand(dst, part, or || and)
		}
	case Or:
		for i, part := range disjuncts(e) {
			if i > 0 {
				dst = append(dst, " or "...)
			}
			_, or := part.(Or)
			dst = appendOperand(dst, part, or)
		}
	case Not:
		dst = append(dst, "not "...)
		dst = appendOperand(dst, e.Expr, true)
	case Compare:
		dst = appendPath(dst, e.Path)
		dst = append(dst, ' ')
		dst = append(dst, e.Op...)
		dst = append(dst, ' ')
		dst = e.Value.Append(dst)
	case Present:
		dst = appendPath(dst, e.Path)
		dst = append(dst, " pr"...)
	case ValuePath:
		dst = appendPath(dst, e.Path)
	}
	return dst
}

func appendOperand(dst []byte, e Expr, group bool) []byte {
	if !group {
		return appendExpr(dst, e)
	}
	dst = append(dst, '(')
	dst = appendExpr(dst, e)
	return append(dst, ')')
}

func appendPath(dst []byte, p Path) []byte {
	dst = append(dst, p.URN...)
	if p.URN != "" && p.Attr != "" {
		dst = append(dst, ':')
	}
	dst = append(dst, p.Attr...)
	if p.Filter != nil {
		dst = append(dst, '[')
		dst = appendExpr(dst, p.Filter)
		dst = append(dst, ']')
	}
	if p.Sub != "" {
		dst = append(dst, '.')
		dst = append(dst, p.Sub...)
	}
	return dst
}
