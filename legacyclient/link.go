package legacyclient

import (
	"slices"
	"strings"
)

var errBadLink = &reason{text: "answer has a Link header that cannot be read"}

// nextLink returns the target of the first link with the relation "next" in the
// values of Link headers (RFC 8288, section 3); empty: there is none. The
// target is a URL reference. A header that cannot be read is an error: it may
// hold the link, so the list has not ended.
func nextLink(values []string) (string, error) {
	for _, s := range values {
		for {
			s = strings.TrimLeft(s, " \t,") // empty elements are no fault
			if s == "" {
				break
			}
			target, rest, ok := linkTarget(s)
			if !ok {
				return "", errBadLink
			}
			next, rest, ok := linkParams(rest)
			if !ok {
				return "", errBadLink
			}
			if next {
				return target, nil
			}
			s = rest
		}
	}
	return "", nil
}

// linkTarget cuts "<target>" off.
func linkTarget(s string) (target, rest string, ok bool) {
	if !strings.HasPrefix(s, "<") {
		return "", "", false
	}
	return strings.Cut(s[1:], ">")
}

// linkParams reads the parameters of one link to its end. A link with an
// anchor speaks of something else than the page and does not lead on. Of
// several rel, the first counts (RFC 8288, section 3.3).
func linkParams(s string) (next bool, rest string, ok bool) {
	var hasRel, anchored bool
	for {
		s = trimSpace(s)
		if s == "" || s[0] == ',' {
			return next && !anchored, s, true
		}
		if s[0] != ';' {
			return false, "", false
		}
		var name, value string
		if name, value, s, ok = linkParam(trimSpace(s[1:])); !ok {
			return false, "", false
		}
		switch {
		case name == "anchor":
			anchored = true
		case name == "rel" && !hasRel:
			hasRel = true
			next = slices.Contains(strings.Fields(strings.ToLower(value)), "next")
		}
	}
}

// linkParam cuts off one parameter, of which the value is optional.
func linkParam(s string) (name, value, rest string, ok bool) {
	name, s = cutBefore(s, "=;, \t")
	name, s = strings.ToLower(name), trimSpace(s)
	if !strings.HasPrefix(s, "=") {
		return name, "", s, true
	}
	s = trimSpace(s[1:])
	if !strings.HasPrefix(s, `"`) {
		value, s = cutBefore(s, ";,")
		return name, value, s, name != ""
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return name, b.String(), s[i+1:], name != ""
		case '\\':
			if i++; i == len(s) {
				return "", "", "", false
			}
		}
		b.WriteByte(s[i])
	}
	return "", "", "", false
}

// cutBefore cuts a string before the first of the characters.
func cutBefore(s, characters string) (before, rest string) {
	if i := strings.IndexAny(s, characters); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

func trimSpace(s string) string { return strings.TrimLeft(s, " \t") }
