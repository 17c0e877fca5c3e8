package mapping

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
)

const (
	userType  = "User"
	groupType = "Group"
)

// compiler turns a resource as written into a table.
type compiler struct {
	*decoder
	path  string // resources.User
	spec  *Resource
	table *Table
	urns  []string
}

// compile returns the table of the resource, or nil when there is none. Its
// faults go to d.
func compile(d *decoder, name string, spec *Resource, config *Config) *Table {
	if spec == nil {
		return nil
	}
	full := scim.User()
	if name == groupType {
		full = scim.Group()
	}
	c := &compiler{
		decoder: d, path: "resources." + name, spec: spec, urns: full.URNs(),
		table: &Table{full: full, id: spec.ID, Operations: spec.Operations, Members: spec.Members, Groups: spec.Groups, unmapped: spec.Unmapped, PatchResponse: cmp.Or(spec.PatchResponse, "auto"), fields: new(field)},
	}
	c.rows()
	c.partners()
	c.gone()
	c.operations(&config.Legacy)
	c.members(config)
	c.groups()
	c.linked(config.Resources.Group)
	c.unmapped()
	c.table.Type = c.table.published()
	c.table.layout = c.table.newLayout()
	c.search()
	return c.table
}

func (c *compiler) rows() {
	c.bind(c.path+".id", strings.Split(c.spec.ID.Legacy, "."), idField)
	var writers []*Row
	for _, e := range c.spec.Attributes {
		path := join(c.path+".attributes", e.Key)
		row, target, ok := c.row(path, e.Key, e.Value)
		if !ok {
			continue
		}
		if !row.ReadOnly {
			c.writer(path, row, writers)
			writers = append(writers, &row)
		}
		i := len(c.table.Rows)
		if c.place(path, e.Value, target, i) {
			c.table.Rows = append(c.table.Rows, row)
			if row.Expr == "" {
				c.bindRow(path+".legacy", &c.table.Rows[i], i)
			} else if row.program != nil {
				k := c.computes(row.program)
				k.rows = append(k.rows, i)
			}
		}
	}
	for i, r := range c.table.Rows {
		if slices.ContainsFunc(c.table.Rows[:i], func(o Row) bool { return o.Path == r.Path }) {
			c.add(join(c.path+".attributes", r.Path), "is mapped twice; keep one row")
		}
	}
	if len(c.spec.Attributes) == 0 {
		c.add(c.path+".attributes", "maps no attribute; write for example userName: {legacy: username}")
	}
}

// target returns what the SCIM path of a row stands for, and reports paths
// that no row can have.
func (c *compiler) target(path, key string) (filter.Target, bool) {
	parsed, err := filter.ParsePath(key, c.urns...)
	if err != nil {
		c.add(path, "is no SCIM path: %s; write for example userName or emails[type eq \"work\"].value", err)
		return filter.Target{}, false
	}
	target, err := filter.Resolve(parsed, c.table.full)
	if err != nil {
		c.add(path, "%s; write an attribute of RFC 7643, such as userName or emails[type eq \"work\"].value", err)
		return filter.Target{}, false
	}
	switch {
	case target.Attr == nil:
	case target.Attr.Name == "members":
		c.add(path, "members are described under %s.members", c.path)
		return target, false
	case target.Attr.Name == "groups":
		c.add(path, "groups are told by a call, which is described under %s.groups", c.path)
		return target, false
	case target.Attr.Name == "id" || target.Attr.Name == "schemas":
		c.add(path, "is given by the adapter; the legacy id is named under %s.id", c.path)
		return target, false
	}
	if target.Attr == nil || target.Sub == nil && target.Attr.Type == scim.TypeComplex && !wholeList(target) {
		c.add(path, "is made of several values; write one row for each of them, such as %s", c.example(target))
		return target, false
	}
	return target, true
}

// wholeList reports whether the target is a multi-valued complex attribute
// with all its elements.
func wholeList(t filter.Target) bool {
	return t.Attr.MultiValued && t.Attr.Type == scim.TypeComplex && t.Sub == nil && t.Path.Filter == nil
}

