package mapping

import (
	"slices"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
)

// Plan says which records to read so that every record that can match a
// filter is among them. The whole filter is matched on them afterwards: a
// plan may find too many, never too few.
type Plan struct {
	// Steps are read one after the other; a record may be in several. No
	// step at all means that nothing can match.
	Steps []Step
	// Scan says that all records have to be read. Steps is empty then.
	Scan bool
	// Member is set when the filter asks whether one user is in one group,
	// and for nothing else: members eq Y beside id eq X.
	Member *MemberTest
}

// Step reads the record of one id, the members of one group, or what one
// search finds.
type Step struct {
	ID     string // "" for the others
	Group  string // the users who are members of the group; "" for the others
	Search int    // index into Operations.Search and Searched
	Value  string // what is searched for, as SCIM spells it
	Legacy string // the same as the legacy field spells it
}

// MemberTest is the question whether a user is a member of a group.
type MemberTest struct{ Group, Member string }

// Plan returns the cheapest complete plan for the filter, which was compiled
// against t.Type.
func (t *Table) Plan(f *filter.Filter) Plan {
	steps, scan := t.steps(f.Expr())
	return Plan{Steps: steps, Scan: scan, Member: memberTest(f.Expr())}
}

// Mentions reports whether the filter looks at the core attribute, such as
// members, which then has to be read before it can be matched.
func Mentions(f *filter.Filter, attr string) bool { return mentions(f.Expr(), attr) }

func mentions(e filter.Expr, attr string) bool {
	switch e := e.(type) {
	case filter.And:
		return mentions(e.Left, attr) || mentions(e.Right, attr)
	case filter.Or:
		return mentions(e.Left, attr) || mentions(e.Right, attr)
	case filter.Not:
		return mentions(e.Expr, attr)
	case filter.Compare:
		return e.Path.Attr == attr
	case filter.Present:
		return e.Path.Attr == attr
	case filter.ValuePath:
		return e.Path.Attr == attr
	}
	return false
}

// steps returns what finds every match of e, or that only a scan does.
func (t *Table) steps(e filter.Expr) (steps []Step, scan bool) {
	switch e := e.(type) {
	case filter.And:
		// Whatever finds every match of one side finds those of both.
		left, leftScan := t.steps(e.Left)
		right, rightScan := t.steps(e.Right)
		if leftScan || !rightScan && cost(right) < cost(left) {
			return right, rightScan
		}
		return left, false
	case filter.Or:
		left, leftScan := t.steps(e.Left)
		right, rightScan := t.steps(e.Right)
		if leftScan || rightScan {
			return nil, true
		}
		return union(left, right), false
	case filter.Compare:
		return t.compareSteps(e)
	case filter.ValuePath:
		return t.elementSteps(e)
	}
	return nil, true
}

// cost orders steps: none, then ids, then searches.
func cost(steps []Step) int {
	c := 0
	for _, s := range steps {
		switch {
		case s.ID != "":
			c++
		case s.Group != "":
			c += 1000 // a list, and a record for each member
		default:
			c += 100
		}
	}
	return c
}

