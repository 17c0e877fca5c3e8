package mapping

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"hostscim/adapter/scim"
)

// linked is a list of the ids of others that a record holds: of the members
// of a group, or of the groups of a user.
type linked struct {
	attr   string   // members or groups
	legacy string   // dotted path of the list
	keys   []string // legacy, split
	value  []string // from an element of it to the id; nil: it is the id
	of     *Table   // of the records with these ids
}

// Writable reports whether members can be changed.
func (m *Members) Writable() bool { return m.writable }

// kept returns where the members are kept, in words of the legacy API.
func (m *Members) kept() string {
	switch {
	case m.Field != "":
		return m.Field
	case m.UserField != "":
		return m.UserField + " of the users"
	}
	return m.List.Request.Method + " " + m.List.Request.Path
}

// MembersInRecord reports whether the record of a group holds its members.
func (t *Table) MembersInRecord() bool { return t.linked != nil && t.linked.attr == "members" }

// GroupsInRecord reports whether the record of a user holds its groups.
func (t *Table) GroupsInRecord() bool { return t.linked != nil && t.linked.attr == "groups" }

// MembersByUpdate reports whether members are changed by the update of the
// group, and not by calls of their own.
func (t *Table) MembersByUpdate() bool { return t.MembersInRecord() && t.Members.Add == nil }

// members reports whether the update of the record changes its members.
func (c *Changes) members() bool { return !c.Members.Empty() && c.table.MembersByUpdate() }

// Update returns the body of the update that makes the changes to the record,
// and nil when it says already what they say.
func (c *Changes) Update(record []byte) ([]byte, error) {
	v, err := parseRecord(record)
	if err != nil {
		return nil, err
	}
	var list *scim.Value
	if c.members() {
		if now, changed := c.table.linked.change(dig(v, c.table.linked.keys), c.Members, c.Members.Added()); changed {
			list = &now
		}
	}
	if list == nil && len(c.InBody()) == 0 {
		return nil, nil
	}
	return c.update(v, list)
}

// update returns the body with the changes; list is the new list of ids, nil
// when it stays.
func (c *Changes) update(record scim.Value, list *scim.Value) ([]byte, error) {
	op := c.table.Operations.Update
	if op.Body == BodyWhole {
		whole, err := c.merge(record, inUpdate)
		if err == nil && list != nil {
			whole = with(whole, c.table.linked.keys, *list)
		}
		return whole.Append(nil), err
	}
	root, err := c.bodyOn(record, inUpdate)
	if err != nil {
		return nil, err
	}
	if list != nil {
		root.put(c.table.linked.keys, *list)
	}
	if check := op.Version; check != nil && check.Header == "" {
		keys := strings.Split(check.Field, ".")
		root.put(keys, dig(record, keys))
	}
	return root.append(nil), nil
}

// Relink returns the body of the update that adds ids to the list that the
// record holds and removes others, and nil when it is so already.
func (t *Table) Relink(record []byte, add, remove []string) ([]byte, error) {
	v, err := parseRecord(record)
	if err != nil {
		return nil, err
	}
	var m MemberChange
	for _, id := range remove {
		m.put(id, false)
	}
	for _, id := range add {
		m.put(id, true)
	}
	list, changed := t.linked.change(dig(v, t.linked.keys), m, add)
	if !changed {
		return nil, nil
	}
	c := Changes{table: t, rows: make([]change, len(t.Rows))}
	return c.update(v, &list)
}

// change returns the list with the changes, and whether there are any.
// Elements that stay keep all that they hold.
func (l *linked) change(list scim.Value, m MemberChange, added []string) (scim.Value, bool) {
	changed := false
	have := make(map[string]bool, list.Len())
	var parts []scim.Field
	for _, p := range list.Parts() {
		id := idOf(dig(p.Value, l.value))
		in, named := m.in[id]
		if named && !in || m.Reset && !in {
			changed = true
			continue
		}
		have[id] = true
		parts = append(parts, p)
	}
	for _, id := range added {
		if have[id] {
			continue
		}
		have[id], changed = true, true
		parts = append(parts, scim.Field{Value: with(scim.Value{}, l.value, l.of.IDValue(id))})
	}
	return scim.ListOf(parts), changed
}

// VersionOf returns the version of the record that an update sends in a
// header. etag is the header ETag that came with the record.
func (t *Table) VersionOf(record []byte, etag string) (string, error) {
	check := t.Operations.Update.Version
	if check.Field == "" {
		if etag == "" {
			return "", &ShapeError{Field: "(the header ETag)", Want: "a version"}
		}
		return etag, nil
	}
	v, err := parseRecord(record)
	if err != nil {
		return "", err
	}
	found := dig(v, strings.Split(check.Field, "."))
	version := idOf(found)
	if version == "" {
		return "", &ShapeError{Field: check.Field, Want: "a version", Got: found.Kind()}
	}
	return version, nil
}

func parseRecord(record []byte) (scim.Value, error) {
	v, err := scim.Parse(record)
	if err != nil {
		return v, fmt.Errorf("reading a legacy record: %w", err)
	}
	if v.Kind() != scim.Object {
		return v, &ShapeError{Field: "(the record)", Want: "an object", Got: v.Kind()}
	}
	return v, nil
}

// idOf returns the id or version that a value is, "" when it is none.
func idOf(v scim.Value) string {
	if v.Kind() == scim.String || v.Kind() == scim.Number {
		return v.Text()
	}
	return ""
}

// links reads the list of ids that comes next.
func (r *reader) links() error {
	l := r.table.linked
	r.values.Linked = nil
	if r.dec.PeekKind() != jsontext.KindBeginArray {
		v, err := r.value()
		if err == nil && v.Kind() != scim.Null && !(v.Kind() == scim.String && v.Text() == "") {
			err = &ShapeError{Field: l.legacy, Path: l.attr, Want: "a list", Got: v.Kind()}
		}
		return err
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return notJSON(err)
	}
	seen := make(map[string]bool)
	for r.dec.PeekKind() != jsontext.KindEndArray {
		v, err := r.within(l.value)
		if err != nil {
			return err
		}
		id := idOf(v)
		if id == "" {
			return &ShapeError{Field: l.legacy, Path: l.attr, Want: "a list of ids", Got: v.Kind()}
		}
		if !seen[id] {
			seen[id] = true
			r.values.Linked = append(r.values.Linked, id)
		}
	}
	_, err := r.dec.ReadToken()
	return notJSON(err)
}

// within reads the value that comes next and returns what is at the path in
// it, absent when there is nothing.
func (r *reader) within(keys []string) (found scim.Value, err error) {
	if len(keys) == 0 {
		return r.value()
	}
	if r.dec.PeekKind() != jsontext.KindBeginObject {
		return found, notJSON(r.dec.SkipValue())
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return found, notJSON(err)
	}
	for r.dec.PeekKind() != jsontext.KindEndObject {
		name, err := r.dec.ReadToken()
		if err != nil {
			return found, notJSON(err)
		}
		if name.String() != keys[0] {
			if err := r.dec.SkipValue(); err != nil {
				return found, notJSON(err)
			}
			continue
		}
		if found, err = r.within(keys[1:]); err != nil {
			return found, err
		}
	}
	_, err = r.dec.ReadToken()
	return found, notJSON(err)
}
