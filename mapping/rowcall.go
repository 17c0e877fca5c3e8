package mapping

import (
	"slices"
	"strings"
	"unicode"

	"hostscim/adapter/scim"
)

const recordID = "{id}"

// rowCalls says how a row is written that has calls of its own. The numbers
// are indexes into Table.calls; none stands for no call.
type rowCalls struct {
	one      int // for every value
	each     []valueCall
	clear    int // none: a value can be changed, and not be taken away
	inCreate bool
	inPath   bool // the value stands in the path of a call
}

const none = -1

// valueCall is the call that brings about one value.
type valueCall struct {
	scim scim.Value
	call int
}

// of returns the call for the value; absent stands for clearing it.
func (w *rowCalls) of(v scim.Value) int {
	if v.Kind() == scim.Absent {
		return w.clear
	}
	for _, e := range w.each {
		if e.scim.Equal(v) {
			return e.call
		}
	}
	return w.one
}

// RowCall is one call that a request makes for one row.
type RowCall struct {
	Path string // of the row
	Call int    // index into [Table.Calls]
	// Value is what {value} stands for in the path and the query.
	Value string
	// Chosen says that the value chose the call, as active chooses between
	// archive and unarchive.
	Chosen bool

	row    int
	legacy scim.Value // as the field spells it
	shown  scim.Value // as SCIM shows it once the call is done
}

// Hides reports whether the call is the one that makes somebody inactive.
func (r RowCall) Hides() bool {
	return r.Path == activePath && r.shown.Kind() == scim.Boolean && !r.shown.True()
}

const activePath = "active"

// Calls returns the calls that rows have of their own, in table order.
// [RowCall.Call] counts in them.
func (t *Table) Calls() []*WriteOp { return t.calls }

// Calls returns the calls that the changes need beside the body of the
// update, in table order.
func (c *Changes) Calls() []RowCall {
	if len(c.table.calls) == 0 {
		return nil
	}
	var calls []RowCall
	for i, r := range c.rows {
		row := &c.table.Rows[i]
		if r.state == unchanged || row.calls == nil {
			continue
		}
		legacy := mustEncode(row, r.value)
		shown, _ := row.decode(legacy) // it was encoded just now
		calls = append(calls, RowCall{
			Path: row.Path, Call: row.calls.of(r.value), Value: legacy.Text(), Chosen: row.calls.each != nil,
			row: i, legacy: legacy, shown: shown,
		})
	}
	return calls
}

// CallsAfter returns the calls that are left to make when a record was
// created with [Changes.CreateBody]; v and record are those of [Table.Left].
func (c *Changes) CallsAfter(v Values, record []byte) []RowCall {
	calls := slices.DeleteFunc(c.Calls(), func(r RowCall) bool { return c.table.Rows[r.row].calls.inCreate })
	return c.table.Left(calls, v, record)
}

// Left returns those of the calls that a record with the values still needs.
// record is the answer that they were read from, nil where they are known to
// be all of it: what an answer leaves out is not known, whatever the table
// shows in its place.
func (t *Table) Left(calls []RowCall, v Values, record []byte) []RowCall {
	var whole scim.Value
	if record != nil && len(calls) > 0 {
		whole, _ = scim.Parse(record) // it was read
	}
	return slices.DeleteFunc(calls, func(r RowCall) bool {
		return r.Done(v) && (record == nil || t.Rows[r.row].in(whole))
	})
}

// in reports whether the record has the field of the row.
func (r *Row) in(record scim.Value) bool {
	for _, key := range r.keys {
		record = member(record, key)
	}
	return record.Kind() != scim.Absent
}

// Done reports whether a record with the values has what the call is to
// bring about.
func (r RowCall) Done(v Values) bool { return v.rows[r.row].Equal(r.shown) }

// Payload returns the body of the call for the record of that id; nil where
// it has none.
func (t *Table) Payload(r RowCall, id string) []byte {
	return t.calls[r.Call].payload(t.IDValue(id), r.legacy)
}

