package filter

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// quoted reads a JSON string (RFC 8259 section 7), from one quotation mark
// past the other.
func (l *lexer) quoted() (string, error) {
	start, escaped := l.pos+1, false
	for i := start; i < len(l.s); i++ {
		switch c := l.s[i]; {
		case c == '\\':
			escaped = true
			i++
		case c < ' ':
			return "", &SyntaxError{i, "expected no control character in a string: write it as an escape"}
		case c == '"':
			text := l.s[start:i]
			if !utf8.ValidString(text) {
				return "", &SyntaxError{start - 1, "expected text in UTF-8"}
			}
			l.pos = i + 1
			if !escaped {
				return text, nil
			}
			return unescape(text, start)
		}
	}
	return "", &SyntaxError{start - 1, "expected a quotation mark that ends this string"}
}

// unescape resolves the escapes of text, which begins at that offset.
func unescape(text string, offset int) (string, error) {
	dst := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		if text[i] != '\\' {
			dst = append(dst, text[i])
			i++
			continue
		}
		if text[i+1] == 'u' {
			r, n := unicodeEscape(text[i:])
			if n == 0 {
				return "", &SyntaxError{offset + i, `expected four hexadecimal digits of a character after \u`}
			}
			dst = utf8.AppendRune(dst, r)
			i += n
			continue
		}
		at := strings.IndexByte(`"\/bfnrt`, text[i+1])
		if at < 0 {
			return "", &SyntaxError{offset + i, `expected one of "\/bfnrtu after the backslash`}
		}
		dst = append(dst, "\"\\/\b\f\n\r\t"[at])
		i += 2
	}
	return string(dst), nil
}

// unicodeEscape returns the character of the escape, or of the pair of
// surrogates, that s begins with, and how long that is: zero when there is
// none or half a pair only.
func unicodeEscape(s string) (r rune, n int) {
	r, ok := hex4(s)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	low, ok := hex4(s[6:])
	if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
		return 0, 0
	}
	return r, 12
}

// hex4 returns the number in an escape such as \u00e9.
func hex4(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(n), err == nil
}
