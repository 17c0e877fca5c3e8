package legacyclient

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Format names how a request body is written. What [Client.Do] is given is JSON
// in any case.
type Format string

const (
	// FormatJSON sends the body as it is. The empty format means the same.
	FormatJSON Format = "json"
	// FormatMergePatch sends it as it is too, and calls it
	// application/merge-patch+json (RFC 7396).
	FormatMergePatch Format = "merge-patch"
	// FormatForm sends application/x-www-form-urlencoded (WHATWG URL, section
	// 5), made from the body, which has to be an object: {"a": {"b": "c"}} is
	// a[b]=c, {"a": ["b", "c"]} is a[]=b&a[]=c, and {"a": [{"b": "c"}]} is
	// a[][b]=c. Null and an empty object or list are the empty text, numbers
	// and booleans what they are in JSON. The order is that of the body.
	FormatForm Format = "form"
)

// contentTypes are shared by all requests.
var contentTypes = []struct {
	format Format
	values []string
}{
	{FormatJSON, []string{"application/json"}},
	{FormatMergePatch, []string{"application/merge-patch+json"}},
	{FormatForm, []string{"application/x-www-form-urlencoded"}},
}

// compileBody checks how the request body is written and what is around it.
func (e *Endpoint) compileBody() error {
	var err error
	if e.wrap, err = splitPath(e.Wrap); err != nil {
		return fmt.Errorf("wrap: %w", err)
	}
	e.open, e.close = nil, nil
	for _, name := range e.wrap {
		e.open = append(e.open, '{')
		if e.open, err = jsontext.AppendQuote(e.open, name); err != nil {
			return fmt.Errorf("wrap: path %q is not UTF-8", e.Wrap)
		}
		e.open, e.close = append(e.open, ':'), append(e.close, '}')
	}
	if e.Format == "" {
		e.Format = FormatJSON
	}
	e.contentType = nil
	var known []string
	for _, c := range contentTypes {
		known = append(known, string(c.format))
		if c.format == e.Format {
			e.contentType = c.values
		}
	}
	if e.contentType == nil {
		return fmt.Errorf("unknown format %q; known are %s", e.Format, strings.Join(known, ", "))
	}
	return nil
}

var errNoForm = &reason{text: "request body is no JSON object, which a form is made from"}

// encode returns the body as it is sent. No body stays none, and an empty one
// empty.
func (e *Endpoint) encode(body []byte) ([]byte, error) {
	switch {
	case len(body) == 0:
		return body, nil
	case e.Format == FormatForm:
		return encodeForm(body, e.wrap)
	case e.wrap == nil:
		return body, nil
	}
	wrapped := make([]byte, 0, len(e.open)+len(body)+len(e.close))
	wrapped = append(wrapped, e.open...)
	wrapped = append(wrapped, body...)
	return append(wrapped, e.close...), nil
}

// form is a form that is being written.
type form struct {
	dec   *jsontext.Decoder
	out   []byte
	key   []byte // of the value at hand
	depth int    // of the value at hand, in names
}

// encodeForm writes a JSON object as a form, under the names that are around it.
func encodeForm(body []byte, around []string) ([]byte, error) {
	if !validJSON(body) || jsontext.Value(body).Kind() != '{' {
		return nil, errNoForm
	}
	f := form{dec: newDecoder(body), out: make([]byte, 0, 2*len(body))}
	for _, name := range around {
		f.push(name)
	}
	if err := f.value(); err != nil {
		return nil, errNoForm
	}
	return f.out, nil
}

// push adds a name to the key.
func (f *form) push(name string) {
	if f.depth++; f.depth == 1 {
		f.key = append(f.key, name...)
		return
	}
	f.key = append(f.key, '[')
	f.key = append(f.key, name...)
	f.key = append(f.key, ']')
}

// value writes one value, which is a pair, or one for each part of it.
func (f *form) value() error {
	raw := jsontext.Value(nil)
	switch kind := f.dec.PeekKind(); kind {
	case '{', '[':
		if some, err := f.parts(kind == '{'); err != nil || some {
			return err
		}
	default:
		var err error
		if raw, err = f.dec.ReadValue(); err != nil {
			return err
		}
	}
	if f.depth == 0 {
		return nil // an empty object is an empty form
	}
	text := string(raw)
	switch raw.Kind() {
	case '"':
		b, err := jsontext.AppendUnquote(nil, raw)
		if err != nil {
			return err
		}
		text = string(b)
	case 'n':
		text = ""
	}
	if len(f.out) > 0 {
		f.out = append(f.out, '&')
	}
	f.out = append(f.out, url.QueryEscape(string(f.key))...)
	f.out = append(f.out, '=')
	f.out = append(f.out, url.QueryEscape(text)...)
	return nil
}

// parts writes the parts of an object or a list and says whether there are any.
func (f *form) parts(named bool) (some bool, err error) {
	if _, err = f.dec.ReadToken(); err != nil {
		return false, err
	}
	length, depth := len(f.key), f.depth
	for k := f.dec.PeekKind(); k != '}' && k != ']'; k = f.dec.PeekKind() {
		some = true
		name := ""
		if named {
			tok, err := f.dec.ReadToken()
			if err != nil {
				return false, err
			}
			name = tok.String()
		}
		f.push(name)
		if err := f.value(); err != nil {
			return false, err
		}
		f.key, f.depth = f.key[:length], depth
	}
	_, err = f.dec.ReadToken()
	return some, err
}
