package mapping

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"hostscim/adapter/scim"
)

// The spellings of a value in a legacy field; date.go has those of times.
const (
	kindString  = "string"
	kindBoolean = "boolean"
	kindInteger = "integer"
	kindNumber  = "number"
)

// kindsOf lists, for a SCIM data type, the spellings that can hold it; the
// first is the default.
func kindsOf(t scim.Type) []string {
	switch t {
	case scim.TypeBoolean:
		return []string{kindBoolean, kindString, kindInteger}
	case scim.TypeInteger:
		return []string{kindInteger, kindString}
	case scim.TypeDecimal:
		return []string{kindNumber, kindString}
	case scim.TypeDateTime:
		return []string{kindDatetime, kindDate, kindUnix, kindUnixMS}
	}
	return []string{kindString, kindInteger}
}

// kind returns how the legacy field of a row spells its value.
func (c *compiler) kind(path string, spec RowSpec, leaf *scim.Attribute) string {
	kinds := kindsOf(leaf.Type)
	if spec.Type == "" {
		return kinds[0]
	}
	if !slices.Contains(kinds, spec.Type) {
		c.add(path+".type", "cannot hold %s, which is %s; write one of %s", leaf.Name, leaf.Type, strings.Join(kinds, ", "))
		return ""
	}
	return spec.Type
}

// coerce returns the value of a simple attribute as a client sent it, in its
// SCIM data type: Entra sends booleans as "True", and single values in
// arrays. Null, "" and [] come back absent: they clear the attribute. The error
// is a 400 that names the path.
func coerce(attr *scim.Attribute, path string, v scim.Value) (scim.Value, error) {
	if v.Kind() == scim.Array && v.Len() == 1 {
		v = v.At(0)
	}
	if v.Kind() == scim.Object {
		if inner := v.Get("value"); inner.Kind() != scim.Absent {
			v = inner
		}
	}
	if v.Empty() && v.Kind() != scim.Object || v.Kind() == scim.String && v.Text() == "" {
		return scim.Value{}, nil
	}
	text := v.Text()
	switch attr.Type {
	case scim.TypeBoolean:
		switch {
		case v.Kind() == scim.Boolean:
			return v, nil
		case v.Kind() == scim.String && strings.EqualFold(text, "true"):
			return scim.Bool(true), nil
		case v.Kind() == scim.String && strings.EqualFold(text, "false"):
			return scim.Bool(false), nil
		}
		return mismatch(path, "a boolean, true or false", v)
	case scim.TypeInteger:
		if _, err := strconv.ParseInt(text, 10, 64); err == nil && v.Kind() != scim.Boolean {
			return scim.Num(text), nil
		}
		return mismatch(path, "a whole number", v)
	case scim.TypeDecimal:
		if f, err := strconv.ParseFloat(text, 64); err == nil && v.Kind() == scim.Number {
			return v, nil
		} else if err == nil && v.Kind() == scim.String && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return scim.Num(strconv.FormatFloat(f, 'g', -1, 64)), nil
		}
		return mismatch(path, "a number", v)
	case scim.TypeDateTime:
		if _, err := time.Parse(time.RFC3339, text); err == nil && v.Kind() == scim.String {
			return v, nil
		}
		return mismatch(path, "a date and time such as 2026-01-31T12:00:00Z", v)
	}
	if v.Kind() == scim.String {
		return v, nil
	}
	return mismatch(path, "a string", v)
}

func mismatch(path, want string, got scim.Value) (scim.Value, error) {
	what := got.Kind().String()
	if got.Kind() == scim.String {
		what = "a string that is none"
	}
	return scim.Value{}, scim.Bad(scim.InvalidValue, "%s must be %s; got %s", path, want, what)
}

