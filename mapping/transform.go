package mapping

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"

	"hostscim/adapter/scim"
)

// transform is how a row changes a value on its way into the legacy field and
// back. The zero transform changes nothing.
//
//	write:  trim, letter case, prefix and suffix, then the spelling of the type
//	read:   the same backwards; what trim and letter case took stays away
//
// A table of values takes the place of all of them.
type transform struct {
	trim           bool
	letters        string // lower, upper, or "" as they are
	prefix, suffix string
	values         []valuePair
}

// valuePair joins one SCIM value to the legacy values that mean it. The first
// is written; all are read.
type valuePair struct {
	scim   scim.Value
	legacy []scim.Value
}

// write returns the text as it stands in the legacy field.
func (t *transform) write(text string) string {
	if t.trim {
		text = strings.TrimSpace(text)
	}
	switch t.letters {
	case "lower":
		text = strings.ToLower(text)
	case "upper":
		text = strings.ToUpper(text)
	}
	return t.prefix + text + t.suffix
}

// read returns the text of a legacy field as SCIM shows it. A field that was
// not written by us may lack the prefix or the suffix; it is shown as it is.
func (t *transform) read(text string) string {
	inner, ok := strings.CutPrefix(text, t.prefix)
	if !ok {
		return text
	}
	if inner, ok = strings.CutSuffix(inner, t.suffix); !ok {
		return text
	}
	return inner
}

// lossy says what the transform loses, or "" when what was written comes
// back. It is shown with an example.
func (t *transform) lossy() string {
	switch {
	case len(t.values) > 0:
		return ""
	case t.letters != "":
		return fmt.Sprintf("case: %s: %q comes back as %q", t.letters, "Ab", t.read(t.write("Ab")))
	case t.trim:
		return fmt.Sprintf("trim: %q comes back as %q", " a", t.read(t.write(" a")))
	}
	return ""
}

// lossy says what the row loses, or "" when what was written comes back.
func (r *Row) lossy() string {
	if lossy := r.transform.lossy(); lossy != "" || r.split == nil {
		return lossy
	}
	return r.split.lossy()
}

// toLegacy returns the legacy value that the table has for v.
func (t *transform) toLegacy(v scim.Value) (scim.Value, bool) {
	for _, p := range t.values {
		if p.scim.Kind() == v.Kind() && p.scim.Text() == v.Text() {
			return p.legacy[0], true
		}
	}
	return scim.Value{}, false
}

// toSCIM returns the SCIM value that the table has for a legacy one.
func (t *transform) toSCIM(v scim.Value) (scim.Value, bool) {
	for _, p := range t.values {
		if slices.ContainsFunc(p.legacy, v.Equal) {
			return p.scim, true
		}
	}
	return scim.Value{}, false
}

// none reports whether the transform changes nothing.
func (t *transform) none() bool {
	return !t.trim && t.letters == "" && t.prefix == "" && t.suffix == "" && len(t.values) == 0
}

// spellings returns every text of the legacy field that SCIM shows as v: what
// we write for it, and what others may have written, which is shown as it is.
// It is false when one of them cannot be searched for.
func (r *Row) spellings(v scim.Value) (texts []string, ok bool) {
	if len(r.transform.values) > 0 {
		for _, p := range r.transform.values {
			if !sameValue(r.attr, p.scim, v) {
				continue
			}
			for _, l := range p.legacy {
				if l.Text() == "" {
					return nil, false // null, or nothing to search for
				}
				texts = append(texts, l.Text())
			}
		}
		return texts, len(texts) > 0
	}
	legacy, err := r.encode(v)
	if err != nil {
		return nil, false
	}
	texts = []string{legacy.Text()}
	if text := v.Text(); !r.transform.none() && text != legacy.Text() {
		texts = append(texts, text)
	}
	return texts, true
}

// constraint is what a value must satisfy before it is sent.
type constraint struct {
	maxLength int // in characters; 0: any
	pattern   *regexp.Regexp
	oneOf     []string
}

