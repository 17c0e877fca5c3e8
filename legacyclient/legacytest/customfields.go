package legacytest

import (
	"bytes"
	"encoding/json"
	"slices"
)

// customField is one top-level member of the custom_fields of a host or group.
type customField struct {
	key   string
	value json.RawMessage // compact, spelled as it was sent
}

// parseCustomFields returns the members of a JSON object in their order, or false if
// raw is none. Of members with the same key the last counts, in the place of the first.
func parseCustomFields(raw []byte) ([]customField, bool) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	var fields []customField
	for dec.More() {
		t, err := dec.Token()
		key, ok := t.(string)
		if err != nil || !ok {
			return nil, false
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, false
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, value); err != nil {
			return nil, false
		}
		fields = setCustomField(fields, customField{key, compact.Bytes()})
	}
	t, err := dec.Token()
	return fields, err == nil && t == json.Delim('}')
}

func setCustomField(fields []customField, f customField) []customField {
	if i := indexCustomField(fields, f.key); i >= 0 {
		fields[i] = f
		return fields
	}
	return append(fields, f)
}

func indexCustomField(fields []customField, key string) int {
	return slices.IndexFunc(fields, func(f customField) bool { return f.key == key })
}

// mergeCustomFields lays changes over a printed object: null removes a member, any
// other value replaces it where it stands or is added at the end.
func mergeCustomFields(printed json.RawMessage, changes []customField) json.RawMessage {
	fields, _ := parseCustomFields(printed) // what was printed parses; nil is no fields
	for _, c := range changes {
		if !isNull(c.value) {
			fields = setCustomField(fields, c)
		} else if i := indexCustomField(fields, c.key); i >= 0 {
			fields = slices.Delete(fields, i, i+1)
		}
	}
	return printCustomFields(fields)
}

// printCustomFields returns the object, nil if it has no members.
func printCustomFields(fields []customField) json.RawMessage {
	if len(fields) == 0 {
		return nil
	}
	b := []byte{'{'}
	for i, f := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(appendQuoted(b, f.key), ':'), f.value...)
	}
	return append(b, '}')
}

// appendCustomFields appends the field custom_fields, {} for nil.
func appendCustomFields(b []byte, fields json.RawMessage) []byte {
	b = append(b, `,"custom_fields":`...)
	if len(fields) == 0 {
		return append(b, `{}`...)
	}
	return append(b, fields...)
}

// customEdit replaces the custom fields or, if merge is set, lays fields over them.
type customEdit struct {
	merge  bool
	fields []customField
}

// newCustomEdit returns the edit of a custom_fields in a body, or false if it is no
// object. What is absent clears them.
func newCustomEdit(raw json.RawMessage, merge bool) (*customEdit, bool) {
	if absent(raw) {
		return &customEdit{}, true
	}
	fields, ok := parseCustomFields(raw)
	if !ok {
		return nil, false
	}
	return &customEdit{merge: merge, fields: fields}, true
}

// apply returns the printed object as the edit leaves it; nil leaves it as it is.
func (e *customEdit) apply(printed json.RawMessage) json.RawMessage {
	switch {
	case e == nil:
		return printed
	case e.merge:
		return mergeCustomFields(printed, e.fields)
	}
	return printCustomFields(e.fields)
}
