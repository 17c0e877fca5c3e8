package mapping

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
)

// Create returns the changes that make a record of the resource: what it
// says, and the defaults of what it does not say. A missing required
// attribute is a 400.
func (t *Table) Create(resource scim.Value) (Changes, error) {
	d := t.draft(nil)
	d.fresh = true
	if err := d.resource(resource); err != nil {
		return Changes{}, err
	}
	for i := range d.rows {
		row := &t.Rows[i]
		switch {
		case d.rows[i].state == cleared:
			d.rows[i] = change{} // a new record has no value to clear
		case d.rows[i].state == unchanged && row.fallback.Kind() != scim.Absent && !row.ReadOnly:
			d.rows[i] = change{state: set, value: row.fallback}
		}
	}
	return d.Changes, d.complete(true)
}

// Replace returns the changes that make a record say what the resource says
// and nothing else (RFC 7644 section 3.5.1). An attribute with a default
// that the resource leaves out stays as it is: a PUT without active must
// neither hide a host nor bring a leaver back. So do the members of a group
// that are left out altogether: section 3.5.1 lets a server clear them, but
// a client that renames a group must not empty it. "members": [] does.
func (t *Table) Replace(resource scim.Value) (Changes, error) {
	d := t.draft(nil)
	for i, row := range t.Rows {
		if !row.ReadOnly && row.clearable() {
			d.rows[i].state = cleared
		}
	}
	if err := d.resource(resource); err != nil {
		return Changes{}, err
	}
	return d.Changes, d.complete(true)
}

// draft collects the changes of one request.
type draft struct {
	Changes
	current  *Current
	fresh    bool   // the record is a new one, in which no row has a value
	visits   int    // see listNow
	rejected string // a path that has no row and that the table says to reject
}

func (t *Table) draft(current *Current) *draft {
	return &draft{Changes: Changes{table: t, rows: make([]change, len(t.Rows))}, current: current}
}

// before returns the value that row i had before the request, or
// ErrNeedRecord.
func (d *draft) before(i int) (scim.Value, error) {
	switch {
	case d.fresh:
		return scim.Value{}, nil
	case d.current == nil || d.current.Values == nil:
		return scim.Value{}, ErrNeedRecord
	}
	return d.current.Values.rows[i], nil
}

// complete holds the changes to the required rows: each must keep a value,
// and where whole is true must be given one.
func (d *draft) complete(whole bool) error {
	if d.rejected != "" {
		return scim.Bad(scim.InvalidPath, "%s is not provisioned, and this service is set up to reject it; remove it from the attribute mapping", d.rejected)
	}
	var missing []string
	for i, row := range d.table.Rows {
		if !row.Required {
			continue
		}
		switch r := d.rows[i]; {
		case r.state == cleared && r.removed:
			return scim.Bad(scim.Mutability, "%s is required and cannot be removed", row.Path)
		case r.state == cleared, whole && r.state == unchanged && row.fallback.Kind() == scim.Absent:
			missing = append(missing, row.Path)
		}
	}
	switch len(missing) {
	case 0:
		return nil
	case 1:
		return scim.Bad(scim.InvalidValue, "%s is required and has no value; map it to a source attribute that every object has", missing[0])
	}
	return scim.Bad(scim.InvalidValue, "%s are required and have no value; map them to source attributes that every object has", strings.Join(missing, ", "))
}

// resource takes over a whole resource, as POST and PUT send it.
func (d *draft) resource(v scim.Value) error {
	if v.Kind() != scim.Object {
		return scim.Bad(scim.InvalidSyntax, "the body must be an object; got %s", v.Kind())
	}
	for _, f := range v.Parts() {
		path, err := filter.ParsePath(f.Name, d.urns()...)
		if err != nil {
			d.ignore("(a name that is no attribute)")
			continue
		}
		if err := d.put(path, f.Value, placement{replace: true}); err != nil {
			return err
		}
	}
	return nil
}

func (d *draft) urns() []string { return d.table.layout.urns }

// maxIgnored and maxIgnoredName bound what is kept of the names that clients
// make up.
const (
	maxIgnored     = 100
	maxIgnoredName = 128
)