// row compiles what a row says of itself.
func (c *compiler) row(path, key string, spec RowSpec) (row Row, target filter.Target, ok bool) {
	if target, ok = c.target(path, key); !ok {
		return row, target, false
	}
	leaf := target.Attr
	if target.Sub != nil {
		leaf = target.Sub
	}
	row = Row{
		Path: target.Path.String(), Legacy: spec.Legacy,
		Required: spec.Required && (!c.lenient || leaf.Uniqueness == "server"), attr: leaf,
		ReadOnly: spec.ReadOnly || target.Attr.Mutability == scim.ReadOnly || leaf.Mutability == scim.ReadOnly,
	}
	if spec.Expr.text != "" && wholeList(target) {
		c.add(path+".expr", "computes one value, and %s is a list; write a row for one element of it, such as %s[type eq \"work\"].value", target.Attr.Name, target.Attr.Name)
		return row, target, false
	}
	if spec.Expr.text != "" || c.faulty(path+".expr") {
		return row, target, c.expression(path, spec, &row)
	}
	if spec.Legacy == "" && !c.faulty(path) && !c.faulty(path+".legacy") {
		c.add(path, "legacy is missing; write for example legacy: username, or expr: first_name + \" \" + last_name for a value that is computed")
		return row, target, false
	}
	var err error
	if row.keys, row.of, row.rest, err = parseLegacy(spec.Legacy); err != nil {
		c.add(path+".legacy", "%s", err)
		return row, target, false
	}
	if row.ReadOnly && (spec.Required || spec.Default != nil) {
		c.add(path, "is read only; required and default have no meaning for it")
	}
	if target.Attr.Returned == scim.ReturnedNever {
		c.add(path, "is never returned by SCIM and so cannot be mapped to a field that is read back")
	}
	if wholeList(target) {
		c.list(path, spec, target.Attr, &row)
		return row, target, len(row.list.subs) > 0
	}
	if spec.Each != nil || spec.Join != "" {
		c.add(path, "each and join are for a whole multi-valued attribute, such as emails; %s is %s", row.Path, leaf.Type)
	}
	row.kind = c.kind(path, spec, leaf)
	row.layout = c.layout(path, spec, row.kind)
	if row.coarse() && !row.ReadOnly {
		c.add(path, "keeps less than a dateTime says, so what is written would not come back; mark the row read_only: true")
	}
	if row.kind != "" {
		c.transform(path, spec, &row)
		c.rowCalls(path, spec, &row)
	}
	if spec.Default != nil && row.kind != "" {
		row.fallback = c.fallback(path, *spec.Default, &row)
	}
	return row, target, true
}

// example returns a path below the target that a row could have.
func (c *compiler) example(t filter.Target) string {
	if t.Attr == nil || len(t.Attr.SubAttributes) == 0 {
		return "userName"
	}
	name := t.Path
	name.Sub = t.Attr.SubAttributes[0].Name
	return name.String()
}

func (c *compiler) fallback(path string, spec Plain, row *Row) scim.Value {
	v, err := coerce(row.attr, row.Path, spec.Value)
	if err == nil {
		err = row.check(v)
	}
	if err != nil {
		c.add(path+".default", "does not fit: %s", err)
		return scim.Value{}
	}
	if v.Empty() {
		c.add(path+".default", "is empty; write a value of %s, which is %s, or leave it out", row.Path, row.attr.Type)
	}
	return v
}

// place files row i under its attribute.
func (c *compiler) place(path string, spec RowSpec, target filter.Target, i int) bool {
	t := c.table
	urn := target.Path.URN
	a := t.attribute(urn, target.Attr)
	if a == nil {
		a = &attribute{attr: target.Attr, urn: urn, row: -1}
		t.attributes = append(t.attributes, a)
	}
	if spec.Primary && !target.Attr.MultiValued {
		c.add(path+".primary", "has a meaning for multi-valued attributes only, such as emails")
	}
	switch {
	case !target.Attr.MultiValued && target.Path.Filter != nil:
		c.add(path, "%s has one value; a selector in brackets has no meaning for it", target.Attr.Name)
		return false
	case a.list || len(a.slots) > 0 && target.Sub == nil:
		c.add(path, "%s is mapped as a whole list and by its elements; keep one of the two", target.Attr.Name)
		return false
	case target.Sub == nil && target.Attr.Type == scim.TypeComplex:
		a.row, a.list = i, true
	case target.Sub == nil && target.Attr.MultiValued:
		c.add(path, "%s is a list of plain values, which no row can hold", target.Attr.Name)
		return false
	case target.Sub == nil:
		a.row = i
	case !target.Attr.MultiValued:
		a.subs = append(a.subs, subRow{target.Sub.Name, i})
	default:
		return c.placeElement(path, spec, target, a, i)
	}
	return true
}

