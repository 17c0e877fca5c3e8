package mapping

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"hostscim/adapter/scim"
)

// Values are the values of one legacy record, one for each row; absent where
// the record has none.
type Values struct {
	ID string
	// Linked are the ids that the record holds of others, each once: of the
	// members of a group, or of the groups of a user, where they are kept so.
	Linked []string
	rows   []scim.Value
	gone   bool   // see Gone
	tag    string // the version, once it is known; see WithVersion
}

// legacyJSON is lenient where a legacy API may be: a repeated name or text
// that is not UTF-8 must not hide the rest of a record.
var legacyJSON = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// readers saves what a reader is made of, for each record of a page.
var readers = sync.Pool{New: func() any {
	return &reader{dec: jsontext.NewDecoder(new(bytes.Buffer), legacyJSON...)}
}}

// Read returns the values of a legacy record, which is a JSON object. Only
// fields that a row reads are decoded. A field that is not of the shape its
// row says, and a record without an id that a client can ask for, is a
// [ShapeError].
func (t *Table) Read(record []byte) (Values, error) {
	r := readers.Get().(*reader)
	defer readers.Put(r)
	r.buf = *bytes.NewBuffer(record)
	r.dec.Reset(&r.buf, legacyJSON...)
	r.table, r.text, r.values = t, "", Values{rows: make([]scim.Value, len(t.Rows))}
	if len(t.Rows) > 0 {
		r.text = string(record)
	}
	for i := range t.Rows {
		r.values.rows[i] = t.Rows[i].fallback
	}
	if r.dec.PeekKind() != jsontext.KindBeginObject {
		return Values{}, &ShapeError{Field: "(the record)", Want: "an object"}
	}
	if err := r.object(t.fields); err != nil {
		return Values{}, err
	}
	switch id := r.values.ID; {
	case id == "":
		return Values{}, &ShapeError{Field: t.id.Legacy, Want: "an id"}
	case !t.PossibleID(id):
		// Shown, it would have a location that nobody can fetch; left out, a
		// list would not be whole.
		return Values{}, &ShapeError{Field: t.id.Legacy, Want: "an id that a URL can hold (not . or .., no control characters, at most 256 bytes; a plain number where the type is integer)", Got: scim.String}
	}
	if t.computed != nil {
		t.compute(record, &r.values)
	}
	return r.values, nil
}

type reader struct {
	table *Table
	dec   *jsontext.Decoder
	buf   bytes.Buffer
	// text is a copy of the record, of which every text that is read is a part; ""
	// where only ids are read, which would keep all of it for a few bytes each: of a
	// large group, all its members' records.
	text   string
	values Values
}

// object reads the object that comes next, whose fields are f's children.
func (r *reader) object(f *field) error {
	if _, err := r.dec.ReadToken(); err != nil {
		return notJSON(err)
	}
	for r.dec.PeekKind() != jsontext.KindEndObject {
		name, err := r.dec.ReadValue()
		if err != nil {
			return notJSON(err)
		}
		inner := name[1 : len(name)-1]
		if bytes.IndexByte(inner, '\\') >= 0 {
			inner, _ = jsontext.AppendUnquote(nil, name) // valid: it was just read
		}
		if err := r.field(f.children[string(inner)]); err != nil {
			return err
		}
	}
	_, err := r.dec.ReadToken()
	return notJSON(err)
}

// field reads the value that comes next, which belongs to f; nil: to no row.
func (r *reader) field(f *field) error {
	switch {
	case f == nil:
		return notJSON(r.dec.SkipValue())
	case f.linked:
		return r.links()
	}
	if f.children != nil && r.dec.PeekKind() == jsontext.KindBeginObject {
		return r.object(f)
	}
	if f.shaped {
		return r.shaped(f)
	}
	v, err := r.value()
	if err != nil {
		return err
	}
	if f.children != nil && v.Kind() != scim.Null && !(v.Kind() == scim.String && v.Text() == "") {
		return &ShapeError{Field: f.name, Want: "object", Got: v.Kind()}
	}
	if f.isID {
		r.values.ID = r.table.idText(v)
	}
	for _, row := range f.rows {
		if r.values.rows[row], err = r.table.Rows[row].decode(v); err != nil {
			return err
		}
	}
	return nil
}

