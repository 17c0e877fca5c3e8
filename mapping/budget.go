package mapping

import (
	"slices"
	"strings"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
)

// Expense is what one SCIM operation costs in calls of the legacy API, where
// nothing fails and nothing changes meanwhile.
type Expense struct {
	Operation string `json:"operation"`
	Offered   bool   `json:"offered"`
	Calls     Cost   `json:"calls"`
	// Note says when it costs something else; "" where it never does.
	Note string `json:"note,omitempty"`
}

// Budget returns what the operations on resources of the table cost. Each is
// asked of one method below, which says what the adapter does for it; a test
// holds every one of them to the calls that are really made.
func (t *Table) Budget() []Expense {
	if t.Type.Name == groupType {
		return t.groupBudget()
	}
	ops := &t.Operations
	name := t.uniqueName()
	return []Expense{
		t.match("Test Connection: filter="+name+" eq, nobody", 0),
		t.match("GET /Users?filter="+name+" eq", 1),
		{Operation: "GET /Users/{id}", Offered: ops.Get != nil, Calls: calls(1)},
		{Operation: "GET /Users?startIndex=s&count=n", Offered: ops.List != nil, Calls: t.pageCost(), Note: t.pageNote()},
		{Operation: "POST /Users", Offered: ops.Create != nil, Calls: t.createCost(), Note: t.createNote()},
		{Operation: "PATCH /Users/{id}", Offered: t.changeable(), Calls: t.updateCost(), Note: t.updateNote()},
		{Operation: "PATCH /Users/{id}, " + name, Offered: ops.Update != nil, Calls: t.uniqueCost().plus(t.updateCost())},
		{Operation: "PATCH /Users/{id} that needs the current value", Offered: ops.Update != nil && ops.Get != nil, Calls: calls(2)},
		{Operation: "PUT /Users/{id}", Offered: t.changeable(), Calls: t.replaceCost(), Note: t.replaceNote()},
		{Operation: "DELETE /Users/{id}", Offered: ops.Delete != nil, Calls: calls(1)},
	}
}

func (t *Table) groupBudget() []Expense {
	ops := &t.Operations
	name := t.uniqueName()
	budget := []Expense{
		t.match("Test Connection: filter="+name+" eq, no such group", 0),
		t.match("GET /Groups?excludedAttributes=members&filter="+name+" eq", 1),
		{Operation: "GET /Groups/{id}?excludedAttributes=members", Offered: ops.Get != nil, Calls: calls(1)},
		{Operation: "GET /Groups?excludedAttributes=members&startIndex=s&count=n", Offered: ops.List != nil, Calls: t.pageCost(), Note: t.pageNote()},
		{Operation: "POST /Groups without members", Offered: ops.Create != nil, Calls: t.createCost(), Note: t.createNote()},
		{Operation: "PATCH /Groups/{id}, " + name, Offered: ops.Update != nil, Calls: t.uniqueCost().plus(t.updateCost()), Note: t.updateNote()},
		{Operation: "DELETE /Groups/{id}", Offered: ops.Delete != nil, Calls: calls(1)},
	}
	if t.Members == nil {
		return budget
	}
	return append(budget, t.memberBudget()...)
}

// uniqueName returns the name of the attribute that names a resource, which
// the table may have no row for.
func (t *Table) uniqueName() string {
	for _, a := range t.full.Schema.Attributes {
		if a.Uniqueness == "server" {
			return a.Name
		}
	}
	return ""
}

// match is the expense of looking for the resource of a name, of which there
// are that many: none or one.
func (t *Table) match(operation string, hits int) Expense {
	e := Expense{Operation: operation, Offered: true}
	plan, ok := t.planFor(t.UniquePath())
	switch {
	case !ok || plan.Scan && t.Operations.List == nil:
		e.Offered = false
	case plan.Scan:
		e.Calls, e.Note = t.scanCost(), "reads the whole list, of n records: no search finds the name"
	default:
		for i, s := range plan.Steps {
			if i > 0 {
				hits = 0 // the name is spelt in one of the ways
			}
			e.Calls.Fixed += t.Operations.Search[s.Search].carefully().For(hits)
			if slices.ContainsFunc(t.Operations.Search, func(o SearchOp) bool { return o.Lag > 0 }) {
				e.Calls.Fixed += hits // is read, as it may be another's name by now
			}
		}
		e.Note = "a search that finds more than a page is read to its end"
	}
	return e
}

// planFor returns how a filter that asks for one value of the attribute is
// run. It is false where no filter can name the attribute.
func (t *Table) planFor(path string) (Plan, bool) {
	row := slices.IndexFunc(t.Rows, func(r Row) bool { return r.Path == path })
	if row < 0 {
		return Plan{}, false
	}
	parsed, err := filter.ParsePath(path, t.full.URNs()...)
	if err != nil {
		return Plan{}, false
	}
	value := t.Rows[row].sought()
	f, err := filter.Compile(filter.Compare{Path: parsed, Op: filter.Eq, Value: value}, t.Type)
	if err != nil {
		return Plan{}, false
	}
	return t.Plan(f), true
}

