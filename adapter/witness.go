package adapter

import (
	"context"
	"fmt"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
	"hostscim/legacyclient"
	"hostscim/mapping"
)

// witness is told by the handlers what they make of a request. Only
// [Explain] has one; a nil witness hears nothing.
type witness struct {
	changes []ResourceChange
	lookUps []LookUp
	latest  map[*endpoint]*mapping.Changes
	wishes  map[*endpoint][]mapping.Wish // what a record needs, to be what is looked for
	scans   bool                         // every record is read
	needed  bool                         // a PATCH depends on the values of the record
}

func newWitness() *witness {
	return &witness{latest: make(map[*endpoint]*mapping.Changes), wishes: make(map[*endpoint][]mapping.Wish)}
}

// ResourceChange is what a request does to one resource.
type ResourceChange struct {
	Resource string              `json:"resource"`
	ID       string              `json:"id,omitempty"` // "" of one that is created
	Rows     []mapping.RowChange `json:"rows,omitempty"`
	// Ignored are the SCIM paths that have no row.
	Ignored []string `json:"ignored,omitempty"`
	// AddMembers and RemoveMembers are ids. With ReplaceMembers, all who are
	// not added are removed.
	AddMembers     []string `json:"addMembers,omitempty"`
	RemoveMembers  []string `json:"removeMembers,omitempty"`
	ReplaceMembers bool     `json:"replaceMembers,omitempty"`
}

// LookUp is how the resources are found that a filter is about.
type LookUp struct {
	Resource string   `json:"resource"`
	Filter   string   `json:"filter,omitempty"` // "" for a look through all
	By       []string `json:"by"`
}

// witnessOf returns the witness of the request; nil where it has none.
func witnessOf(ctx context.Context) *witness {
	if e, ok := ctx.Value(entryKey{}).(*entry); ok {
		return e.witness
	}
	return nil
}

// changed is told what a request does to a resource, before it is done.
func (w *witness) changed(e *endpoint, id string, c mapping.Changes) {
	if w == nil {
		return
	}
	kept := c
	w.latest[e] = &kept
	w.changes = append(w.changes, ResourceChange{
		Resource: e.table.Type.Name, ID: id, Rows: c.Rows(), Ignored: c.Ignored,
		AddMembers: c.Members.Added(), RemoveMembers: c.Members.Removed(), ReplaceMembers: c.Members.Reset,
	})
}

// looked is told how a filter is answered; nil is a look through all.
// asMember says that the plan's question about a member is all there is to it.
func (w *witness) looked(e *endpoint, f *filter.Filter, plan mapping.Plan, asMember bool) {
	if w == nil {
		return
	}
	l := LookUp{Resource: e.table.Type.Name}
	if f != nil {
		l.Filter = f.String()
		w.wishes[e] = mapping.Wishes(f.Expr())
	}
	switch {
	case asMember:
		l.By = []string{fmt.Sprintf("the members of the group %s, up to %s", plan.Member.Group, plan.Member.Member)}
	case plan.Scan:
		w.scans = true
		l.By = []string{e.describeScan()}
	case len(plan.Steps) == 0:
		l.By = []string{"nothing: no record can match"}
	}
	if l.By == nil {
		for _, step := range plan.Steps {
			l.By = append(l.By, e.describe(step))
		}
	}
	w.lookUps = append(w.lookUps, l)
}

func (e *endpoint) describeScan() string {
	size := "all in one call"
	switch {
	case e.list == nil:
		return "every record, and there is no operations.list to read them by"
	case e.list.Paging.Style != legacyclient.PagingNone:
		size = fmt.Sprintf("%d to a call", e.list.Paging.Limit)
	}
	return fmt.Sprintf("every record, %s, at most %d (legacy.scan_limit)", size, e.scanLimit)
}

func (e *endpoint) describe(step mapping.Step) string {
	switch {
	case step.ID != "":
		return "the record of the id " + step.ID
	case step.Group != "":
		return "the members of the group " + step.Group
	}
	search := e.table.Operations.Search[step.Search]
	text := fmt.Sprintf("the search for %s: %s, %s", e.table.Searched()[step.Search].Text, e.searches[step.Search].Op(), search.Returns)
	if e.cacheable(e.table.Searched()[step.Search].Text) {
		text += "; what it finds is remembered"
	}
	return text
}

// needs is told that a PATCH depends on what the record holds: on the
// elements that its paths select.
func (w *witness) needs(e *endpoint, body scim.Value) {
	if w == nil {
		return
	}
	w.needed = true
	for _, op := range body.Get("Operations").Parts() {
		p, err := filter.ParsePath(op.Value.Get("path").Text(), e.table.Type.URNs()...)
		if err == nil && p.Filter != nil {
			w.wishes[e] = append(w.wishes[e], mapping.Wishes(filter.ValuePath{Path: p})...)
		}
	}
}
