package mapping

import (
	"errors"
	"slices"
	"strings"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
)

// putElements puts a list of elements of a multi-valued attribute: each into
// the place that the table has for its type. Where replace is asked for,
// places that get none are cleared.
func (d *draft) putElements(a *attribute, v scim.Value, p placement) error {
	var elements []scim.Value
	switch {
	case v.Kind() == scim.Array:
		for _, e := range v.Parts() {
			elements = append(elements, e.Value)
		}
	case !v.Empty() && (v.Kind() != scim.String || v.Text() != ""):
		elements = []scim.Value{v}
	}
	for i, e := range elements {
		if e.Kind() == scim.String {
			elements[i] = scim.Obj(scim.Field{Name: "value", Value: e})
		} else if e.Kind() != scim.Object {
			return scim.Bad(scim.InvalidValue, "%s must be a list of objects; got %s in it", a.path(), e.Kind())
		}
	}
	if p.replace {
		for _, i := range a.rowsOf() {
			if row := &d.table.Rows[i]; !row.ReadOnly && row.clearable() {
				d.clear([]int{i}, false)
			}
		}
	}
	return d.placeElements(a, elements)
}

// placeElements finds the place of each element. One that names a type goes
// where that type is; one without goes to the primary place, or the first
// free one, since clients that know of one e-mail send it without a type.
func (d *draft) placeElements(a *attribute, elements []scim.Value) error {
	taken := make([]bool, len(a.slots))
	place := func(slot int, e scim.Value) error {
		taken[slot] = true
		return d.putComplex(a.attr, a.slots[slot].subs, a.path(), e)
	}
	var rest []scim.Value
	for _, e := range elements {
		slot, named := a.slotOf(e)
		switch {
		case slot >= 0 && !taken[slot]:
			if err := place(slot, e); err != nil {
				return err
			}
		case slot >= 0 || named:
			d.ignore(a.ignoredElement(e))
		default:
			rest = append(rest, e)
		}
	}
	for _, e := range rest {
		slot := slices.IndexFunc(a.slots, func(s element) bool { return s.primary })
		if slot < 0 || taken[slot] {
			slot = slices.Index(taken, false)
		}
		if slot < 0 {
			d.ignore(a.path())
			continue
		}
		if err := place(slot, e); err != nil {
			return err
		}
	}
	return nil
}

// slotOf returns the place of an element by what it says of itself, or -1.
// named tells that it names a type that has no place.
func (a *attribute) slotOf(e scim.Value) (slot int, named bool) {
	for i := range a.slots {
		said := e.Get(a.slots[i].by)
		if said.Empty() || said.Text() == "" {
			continue
		}
		named = named || a.slots[i].by == "type"
		if a.slots[i].isNamed(a.attr, said) {
			return i, true
		}
	}
	return -1, named
}

// isNamed reports whether the value, as a client spells it, is the one that
// the element is selected by.
func (e *element) isNamed(attr *scim.Attribute, v scim.Value) bool {
	sub := attr.Sub(e.by)
	said, err := coerce(sub, e.by, v)
	return err == nil && sameValue(sub, said, e.is)
}

func sameValue(attr *scim.Attribute, a, b scim.Value) bool {
	if a.Kind() == scim.String && b.Kind() == scim.String && !attr.CaseExact {
		return equalFold(a.Text(), b.Text())
	}
	return a.Equal(b)
}

// ignoredElement returns the path that an element without a place is counted
// under: with its type when that is one of RFC 7643's.
func (a *attribute) ignoredElement(e scim.Value) string {
	if said := e.Get("type").Text(); canonical(a.attr, said) {
		return a.path() + `[type eq "` + strings.ToLower(said) + `"]`
	}
	return a.path() + "[type eq (other)]"
}