// ignore notes that a value has no place. It is no error: one attribute that
// the legacy API cannot store must not keep the rest from it, above all not
// active.
func (d *draft) ignore(path string) {
	if d.table.Policy(path) == unmappedReject {
		d.rejected = path
		return
	}
	if len(path) > maxIgnoredName {
		path = strings.ToValidUTF8(path[:maxIgnoredName], "") + "..."
	}
	if len(d.Ignored) < maxIgnored && !slices.Contains(d.Ignored, path) {
		d.Ignored = append(d.Ignored, path)
	}
}

// placement says how a value is put.
type placement struct {
	replace  bool // takes the place of what is there; else added to it
	explicit bool // the client named this path; else it came along in an object
}

// put puts v at the path.
func (d *draft) put(path filter.Path, v scim.Value, p placement) error {
	if path.Attr == "" {
		return d.putExtension(path, v, p)
	}
	target, a, err := d.target(path, p.explicit)
	if err != nil || a == nil {
		return err
	}
	switch {
	case a.members:
		return d.putMembers(target, v, p)
	case a.list:
		return d.putList(a, target, v, p)
	case target.Path.Filter != nil:
		return d.putFiltered(a, target, v)
	case target.Sub != nil:
		return d.putSub(a, target, v)
	}
	return d.putAttribute(a, v, p)
}

// target returns the rows that the path stands for. They are nil, and noted
// as ignored, when the table has none.
func (d *draft) target(path filter.Path, explicit bool) (filter.Target, *attribute, error) {
	target, err := filter.Resolve(path, d.table.full)
	var unknown *filter.UnknownError
	switch {
	case errors.As(err, &unknown) && path.Filter != nil && equalFold(path.Attr, "members"):
		// Not ignored: somebody who should leave would stay.
		return target, nil, scim.Bad(scim.InvalidPath, "%s", err)
	case errors.As(err, &unknown):
		d.ignore(d.plain(path))
		return target, nil, nil
	case err != nil:
		return target, nil, scim.Bad(scim.InvalidPath, "%s: %s", d.plain(path), err)
	}
	if target.Attr.Mutability == scim.ReadOnly {
		// Clients send back the id, meta and groups that they read.
		if explicit {
			return target, nil, scim.Bad(scim.Mutability, "%s is read only", d.plain(target.Path))
		}
		return target, nil, nil
	}
	a := d.table.attribute(target.Path.URN, target.Attr)
	if a == nil {
		d.ignore(d.plain(target.Path))
	}
	return target, a, nil
}

// plain returns the path in words of the schemas: without the literals of a
// filter and without a URN that a client made up, both of which may be
// personal. A type that RFC 7643 knows stays.
func (d *draft) plain(p filter.Path) string {
	attr, _ := d.table.full.Attribute(p.URN, p.Attr) // nil: unknown
	if c, ok := p.Filter.(filter.Compare); !ok || !equalFold(c.Path.Attr, "type") || c.Op != filter.Eq || !canonical(attr, c.Value.Text()) {
		p.Filter = nil
	}
	if p.URN != "" && !schemaURN.MatchString(p.URN) {
		return "(an unknown schema)"
	}
	return p.String()
}

// schemaURN is what the URN of a schema looks like (RFC 7643 section 10.3.1).
var schemaURN = regexp.MustCompile(`(?i)^urn:ietf:params:scim:schemas:[a-z0-9:._-]+$`)

// canonical reports whether the text is a type that RFC 7643 gives the
// elements of the attribute; attr may be nil.
func canonical(attr *scim.Attribute, text string) bool {
	if attr == nil || attr.Sub("type") == nil {
		return false
	}
	return slices.ContainsFunc(attr.Sub("type").CanonicalValues, func(known string) bool { return equalFold(known, text) })
}

// putExtension takes over the attributes of a schema, given under its URN.
func (d *draft) putExtension(path filter.Path, v scim.Value, p placement) error {
	switch {
	case v.Empty() && v.Kind() != scim.Object:
		if p.replace && p.explicit {
			d.clearExtension(path.URN)
		}
		return nil
	case v.Kind() != scim.Object:
		return scim.Bad(scim.InvalidValue, "%s must be an object; got %s", path.URN, v.Kind())
	}
	for _, f := range v.Parts() {
		inner, err := filter.ParsePath(f.Name, d.urns()...)
		if err != nil {
			d.ignore(path.URN + ":(a name that is no attribute)")
			continue
		}
		inner.URN = path.URN
		if err := d.put(inner, f.Value, placement{replace: p.replace}); err != nil {
			return err
		}
	}
	return nil
}

