package mapping

import (
	"strings"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
)

// putMembers adds members, or makes the list exactly those of v.
func (d *draft) putMembers(target filter.Target, v scim.Value, p placement) error {
	if target.Path.Filter != nil || target.Sub != nil {
		return scim.Bad(scim.Mutability, "a member cannot be changed into another; add it to members, and remove the other")
	}
	if !d.membersWritable() {
		return nil
	}
	ids, err := memberIDs(v)
	if err != nil {
		return err
	}
	if p.replace {
		d.Members.reset()
	}
	for _, id := range ids {
		d.Members.put(id, true)
	}
	return nil
}

func (d *draft) membersWritable() bool {
	if !d.table.Members.Writable() {
		d.ignore("members")
		return false
	}
	return true
}

// removeMembers removes the members that the filter in the path selects,
// else those that v lists (Entra's older form), else all of them. An empty
// list removes nobody: emptying a group takes a clear word.
func (d *draft) removeMembers(target filter.Target, v scim.Value) error {
	if !d.membersWritable() {
		return nil
	}
	if target.Sub != nil {
		return scim.Bad(scim.Mutability, "a member has nothing but its value; remove the member")
	}
	if target.Path.Filter != nil {
		return d.removeMembersWhere(target.Path.Filter)
	}
	if v.Kind() == scim.Absent || v.Kind() == scim.Null {
		d.Members.reset()
		return nil
	}
	ids, err := memberIDs(v)
	if err != nil {
		return err
	}
	for _, id := range ids {
		d.Members.put(id, false)
	}
	return nil
}

// removeMembersWhere removes the members that the filter matches. Named by
// id, as every client does, they need not be read.
func (d *draft) removeMembersWhere(e filter.Expr) error {
	members := d.table.full.Schema.Attribute("members")
	compiled, err := filter.CompileElement(e, members)
	if err != nil {
		return scim.Bad(scim.InvalidPath, "members[...]: %s", err)
	}
	if ids, ok := namedIDs(compiled.Expr()); ok {
		for _, id := range ids {
			d.Members.put(id, false)
		}
		return nil
	}
	var now []string
	if !d.Members.Reset {
		if d.current == nil || !d.current.WithMembers {
			return ErrNeedMembers
		}
		now = d.current.Members
	}
	for _, id := range append(d.Members.Added(), now...) {
		if compiled.Match(scim.Obj(scim.Field{Name: "value", Value: scim.Text(id)})) {
			d.Members.put(id, false)
		}
	}
	return nil
}

// namedIDs returns the ids of a filter that does nothing but name them.
func namedIDs(e filter.Expr) ([]string, bool) {
	switch e := e.(type) {
	case filter.Compare:
		if e.Op == filter.Eq && equalFold(e.Path.Attr, "value") && e.Value.Kind() == scim.String {
			return []string{e.Value.Text()}, true
		}
	case filter.Or:
		left, ok := namedIDs(e.Left)
		right, also := namedIDs(e.Right)
		return append(left, right...), ok && also
	}
	return nil, false
}

// memberIDs returns the ids that v lists: objects with a value, or bare ids,
// as text or as numbers.
func memberIDs(v scim.Value) ([]string, error) {
	if v.Kind() == scim.Null || v.Kind() == scim.String && v.Text() == "" {
		return nil, nil
	}
	if v.Kind() != scim.Array {
		v = scim.List(v)
	}
	ids := make([]string, 0, v.Len())
	for _, p := range v.Parts() {
		id := p.Value
		if id.Kind() == scim.Object {
			if equalFold(id.Get("type").Text(), groupType) {
				return nil, scim.Bad(scim.InvalidValue, "members: a group cannot be a member of a group here; assign the people in it")
			}
			id = id.Get("value")
		}
		if id.Text() == "" || id.Kind() != scim.String && id.Kind() != scim.Number {
			return nil, scim.Bad(scim.InvalidValue, "members must be a list of objects, each with the id of a user as its value")
		}
		ids = append(ids, id.Text())
	}
	return ids, nil
}

// memberList applies the body that OneLogin sends in place of operations: a
// list of members, each with an optional operation "delete".
func (d *draft) memberList(v scim.Value) error {
	if d.table.Members == nil {
		d.ignore("members")
		return nil
	}
	if !d.membersWritable() {
		return nil
	}
	for _, p := range v.Parts() {
		ids, err := memberIDs(scim.List(p.Value))
		if err != nil {
			return err
		}
		deleted := p.Value.Kind() == scim.Object && equalFold(p.Value.Get("operation").Text(), "delete")
		d.Members.put(ids[0], !deleted)
	}
	return nil
}

// MemberReader reads the ids of members from the records of a member list.
type MemberReader struct{ table *Table }

// Reader returns what reads the ids of members from the records that m.List
// and m.Find answer.
func (m *Members) Reader() *MemberReader { return newMemberReader(m.List.Value) }

// KeyReader returns what reads the ids of the memberships themselves from
// these records; nil where they have none.
func (m *Members) KeyReader() *MemberReader {
	if m.List.Key == "" {
		return nil
	}
	return newMemberReader(m.List.Key)
}

// Reader returns what reads the ids of groups from the records that g answers.
func (g *GroupList) Reader() *MemberReader { return newMemberReader(g.Value) }

func newMemberReader(legacy string) *MemberReader {
	t := &Table{id: IDField{Legacy: legacy, Type: "any"}, fields: new(field)}
	f := t.fields
	keys := strings.Split(legacy, ".")
	for n, key := range keys {
		next := &field{name: strings.Join(keys[:n+1], ".")}
		f.children = map[string]*field{key: next}
		f = next
	}
	f.isID = true
	return &MemberReader{t}
}

// ID returns the id of the member. A record without one is a [ShapeError].
func (r *MemberReader) ID(record []byte) (string, error) {
	values, err := r.table.Read(record)
	return values.ID, err
}

// Sample returns a record that the lists of memberships answer: of that
// member, and with that id of its own where memberships have any.
func (m *Members) Sample(member, key string) []byte {
	var root node
	t := &Table{id: IDField{Type: "any"}}
	root.put(strings.Split(m.List.Value, "."), t.IDValue(member))
	if m.List.Key != "" {
		root.put(strings.Split(m.List.Key, "."), t.IDValue(key))
	}
	return root.append(nil)
}

// Sample returns a record of the list in which that is the id.
func (g *GroupList) Sample(id string) []byte {
	var root node
	root.put(strings.Split(g.Value, "."), (&Table{id: IDField{Type: "any"}}).IDValue(id))
	return root.append(nil)
}

// Payload returns the body of a call that adds the members to the group or
// removes them; nil where the call has none. Of a call for one member, ids
// holds one.
func (o *MemberOp) Payload(group scim.Value, ids []scim.Value) []byte {
	return o.Body.fill(group, ids)
}
