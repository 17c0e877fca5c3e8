package mapping

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"hostscim/adapter/scim"
)

// Each says how one element of a list is kept. It is written as the name of a
// sub-attribute, of which the list then has plain values, or as a mapping of
// sub-attributes to fields of the legacy element.
type Each struct {
	plain string
	subs  Ordered[string]
}

func (e *Each) decodeNode(d *decoder, n ast.Node, path string) {
	if _, isMap := n.(*ast.MappingNode); isMap {
		e.subs.decodeNode(d, n, path)
		if len(e.subs) == 0 {
			d.add(path, "names no sub-attribute; write for example {value: address, type: kind}, or leave it out for the names of SCIM")
		}
		return
	}
	e.plain, _ = d.text(n, path)
}

// list is how a row keeps all elements of a multi-valued attribute.
type list struct {
	field string // the legacy field
	subs  []Row  // the sub-attributes that are kept; their fields are those of an element
	plain bool   // an element is the plain value of the one sub-attribute
	join  string // the elements are one text, and this stands between them; else ""
}

// list compiles how a row keeps a whole multi-valued attribute.
func (c *compiler) list(path string, spec RowSpec, attr *scim.Attribute, row *Row) {
	if spec.Type != "" || spec.Default != nil || spec.Primary || len(spec.Values) > 0 || spec.Trim || spec.Case != "" || spec.Prefix != "" ||
		spec.Suffix != "" || spec.Lossy != "" || spec.MaxLength != 0 || spec.Pattern != "" || spec.OneOf != nil || spec.Split != nil ||
		spec.Layout != "" || spec.Call != nil || spec.Calls != nil || spec.Clear != nil || spec.InCreate {
		c.add(path, "is a whole list, which has no more than legacy, each, join, required and read_only; remove the other keys")
	}
	l := &list{field: spec.Legacy, join: spec.Join}
	row.list = l
	switch each := spec.Each; {
	case each == nil:
		for _, sub := range attr.SubAttributes {
			l.subs = append(l.subs, c.listed(row, sub, sub.Name))
		}
	case each.plain != "":
		l.plain = true
		c.each(path+".each", row, attr, each.plain, "")
	default:
		for _, e := range each.subs {
			c.each(join(path+".each", e.Key), row, attr, e.Key, e.Value)
		}
	}
	if l.join != "" && !l.plain {
		c.add(path+".join", "is for a list of plain values; write each: value beside it")
	}
}

// each adds the sub-attribute to those that the row keeps.
func (c *compiler) each(path string, row *Row, attr *scim.Attribute, name, field string) {
	sub := attr.Sub(name)
	switch {
	case sub == nil:
		c.add(path, "%s has no sub-attribute %s; it has %s", attr.Name, name, strings.Join(subNames(attr), ", "))
		return
	case slices.Contains(strings.Split(field, "."), "") && !row.list.plain:
		c.add(path, "must be a field of the element, or names joined by dots; write for example address")
		return
	}
	listed := c.listed(row, sub, field)
	for _, other := range row.list.subs {
		if other.attr == sub || overlap(other.keys, listed.keys) {
			c.add(path, "%s is written by %s too; give each sub-attribute a field of its own", listed.Legacy, other.Path)
		}
	}
	row.list.subs = append(row.list.subs, listed)
}

// listed returns the row of a sub-attribute of an element.
func (c *compiler) listed(row *Row, sub *scim.Attribute, field string) Row {
	r := Row{Path: row.Path + "." + sub.Name, Legacy: row.Legacy, kind: kindsOf(sub.Type)[0], attr: sub}
	if field != "" {
		r.Legacy, r.keys = row.Legacy+"."+field, strings.Split(field, ".")
	}
	return r
}

func subNames(attr *scim.Attribute) []string {
	var names []string
	for _, sub := range attr.SubAttributes {
		names = append(names, sub.Name)
	}
	return names
}

// within reports whether the path of keys lies in the field at outer, or is it.
func within(keys, outer []string) bool {
	return len(keys) >= len(outer) && slices.Equal(keys[:len(outer)], outer)
}

// overlap reports whether one of two fields is the other or a part of it.
func overlap(a, b []string) bool { return within(a, b) || within(b, a) }

// sub returns the row of the sub-attribute, or nil when it is not kept.
func (l *list) sub(name string) *Row {
	for i := range l.subs {
		if equalFold(l.subs[i].attr.Name, name) {
			return &l.subs[i]
		}
	}
	return nil
}

// bare returns the sub-attribute that a plain value stands for.
func (l *list) bare() string {
	if len(l.subs) == 1 {
		return l.subs[0].attr.Name
	}
	return "value"
}

// decode returns the elements of a legacy list as SCIM shows them.
func (l *list) decode(r *Row, v scim.Value) (scim.Value, error) {
	if v.Kind() == scim.Absent || v.Kind() == scim.Null || v.Kind() == scim.String && v.Text() == "" {
		return scim.Value{}, nil
	}
	want, kind := "a list", scim.Array
	if l.join != "" {
		want, kind = "a text", scim.String
	}
	if v.Kind() != kind {
		return scim.Value{}, &ShapeError{Field: r.Legacy, Path: r.Path, Want: want, Got: v.Kind()}
	}
	parts := v.Parts()
	if l.join != "" {
		parts = scim.Strings(strings.Split(v.Text(), l.join)...).Parts()
	}
	elements := make([]scim.Field, 0, len(parts))
	for _, p := range parts {
		element, err := l.element(p.Value)
		if err != nil {
			return scim.Value{}, err
		}
		elements = put(elements, "", element)
	}
	if len(elements) == 0 {
		return scim.Value{}, nil
	}
	return scim.ListOf(elements), nil
}

