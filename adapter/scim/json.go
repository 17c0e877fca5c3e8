package scim

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxDepth is how deeply a parsed value may be nested. No SCIM message needs
// more than ten levels; the bound keeps a hostile body from costing a deep
// stack everywhere behind the parser.
const MaxDepth = 64

// Parse returns the one JSON value that data holds. Text that is not UTF-8,
// an object that repeats a name, nesting beyond [MaxDepth] and anything after
// the value are errors; their text gives the byte offset and never quotes the
// data, which may be personal.
func Parse(data []byte) (Value, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(data))
	v, err := parseValue(dec, 0)
	if err != nil {
		return Value{}, parseError(dec, err)
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return Value{}, fmt.Errorf("more follows the JSON value at byte %d", dec.InputOffset())
	}
	return v, nil
}

func parseError(dec *jsontext.Decoder, err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, errTooDeep):
		return err
	case errors.Is(err, io.EOF) && dec.InputOffset() == 0:
		return errors.New("the body is empty")
	case errors.Is(err, jsontext.ErrDuplicateName):
		return fmt.Errorf("an object names a member twice near byte %d", dec.InputOffset())
	case errors.As(err, &syntax):
		return fmt.Errorf("not JSON near byte %d", syntax.ByteOffset)
	}
	return fmt.Errorf("not JSON: ends at byte %d in the middle of a value", dec.InputOffset())
}

var errTooDeep = fmt.Errorf("nested deeper than %d levels", MaxDepth)

func parseValue(dec *jsontext.Decoder, depth int) (Value, error) {
	tok, err := dec.ReadToken()
	if err != nil {
		return Value{}, err
	}
	switch tok.Kind() {
	case jsontext.KindNull:
		return NullValue(), nil
	case jsontext.KindTrue, jsontext.KindFalse:
		return Bool(tok.Bool()), nil
	case jsontext.KindString:
		return Text(tok.String()), nil
	case jsontext.KindNumber:
		return Num(tok.String()), nil
	}
	if depth == MaxDepth {
		return Value{}, errTooDeep
	}
	v := Value{kind: Array}
	end := jsontext.KindEndArray
	if tok.Kind() == jsontext.KindBeginObject {
		v.kind, end = Object, jsontext.KindEndObject
	}
	for dec.PeekKind() != end {
		var part Field
		if v.kind == Object {
			name, err := dec.ReadToken()
			if err != nil {
				return Value{}, err
			}
			part.Name = name.String()
		}
		if part.Value, err = parseValue(dec, depth+1); err != nil {
			return Value{}, err
		}
		v.parts = append(v.parts, part)
	}
	_, err = dec.ReadToken()
	return v, err
}

// Append appends v as JSON to dst. Absent fields of an object are left out;
// an absent value elsewhere is null.
func (v Value) Append(dst []byte) []byte {
	switch v.kind {
	case Boolean, Number:
		return append(dst, v.text...)
	case String:
		return AppendString(dst, v.text)
	case Array:
		dst = append(dst, '[')
		for i, p := range v.parts {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = p.Value.Append(dst)
		}
		return append(dst, ']')
	case Object:
		dst = append(dst, '{')
		first := true
		for _, p := range v.parts {
			if p.Value.kind == Absent {
				continue
			}
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = AppendString(dst, p.Name)
			dst = append(dst, ':')
			dst = p.Value.Append(dst)
		}
		return append(dst, '}')
	}
	return append(dst, "null"...)
}

// AppendString appends s as a JSON string to dst.
func AppendString(dst []byte, s string) []byte {
	// Names and most values need no escape; looking is cheaper than the
	// general way, which a page of resources would take some thousand times.
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] >= ' ' && s[i] < 0x7f && s[i] != '"' && s[i] != '\\'
	}
	if plain {
		return append(append(append(dst, '"'), s...), '"')
	}
	// The error tells of text that is not UTF-8, which was replaced by
	// U+FFFD as JSON demands; there is nothing better to send.
	dst, _ = jsontext.AppendQuote(dst, s)
	return dst
}

// String returns v as JSON, for test failures. It must not reach a log: a
// value may be personal.
func (v Value) String() string { return string(v.Append(nil)) }

// MarshalJSON returns v as JSON.
func (v Value) MarshalJSON() ([]byte, error) { return v.Append(nil), nil }
