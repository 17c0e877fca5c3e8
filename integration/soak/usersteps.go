package main

import (
	"fmt"
	"net/http"
	"strconv"
)

var userSteps = []step{
	{30, isGone, create},
	{25, anyTime, match},
	{25, isThere, read},
	{30, isThere, changeUser},
	{10, isThere, switchUser},
	{1, isThere, createAgain},
	{3, func(j *job, r *record) bool { return isThere(j, r) && isNowhere(j, r) }, retire},
	{30, isHalfDeleted, remove},
}

// changeUser changes some attributes.
func changeUser(j *job, r *record) {
	values := make(map[string]string)
	for _, path := range attributesOf(users)[1:] {
		if j.IntN(3) == 0 {
			values[path] = r.newValue(path)
		}
	}
	values[family] = r.newValue(family)
	j.set(r, values)
}

// switchUser disables the user, or enables again.
func switchUser(j *job, r *record) {
	j.set(r, map[string]string{active: strconv.FormatBool(!r.held[active].is("true"))})
}

// retire disables the user and deletes it then, as Entra does.
func retire(j *job, r *record) {
	j.set(r, map[string]string{active: "false"})
	if !j.over {
		remove(j, r)
	}
}

// listPage reads a page of all users.
func (j *job) listPage() {
	start := 1 + j.IntN(seeded)
	a, ok := j.ask("GET", fmt.Sprintf("/Users?startIndex=%d&count=100", start), "", http.StatusOK)
	if !ok {
		return
	}
	var page list
	if err := a.decode(&page); err != nil {
		j.tally.blame("GET /Users: %v", err)
		return
	}
	if want := min(100, page.TotalResults-start+1); page.TotalResults < seeded || len(page.Resources) > 100 || len(page.Resources) < want {
		j.tally.blame("the page from %d on has %d of %d users", start, len(page.Resources), page.TotalResults)
	}
}
