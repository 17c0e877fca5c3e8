package mapping

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"hostscim/adapter/scim/filter"
)

// Unmapped says what becomes of attributes that a client sends and that have
// no row: ignore, warn (ignored and logged once; the default), or reject (the
// request is refused whole). What is ignored is counted in either case. It is written as one word for all, or as a
// mapping of SCIM paths to words in which "default" stands for the others.
type Unmapped struct {
	rest  string
	paths Ordered[string]
}

// PolicyIgnore is the word for what is ignored without a line in the log.
const PolicyIgnore = "ignore"

const (
	unmappedWarn   = "warn"
	unmappedReject = "reject"
)

var unmappedWords = []string{PolicyIgnore, unmappedWarn, unmappedReject}

// Policy returns what becomes of an attribute without a row: ignore, warn or
// reject. path is the attribute as [Changes.Ignored] names it.
func (t *Table) Policy(path string) string { return t.unmapped.policy(path) }

func (u *Unmapped) decodeNode(d *decoder, n ast.Node, path string) {
	if _, isMap := n.(*ast.MappingNode); !isMap {
		u.rest = u.word(d, n, path)
		return
	}
	entries, _ := d.mapping(n, path)
	for _, e := range entries {
		p := join(path, e.key)
		d.at[p] = e.pos
		word := u.word(d, e.value, p)
		if e.key == "default" {
			u.rest = word
		} else {
			u.paths = append(u.paths, Entry[string]{e.key, word})
		}
	}
}

func (u *Unmapped) word(d *decoder, n ast.Node, path string) string {
	word, ok := d.text(n, path)
	if ok && !slices.Contains(unmappedWords, word) {
		d.add(path, "must be one of %s%s", strings.Join(unmappedWords, ", "), nearest(word, unmappedWords))
	}
	return word
}

// policy returns the word for an attribute without a row. Of a path the
// longest part that is listed counts: name for name.formatted.
func (u *Unmapped) policy(path string) string {
	best, word := -1, u.rest
	for _, e := range u.paths {
		whole := equalFold(path, e.Key)
		part := len(path) > len(e.Key) && equalFold(path[:len(e.Key)], e.Key) && strings.ContainsRune(".[:", rune(path[len(e.Key)]))
		if (whole || part) && len(e.Key) > best {
			best, word = len(e.Key), e.Value
		}
	}
	if word == "" {
		return unmappedWarn
	}
	return word
}

// unmapped checks that the attributes it lists exist and have no row.
func (c *compiler) unmapped() {
	for _, e := range c.spec.Unmapped.paths {
		path := join(c.path+".unmapped", e.Key)
		parsed, err := filter.ParsePath(e.Key, c.urns...)
		if err == nil {
			_, err = filter.Resolve(parsed, c.table.full)
		}
		if err != nil {
			c.add(path, "is no SCIM attribute: %s", err)
			continue
		}
		if slices.ContainsFunc(c.table.Rows, func(r Row) bool { return equalFold(r.Path, parsed.String()) }) {
			c.add(path, "has a row under attributes; remove it from one of the two")
		}
	}
}