func union(a, b []Step) []Step {
	out := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func (t *Table) compareSteps(e filter.Compare) (steps []Step, scan bool) {
	if e.Op != filter.Eq || e.Value.Kind() == scim.Null {
		return nil, true
	}
	value := e.Value.Text()
	if e.Path.Attr == "id" && e.Path.URN == "" {
		if !t.PossibleID(value) {
			return nil, false
		}
		return []Step{{ID: value}}, false
	}
	if value == "" {
		return nil, false // no resource shows an empty text
	}
	if e.Path.Attr == "groups" && e.Path.Sub == "value" && e.Path.Filter == nil {
		return t.groupSteps(value)
	}
	if steps, ok := t.searchFor(e.Path.String(), e.Value); ok {
		return steps, false
	}
	return t.anyElement(e)
}

// groupSteps answers groups.value eq "x": a search, if there is one, else the
// members of that group. Where the users themselves hold the groups, all have
// to be looked at.
func (t *Table) groupSteps(group string) (steps []Step, scan bool) {
	if i := slices.IndexFunc(t.searches, func(s Searched) bool { return s.Text == "groups.value" }); i >= 0 {
		return []Step{{Search: i, Value: group, Legacy: group}}, false
	}
	if t.linked != nil {
		return nil, true
	}
	return []Step{{Group: group}}, false
}

// searchFor returns what finds the records whose attribute has the value: a
// search for each way in which the legacy field may spell it. It is false when
// there is no such search. The default of a row is not searched for: it is
// shown of records in which the legacy API has nothing to find.
func (t *Table) searchFor(path string, value scim.Value) ([]Step, bool) {
	search := slices.IndexFunc(t.searches, func(s Searched) bool { return s.Text == path })
	row := slices.IndexFunc(t.Rows, func(r Row) bool { return r.Path == path })
	if search < 0 || row < 0 {
		return nil, false
	}
	r := &t.Rows[row]
	if r.fallback.Kind() != scim.Absent && sameValue(r.attr, r.fallback, value) {
		return nil, false
	}
	spellings, ok := r.spellings(value)
	if !ok {
		return nil, false
	}
	steps := make([]Step, len(spellings))
	for i, s := range spellings {
		steps[i] = Step{Search: search, Value: value.Text(), Legacy: s}
	}
	return steps, true
}

// OneSpelling reports whether the row of that path spells every value in one
// way, so that an API which allows no second of a value allows no second of
// what SCIM shows either.
func (t *Table) OneSpelling(path string) bool {
	return slices.ContainsFunc(t.Rows, func(r Row) bool {
		return r.Path == path && r.Expr == "" && r.transform.none() && r.split == nil
	})
}

// anyElement answers emails eq "x", which any element may satisfy: a search
// for each of the elements, if there is one for all of them.
func (t *Table) anyElement(e filter.Compare) (steps []Step, scan bool) {
	if e.Path.Filter != nil || e.Path.Sub == "" {
		return nil, true
	}
	a := t.attributeNamed(e.Path.URN, e.Path.Attr)
	if a == nil || len(a.slots) == 0 {
		return nil, true
	}
	for _, slot := range a.slots {
		row := slot.row(e.Path.Sub)
		if row < 0 {
			continue
		}
		found, ok := t.searchFor(t.Rows[row].Path, e.Value)
		if !ok {
			return nil, true
		}
		steps = append(steps, found...)
	}
	return steps, len(steps) == 0
}

func (t *Table) attributeNamed(urn, name string) *attribute {
	i := slices.IndexFunc(t.attributes, func(a *attribute) bool { return a.attr.Name == name && a.urn == urn })
	if i < 0 {
		return nil
	}
	return t.attributes[i]
}

// elementSteps answers emails[type eq "work" and value eq "x"], which is
// narrower than emails[type eq "work"].value eq "x".
func (t *Table) elementSteps(e filter.ValuePath) (steps []Step, scan bool) {
	a := t.attributeNamed(e.Path.URN, e.Path.Attr)
	if a == nil {
		return nil, true
	}
	if a.groups {
		for _, c := range equalities(e.Path.Filter) {
			if c.Path.Attr == "value" {
				return t.groupSteps(c.Value.Text())
			}
		}
	}
	var slots []*element // whose element can match
	for i := range a.slots {
		if a.slots[i].judge(a.attr, e.Path.Filter) != no {
			slots = append(slots, &a.slots[i])
		}
	}
	if len(slots) == 0 && len(a.slots) > 0 {
		return nil, false
	}
	for _, c := range equalities(e.Path.Filter) {
		for _, slot := range slots {
			row := slot.row(c.Path.Attr)
			var found []Step
			ok := false
			if row >= 0 {
				found, ok = t.searchFor(t.Rows[row].Path, c.Value)
			}
			if !ok {
				steps, scan = nil, true
				break
			}
			steps, scan = append(steps, found...), false
		}
		if len(steps) > 0 && !scan {
			return steps, false
		}
	}
	return nil, true
}

// equalities returns the comparisons that an element must satisfy by being
// equal to a text.
func equalities(e filter.Expr) []filter.Compare {
	switch e := e.(type) {
	case filter.And:
		return append(equalities(e.Left), equalities(e.Right)...)
	case filter.Compare:
		if e.Op == filter.Eq && e.Value.Kind() == scim.String && e.Value.Text() != "" {
			return []filter.Compare{e}
		}
	}
	return nil
}

// memberTest returns the question that id eq X and members eq Y asks, in
// either order, or nil when the filter asks for something else.
func memberTest(e filter.Expr) *MemberTest {
	and, ok := e.(filter.And)
	if !ok {
		return nil
	}
	var test MemberTest
	for _, side := range []filter.Expr{and.Left, and.Right} {
		if v, ok := side.(filter.ValuePath); ok && v.Path.Attr == "members" {
			side = v.Path.Filter // members[value eq Y]
			if c, ok := side.(filter.Compare); ok && c.Path.Attr == "value" {
				c.Path = filter.Path{Attr: "members", Sub: "value"}
				side = c
			}
		}
		c, ok := side.(filter.Compare)
		switch {
		case !ok || c.Op != filter.Eq || c.Value.Kind() != scim.String || c.Path.Filter != nil:
			return nil
		case c.Path.Attr == "id" && c.Path.URN == "":
			test.Group = c.Value.Text()
		case c.Path.Attr == "members" && c.Path.Sub == "value":
			test.Member = c.Value.Text()
		default:
			return nil
		}
	}
	if test.Group == "" || test.Member == "" {
		return nil
	}
	return &test
}