// sought returns a value that somebody may look for in the row: one that it
// accepts and that is not its default.
func (r *Row) sought() scim.Value {
	for _, v := range r.samples() {
		if v.Text() != "" && !sameValue(r.attr, r.fallback, v) {
			return v
		}
	}
	return scim.Text("a")
}

// scanCost is the cost of looking through all n records.
func (t *Table) scanCost() Cost { return t.Operations.List.carefully() }

// pageCost is the cost of the part of a list that a client asks for.
func (t *Table) pageCost() Cost {
	l := t.Operations.List
	if l == nil {
		return Cost{}
	}
	if l.Paging.Style == "none" {
		return calls(1)
	}
	return Cost{Lists: []Batches{{Size: l.Paging.Limit, Least: 1}}}
}

func (t *Table) pageNote() string {
	l := t.Operations.List
	if l == nil || l.Paging.Style == "none" {
		return ""
	}
	switch p := l.Paging.Style; {
	case p == "offset" && l.tells():
		return "wherever s lies"
	case p == "offset":
		return "and the whole list once more, to count it"
	case p == "page" && l.tells():
		return "where s begins a page of count; else up to two more"
	case p == "page":
		return "and the whole list once more, to count it; up to two more where s begins no page of count"
	case l.tells():
		return "n is s + count: the list is read from its beginning"
	}
	return "n is all records there are: the list is read from its beginning, to its end"
}

// uniqueCost is the cost of making sure that a name is free, where that is
// for the adapter to do.
func (t *Table) uniqueCost() Cost {
	if o := t.Operations.Create; o == nil || o.Unique != "adapter" {
		return Cost{}
	}
	return t.match("", 0).Calls
}

// createCost is the cost of a new record.
func (t *Table) createCost() Cost { return t.uniqueCost().plus(calls(1)) }

func (t *Table) createNote() string {
	var notes []string
	if t.Operations.Get != nil {
		notes = append(notes, "one more where the API answers nothing but the id")
	}
	for i := range t.Rows {
		if w := t.Rows[i].calls; w != nil && !w.inCreate {
			notes = append(notes, "one more for each value that the new record has not by itself: "+strings.Join(t.ownCalls(), ", "))
			break
		}
	}
	return strings.Join(notes, "; ")
}

// changeable reports whether a record can be changed.
func (t *Table) changeable() bool { return t.Operations.Update != nil || len(t.calls) > 0 }

// ownCalls returns the paths of the rows that have calls of their own.
func (t *Table) ownCalls() []string {
	var paths []string
	for i := range t.Rows {
		if t.Rows[i].calls != nil {
			paths = append(paths, t.Rows[i].Path)
		}
	}
	return paths
}

// updateCost is the cost of changing fields of a record: by the update, or one
// that has a call of its own.
func (t *Table) updateCost() Cost {
	if o := t.Operations.Update; o != nil && o.Body == BodyWhole {
		return calls(2)
	}
	return calls(1)
}

func (t *Table) updateNote() string {
	var notes []string
	if own := t.ownCalls(); own != nil && t.Operations.Update != nil {
		notes = append(notes, "one more for each that has a call of its own: "+strings.Join(own, ", "))
	}
	if part := t.firstPart(); part != "" && t.Operations.Update.Body != BodyWhole {
		notes = append(notes, "one more for what is a part of a field, such as "+part)
	}
	switch {
	case t.PatchResponse != "resource":
	case t.Members != nil:
		notes = append(notes, "and the member pages, for the answer")
	default:
		notes = append(notes, "one more where the API does not answer the record")
	}
	return strings.Join(notes, "; ")
}

// firstPart returns the path of a row that writes a part of a field; "" where
// there is none.
func (t *Table) firstPart() string {
	i := slices.IndexFunc(t.Rows, func(r Row) bool { return !r.ReadOnly && r.calls == nil && (r.of != nil || r.split != nil) })
	if i < 0 || t.Operations.Update == nil {
		return ""
	}
	return t.Rows[i].Path
}

// replaceCost is the cost of a PUT that names every attribute.
func (t *Table) replaceCost() Cost {
	c := t.uniqueCost().plus(calls(len(t.ownCalls())))
	if o := t.Operations.Update; o != nil {
		c = c.plus(t.updateCost())
		if o.Body != BodyWhole && slices.ContainsFunc(t.Rows, func(r Row) bool { return !r.ReadOnly && r.calls == nil && r.of != nil }) {
			c.Fixed++ // of an array all is sent, also what is not mapped
		}
	}
	return c
}

func (t *Table) replaceNote() string {
	if t.ownCalls() == nil {
		return ""
	}
	return "less where it leaves attributes out that have calls of their own"
}
