package mapping

import (
	"strings"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
)

// equalFold compares as SCIM compares strings that are not case exact.
func equalFold(a, b string) bool { return strings.EqualFold(a, b) }

// Current is what a record holds now, as far as it was read.
type Current struct {
	Values  *Values  // nil: not read
	Members []string // the ids of the members
	// WithMembers says that Members were read.
	WithMembers bool
}

// Patch returns the changes of a PATCH body (RFC 7644 section 3.5.2). Its
// operations are applied in order to a record of which nothing is known, so
// that most bodies need no reading. When an operation depends on what is
// there, the error is [ErrNeedRecord] or [ErrNeedMembers], and the caller
// calls again with it. Any other error refuses the whole body.
func (t *Table) Patch(body scim.Value, current *Current) (Changes, error) {
	d := t.draft(current)
	if body.Kind() != scim.Object {
		return Changes{}, scim.Bad(scim.InvalidSyntax, "the body must be an object; got %s", body.Kind())
	}
	operations := body.Get("Operations")
	if operations.Kind() == scim.Absent && body.Get("members").Kind() == scim.Array {
		err := d.memberList(body.Get("members"))
		return d.Changes, err
	}
	if operations.Kind() != scim.Array {
		return Changes{}, scim.Bad(scim.InvalidSyntax, "Operations must be a list of operations; got %s", operations.Kind())
	}
	for i, part := range operations.Parts() {
		if err := d.operation(part.Value); err != nil {
			if e, ok := err.(*scim.Error); ok {
				e.Detail = "operation " + ordinal(i) + ": " + e.Detail
			}
			return Changes{}, err
		}
	}
	return d.Changes, d.complete(false)
}

func ordinal(i int) string { return scim.Int(i + 1).Text() }

// operation applies one operation.
func (d *draft) operation(op scim.Value) error {
	if op.Kind() != scim.Object {
		return scim.Bad(scim.InvalidSyntax, "must be an object; got %s", op.Kind())
	}
	verb, path, v := op.Get("op"), op.Get("path"), op.Get("value")
	if verb.Kind() != scim.String {
		return scim.Bad(scim.InvalidSyntax, "op is missing; it must be add, replace or remove")
	}
	if path.Kind() != scim.Absent && path.Kind() != scim.Null && path.Kind() != scim.String {
		return scim.Bad(scim.InvalidPath, "path must be a string; got %s", path.Kind())
	}
	switch strings.ToLower(verb.Text()) {
	case "add":
		return d.assign(path.Text(), v, false)
	case "replace":
		return d.assign(path.Text(), v, true)
	case "remove":
		return d.remove(path.Text(), v)
	}
	return scim.Bad(scim.InvalidSyntax, "op must be add, replace or remove")
}

// assign applies add and replace, which for single values are the same.
func (d *draft) assign(path string, v scim.Value, replace bool) error {
	if v.Kind() == scim.Absent {
		return scim.Bad(scim.InvalidValue, "value is missing")
	}
	if path != "" {
		parsed, err := d.parse(path)
		if err != nil {
			return err
		}
		return d.put(parsed, v, placement{replace: replace, explicit: true})
	}
	if v.Kind() != scim.Object {
		return scim.Bad(scim.InvalidValue, "an operation without a path needs an object of attributes as its value; got %s", v.Kind())
	}
	// Every name is a path of its own: Entra sends "name.givenName" and
	// "urn:...:User:department" as names.
	for _, f := range v.Parts() {
		parsed, err := filter.ParsePath(f.Name, d.urns()...)
		if err != nil {
			d.ignore("(a name that is no attribute)")
			continue
		}
		if err := d.put(parsed, f.Value, placement{replace: replace}); err != nil {
			return err
		}
	}
	return nil
}

func (d *draft) parse(path string) (filter.Path, error) {
	parsed, err := filter.ParsePath(path, d.urns()...)
	if err != nil {
		return parsed, scim.Bad(scim.InvalidPath, "path is no SCIM path: %s", err)
	}
	return parsed, nil
}

// remove applies remove. A value beside the path has no meaning in the RFC;
// Entra's older form lists in it the elements to remove from a multi-valued
// attribute, and sends it along without a meaning elsewhere.
func (d *draft) remove(path string, v scim.Value) error {
	if path == "" {
		return scim.Bad(scim.NoTarget, "remove needs a path")
	}
	parsed, err := d.parse(path)
	if err != nil {
		return err
	}
	if parsed.Attr == "" {
		d.clearExtension(parsed.URN)
		return nil
	}
	target, a, err := d.target(parsed, true)
	if err != nil || a == nil {
		return err
	}
	switch {
	case a.members:
		return d.removeMembers(target, v)
	case a.list:
		return d.removeList(a, target, v)
	case target.Path.Filter != nil:
		return d.removeFiltered(a, target, target.Path.Filter)
	case target.Sub != nil && len(a.slots) > 0:
		return d.removeFiltered(a, target, filter.Present{Path: filter.Path{Attr: target.Sub.Name}})
	case target.Sub != nil:
		if row := findSub(a.subs, target.Sub.Name); row >= 0 {
			d.clear([]int{row}, true)
		}
		return nil
	case len(a.slots) > 0 && listed(v):
		return d.removeListed(a, target, v)
	}
	d.clear(a.rowsOf(), true)
	return nil
}

// listed reports whether the value of a remove lists elements to remove.
func listed(v scim.Value) bool {
	return v.Kind() == scim.Object || v.Kind() == scim.Array
}

func (d *draft) removeFiltered(a *attribute, target filter.Target, e filter.Expr) error {
	if len(a.slots) == 0 {
		return scim.Bad(scim.InvalidPath, "%s has one value; a filter in brackets has no meaning for it", a.path())
	}
	slots, _, err := d.selected(a, e)
	if err != nil {
		return err
	}
	for _, s := range slots {
		for _, sub := range a.slots[s].subs {
			if target.Sub == nil || equalFold(sub.name, target.Sub.Name) {
				d.clear([]int{sub.row}, true)
			}
		}
	}
	return nil
}

// removeListed removes the elements that v describes: those that have every
// value it names.
func (d *draft) removeListed(a *attribute, target filter.Target, v scim.Value) error {
	wheres, err := described(a, v)
	if err != nil {
		return err
	}
	for _, where := range wheres {
		if err := d.removeFiltered(a, target, where); err != nil {
			return err
		}
	}
	return nil
}

// described returns a filter for each of the elements that v lists.
func described(a *attribute, v scim.Value) ([]filter.Expr, error) {
	if v.Kind() != scim.Array {
		v = scim.List(v)
	}
	var wheres []filter.Expr
	for _, p := range v.Parts() {
		e := p.Value
		if e.Kind() != scim.Object || e.Len() == 0 {
			return nil, scim.Bad(scim.InvalidValue, "%s: the value of remove must list objects", a.path())
		}
		var where filter.Expr
		for _, f := range e.Parts() {
			if sub := a.attr.Sub(f.Name); sub == nil || f.Value.Empty() {
				continue
			}
			var cond filter.Expr = filter.Compare{Path: filter.Path{Attr: f.Name}, Op: filter.Eq, Value: f.Value}
			if where != nil {
				cond = filter.And{Left: where, Right: cond}
			}
			where = cond
		}
		if where != nil {
			wheres = append(wheres, where)
		}
	}
	return wheres, nil
}
