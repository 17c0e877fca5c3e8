package filter

import (
	"cmp"
	"strings"
)

// number is a decimal number of any size: 0.digits times ten to the exp. It
// is compared digit by digit, so it is exact, and 1e999999999 costs no more
// than its spelling does.
type number struct {
	sign   int    // -1, 0 or 1
	digits string // from the first to the last that is not zero; may hold a point
	exp    int64
}

// parseNumber returns the JSON number that s spells. Exponents of more than
// 15 digits are refused.
func parseNumber(s string) (number, bool) {
	if !isNumber(s) {
		return number{}, false
	}
	n := number{sign: 1}
	if s[0] == '-' {
		n.sign, s = -1, s[1:]
	}
	mantissa, power := s, ""
	if e := strings.IndexAny(s, "eE"); e >= 0 {
		mantissa, power = s[:e], s[e+1:]
	}
	first := strings.IndexAny(mantissa, "123456789")
	if first < 0 {
		return number{}, true
	}
	n.digits = mantissa[first : 1+strings.LastIndexAny(mantissa, "123456789")]
	point := strings.IndexByte(mantissa, '.')
	if point < 0 {
		point = len(mantissa)
	}
	n.exp = int64(point - first)
	if first > point {
		n.exp++ // the point itself is no digit
	}
	exp, ok := parsePower(power)
	n.exp += exp
	return n, ok
}

func parsePower(s string) (int64, bool) {
	negative := strings.HasPrefix(s, "-")
	s = strings.TrimLeft(s, "+-")
	s = strings.TrimLeft(s, "0")
	if len(s) > 15 {
		return 0, false
	}
	var exp int64
	for i := range len(s) {
		exp = exp*10 + int64(s[i]-'0')
	}
	if negative {
		exp = -exp
	}
	return exp, true
}

// compare returns -1, 0 or 1 as n is less than, equal to or more than m.
func (n number) compare(m number) int {
	if n.sign != m.sign || n.sign == 0 {
		return cmp.Compare(n.sign, m.sign)
	}
	order := cmp.Compare(n.exp, m.exp)
	if order == 0 {
		order = compareDigits(n.digits, m.digits)
	}
	return n.sign * order
}

func compareDigits(a, b string) int {
	for {
		a, b = strings.TrimPrefix(a, "."), strings.TrimPrefix(b, ".")
		if a == "" || b == "" {
			return cmp.Compare(len(a), len(b))
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
}

// isNumber reports whether s is a number of RFC 8259 section 6.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole := digits(s)
	if whole == 0 || whole > 1 && s[0] == '0' {
		return false
	}
	if s = s[whole:]; strings.HasPrefix(s, ".") {
		n := digits(s[1:])
		if n == 0 {
			return false
		}
		s = s[1+n:]
	}
	if s != "" && s[0]|0x20 == 'e' {
		if s = s[1:]; s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		n := digits(s)
		return n > 0 && n == len(s)
	}
	return s == ""
}

func digits(s string) int {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}