func (c *compiler) placeElement(path string, spec RowSpec, target filter.Target, a *attribute, i int) bool {
	selector, ok := target.Path.Filter.(filter.Compare)
	if !ok || selector.Op != filter.Eq || selector.Path.Filter != nil {
		c.add(path, "needs a selector that names one element; write for example %s[type eq \"work\"].%s", a.attr.Name, target.Sub.Name)
		return false
	}
	by := target.Attr.Sub(selector.Path.Attr)
	if by == nil || strings.EqualFold(by.Name, target.Sub.Name) {
		c.add(path, "cannot be both selected by and mapped to %s", selector.Path.Attr)
		return false
	}
	is, err := coerce(by, a.attr.Name+"."+by.Name, selector.Value)
	if err != nil {
		c.add(path, "%s", err)
		return false
	}
	for s := range a.slots {
		slot := &a.slots[s]
		if slot.by == by.Name && slot.is.Equal(is) {
			slot.subs = append(slot.subs, subRow{target.Sub.Name, i})
			slot.primary = slot.primary || spec.Primary
			return true
		}
		if spec.Primary && slot.primary {
			c.add(path+".primary", "another element of %s is primary already; keep one", a.attr.Name)
		}
	}
	primary := spec.Primary || by.Name == "primary" && is.True()
	a.slots = append(a.slots, element{by: by.Name, is: is, primary: primary, subs: []subRow{{target.Sub.Name, i}}})
	return true
}

// writer reports a second row that writes the same legacy field, or one
// inside a field that another row writes whole.
func (c *compiler) writer(path string, row Row, writers []*Row) {
	// One is enough to say: a fault for each would grow with their square.
	if i := slices.IndexFunc(writers, row.collides); i >= 0 {
		remedy := "give each row a field of its own, or mark one read_only: true"
		if row.split != nil && writers[i].split != nil {
			remedy = "the parts of one text are first and rest, or start and last, with the same by"
		}
		c.add(path+".legacy", "%s is written by %s too; %s", row.Legacy, writers[i].Path, remedy)
	}
	if row.Legacy == c.spec.ID.Legacy {
		c.add(path+".legacy", "%s is the id, which the legacy API gives; mark the row read_only: true", row.Legacy)
	}
}

// What a field of the record is bound to if not to a row.
const (
	idField     = -1
	linkedField = -2
)

// bind makes row i read the legacy field, or what stands for it.
func (c *compiler) bind(path string, keys []string, i int) *field {
	f := c.table.fields
	for n, key := range keys {
		if f.children == nil {
			f.children = make(map[string]*field)
		}
		next := f.children[key]
		if next == nil {
			next = &field{name: strings.Join(keys[:n+1], ".")}
			f.children[key] = next
		}
		f = next
		if n < len(keys)-1 && (f.isID || len(f.rows) > 0) {
			c.add(path, "%s is read as a single value by another row and cannot hold %s", key, strings.Join(keys, "."))
		}
	}
	if f.children != nil {
		c.add(path, "%s holds fields that other rows read and cannot be a single value", strings.Join(keys, "."))
	}
	switch i {
	case idField:
		f.isID = true
	case linkedField:
		f.linked = true
	default:
		f.rows = append(f.rows, i)
	}
	return f
}

// search resolves the filters that searches answer.
func (c *compiler) search() {
	for i, op := range c.spec.Operations.Search {
		path := searchPath(c.path, i) + ".filter"
		text, ok := strings.CutSuffix(strings.TrimSpace(op.Filter), " eq")
		if !ok {
			c.add(path, "must be an attribute and eq, the one comparison that a search can be declared for; write for example userName eq")
			continue
		}
		parsed, err := filter.ParsePath(text, c.urns...)
		if err != nil {
			c.add(path, "is no SCIM path: %s", err)
			continue
		}
		target, err := filter.Resolve(parsed, c.table.Type)
		var unknown *filter.UnknownError
		switch {
		case errors.As(err, &unknown):
			c.add(path, "%s has no row under attributes, so no filter can name it; add the row or remove the search", text)
			continue
		case err != nil:
			c.add(path, "%s", err)
			continue
		case c.table.attribute(target.Path.URN, target.Attr).isList():
			c.add(path, "%s is mapped as a whole list, which is matched record by record; remove the search", target.Attr.Name)
			continue
		case target.Path.Filter == nil && target.Sub == nil && target.Attr.Type == scim.TypeComplex:
			c.add(path, "%s is made of several values; name one, such as %s", text, c.example(target))
			continue
		}
		c.table.searches = append(c.table.searches, Searched{Path: target.Path, Text: target.Path.String()})
	}
}
