package adapter

import (
	"cmp"
	"math/big"
	"slices"
	"strings"
	"time"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
)

// order is what sortBy and sortOrder ask for (RFC 7644 section 3.4.2.3).
type order struct {
	target     filter.Target
	leaf       *scim.Attribute
	descending bool
}

// order returns the order that was asked for, nil when none was. It looks up
// sortBy among the attributes that are served.
func (q query) order(e *endpoint) (*order, error) {
	by := q["sortby"]
	if by == "" {
		return nil, nil
	}
	path, err := filter.ParsePath(by, e.urns...)
	if err != nil {
		return nil, scim.Bad(scim.InvalidValue, "sortBy is no attribute: %s", err)
	}
	target, err := filter.Resolve(path, e.table.Type)
	if err != nil {
		return nil, scim.Bad(scim.InvalidValue, "sortBy: %s", err)
	}
	if target.Attr != nil && target.Sub == nil && target.Attr.Type == scim.TypeComplex {
		target.Sub = target.Attr.Sub("value")
		if target.Sub != nil {
			target.Path.Sub = target.Sub.Name
		}
	}
	o := &order{target: target, leaf: target.Attr}
	if target.Sub != nil {
		o.leaf = target.Sub
	}
	if o.leaf == nil || o.leaf.Type == scim.TypeComplex || target.Attr.Name == "members" || target.Path.Filter != nil {
		return nil, scim.Bad(scim.InvalidValue, "sortBy must name an attribute with one value that can be compared, such as userName or name.familyName")
	}
	switch given := q["sortorder"]; {
	case given == "" || strings.EqualFold(given, "ascending"):
	case strings.EqualFold(given, "descending"):
		o.descending = true
	default:
		return nil, scim.Bad(scim.InvalidValue, "sortOrder must be ascending or descending")
	}
	return o, nil
}

// key returns the value that the resource is sorted by: of a multi-valued
// attribute that of the primary element, else of the first.
func (o *order) key(resource scim.Value) scim.Value {
	v := resource
	if o.target.Extension != nil {
		v = v.Get(o.target.Extension.ID)
	}
	v = v.Get(o.target.Attr.Name)
	if v.Kind() == scim.Array {
		v = primary(v)
	}
	if o.target.Sub != nil {
		v = v.Get(o.target.Sub.Name)
	}
	return v
}

func primary(list scim.Value) scim.Value {
	for _, p := range list.Parts() {
		if p.Value.Get("primary").True() {
			return p.Value
		}
	}
	if list.Len() == 0 {
		return scim.Value{}
	}
	return list.At(0)
}

// sorted is a resource and what it is sorted by.
type sorted struct{ key, resource scim.Value }

// sort puts the resources in order. Those without a value come last when
// ascending and first when descending; equal ones stay as they were.
func (o *order) sort(all []sorted) {
	slices.SortStableFunc(all, func(a, b sorted) int {
		c := o.compare(a.key, b.key)
		if o.descending {
			return -c
		}
		return c
	})
}

func (o *order) compare(a, b scim.Value) int {
	if a.Empty() || b.Empty() {
		switch {
		case a.Empty() && b.Empty():
			return 0
		case a.Empty():
			return 1
		}
		return -1
	}
	switch o.leaf.Type {
	case scim.TypeInteger, scim.TypeDecimal:
		x, okX := number(a)
		y, okY := number(b)
		if okX && okY {
			return x.Cmp(y)
		}
	case scim.TypeDateTime:
		x, errX := time.Parse(time.RFC3339, a.Text())
		y, errY := time.Parse(time.RFC3339, b.Text())
		if errX == nil && errY == nil {
			return x.Compare(y)
		}
	}
	if o.leaf.CaseExact {
		return cmp.Compare(a.Text(), b.Text())
	}
	return cmp.Compare(fold(a.Text()), fold(b.Text()))
}

// number returns a number for comparing. One with an exponent that would
// take long to write out is none.
func number(v scim.Value) (*big.Rat, bool) {
	if len(v.Text()) > 64 || strings.ContainsAny(v.Text(), "eE") {
		f, _, err := big.ParseFloat(v.Text(), 10, 64, big.ToNearestEven)
		if err != nil || f.IsInf() || f.MantExp(nil) > 1024 || f.MantExp(nil) < -1024 {
			return nil, false
		}
		r, _ := f.Rat(nil)
		return r, r != nil
	}
	return new(big.Rat).SetString(v.Text())
}
