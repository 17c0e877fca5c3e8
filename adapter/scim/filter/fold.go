package filter

import (
	"strings"
	"unicode"
)

// fold returns s with every character replaced by one that stands for all
// that differ from it in letter case only: fold(a) == fold(b) where
// strings.EqualFold(a, b). Text that is folded already is returned as it is.
func fold(s string) string { return strings.Map(foldRune, s) }

func foldRune(r rune) rune {
	if r >= 0x80 {
		least := r
		for c := unicode.SimpleFold(r); c != r; c = unicode.SimpleFold(c) {
			least = min(least, c)
		}
		r = least
	}
	if 'A' <= r && r <= 'Z' {
		r += 'a' - 'A' // what is stored is mostly in lower case
	}
	return r
}
