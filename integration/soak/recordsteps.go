package main

import (
	"fmt"
	"net/http"
	"net/url"
)

// match looks for the record by its name.
func match(j *job, r *record) { find(j, r) }

// find looks for the record by its name, as Entra does before it creates one,
// and finds out what became of a create that failed. It reports whether it had
// an answer.
func find(j *job, r *record) bool {
	name := r.held[r.nameAt()]
	if len(name) != 1 { // there is none, or a rename failed
		name = sure(r.slot + ".nobody")
	}
	query := "?filter=" + url.QueryEscape(fmt.Sprintf("%s eq %q", r.nameAt(), name[0]))
	if r.kind == groups {
		query = "?excludedAttributes=members&filter=" + url.QueryEscape(fmt.Sprintf("%s eq %q", r.nameAt(), name[0]))
	}
	a, ok := j.ask("GET", r.kind+query, "", http.StatusOK)
	if !ok {
		return false
	}
	var found list
	if err := a.decode(&found); err != nil {
		j.tally.blame("GET %s: %v", r.kind, err)
		return false
	}
	j.found(r, name[0], found.Resources)
	return true
}

// found holds what a match found against what may be there, and learns from it.
func (j *job) found(r *record, name string, all []resource) {
	there := no
	if len(all) > 0 {
		there = yes
		j.blame(r, "a match", r.differences(all[0].values()))
	}
	wanted := r.there
	if !r.held[r.nameAt()].is(name) {
		wanted = sure(no) // nobody has that name
	}
	if len(all) > 1 || !wanted.allows(there) || r.id != "" && there == yes && all[0].ID != r.id {
		j.tally.blame("a match of %s %s finds %d, there: want %q", r.slot, r.id, len(all), []string(wanted))
		return
	}
	switch unknown := len(r.there) > 1 && r.id == ""; {
	case unknown && there == yes:
		r.id, r.there = all[0].ID, sure(yes)
	case unknown:
		r.gone()
	}
}

// create looks for the record and makes it if nothing is found.
func create(j *job, r *record) {
	for _, path := range attributesOf(r.kind) {
		r.held[path] = sure(r.newValue(path))
	}
	r.held[r.nameAt()] = sure(r.newName())
	if r.kind == users {
		r.held[active] = sure("true")
	}
	if !find(j, r) {
		r.gone()
		return
	}
	a, ok := j.ask("POST", r.kind, newBody(r), http.StatusCreated)
	if j.over {
		r.gone()
		return
	}
	if !ok {
		r.there = r.there.or(yes)
		return
	}
	var made resource
	if err := a.decode(&made); err != nil || made.ID == "" {
		j.tally.blame("POST %s answers no id: %v", r.kind, err)
	}
	r.id, r.there = made.ID, sure(yes)
	j.blame(r, "the answer to a create", r.differences(made.values()))
}

// createAgain is refused: the name is taken.
func createAgain(j *job, r *record) {
	if len(r.held[r.nameAt()]) == 1 {
		j.ask("POST", r.kind, newBody(r), http.StatusConflict)
	}
}

// read gets the record and holds that it is what it was told to be.
func read(j *job, r *record) {
	path := r.kind + "/" + r.id
	whole := r.kind == users || j.IntN(2) == 0
	if !whole {
		path += "?excludedAttributes=members"
	}
	a, ok := j.ask("GET", path, "", http.StatusOK)
	if !ok {
		return
	}
	var got resource
	if err := a.decode(&got); err != nil {
		j.tally.blame("GET %s: %v", path, err)
		return
	}
	j.blame(r, "a read", r.differences(got.values()))
	if whole && r.kind == groups {
		var ids []string
		for _, m := range got.Members {
			ids = append(ids, m.Value)
		}
		j.blame(r, "a read", r.memberDifferences(ids))
	}
}

// remove deletes the record, and sometimes looks whether it is gone.
func remove(j *job, r *record) {
	wanted := []int{http.StatusNoContent}
	if !r.there.is(yes) {
		wanted = append(wanted, http.StatusNotFound)
	}
	path := r.kind + "/" + r.id
	_, ok := j.ask("DELETE", path, "", wanted...)
	switch {
	case j.over:
	case !ok:
		r.there = r.there.or(no)
	default:
		r.gone()
		if j.IntN(4) == 0 {
			j.ask("GET", path, "", http.StatusNotFound)
		}
	}
}

// set sends a PATCH that gives the record these values.
func (j *job) set(r *record, values map[string]string) {
	_, ok := j.ask("PATCH", r.kind+"/"+r.id, setBody(values), http.StatusOK, http.StatusNoContent)
	if j.over {
		return
	}
	for path, v := range values {
		if ok {
			r.held[path] = sure(v)
		} else {
			r.held[path] = r.held[path].or(v)
		}
	}
}