// putFiltered puts v at the elements that the filter in the path selects. An
// element that the table has a place for and that has no value yet is made,
// as Entra expects of emails[type eq "other"].value.
func (d *draft) putFiltered(a *attribute, target filter.Target, v scim.Value) error {
	if len(a.slots) == 0 {
		return scim.Bad(scim.InvalidPath, "%s has one value; a filter in brackets has no meaning for it", a.path())
	}
	slots, dynamic, err := d.selected(a, target.Path.Filter)
	if err != nil {
		return err
	}
	if len(slots) == 0 {
		if dynamic {
			return scim.Bad(scim.NoTarget, "no element of %s matches the filter in the path", a.path())
		}
		d.ignore(d.plain(target.Path))
		return nil
	}
	for _, s := range slots {
		slot := &a.slots[s]
		if target.Sub == nil {
			err = d.putComplex(a.attr, slot.subs, a.path(), v)
		} else if row := slot.row(target.Sub.Name); row >= 0 {
			err = d.setRow(row, v)
		} else if !selects(target.Sub) {
			d.ignore(d.plain(target.Path))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// selected returns the places whose element the filter matches. What the
// table alone can tell, such as the type, is told without the record;
// dynamic says that the record had to be looked at.
func (d *draft) selected(a *attribute, e filter.Expr) (slots []int, dynamic bool, err error) {
	compiled, err := filter.CompileElement(e, a.attr)
	if err != nil {
		return nil, false, scim.Bad(scim.InvalidPath, "%s[...]: %s", a.path(), err)
	}
	verdicts := make([]verdict, len(a.slots))
	for i := range a.slots {
		verdicts[i] = a.slots[i].judge(a.attr, compiled.Expr())
		dynamic = dynamic || verdicts[i] == unknown
	}
	if !dynamic {
		for i, v := range verdicts {
			if v == yes {
				slots = append(slots, i)
			}
		}
		if len(slots) == 0 && len(a.slots) == 1 && asksPrimary(compiled.Expr()) {
			slots = []int{0} // the only one there is
		}
		return slots, false, nil
	}
	values := Values{rows: make([]scim.Value, len(d.rows))}
	if !d.fresh {
		if d.current == nil || d.current.Values == nil {
			return nil, true, ErrNeedRecord
		}
		values = *d.current.Values
	}
	values = d.apply(values)
	for i := range a.slots {
		b := builder{values: values, slab: make([]scim.Field, len(a.slots[i].subs)+2)}
		if element := b.element(&a.slots[i]); !element.Empty() && compiled.Match(element) {
			slots = append(slots, i)
		}
	}
	return slots, true, nil
}

// ErrNeedRecord and ErrNeedMembers are returned by [Table.Patch] when an
// operation depends on what the record, or the list of members, holds now.
var (
	ErrNeedRecord  = errors.New("the patch depends on the current record")
	ErrNeedMembers = errors.New("the patch depends on the current members")
)

// verdict is what the table can tell of a filter and an element.
type verdict uint8

const (
	no verdict = iota
	yes
	unknown
)

// judge evaluates the filter for the element in three-valued logic. What it
// is sure of, [filter.Filter.Match] says too of any element of this place.
func (e *element) judge(attr *scim.Attribute, x filter.Expr) verdict {
	switch x := x.(type) {
	case filter.And:
		return min3(e.judge(attr, x.Left), e.judge(attr, x.Right))
	case filter.Or:
		return not(min3(not(e.judge(attr, x.Left)), not(e.judge(attr, x.Right))))
	case filter.Not:
		return not(e.judge(attr, x.Expr))
	case filter.Compare:
		if x.Op != filter.Eq || x.Value.Kind() == scim.Null {
			return unknown
		}
		sub := attr.Sub(x.Path.Attr)
		switch {
		case sub == nil:
			return unknown
		case sub.Name == e.by:
			return verdictOf(sameValue(sub, x.Value, e.is))
		case sub.Name == "primary":
			// An element that is not primary has no such sub-attribute, and
			// so is not equal to false either.
			return verdictOf(x.Value.True() && e.primary)
		case e.row(sub.Name) < 0:
			return no
		}
	}
	return unknown
}

func verdictOf(b bool) verdict {
	if b {
		return yes
	}
	return no
}

func not(v verdict) verdict {
	switch v {
	case yes:
		return no
	case no:
		return yes
	}
	return unknown
}

// min3 is "and".
func min3(a, b verdict) verdict {
	switch {
	case a == no || b == no:
		return no
	case a == unknown || b == unknown:
		return unknown
	}
	return yes
}

// asksPrimary reports whether the filter is primary eq true.
func asksPrimary(x filter.Expr) bool {
	c, ok := x.(filter.Compare)
	return ok && c.Op == filter.Eq && equalFold(c.Path.Attr, "primary") && c.Value.True()
}
