package scim

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

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
	p := parsers.Get().(*parser)
	defer p.release()
	p.buf = *bytes.NewBuffer(data)
	p.dec.Reset(&p.buf)
	p.text = string(data)
	v, err := p.value(0)
	if err != nil {
		return Value{}, parseError(p.dec, err)
	}
	if _, err := p.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return Value{}, fmt.Errorf("more follows the JSON value at byte %d", p.dec.InputOffset())
	}
	return v, nil
}

// parser reads one text. All strings of the value are parts of one copy of
// it, and the parts of an object are counted before there is room made for
// them: a body has some fifty of both.
type parser struct {
	dec   *jsontext.Decoder
	buf   bytes.Buffer
	text  string
	stack []Field // the parts read so far of what is open
}

var parsers = sync.Pool{New: func() any { return &parser{dec: jsontext.NewDecoder(new(bytes.Buffer))} }}

// release lets go of the text: what comes next may never come.
func (p *parser) release() {
	p.stack = p.stack[:cap(p.stack)]
	if len(p.stack) > maxStack {
		p.stack = nil
	}
	clear(p.stack)
	p.buf, p.text, p.stack = bytes.Buffer{}, "", p.stack[:0]
	parsers.Put(p)
}

// maxStack is the longest stack that is kept: lists of members are longer, and
// every body after one would pay for clearing its stack.
const maxStack = 256

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

// value reads the value that comes next.
func (p *parser) value(depth int) (Value, error) {
	switch p.dec.PeekKind() {
	case jsontext.KindBeginObject:
		return p.container(Object, jsontext.KindEndObject, depth)
	case jsontext.KindBeginArray:
		return p.container(Array, jsontext.KindEndArray, depth)
	}
	raw, err := p.dec.ReadValue()
	if err != nil {
		return Value{}, err
	}
	switch raw.Kind() {
	case jsontext.KindTrue, jsontext.KindFalse:
		return Bool(raw.Kind() == jsontext.KindTrue), nil
	case jsontext.KindString:
		return Text(p.unquoted(raw)), nil
	case jsontext.KindNumber:
		return Num(p.spelt(raw)), nil
	}
	return NullValue(), nil
}

// spelt returns the value just read as a part of the text.
func (p *parser) spelt(raw jsontext.Value) string {
	end := int(p.dec.InputOffset())
	return p.text[end-len(raw) : end]
}

// unquoted returns the string just read, which is valid: the decoder accepts
// nothing else.
func (p *parser) unquoted(raw jsontext.Value) string {
	inner := p.spelt(raw)
	if inner = inner[1 : len(inner)-1]; strings.IndexByte(inner, '\\') < 0 {
		return inner
	}
	text, _ := jsontext.AppendUnquote(nil, raw)
	return string(text)
}

// container reads the object or array that comes next.
func (p *parser) container(kind Kind, end jsontext.Kind, depth int) (Value, error) {
	if _, err := p.dec.ReadToken(); err != nil {
		return Value{}, err
	}
	if depth == MaxDepth {
		return Value{}, errTooDeep
	}
	first := len(p.stack)
	for p.dec.PeekKind() != end {
		var part Field
		var err error
		if kind == Object {
			name, err := p.dec.ReadValue()
			if err != nil {
				return Value{}, err
			}
			part.Name = p.unquoted(name)
		}
		if part.Value, err = p.value(depth + 1); err != nil {
			return Value{}, err
		}
		p.stack = append(p.stack, part)
	}
	_, err := p.dec.ReadToken()
	parts := slices.Clone(p.stack[first:])
	p.stack = p.stack[:first]
	return of(kind, parts), err
}

// Append appends v as JSON to dst. Absent fields of an object are left out;
// an absent value elsewhere is null.
func (v Value) Append(dst []byte) []byte {
	switch v.kind {
	case Boolean, Number:
		return append(dst, v.Text()...)
	case String:
		return AppendString(dst, v.Text())
	case Array:
		dst = append(dst, '[')
		for i, p := range v.Parts() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = p.Value.Append(dst)
		}
		return append(dst, ']')
	case Object:
		dst = append(dst, '{')
		first := true
		for _, p := range v.Parts() {
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