// DeletePayload returns the body of the call that deletes the record of that
// id; nil where it has none.
func (t *Table) DeletePayload(id string) []byte {
	return t.Operations.Delete.payload(t.IDValue(id), scim.Value{})
}

// IsRecord reports whether an answer to the call of a row, from which the
// values were read, is the record of that id: an API may answer with a part of
// it, or with something else. The record has its name, and the fields that
// are required or would be shown by default.
func (t *Table) IsRecord(v Values, id string, answer []byte) bool {
	record, err := scim.Parse(answer)
	if err != nil || v.ID != id {
		return false
	}
	for i := range t.Rows {
		r := &t.Rows[i]
		if r.Required && v.rows[i].Kind() == scim.Absent {
			return false
		}
		if r.Expr == "" && (r.attr.Uniqueness == "server" || r.fallback.Kind() != scim.Absent) && !r.in(record) {
			return false
		}
	}
	return true
}

// payload returns the body with the placeholders filled in.
func (o *WriteOp) payload(id, value scim.Value) []byte {
	if o.Body.Value.Kind() == scim.Absent {
		return nil
	}
	return replace(o.Body.Value, id, value).Append(nil)
}

func replace(v, id, value scim.Value) scim.Value {
	switch {
	case v.Kind() == scim.String && v.Text() == recordID:
		return id
	case v.Kind() == scim.String && v.Text() == oneID:
		return value
	case v.Len() == 0:
		return v
	}
	parts := slices.Clone(v.Parts())
	for i := range parts {
		parts[i].Value = replace(parts[i].Value, id, value)
	}
	if v.Kind() == scim.Object {
		return scim.Obj(parts...)
	}
	return scim.ListOf(parts)
}

// clearable reports whether the value of the row can be taken away, or to do
// so is refused later because it is required. Where it has a default it cannot:
// removing active must not show a leaver again.
func (r *Row) clearable() bool {
	return r.fallback.Kind() == scim.Absent && (r.calls == nil || r.calls.clear != none || r.Required)
}

// OwnCalls reports whether the row is written by calls of its own.
func (r *Row) OwnCalls() bool { return r.calls != nil }

// checkPath refuses a value that cannot stand in the path of its call.
func (r *Row) checkPath(v scim.Value) error {
	if r.calls == nil || !r.calls.inPath {
		return nil
	}
	legacy, err := r.encode(v)
	if text := legacy.Text(); err == nil && (text == "" || text == "." || text == ".." || len(text) > maxInPath || strings.ContainsFunc(text, unicode.IsControl)) {
		return scim.Bad(scim.InvalidValue, "%s has a value that cannot stand in the path of the legacy call", r.Path)
	}
	return err
}

// maxInPath bounds a value in a path; longer ones are refused by servers with
// a status that says nothing about the value.
const maxInPath = 1024

// rowCalls compiles the calls of a row.
func (c *compiler) rowCalls(path string, spec RowSpec, row *Row) {
	if spec.Call == nil && spec.Calls == nil {
		if spec.Clear != nil || spec.InCreate {
			c.add(path, "clear and in_create have a meaning only beside call or calls, which write the attribute")
		}
		return
	}
	switch {
	case row.ReadOnly:
		c.add(path, "is read only; call and calls write it, so remove one of the two")
	case spec.Call != nil && spec.Calls != nil:
		c.add(path, "has both call and calls; keep call for one that sends the value, or calls for one by value")
	}
	first := len(c.table.calls)
	w := &rowCalls{one: none, clear: none, inCreate: spec.InCreate}
	if o := spec.Call; o != nil {
		w.one = c.call(path+".call", o, recordID, oneID)
		if !o.sends() {
			c.add(path+".call", "does not send the value; write for example body: {%s: \"{value}\"}, or calls for one by value", row.keys[len(row.keys)-1])
		}
		if !usesVariable(o.Request, o.Query, oneID) {
			w.clear = w.one // with null
		} else if spec.Clear == nil && !spec.Required && spec.Default == nil {
			c.add(path+".call", "has {value} in its path or query and cannot send that there is none; add clear: {request: \"DELETE ...\"}, or required: true")
		}
	}
	for _, e := range spec.Calls {
		c.callFor(join(path+".calls", e.Key), e, w, row)
	}
	c.everyValue(path+".calls", spec, w, row)
	if spec.Clear != nil {
		w.clear = c.call(path+".clear", spec.Clear, recordID)
	}
	if row.attr.Uniqueness == "server" && !spec.InCreate && c.spec.Operations.Create != nil {
		c.add(path, "is the name of the record; a new one without it could not be found again if the call failed, so add in_create: true")
	}
	row.calls = w
	w.inPath = slices.ContainsFunc(c.table.calls[first:], func(o *WriteOp) bool { return strings.Contains(o.Request.Path, oneID) })
}

