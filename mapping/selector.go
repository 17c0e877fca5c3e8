package mapping

import (
	"errors"
	"slices"
	"strings"

	"hostscim/adapter/scim"
)

// selector names one element of an array in a legacy record: the first whose
// field by has the value is. Rows of the same element share it.
type selector struct {
	by     string
	is     scim.Value
	mapped [][]string // what the rows of the element read and write in it
}

// parseLegacy splits a legacy field as a row names it: a dotted path, or that
// of an array, a selector of one element and the path in the element. of is
// nil for the former.
func parseLegacy(text string) (keys []string, of *selector, rest []string, err error) {
	array, tail, ok := strings.Cut(text, "[")
	keys = strings.Split(array, ".")
	if ok {
		of, rest, err = parseSelector(tail)
	}
	if err == nil && (slices.Contains(keys, "") || slices.Contains(rest, "")) {
		err = errors.New("must be a field name, or names joined by dots; write for example profile.name.first")
	}
	return keys, of, rest, err
}

// parseSelector parses what follows the bracket of emails[kind eq "work"].address.
func parseSelector(text string) (*selector, []string, error) {
	by, text, ok := strings.Cut(text, " eq ")
	if by = strings.TrimSpace(by); !ok || by == "" || strings.ContainsAny(by, " .[]") {
		return nil, nil, errors.New(`has a selector that is none; write for example emails[kind eq "work"].address`)
	}
	end := literalEnd(text)
	is, err := scim.Parse([]byte(text[:end]))
	rest, ok := strings.CutPrefix(text[end:], "].")
	switch {
	case err != nil || is.Empty() || is.Kind() == scim.Array || is.Kind() == scim.Object:
		return nil, nil, errors.New(`selects by what is no plain value; write a text in double quotes, a number, true or false, as in emails[kind eq "work"].address`)
	case !ok:
		return nil, nil, errors.New(`does not say which field of the element; write it behind the selector, as in emails[kind eq "work"].address`)
	case strings.Contains(rest, "["):
		return nil, nil, errors.New("has two selectors; one is all that a row can have")
	}
	return &selector{by: by, is: is}, strings.Split(rest, "."), nil
}

// literalEnd returns where the JSON value at the beginning of text ends.
func literalEnd(text string) int {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch {
		case quoted && text[i] == '\\':
			i++
		case text[i] == '"':
			quoted = !quoted
		case text[i] == ']' && !quoted:
			return i
		}
	}
	return len(text)
}

// selects reports whether the element is the one that is named.
func (s *selector) selects(element scim.Value) bool { return member(element, s.by).Equal(s.is) }

func (s *selector) index(elements []scim.Field) int {
	return slices.IndexFunc(elements, func(f scim.Field) bool { return s.selects(f.Value) })
}

// store returns the array with change made to the element, which is appended
// if it is not there. An element that is not there is not made to be cleared.
func (s *selector) store(array scim.Value, clears bool, change func(element scim.Value) (scim.Value, error)) (scim.Value, error) {
	var elements []scim.Field
	if array.Kind() == scim.Array {
		elements = slices.Clone(array.Parts())
	}
	i := s.index(elements)
	if i < 0 && clears {
		return array, nil
	}
	if i < 0 {
		i = len(elements)
		elements = append(elements, scim.Field{Value: scim.Obj(scim.Field{Name: s.by, Value: s.is})})
	}
	var err error
	elements[i].Value, err = change(elements[i].Value)
	return scim.ListOf(elements), err
}

// prune returns the array without the element, if nothing is left in it but
// the field that it is selected by and empty ones that rows have written.
func (s *selector) prune(array scim.Value) scim.Value {
	if array.Kind() != scim.Array {
		return array
	}
	i := s.index(array.Parts())
	if i < 0 {
		return array
	}
	left := array.At(i)
	for _, keys := range s.mapped {
		left = without(left, keys)
	}
	if left.Len() > 1 {
		return array
	}
	return scim.ListOf(slices.Delete(slices.Clone(array.Parts()), i, i+1))
}

// without returns v without the value at the path of keys, if that is empty,
// and without the objects around it that have nothing else.
func without(v scim.Value, keys []string) scim.Value {
	if v.Kind() != scim.Object {
		return v
	}
	var fields []scim.Field
	for _, f := range v.Parts() {
		if f.Name == keys[0] {
			if len(keys) > 1 {
				f.Value = without(f.Value, keys[1:])
			}
			if f.Value.Empty() || f.Value.Kind() == scim.String && f.Value.Text() == "" {
				continue
			}
		}
		fields = append(fields, f)
	}
	return scim.Obj(fields...)
}

// member returns the field of that very name. Names of legacy fields differ
// by letter case, other than those of SCIM.
func member(v scim.Value, name string) scim.Value {
	if v.Kind() != scim.Object {
		return scim.Value{}
	}
	for i := v.Len() - 1; i >= 0; i-- {
		if v.Parts()[i].Name == name {
			return v.At(i)
		}
	}
	return scim.Value{}
}

// dig returns the value at the path of keys, absent when there is none.
func dig(v scim.Value, keys []string) scim.Value {
	for _, key := range keys {
		v = member(v, key)
	}
	return v
}