// encode returns a value, as coerce gives it, as the legacy field spells it.
func (r *Row) encode(v scim.Value) (scim.Value, error) {
	if v.Kind() == scim.Absent {
		return scim.NullValue(), nil
	}
	if len(r.transform.values) > 0 {
		legacy, ok := r.transform.toLegacy(v)
		if !ok {
			return scim.Value{}, scim.Bad(scim.InvalidValue, "%s has a value that the legacy API has no word for; it must be one of %s", r.Path, r.spelled())
		}
		return legacy, nil
	}
	switch r.kind {
	case kindString:
		return scim.Text(r.transform.write(v.Text())), nil
	case kindInteger:
		if v.Kind() == scim.Boolean {
			if v.True() {
				return scim.Int(1), nil
			}
			return scim.Int(0), nil
		}
		// Only what comes back as it was sent: 007 would come back as 7.
		n, err := strconv.ParseInt(v.Text(), 10, 64)
		if err != nil || strconv.FormatInt(n, 10) != v.Text() {
			return scim.Value{}, scim.Bad(scim.InvalidValue, "%s must be a whole number without leading zeros", r.Path)
		}
		return scim.Num(v.Text()), nil
	}
	return v, nil
}

// check returns a 400 when the value, as coerce gives it, cannot be stored.
func (r *Row) check(v scim.Value) error {
	if err := r.constraint.check(r.Path, v); err != nil {
		return err
	}
	if _, err := r.encode(v); err != nil {
		return err
	}
	return r.checkPath(v)
}

// spelled lists the values that the table of values has.
func (r *Row) spelled() string {
	var texts []string
	for _, p := range r.transform.values {
		texts = append(texts, p.scim.Text())
	}
	return strings.Join(texts, ", ")
}

// A ShapeError says that a record does not look as the table describes it:
// the configuration does not fit the API.
type ShapeError struct {
	Field string // the legacy field
	Path  string // the SCIM path of its row, "" for the id
	Want  string
	Got   scim.Kind
}

// Error names the field and both shapes, and no value.
func (e *ShapeError) Error() string {
	return fmt.Sprintf("legacy field %s is %s, the table says %s", e.Field, e.Got, e.Want)
}

// decode returns a legacy value in the SCIM data type of the row. Null and
// "" are absent: SCIM has one way to say that there is no value.
func (r *Row) decode(v scim.Value) (scim.Value, error) {
	if len(r.transform.values) > 0 {
		if shown, ok := r.transform.toSCIM(v); ok {
			return shown, nil
		}
	}
	if v.Empty() && v.Kind() != scim.Array && v.Kind() != scim.Object || v.Kind() == scim.String && v.Text() == "" {
		return r.fallback, nil
	}
	if len(r.transform.values) > 0 {
		return scim.Value{}, &ShapeError{Field: r.Legacy, Path: r.Path, Want: "one of those listed under values", Got: v.Kind()}
	}
	text := v.Text()
	switch r.kind {
	case kindString:
		switch {
		case v.Kind() == scim.String && r.attr.Type == scim.TypeBoolean:
			if strings.EqualFold(text, "true") || strings.EqualFold(text, "false") {
				return scim.Bool(strings.EqualFold(text, "true")), nil
			}
		case v.Kind() == scim.String && (r.attr.Type == scim.TypeInteger || r.attr.Type == scim.TypeDecimal):
			if _, err := strconv.ParseFloat(text, 64); err == nil {
				return scim.Num(text), nil
			}
		case v.Kind() == scim.String:
			return scim.Text(r.transform.read(text)), nil
		case v.Kind() == scim.Number && r.attr.Type != scim.TypeBoolean:
			return scim.Text(text), nil // a phone number kept as a number
		}
	case kindBoolean:
		if v.Kind() == scim.Boolean {
			return v, nil
		}
	case kindInteger:
		switch {
		case v.Kind() == scim.Number && r.attr.Type == scim.TypeBoolean && (text == "0" || text == "1"):
			return scim.Bool(text == "1"), nil
		case v.Kind() == scim.Number && r.attr.Type == scim.TypeInteger:
			return v, nil
		case v.Kind() == scim.Number && r.attr.Type != scim.TypeBoolean:
			return scim.Text(text), nil
		}
	case kindNumber:
		if v.Kind() == scim.Number {
			return v, nil
		}
	default:
		if t, ok := r.time(v); ok {
			return t, nil
		}
	}
	return scim.Value{}, &ShapeError{Field: r.Legacy, Path: r.Path, Want: r.kind, Got: v.Kind()}
}