// element returns one element of a legacy list as SCIM shows it; empty when
// nothing of it is mapped.
func (l *list) element(legacy scim.Value) (scim.Value, error) {
	if !l.plain && legacy.Kind() != scim.Object && legacy.Kind() != scim.Null {
		return scim.Value{}, &ShapeError{Field: l.field + "[]", Path: l.subs[0].Path, Want: "an object", Got: legacy.Kind()}
	}
	fields := make([]scim.Field, 0, len(l.subs))
	for i := range l.subs {
		sub := &l.subs[i]
		v, err := sub.decode(dig(legacy, sub.keys))
		if err != nil {
			return scim.Value{}, err
		}
		fields = put(fields, sub.attr.Name, v)
	}
	return scim.Obj(fields...), nil
}

// check returns a 400 when an element, which has the sub-attribute, cannot be
// kept: a text that holds what stands between two elements would come back as
// two of them.
func (l *list) check(sub *Row, v scim.Value) error {
	if l.join != "" && strings.Index(v.Text()+l.join, l.join) != len(v.Text()) {
		return scim.Bad(scim.InvalidValue, "%s cannot hold %q, which the legacy API puts between two of them; remove it at the source", sub.Path, l.join)
	}
	return sub.check(v)
}

// encode returns the elements as the legacy field keeps them. now is what the
// field has, as far as that is known: what is in an element beside what is
// mapped stays in it as long as it has the same value.
func (l *list) encode(now, v scim.Value) (scim.Value, error) {
	if l.plain {
		return l.encodePlain(v)
	}
	old := l.match(now, v)
	elements := make([]scim.Field, v.Len())
	for i, p := range v.Parts() {
		legacy := old[i]
		for j := range l.subs {
			sub := &l.subs[j]
			value := p.Value.Get(sub.attr.Name)
			if value.Kind() == scim.Absent && dig(legacy, sub.keys).Empty() {
				continue
			}
			encoded, err := sub.encode(value)
			if err != nil {
				return scim.Value{}, err
			}
			legacy = with(legacy, sub.keys, encoded)
		}
		elements[i].Value = legacy
	}
	return scim.ListOf(elements), nil
}

func (l *list) encodePlain(v scim.Value) (scim.Value, error) {
	sub := &l.subs[0]
	elements := make([]scim.Field, v.Len())
	texts := make([]string, v.Len())
	for i, p := range v.Parts() {
		encoded, err := sub.encode(p.Value.Get(sub.attr.Name))
		if err != nil {
			return scim.Value{}, err
		}
		elements[i].Value, texts[i] = encoded, encoded.Text()
	}
	switch {
	case l.join == "":
		return scim.ListOf(elements), nil
	case len(texts) == 0:
		return scim.NullValue(), nil
	}
	return scim.Text(strings.Join(texts, l.join)), nil
}

// match returns for each element of v the legacy element that it was: the
// first that shows the same, else the first that has the same value.
func (l *list) match(now, v scim.Value) []scim.Value {
	old := make([]scim.Value, v.Len())
	if now.Kind() != scim.Array || now.Len() == 0 {
		return old
	}
	found := make([]bool, v.Len())
	taken := make([]bool, now.Len())
	for _, key := range []func(scim.Value) string{l.whole, valueOf} {
		at := make(map[string][]int)
		for i, p := range now.Parts() {
			if shown, err := l.element(p.Value); err == nil && !taken[i] {
				at[key(shown)] = append(at[key(shown)], i)
			}
		}
		for i, p := range v.Parts() {
			k := key(p.Value)
			if same := at[k]; !found[i] && k != "" && len(same) > 0 {
				old[i], at[k] = now.At(same[0]), same[1:]
				found[i], taken[same[0]] = true, true
			}
		}
	}
	return old
}

func valueOf(element scim.Value) string { return element.Get("value").Text() }

// whole returns a text that is the same for equal elements and no others.
func (l *list) whole(element scim.Value) string { return l.text(element, "") }

// text is whole without the sub-attribute of that name.
func (l *list) text(element scim.Value, except string) string {
	var text []byte
	for i := range l.subs {
		if name := l.subs[i].attr.Name; name != except {
			text = append(element.Get(name).Append(text), ',')
		}
	}
	return string(text)
}

// samples returns lists that the row accepts: each value of each
// sub-attribute, and more and more elements that have them all.
func (l *list) samples() []scim.Value {
	values := make([][]scim.Value, len(l.subs))
	rounds := 0
	var lists []scim.Value
	for i := range l.subs {
		sub := &l.subs[i]
		values[i] = slices.DeleteFunc(sub.samples(), func(v scim.Value) bool { return l.check(sub, v) != nil })
		rounds = max(rounds, len(values[i]))
		for _, v := range values[i] {
			lists = append(lists, scim.List(scim.Obj(scim.Field{Name: sub.attr.Name, Value: v})))
		}
	}
	var elements []scim.Value
	for round := range rounds {
		var fields []scim.Field
		for i := range l.subs {
			fields = append(fields, scim.Field{Name: l.subs[i].attr.Name, Value: values[i][(round+i)%len(values[i])]})
		}
		elements = append(elements, scim.Obj(fields...))
		lists = append(lists, scim.List(elements...))
	}
	return lists
}