// shaped reads the value that comes next whole. The rows of f read a part of
// it, or a list.
func (r *reader) shaped(f *field) error {
	v, err := r.tree()
	if err != nil {
		return err
	}
	if f.isID {
		r.values.ID = r.table.idText(v)
	}
	for _, row := range f.rows {
		if r.values.rows[row], err = r.table.Rows[row].show(v); err != nil {
			return err
		}
	}
	return nil
}

// tree reads a value with all that it holds. The decoder bounds its depth.
func (r *reader) tree() (scim.Value, error) {
	kind := r.dec.PeekKind()
	if kind != jsontext.KindBeginArray && kind != jsontext.KindBeginObject {
		return r.value()
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return scim.Value{}, notJSON(err)
	}
	var parts []scim.Field
	for r.dec.PeekKind() != jsontext.KindEndArray && r.dec.PeekKind() != jsontext.KindEndObject {
		var part scim.Field
		if kind == jsontext.KindBeginObject {
			name, err := r.value()
			if err != nil {
				return scim.Value{}, err
			}
			part.Name = name.Text()
		}
		var err error
		if part.Value, err = r.tree(); err != nil {
			return scim.Value{}, err
		}
		parts = append(parts, part)
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return scim.Value{}, notJSON(err)
	}
	if kind == jsontext.KindBeginArray {
		return scim.ListOf(parts), nil
	}
	return scim.Obj(parts...), nil
}

// value reads a plain value. What a list or an object holds is of no use to
// a row, only that it is one.
func (r *reader) value() (scim.Value, error) {
	switch r.dec.PeekKind() {
	case jsontext.KindBeginArray:
		return scim.List(), notJSON(r.dec.SkipValue())
	case jsontext.KindBeginObject:
		return scim.Obj(), notJSON(r.dec.SkipValue())
	}
	raw, err := r.dec.ReadValue()
	if err != nil {
		return scim.Value{}, notJSON(err)
	}
	spelt := r.spelt(raw)
	switch raw.Kind() {
	case jsontext.KindString:
		if inner := spelt[1 : len(spelt)-1]; strings.IndexByte(inner, '\\') < 0 && utf8.ValidString(inner) {
			return scim.Text(inner), nil
		}
		text, _ := jsontext.AppendUnquote(nil, raw) // what is not UTF-8 becomes U+FFFD
		return scim.Text(string(text)), nil
	case jsontext.KindNumber:
		return scim.Num(spelt), nil
	case jsontext.KindTrue, jsontext.KindFalse:
		return scim.Bool(raw.Kind() == jsontext.KindTrue), nil
	}
	return scim.NullValue(), nil
}

// spelt returns the value that was read last as the record has it.
func (r *reader) spelt(raw jsontext.Value) string {
	if r.text == "" {
		return string(raw)
	}
	end := int(r.dec.InputOffset())
	return r.text[end-len(raw) : end]
}

func notJSON(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("reading a legacy record: %w", err)
}

// idText returns the id as SCIM spells it, a string; "" when v is none.
func (t *Table) idText(v scim.Value) string {
	switch {
	case v.Kind() == scim.String && t.id.Type != kindInteger:
		return v.Text()
	case v.Kind() == scim.Number && t.id.Type != kindString:
		return v.Text()
	}
	return ""
}

// maxIDLength bounds an id. Longer ones exist nowhere, and the legacy API
// need not be asked.
const maxIDLength = 256

// PossibleID reports whether a record of that id can exist: a table whose
// ids are integers has none with the id "abc", whatever the API would say.
func (t *Table) PossibleID(id string) bool {
	if t.id.Type == kindInteger {
		return isInteger(id)
	}
	return id != "" && id != "." && id != ".." && len(id) <= maxIDLength && !strings.ContainsFunc(id, unicode.IsControl)
}

// isInteger reports whether id is spelt as an integer is printed.
func isInteger(id string) bool {
	_, err := strconv.ParseInt(id, 10, 64)
	digits := strings.TrimPrefix(id, "-")
	return err == nil && id[0] != '+' && (digits[0] != '0' || id == "0")
}

// IDValue returns the id as it stands in the body of a legacy call.
func (t *Table) IDValue(id string) scim.Value {
	if t.id.Type == kindInteger || t.id.Type == "any" && isInteger(id) {
		return scim.Num(id)
	}
	return scim.Text(id)
}
