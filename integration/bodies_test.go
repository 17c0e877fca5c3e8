package integration

import (
	"strconv"

	"hostscim/integration/rehearse"
)

// older and newer are Entra's dialects.
var older, newer = rehearse.Dialects()[0], rehearse.Dialects()[1]

// newUser returns the body that creates a user of that name.
func newUser(name string) string {
	name += "@example.com"
	return rehearse.UserBody(map[string]any{
		"userName": name, "active": true, `emails[type eq "work"].value`: name, "name.givenName": "Given", "name.familyName": "Family",
	})
}

func op(name, path string, value any) rehearse.Operation { return rehearse.Op(name, path, value) }

// patch returns the body of a PATCH.
func patch(ops ...rehearse.Operation) string { return rehearse.Patch(ops...) }

// ids returns the SCIM ids of hosts.
func ids(hosts ...int64) []string {
	texts := make([]string, len(hosts))
	for i, id := range hosts {
		texts[i] = strconv.FormatInt(id, 10)
	}
	return texts
}

// members returns the value of an operation on members.
func members(hosts ...int64) any { return rehearse.Members(ids(hosts...)...) }

// between returns the numbers from first to last.
func between(first, last int64) []int64 {
	var ids []int64
	for id := first; id <= last; id++ {
		ids = append(ids, id)
	}
	return ids
}
