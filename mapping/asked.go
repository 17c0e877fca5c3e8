package mapping

import (
	"slices"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
)

// How a filter is run.
const (
	byExactSearch    = "exact search"
	bySupersetSearch = "superset search"
	byID             = "look-up by id"
	byMembers        = "member list"
	byScan           = "scan"
	refused          = "refused"
)

// Asked is a filter that clients ask for, and how it is run.
type Asked struct {
	Filter string `json:"filter"`
	// How is exact search, superset search, look-up by id, member list, scan
	// or refused.
	How  string `json:"how"`
	Call string `json:"call,omitempty"` // the legacy call: GET /hosts
	// AtMost is how many records are read at most before the client is told
	// that the filter asks for too much; zero where that does not grow with
	// the directory.
	AtMost int `json:"atMost,omitempty"`
	// By is who is known to ask for it; empty for one of the other attributes
	// of the table.
	By string `json:"by,omitempty"`
	// Why says why it is refused.
	Why string `json:"why,omitempty"`
}

// known are the filters that identity providers are known to ask for.
var known = map[string][]struct{ filter, by string }{
	userType: {
		{"userName", "Entra, Okta, OneLogin: matching"},
		{"externalId", "Entra: matching, where it is chosen"},
		{`emails[type eq "work"].value`, "Entra: matching, where it is chosen"},
		{"emails.value", "Okta, Ping: matching, where it is chosen"},
		{"id", "Entra: reference checks"},
	},
	groupType: {
		{"displayName", "Entra, Okta: matching"},
		{"externalId", "Entra: matching, where it is chosen"},
		{"id", "Entra: reference checks"},
	},
}

// Filters returns how comparisons by eq are run: those that identity
// providers ask for, then those on the other attributes of the table.
// scanLimit is how many records one filter may read.
func (t *Table) Filters(scanLimit int) []Asked {
	var all []Asked
	for _, k := range known[t.Type.Name] {
		a := t.asked(k.filter, scanLimit)
		a.By = k.by
		all = append(all, a)
	}
	if t.Type.Name == groupType {
		all = append(all, t.askedMember())
	}
	for _, r := range t.Rows {
		if !slices.ContainsFunc(all, func(a Asked) bool { return a.Filter == r.Path+" eq" }) {
			all = append(all, t.asked(r.Path, scanLimit))
		}
	}
	return all
}

// asked returns how a comparison of that path by eq is run. It asks [Plan],
// which is what runs it.
func (t *Table) asked(path string, scanLimit int) Asked {
	a := Asked{Filter: path + " eq"}
	parsed, err := filter.ParsePath(path, t.full.URNs()...)
	if err != nil {
		a.How, a.Why = refused, err.Error()
		return a
	}
	value := scim.Text("7")
	if i := slices.IndexFunc(t.Rows, func(r Row) bool { return r.Path == path }); i >= 0 {
		value = t.Rows[i].sought()
	}
	f, err := filter.Compile(filter.Compare{Path: parsed, Op: filter.Eq, Value: value}, t.Type)
	if err != nil {
		a.How, a.Why = refused, "no row maps it"
		return a
	}
	a.run(t, t.Plan(f), scanLimit)
	return a
}

// run says what the plan does.
func (a *Asked) run(t *Table, plan Plan, scanLimit int) {
	ops := &t.Operations
	switch {
	case !plan.Scan && len(plan.Steps) > 0 && plan.Steps[0].Group != "":
		a.How, a.AtMost = byMembers, scanLimit
	case !plan.Scan && len(plan.Steps) > 0 && plan.Steps[0].ID == "":
		a.How = bySupersetSearch
		search := ops.Search[plan.Steps[0].Search]
		exact := func(s Step) bool { return ops.Search[s.Search].Returns == "exact" }
		if a.Call = search.Request.String(); !slices.ContainsFunc(plan.Steps, func(s Step) bool { return !exact(s) }) {
			a.How = byExactSearch
		}
	case !plan.Scan && ops.Get != nil:
		a.How, a.Call = byID, ops.Get.Request.String()
	case ops.List != nil:
		a.How, a.Call, a.AtMost = byScan, ops.List.Request.String(), scanLimit
	default:
		a.How, a.Why = refused, "there is neither a search for it nor a list to look through"
	}
}

// askedMember returns how the question whether a user is in a group is run.
func (t *Table) askedMember() Asked {
	a := Asked{Filter: "id eq and members eq", By: "Entra: reference checks", How: refused, Why: "no members are described"}
	switch m := t.Members; {
	case m == nil:
		return a
	case m.UserField != "":
		a.How = byID
		if t.holders != nil && t.holders.Operations.Get != nil {
			a.Call = t.holders.Operations.Get.Request.String()
		}
	case m.Field != "":
		a.How, a.Call = byID, t.Operations.Get.Request.String()
	case m.Find != nil:
		a.How, a.Call = byMembers, m.Find.Request.String()
	default:
		a.How, a.Call = byMembers, m.List.Request.String()
	}
	a.Why = ""
	return a
}

// String returns the request as it is written: GET /hosts/{id}.
func (v Request) String() string { return v.Method + " " + v.Path }
