package scim

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unsafe"
)

// Kind says what a [Value] holds.
type Kind uint8

// The kinds of a [Value]. Absent is the zero Kind: there is no value at all,
// which SCIM treats as equal to Null in what is stored (RFC 7643 section 2.5)
// but not in what was asked for.
const (
	Absent Kind = iota
	Null
	Boolean
	Number
	String
	Array
	Object
)

// String returns the kind as it reads in an error message.
func (k Kind) String() string {
	switch k {
	case Null:
		return "null"
	case Boolean:
		return "a boolean"
	case Number:
		return "a number"
	case String:
		return "a string"
	case Array:
		return "an array"
	case Object:
		return "an object"
	}
	return "nothing"
}

// Value is one JSON value. Objects keep the order of their fields, so the
// same input is printed the same way every time, and numbers keep the
// spelling they were read with, so what was stored comes back verbatim.
//
// A Value is immutable: nobody writes to the slices it was made of. The zero
// Value is absent. Values are compared with [Value.Equal].
//
// A page of resources is thousands of values, and most of what it cost was to
// clear, copy and scan their memory: with a string and a slice side by side, a
// value had 48 bytes, of which it used 16 or 24. Since no value has both, they
// share a pointer and a length, as in slog.Value.
type Value struct {
	kind Kind
	n    uint32         // the length of what is at ptr
	ptr  unsafe.Pointer // to bytes that are never written to, or to Fields; what it is, kind says
}

// text returns a value of the kind that is spelt s.
func text(kind Kind, s string) Value {
	return Value{kind, length(len(s)), unsafe.Pointer(unsafe.StringData(s))}
}

// of returns a value of the kind that has the parts.
func of(kind Kind, parts []Field) Value {
	return Value{kind, length(len(parts)), unsafe.Pointer(unsafe.SliceData(parts))}
}

// length returns n. What is larger than four gigabytes cannot come from a body
// or an answer, which are bounded, and must not come back shorter.
func length(n int) uint32 {
	if uint64(n) > math.MaxUint32 {
		panic("scim: a value of more than four gigabytes")
	}
	return uint32(n)
}

// Field is one named value of an object.
type Field struct {
	Name  string
	Value Value
}

// NullValue is the JSON value null.
func NullValue() Value { return Value{kind: Null} }

// Text returns s as a string value.
func Text(s string) Value { return text(String, s) }

// Bool returns b as a boolean value.
func Bool(b bool) Value { return text(Boolean, strconv.FormatBool(b)) }

// Int returns n as a number value.
func Int(n int) Value { return text(Number, strconv.Itoa(n)) }

// Num returns the number spelt literal, which must be a JSON number.
func Num(literal string) Value { return text(Number, literal) }

// Obj returns an object of the fields, which it keeps.
func Obj(fields ...Field) Value { return of(Object, fields) }

// List returns an array of the values.
func List(values ...Value) Value {
	parts := make([]Field, len(values))
	for i, v := range values {
		parts[i].Value = v
	}
	return of(Array, parts)
}

// ListOf returns an array whose elements are the values of the parts, which
// it keeps. It is [List] for callers that lay out many values in one slice.
func ListOf(parts []Field) Value { return of(Array, parts) }

// Strings returns an array of the strings.
func Strings(texts ...string) Value {
	parts := make([]Field, len(texts))
	for i, s := range texts {
		parts[i].Value = Text(s)
	}
	return of(Array, parts)
}

// Kind returns what v holds.
func (v Value) Kind() Kind { return v.kind }

// Empty reports whether v is unassigned in the sense of RFC 7643 section
// 2.5: absent, null, or an array or object without anything in it.
func (v Value) Empty() bool {
	switch v.kind {
	case Absent, Null:
		return true
	case Array, Object:
		return v.n == 0
	}
	return false
}

// Text returns the string, or the number or boolean as spelt; "" for all else.
func (v Value) Text() string {
	switch v.kind {
	case Boolean, Number, String:
		return unsafe.String((*byte)(v.ptr), v.n)
	}
	return ""
}

// True reports whether v is the boolean true.
func (v Value) True() bool { return v.kind == Boolean && v.Text() == "true" }

// Len returns the number of fields of an object or of elements of an array.
func (v Value) Len() int { return len(v.Parts()) }

// Parts returns the fields of an object, or the elements of an array as
// fields without names. The slice is shared: do not write to it.
func (v Value) Parts() []Field {
	switch v.kind {
	case Array, Object:
		return unsafe.Slice((*Field)(v.ptr), v.n)
	}
	return nil
}

// At returns element or field value i.
func (v Value) At(i int) Value { return v.Parts()[i].Value }

// Get returns the field of that name, compared without case as RFC 7643
// section 2.1 asks of attribute names; the zero Value when v is no object or
// has no such field. Of two fields that differ in case only, the last counts.
func (v Value) Get(name string) Value {
	if v.kind != Object {
		return Value{}
	}
	parts := v.Parts()
	for i := len(parts) - 1; i >= 0; i-- {
		if n := parts[i].Name; n == name || strings.EqualFold(n, name) {
			return parts[i].Value
		}
	}
	return Value{}
}

// Equal reports whether v and w are the same JSON value: fields in any
// order, numbers by their spelling, strings exactly. Names of fields count as
// they are spelt, other than in [Value.Get]: a body may hold two that differ
// in case only, and is equal to itself all the same. No name stands twice in
// an object that [Parse] returned.
func (v Value) Equal(w Value) bool {
	if v.kind != w.kind || v.n != w.n || v.Text() != w.Text() {
		return false
	}
	others := w.Parts()
	for i, p := range v.Parts() {
		other := others[i]
		if v.kind == Object && other.Name != p.Name {
			j := slices.IndexFunc(others, func(f Field) bool { return f.Name == p.Name })
			if j < 0 {
				return false
			}
			other = others[j]
		}
		if !p.Value.Equal(other.Value) {
			return false
		}
	}
	return true
}
