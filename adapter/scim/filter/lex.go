package filter

import (
	"strings"
	"unicode/utf8"

	"hostscim/adapter/scim"
)

// lexer reads the words of a filter straight from the text. There are no
// tokens: what a word means depends on where it stands, and every word but an
// escaped string is a part of the text.
type lexer struct {
	s   string
	pos int
}

func (l *lexer) end() bool { return l.pos == len(l.s) }

// at reports whether the next byte is c.
func (l *lexer) at(c byte) bool { return l.pos < len(l.s) && l.s[l.pos] == c }

func (l *lexer) space() {
	for l.pos < len(l.s) && isSpace(l.s[l.pos]) {
		l.pos++
	}
}

// word returns the name characters that come next, without passing them.
func (l *lexer) word() string {
	end := l.pos
	for end < len(l.s) && isName(l.s[end]) {
		end++
	}
	return l.s[l.pos:end]
}

// keyword passes white space and that word, in any letter case, or leaves the
// lexer where it is.
func (l *lexer) keyword(word string) bool {
	start := l.pos
	l.space()
	if w := l.word(); len(w) == len(word) && strings.EqualFold(w, word) {
		l.pos += len(w)
		return true
	}
	l.pos = start
	return false
}

// fail returns a SyntaxError at the current position: what was expected, and
// the kind of thing that was found. A word is quoted only where it is a name.
func (l *lexer) fail(expected string, quote bool) error {
	return &SyntaxError{l.pos, "expected " + expected + ", found " + l.found(quote)}
}

func (l *lexer) found(quote bool) string {
	if l.end() {
		return "the end"
	}
	switch c := l.s[l.pos]; {
	case isSpace(c):
		return "white space"
	case c == '"':
		return "a string"
	case strings.IndexByte("()[].:,=<>!&|", c) >= 0:
		return `"` + string(c) + `"`
	case c == '-' || '0' <= c && c <= '9':
		return "a number"
	case isNameStart(c) && quote:
		return `"` + clip(l.word(), 20) + `"`
	case isNameStart(c) || c == '_':
		return "a word"
	}
	return "a character that no name may hold"
}

// literal reads a comparison's right side.
func (l *lexer) literal() (scim.Value, error) {
	if l.at('"') {
		s, err := l.quoted()
		return scim.Text(s), err
	}
	start := l.pos
	for l.pos < len(l.s) && !isSpace(l.s[l.pos]) && l.s[l.pos] != ')' && l.s[l.pos] != ']' {
		if c := l.s[l.pos]; c == '"' || c < ' ' {
			return scim.Value{}, &SyntaxError{l.pos, "expected the value to end or to be in quotation marks"}
		}
		l.pos++
	}
	word := l.s[start:l.pos]
	switch {
	case word == "" || word[0] == '(' || word[0] == '[':
		l.pos = start
		return scim.Value{}, l.fail("a value", false)
	case strings.EqualFold(word, "true"):
		return scim.Bool(true), nil
	case strings.EqualFold(word, "false"):
		return scim.Bool(false), nil
	case strings.EqualFold(word, "null"):
		return scim.NullValue(), nil
	case isNumber(word):
		return scim.Num(word), nil
	case !utf8.ValidString(word):
		return scim.Value{}, &SyntaxError{start, "expected text in UTF-8"}
	}
	return scim.Text(word), nil
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isNameStart(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '$' }

func isName(c byte) bool {
	return isNameStart(c) || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// isURI reports whether c, which is no name character, may stand in a URN.
func isURI(c byte) bool { return strings.IndexByte(".:/%+=@~!*',;&#?", c) >= 0 }