// callFor compiles the call for one value.
func (c *compiler) callFor(path string, e Entry[WriteOp], w *rowCalls, row *Row) {
	v, err := coerce(row.attr, row.Path, scim.Text(e.Key))
	if err == nil && v.Kind() != scim.Absent {
		err = row.check(v)
	}
	if err != nil || v.Kind() == scim.Absent {
		c.add(path, "is no value of %s", row.Path)
		return
	}
	w.each = append(w.each, valueCall{v, c.call(path, &e.Value, recordID, oneID)})
}

// everyValue reports values that no call is for.
func (c *compiler) everyValue(path string, spec RowSpec, w *rowCalls, row *Row) {
	if spec.Calls == nil {
		return
	}
	var all []scim.Value
	switch {
	case row.attr.Type == scim.TypeBoolean:
		all = []scim.Value{scim.Bool(true), scim.Bool(false)}
	case len(row.transform.values) > 0:
		for _, p := range row.transform.values {
			all = append(all, p.scim)
		}
	case spec.OneOf != nil:
		for _, text := range spec.OneOf {
			all = append(all, scim.Text(text))
		}
	default:
		c.add(path, "cannot have a call for every value of %s; list the values under values or one_of, or write call, which sends the value", row.Path)
	}
	for _, v := range all {
		if w.of(v) == none && !c.faulty(join(path, v.Text())) {
			c.add(path, "has no call for %s; add one", v.Text())
		}
	}
}

// call compiles a call of a row and returns its index.
func (c *compiler) call(path string, o *WriteOp, known ...string) int {
	c.writeOp(path, o, known...)
	c.table.calls = append(c.table.calls, o)
	return len(c.table.calls) - 1
}

// writeOp checks the placeholders of a call that may have a body.
func (c *compiler) writeOp(path string, o *WriteOp, known ...string) {
	if o.Request.Method == "" {
		return // reported while decoding
	}
	c.variables(path, o.Request, o.Query, "", known...)
	if !usesVariable(o.Request, o.Query, recordID) && !o.Body.contains(recordID) {
		c.add(path+".request", "does not say which record; put {id} into the path")
	}
	for text := range texts(o.Body.Value) {
		for _, v := range variable.FindAllString(text, -1) {
			switch {
			case !slices.Contains(known, v):
				c.add(path+".body", "%s has no meaning here%s", v, allowed(known))
			case v != text:
				c.add(path+".body", "%s must stand alone, since it may be no text: \"%s\"", v, v)
			}
		}
	}
	if kind := o.Body.Value.Kind(); o.Format == "form" && kind != scim.Absent && kind != scim.Object {
		c.add(path+".body", "must be a mapping, which a form is made from")
	}
}

// sends reports whether the value stands anywhere in the call.
func (o *WriteOp) sends() bool {
	return usesVariable(o.Request, o.Query, oneID) || o.Body.contains(oneID)
}

// texts yields every text in v.
func texts(v scim.Value) func(yield func(string) bool) {
	return func(yield func(string) bool) { eachText(v, yield) }
}

func eachText(v scim.Value, yield func(string) bool) bool {
	if v.Kind() == scim.String {
		return yield(v.Text())
	}
	for _, p := range v.Parts() {
		if !eachText(p.Value, yield) {
			return false
		}
	}
	return true
}
