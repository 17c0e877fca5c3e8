package rehearse

import (
	"context"
	"strings"
	"time"
)

// oktaSpec runs Okta's specification test, in which one user is created and
// asked for in the ways that Okta does, and two changes that it leaves to the
// provisioning itself.
func (r *rehearsal) oktaSpec(ctx context.Context) {
	v := &script{rehearsal: r, cast: cast{prefix: r.o.Prefix, seed: r.o.Seed}}
	for _, test := range v.oktaTests() {
		r.try(ctx, test.name, test.run)
	}
}

// groupsWithin is how fast the list of groups must be.
const groupsWithin = 600 * time.Millisecond

func (v *script) oktaTests() []scripted {
	var id, name string // of the user of the test
	var body object
	exists := func(t *trial) {
		if id == "" {
			t.skip("There is no user to ask for.")
		}
	}
	return []scripted{
		{"Users: an existing user has the required attributes", func(t *trial) {
			name, body = v.newUser()
			id = t.create(users, pathUserName, name, body)
			a := t.send(request{method: "GET", resource: users, query: "count=1&startIndex=1"}, 200)
			list, _ := resources(a.object)
			if !schemasOf(a.object, listURN) || len(list) == 0 || idOf(list[0]) == "" {
				t.fail(a, "The answer is no ListResponse with a user.")
			}
			t.holds(a, t.get(users, id, "").object, map[string]any{pathUserName: name, pathActive: true})
		}},
		{"Users: get a user by id", func(t *trial) {
			exists(t)
			a := t.get(users, id, "")
			t.holds(a, a.object, v.sent(v.n, 0))
		}},
		{"Users: filter for an invalid userName", func(t *trial) { t.find(users, pathUserName, guid()) }},
		{"Users: get an unknown id", func(t *trial) { t.unknown() }},
		{"Users: create a user", func(t *trial) {
			name, body = v.newUser()
			id = t.create(users, pathUserName, name, body)
		}},
		{"Users: get the user that was created", func(t *trial) {
			exists(t)
			a := t.get(users, id, "")
			t.holds(a, a.object, v.sent(v.n, 0))
		}},
		{"Users: create the same user again", func(t *trial) {
			exists(t)
			t.taken(users, pathUserName, name, body)
		}},
		{"Users: filter with another letter case", func(t *trial) {
			exists(t)
			t.find(users, pathUserName, strings.ToUpper(name), id)
		}},
		{"Groups: list, within 600 ms", func(t *trial) {
			a := t.send(request{method: "GET", resource: groups, query: "startIndex=1&count=100"}, 200)
			if !schemasOf(a.object, listURN) {
				t.fail(a, "The answer is no ListResponse.")
			}
			if a.took > groupsWithin {
				t.fail(a, "The answer took %v.", a.took.Round(time.Millisecond))
			}
		}},
		{"Authentication: a wrong token", func(t *trial) {
			a := t.send(request{method: "GET", resource: users, query: "startIndex=1&count=1", token: "non-token"}, 401)
			t.isError(a)
		}},
		{"Errors: an unknown id has a detail", func(t *trial) {
			if text(t.unknown().object, "detail") == "" {
				t.fail(nil, "The error has no detail.")
			}
		}},
		{"Users: deactivate", func(t *trial) {
			exists(t)
			t.patch(users, id, op("replace", "", object{pathActive: false}))
			a := t.get(users, id, "")
			t.holds(a, a.object, map[string]any{pathActive: false})
		}},
		{"Groups: remove and add members in one request", func(t *trial) {
			group, name := v.group(t)
			stays, _ := v.user(t)
			goes, _ := v.user(t)
			comes, mail := v.user(t)
			t.patch(groups, group, oktaStyle.addMembers(stays, goes)...)
			t.patch(groups, group, append(oktaStyle.renameGroup(group, name), oktaStyle.exchange(goes, comes, mail)...)...)
			t.members(group, stays, comes)
		}},
	}
}

// unknown asks for an id that nobody has.
func (t *trial) unknown() *answer {
	a := t.send(request{method: "GET", resource: users, id: guid()}, 404)
	t.isError(a)
	return a
}

// isError holds an answer to being a SCIM error.
func (t *trial) isError(a *answer) {
	if !schemasOf(a.object, errorURN) || text(a.object, "status") == "" {
		t.fail(a, "The answer is no SCIM error with its status as a text.")
	}
}
