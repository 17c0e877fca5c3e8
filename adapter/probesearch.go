package adapter

import (
	"context"
	"fmt"
	"strings"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
	"hostscim/legacyclient"
)

// maxProbePages bounds how much of what a search finds is read.
const maxProbePages = 2

// nobody is a value that no record has.
const nobody = "hostscim-probe-7f3d1c60a9"

// search tries one search with a known record: by its own value, in another
// letter case, by a part of it; and with a value that nobody has.
func (t *tableProbe) search(ctx context.Context, i int) {
	path, sought := fmt.Sprintf("%s[%d]", t.op("search"), i), t.table.Searched()[i]
	_, n, err := t.seek(ctx, i, nobody, "")
	if err != nil {
		if !t.failed(path, err) {
			t.shapeOfList(path, err)
		}
		return
	}
	if n > 0 {
		t.tell(Breaking, path+".query", "finds %d records by a value that nobody has: the API does not know the parameter and answers everything; write the name that it has", n)
		return
	}
	id, value := t.example(sought.Text)
	if id == "" {
		t.tell(Note, path, "no record of the first page has a %s to search for, so that the search is tried with nobody only", sought.Text)
		return
	}
	if found, ok := t.finds(ctx, i, path, value, id); !ok {
		return
	} else if !found {
		t.tell(Breaking, path, "does not find the record %s by its own %s; check which field the API searches, and how the value is sent", id, sought.Text)
		return
	}
	t.otherCase(ctx, i, path, id, value)
}

// otherCase tries the value in another letter case, and a part of it.
func (t *tableProbe) otherCase(ctx context.Context, i int, path, id, value string) {
	sought, anyCase := t.table.Searched()[i].Text, true
	if swapped := swapCase(value); swapped != value && !t.caseExact(sought) {
		found, ok := t.finds(ctx, i, path, swapped, id)
		if !ok {
			return
		}
		if anyCase = found; !found {
			t.tell(Breaking, path, "finds the record %s by its %s as it is spelt and not in another letter case, though SCIM compares without: a client that spells it otherwise makes a second record; remove the search, so that the list is looked through, or write case: lower at the row if the API keeps it so", id, sought)
		}
	}
	runes := []rune(value)
	part := false
	if len(runes) >= 4 {
		found, _, err := t.seek(ctx, i, string(runes[1:len(runes)-1]), id)
		if err != nil {
			t.failed(path, err)
			return
		}
		part = found
	}
	exact := t.table.Operations.Search[i].Returns == "exact"
	switch {
	case exact && part:
		t.tell(Warning, path+".returns", "finds records by a part of their %s as well; write returns: superset", sought)
	case anyCase && !exact && !part && len(runes) >= 4:
		t.tell(Note, path+".returns", "finds records by their whole %s only; returns: exact would be true", sought)
	}
	if anyCase {
		t.agrees("%s finds a record by its %s, in any letter case", t.searches[i].Op(), sought)
	}
}

// finds reports whether the search finds the record of that id by a value as
// SCIM spells it, sent as the table spells it. ok is false when the API fails.
func (t *tableProbe) finds(ctx context.Context, i int, path, value, id string) (found, ok bool) {
	sought := t.table.Searched()[i]
	f, err := filter.Compile(filter.Compare{Path: sought.Path, Op: filter.Eq, Value: scim.Text(value)}, t.table.Type)
	if err != nil {
		return false, false
	}
	plan := t.table.Plan(f)
	if plan.Scan {
		return false, false // of this value the adapter asks no search
	}
	for _, step := range plan.Steps {
		hit, _, err := t.seek(ctx, step.Search, step.Legacy, id)
		if err != nil {
			if !t.failed(path, err) {
				t.tell(Breaking, path, "cannot be read (%s)", err)
			}
			return false, false
		}
		if hit {
			return true, true
		}
	}
	return false, true
}

// seek makes the search and reports whether the record of that id is among
// what it finds, and how many it has seen.
func (t *tableProbe) seek(ctx context.Context, i int, text, id string) (found bool, n int, err error) {
	pages := 0
	for page, err := range t.client.Pages(ctx, t.searches[i], legacyclient.Vars{"value": text}, 0) {
		if err != nil {
			return false, n, err
		}
		for _, record := range page.Records {
			n++
			if values, err := t.table.Read(record); err == nil && values.ID == id {
				return true, n, nil
			}
		}
		if pages++; pages == maxProbePages {
			break
		}
	}
	return false, n, nil
}

// example returns a record with a value of that path, and the value: one with
// letters and of some length if there is any.
func (t *tableProbe) example(path string) (id, value string) {
	best := -1
	for _, r := range t.records {
		text := t.table.Value(r, path).Text()
		worth := min(len([]rune(text)), 8)
		if swapCase(text) != text {
			worth += 8
		}
		if text != "" && worth > best {
			id, value, best = r.ID, text, worth
		}
	}
	return id, value
}

// caseExact reports whether SCIM compares the attribute by letter case.
func (t *tableProbe) caseExact(path string) bool {
	parsed, err := filter.ParsePath(path, t.table.Type.URNs()...)
	if err != nil {
		return true
	}
	target, err := filter.Resolve(parsed, t.table.Type)
	switch {
	case err != nil:
		return true
	case target.Sub != nil:
		return target.Sub.CaseExact
	}
	return target.Attr.CaseExact
}

// swapCase returns the text with the upper and lower case letters of ASCII
// exchanged. Of others it is disputed which belong together.
func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		case 'a' <= r && r <= 'z':
			return r - ('a' - 'A')
		}
		return r
	}, s)
}
