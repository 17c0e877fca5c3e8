package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

var groupSteps = []step{
	{30, isGone, create},
	{15, anyTime, match},
	{15, isThere, read},
	{8, isThere, renameGroup},
	{30, isThere, addMembers},
	{25, hasMembers, removeMember},
	{20, hasMembers, checkMember},
	{1, isThere, createAgain},
	{2, isThere, remove},
	{30, isHalfDeleted, remove},
}

func hasMembers(j *job, r *record) bool { return isThere(j, r) && len(r.members) > 0 }

func renameGroup(j *job, r *record) { j.set(r, map[string]string{displayName: r.newName()}) }

// addMembers adds up to three users.
func addMembers(j *job, r *record) {
	var some []*record
	for _, p := range j.people {
		if p.there.is(yes) && !r.members[p].is(yes) && len(some) < 3 {
			some = append(some, p)
		}
	}
	if len(some) == 0 {
		return
	}
	_, ok := j.ask("PATCH", r.kind+"/"+r.id, memberBody("Add", some), http.StatusOK, http.StatusNoContent)
	if j.over {
		return
	}
	for _, p := range some {
		if r.members[p] == nil {
			r.members[p] = sure(no)
		}
		r.settle(p, yes, ok)
	}
}

// removeMember removes one who is, or may be, a member.
func removeMember(j *job, r *record) {
	i := slices.IndexFunc(j.people, func(p *record) bool { return r.members[p].allows(yes) })
	if i < 0 {
		return
	}
	p := j.people[i]
	_, ok := j.ask("PATCH", r.kind+"/"+r.id, memberBody("Remove", []*record{p}), http.StatusOK, http.StatusNoContent)
	if !j.over {
		r.settle(p, no, ok)
	}
}

// settle notes what became of a member.
func (r *record) settle(p *record, in string, certain bool) {
	switch {
	case !certain:
		r.members[p] = r.members[p].or(in)
	case in == no:
		delete(r.members, p)
	default:
		r.members[p] = sure(in)
	}
}

// checkMember asks whether a user is a member, in the way that Entra does.
func checkMember(j *job, r *record) {
	p := j.people[j.IntN(len(j.people))]
	if !p.there.is(yes) {
		return
	}
	filter := fmt.Sprintf("id eq %q and members eq %q", r.id, p.id)
	a, ok := j.ask("GET", groups+"?attributes=id&filter="+url.QueryEscape(filter), "", http.StatusOK)
	if !ok {
		return
	}
	var found list
	if err := a.decode(&found); err != nil {
		j.tally.blame("GET %s: %v", groups, err)
		return
	}
	want := r.members[p]
	if want == nil {
		want = sure(no)
	}
	if got := []string{no, yes}[min(found.TotalResults, 1)]; !want.allows(got) {
		j.tally.blame("%s is a member of %s: %s, want %s", p.slot, r.slot, got, want[0])
	}
}
