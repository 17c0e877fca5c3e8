package legacyclient

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"math"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Record is one JSON object of an answer, raw and valid. It may hold duplicate
// names and invalid UTF-8, as the API sent them. It shares memory with the
// answer it came in: to keep one record for long, clone it.
type Record []byte

var (
	errNotJSON   = &reason{text: "answer is not JSON"}
	errFaults    = &reason{text: "answer says success and holds errors"}
	errNoList    = &reason{text: "answer has no list where one is described"}
	errNoItem    = &reason{text: "answer has no record where one is described"}
	errNoRecord  = &reason{text: "answer lists something without the record described"}
	errOddToken  = &reason{text: "answer has something else where what leads to the next page is described"}
	errNotObject = &reason{text: "answer lists something that is not an object"}
	errShortList = &reason{text: "answer holds fewer records than its total, though no paging is described"}
)

// trimMark drops the byte order mark that some servers put before their JSON;
// RFC 8259, section 8.1 lets a parser ignore it.
func trimMark(body []byte) []byte {
	return bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF"))
}

// newDecoder reads JSON as leniently as old systems write it.
func newDecoder(body []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(body),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

func validJSON(body []byte) bool {
	return jsontext.Value(body).IsValid(
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// shape says where in an answer things are. All paths are split.
type shape struct {
	items []string // to the list
	each  []string // in an element, to the record; nil: it is the element
	total []string // nil: the answer does not tell
	next  []string // to what leads to the next page; nil: it is not in the body
}

// envelope walks an answer once and picks out its list, its total and what
// leads on.
type envelope struct {
	dec     *jsontext.Decoder
	body    []byte
	each    []string
	records []Record
	total   int
	token   string
	found   bool // a list
	null    bool // null in place of the list
	odd     bool // no string and no number in place of the token
}

// way is what is left of the way to something in an answer.
type way struct {
	on   bool // the value at hand is on it
	left []string
}

func (w way) ends() bool { return w.on && len(w.left) == 0 }

// into returns the way into a member of the object at hand.
func (w way) into(name string) way {
	if !w.on || w.left[0] != name {
		return way{}
	}
	return way{true, w.left[1:]}
}

// parseList reads the answer of an endpoint that lists records.
func parseList(body []byte, s *shape) (envelope, error) {
	v := envelope{dec: newDecoder(body), body: body, each: s.each, total: -1}
	if err := v.walk(way{true, s.items}, way{s.total != nil, s.total}, way{s.next != nil, s.next}); err != nil {
		return envelope{}, err
	}
	if _, err := v.dec.ReadToken(); err != io.EOF { //nolint:errorlint // documented to be io.EOF itself
		return envelope{}, errNotJSON
	}
	// Null instead of a list is an empty list only if the total says so too:
	// what is unknown must not become absent.
	if !v.found && (!v.null || v.total != 0) {
		return envelope{}, errNoList
	}
	if v.odd {
		return envelope{}, errOddToken
	}
	return v, nil
}

// walk reads one value.
func (v *envelope) walk(items, total, next way) error {
	switch {
	case items.ends():
		return v.list()
	case total.ends():
		return v.number()
	case next.ends():
		return v.leadsOn()
	case !items.on && !total.on && !next.on, v.dec.PeekKind() != '{':
		return v.syntax(v.dec.SkipValue())
	}
	if _, err := v.dec.ReadToken(); err != nil {
		return v.syntax(err)
	}
	for v.dec.PeekKind() != '}' {
		tok, err := v.dec.ReadToken()
		if err != nil {
			return v.syntax(err)
		}
		name := tok.String()
		if err := v.walk(items.into(name), total.into(name), next.into(name)); err != nil {
			return err
		}
	}
	_, err := v.dec.ReadToken()
	return v.syntax(err)
}

// list reads the array of records. Of duplicates, the last counts.
func (v *envelope) list() error {
	v.records, v.found, v.null = nil, false, v.dec.PeekKind() == 'n'
	if v.dec.PeekKind() != '[' {
		return v.syntax(v.dec.SkipValue())
	}
	v.found = true
	if _, err := v.dec.ReadToken(); err != nil {
		return v.syntax(err)
	}
	for {
		switch v.dec.PeekKind() {
		case ']':
			_, err := v.dec.ReadToken()
			return v.syntax(err)
		case '{':
		case 0:
			_, err := v.dec.ReadToken()
			return v.syntax(err)
		default:
			return errNotObject
		}
		raw, err := v.dec.ReadValue()
		if err != nil {
			return v.syntax(err)
		}
		// The decoder owns raw; the same bytes in body are ours.
		end := int(v.dec.InputOffset())
		record := Record(v.body[end-len(raw) : end : end])
		if v.each != nil {
			inner, ok := lookup(jsontext.Value(record), v.each)
			if !ok || inner.Kind() != '{' {
				return errNoRecord
			}
			record = Record(inner)
		}
		v.records = append(v.records, record)
	}
}

// number reads the total; what is not a count leaves it unknown.
func (v *envelope) number() error {
	raw, err := v.dec.ReadValue()
	if err != nil {
		return v.syntax(err)
	}
	v.total = count(raw)
	return nil
}

// leadsOn reads the token or the URL of the next page.
func (v *envelope) leadsOn() error {
	raw, err := v.dec.ReadValue()
	if err != nil {
		return v.syntax(err)
	}
	v.token, v.odd = "", false
	switch raw.Kind() {
	case 'n', 'f':
	case '"':
		b, err := jsontext.AppendUnquote(nil, raw)
		v.token, v.odd = string(b), err != nil // which is invalid UTF-8
	case '0':
		v.token = string(raw)
	default:
		v.odd = true
	}
	return nil
}

// count reads 12, 12.0 and "12"; anything else is -1.
func count(raw jsontext.Value) int {
	s := string(bytes.Trim(raw, `"`))
	if n, err := strconv.Atoi(s); err == nil {
		return max(n, -1)
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < 0 || f > math.MaxInt32 || f != math.Trunc(f) {
		return -1
	}
	return int(f)
}

// syntax hides the decoder's error behind a text that quotes nothing.
func (v *envelope) syntax(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &reason{text: "answer is cut short", err: err}
	}
	return &reason{text: errNotJSON.text, err: err}
}

// lookup finds the value at a dotted path in valid JSON, and returns the part of
// it that it is.
func lookup(raw jsontext.Value, path []string) (jsontext.Value, bool) {
	for _, want := range path {
		next, ok := member(raw, want)
		if !ok {
			return nil, false
		}
		raw = next
	}
	return raw, true
}

func member(object jsontext.Value, want string) (value jsontext.Value, ok bool) {
	if object.Kind() != '{' {
		return nil, false
	}
	dec := newDecoder(object)
	if _, err := dec.ReadToken(); err != nil {
		return nil, false
	}
	for dec.PeekKind() == '"' {
		tok, err := dec.ReadToken()
		if err != nil {
			return nil, false
		}
		if tok.String() == want {
			v, err := dec.ReadValue()
			end := int(dec.InputOffset())
			return object[end-len(v) : end : end], err == nil
		}
		if dec.SkipValue() != nil {
			return nil, false
		}
	}
	return nil, false
}

// elements walks the elements of an array in valid JSON.
func elements(array jsontext.Value) iter.Seq[jsontext.Value] {
	return func(yield func(jsontext.Value) bool) {
		dec := newDecoder(array)
		if _, err := dec.ReadToken(); err != nil {
			return
		}
		for dec.PeekKind() != ']' {
			v, err := dec.ReadValue()
			if err != nil || !yield(v) {
				return
			}
		}
	}
}

// members walks the names and values of an object in valid JSON; a name is the
// JSON string that it is.
func members(object jsontext.Value) iter.Seq2[jsontext.Value, jsontext.Value] {
	return func(yield func(name, value jsontext.Value) bool) {
		dec := newDecoder(object)
		if _, err := dec.ReadToken(); err != nil {
			return
		}
		for dec.PeekKind() == '"' {
			name, err := dec.ReadValue()
			if err != nil {
				return
			}
			name = name.Clone() // the decoder owns it
			if value, err := dec.ReadValue(); err != nil || !yield(name, value) {
				return
			}
		}
	}
}