func (d *draft) clearExtension(urn string) {
	for _, a := range d.table.attributes {
		if strings.EqualFold(a.urn, urn) {
			d.clear(a.rowsOf(), true)
		}
	}
}

// putAttribute puts v as the whole value of an attribute.
func (d *draft) putAttribute(a *attribute, v scim.Value, p placement) error {
	switch {
	case a.row >= 0:
		return d.setRow(a.row, v)
	case len(a.slots) > 0:
		return d.putElements(a, v, p)
	}
	return d.putComplex(a.attr, a.subs, a.path(), v)
}

// path returns the attribute's name as it stands in a SCIM path.
func (a *attribute) path() string { return filter.Path{URN: a.urn, Attr: a.attr.Name}.String() }

// putSub puts v at a sub-attribute. Of a multi-valued attribute without a
// filter that is the sub-attribute of every element there is.
func (d *draft) putSub(a *attribute, target filter.Target, v scim.Value) error {
	if len(a.slots) > 0 {
		target.Path.Filter = filter.Present{Path: filter.Path{Attr: target.Sub.Name}}
		return d.putFiltered(a, target, v)
	}
	row := findSub(a.subs, target.Sub.Name)
	if row < 0 {
		d.ignore(target.Path.String())
		return nil
	}
	return d.setRow(row, v)
}

// putComplex merges v into the sub-attributes of a complex attribute or of
// one element: those it does not name stay. Entra sends an object with one
// name to change that name, and a manager as a bare id.
func (d *draft) putComplex(attr *scim.Attribute, subs []subRow, path string, v scim.Value) error {
	if v.Kind() == scim.Array && v.Len() == 1 {
		v = v.At(0)
	}
	switch {
	case v.Kind() == scim.Null || v.Kind() == scim.String && v.Text() == "":
		for _, s := range subs {
			d.clear([]int{s.row}, false)
		}
		return nil
	case v.Kind() != scim.Object:
		row := findSub(subs, "value")
		if row < 0 || v.Kind() == scim.Array {
			return scim.Bad(scim.InvalidValue, "%s must be an object; got %s", path, v.Kind())
		}
		return d.setRow(row, v)
	}
	for _, f := range v.Parts() {
		if row := findSub(subs, f.Name); row >= 0 {
			if err := d.setRow(row, f.Value); err != nil {
				return err
			}
		} else if sub := attr.Sub(f.Name); !f.Value.Empty() && (sub == nil || !selects(sub)) {
			d.ignore(path + "." + ignoredName(sub))
		}
	}
	return nil
}

// selects reports whether the sub-attribute tells elements apart; the table,
// not the client, says what it is.
func selects(sub *scim.Attribute) bool { return sub.Name == "type" || sub.Name == "primary" }

// ignoredName returns the name to count an unknown sub-attribute under. What
// a client made up is not repeated: it would be a label without bounds.
func ignoredName(sub *scim.Attribute) string {
	if sub == nil {
		return "(unknown)"
	}
	return sub.Name
}

// setRow gives row i the value. An empty one clears it, but not where the
// table has a default, or no call for it: that active is null must not show a
// leaver again.
func (d *draft) setRow(i int, v scim.Value) error {
	row := &d.table.Rows[i]
	if row.ReadOnly {
		d.ignore(row.Path)
		return nil
	}
	v, err := coerce(row.attr, row.Path, d.idText(row, v))
	if err != nil {
		return err
	}
	if v.Kind() == scim.Absent {
		if row.clearable() {
			d.rows[i] = change{state: cleared}
		}
		return nil
	}
	if err := row.check(v); err != nil {
		return err
	}
	d.rows[i] = change{state: set, value: v}
	return nil
}

// idText returns a number where an id is due as text: some legacy APIs print
// ids as numbers, and their customers' jobs send them back so.
func (d *draft) idText(row *Row, v scim.Value) scim.Value {
	if v.Kind() == scim.Number && row.attr.Name == "value" && strings.HasSuffix(row.Path, "manager.value") {
		return scim.Text(v.Text())
	}
	return v
}

// clear takes the values of the rows away, but not where [Row.clearable] says
// no: removing active must not show a leaver again.
func (d *draft) clear(rows []int, removed bool) {
	for _, i := range rows {
		row := &d.table.Rows[i]
		switch {
		case row.ReadOnly:
			d.ignore(row.Path)
		case !row.clearable():
			d.ignore(row.Path)
		default:
			d.rows[i] = change{state: cleared, removed: removed}
		}
	}
}