// check returns a 400 that names the attribute and the rule.
func (c *constraint) check(path string, v scim.Value) error {
	text := v.Text()
	switch {
	case c.maxLength > 0 && utf8.RuneCountInString(text) > c.maxLength:
		return scim.Bad(scim.InvalidValue, "%s is longer than %d characters, which is all that the legacy API keeps; shorten it at the source", path, c.maxLength)
	case c.pattern != nil && !c.pattern.MatchString(text):
		return scim.Bad(scim.InvalidValue, "%s does not have the form that the legacy API asks for, %s", path, c.pattern)
	case c.oneOf != nil && !slices.Contains(c.oneOf, text):
		return scim.Bad(scim.InvalidValue, "%s must be one of %s", path, strings.Join(c.oneOf, ", "))
	}
	return nil
}

// Plains is one plain value or a list of them.
type Plains []scim.Value

func (v *Plains) decodeNode(d *decoder, n ast.Node, path string) {
	nodes := []ast.Node{n}
	if seq, ok := n.(*ast.SequenceNode); ok {
		nodes = seq.Values
	}
	for i, n := range nodes {
		if _, null := n.(*ast.NullNode); null {
			*v = append(*v, scim.NullValue())
			continue
		}
		var plain Plain
		plain.decodeNode(d, n, fmt.Sprintf("%s[%d]", path, i))
		*v = append(*v, plain.Value)
	}
}

// transform compiles how a row changes its values.
func (c *compiler) transform(path string, spec RowSpec, row *Row) {
	t := transform{trim: spec.Trim, letters: spec.Case, prefix: spec.Prefix, suffix: spec.Suffix}
	text := row.kind == kindString && row.attr.Type != scim.TypeBoolean
	if (t.trim || t.letters != "" || t.prefix != "" || t.suffix != "") && !text {
		c.add(path, "trim, case, prefix and suffix are for texts; %s is %s", row.Path, row.attr.Type)
	}
	if len(spec.Values) > 0 {
		if spec.Type != "" || t.trim || t.letters != "" || t.prefix != "" || t.suffix != "" {
			c.add(path+".values", "says how every value is spelt; remove type, trim, case, prefix and suffix")
		}
		t.values = c.values(path+".values", spec.Values, row)
	}
	row.transform = t
	row.constraint = c.constraint(path, spec)
	c.split(path, spec, row)
	lossy := row.lossy()
	switch {
	case lossy == "" && spec.Lossy != "":
		c.add(path+".lossy", "is not needed; the row loses nothing")
	case lossy == "" || row.ReadOnly || spec.Lossy == "accepted":
		return
	case row.Required || row.attr.Uniqueness == "server":
		c.add(path, "loses what it is given (%s), and Entra would send it again and again; remove it, or write lossy: accepted", lossy)
	}
}

func (c *compiler) values(path string, spec Ordered[Plains], row *Row) []valuePair {
	var pairs []valuePair
	var t transform
	for _, e := range spec {
		v, err := coerce(row.attr, row.Path, scim.Text(e.Key))
		if err != nil || v.Kind() == scim.Absent {
			c.add(join(path, e.Key), "is no value of %s, which is %s", row.Path, row.attr.Type)
			continue
		}
		if len(e.Value) == 0 {
			c.add(join(path, e.Key), "has no legacy value")
			continue
		}
		for _, l := range e.Value {
			if _, taken := t.toSCIM(l); taken {
				c.add(join(path, e.Key), "stands for a legacy value that another one stands for too; which one would it be read as?")
			}
		}
		t.values = append(t.values, valuePair{v, e.Value})
		pairs = t.values
	}
	if row.attr.Type == scim.TypeBoolean && len(spec) < 2 {
		c.add(path, "has a word for one of true and false only; what is the other?")
	}
	return pairs
}

func (c *compiler) constraint(path string, spec RowSpec) constraint {
	k := constraint{maxLength: spec.MaxLength, oneOf: spec.OneOf}
	if spec.Pattern != "" {
		pattern, err := regexp.Compile(`^(?:` + spec.Pattern + `)$`)
		if err != nil {
			c.add(path+".pattern", "is no regular expression of Go's syntax (RE2)")
		}
		k.pattern = pattern
	}
	return k
}
