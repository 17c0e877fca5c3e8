package rehearse

import (
	"context"
	"fmt"
	"strings"
)

// match asks for a value of an attribute.
func (s *stage) match(ctx context.Context, resource, attribute, value string) *answer {
	q := request{step: "match user", method: "GET", resource: resource, query: s.client.filter(attribute, value)}
	if resource == groups {
		q.step = "match group"
		if s.client.profile.excludeMembers {
			q.query = "excludedAttributes=members&" + q.query
		}
		if s.client.profile.listGroups {
			return s.list(ctx, q)
		}
	}
	return s.send(ctx, q)
}

// list reads all pages of a list and returns the last answer with all of
// them, as a provider does that compares names itself.
func (s *stage) list(ctx context.Context, q request) *answer {
	var all []any
	for {
		q.query = fmt.Sprintf("startIndex=%d&count=100", len(all)+1)
		a := s.send(ctx, q)
		page, total := resources(a.object)
		for _, o := range page {
			all = append(all, o)
		}
		if !a.ok() || len(page) == 0 || len(all) >= total {
			if a.object != nil {
				a.object["Resources"] = all
			}
			return a
		}
	}
}

// named returns the resources of a list whose attribute has the value, in any
// letter case, and whether there are others.
func named(a *answer, attribute, value string) (found []object, others bool) {
	list, _ := resources(a.object)
	for _, o := range list {
		if strings.EqualFold(text(o, attribute), value) {
			found = append(found, o)
		} else {
			others = true
		}
	}
	return found, others
}

// ensure matches the name and creates it if nobody has it. It returns the id.
func (s *stage) ensure(ctx context.Context, resource, attribute, name string, body object) (string, outcome) {
	a := s.match(ctx, resource, attribute, name)
	if out := s.judge(a, "match"); out.failed() {
		return "", out
	}
	found, others := named(a, attribute, name)
	switch {
	case others && !s.client.profile.listGroups || resource == users && others:
		return "", outcome{kind: "filter-ignored", a: a, seen: "The filter was answered with resources that have another " + attribute + "."}
	case len(found) > 0 && s.ledger.intended(resource, name):
		return s.link(a, resource, name, found) // the answer to the creation was lost
	case len(found) > 0:
		return "", outcome{kind: "foreign-name", a: a, seen: "There is somebody of that name whom this run did not make. It was left alone."}
	}
	return s.create(ctx, resource, attribute, name, body)
}

// link takes what a match found for what the run created.
func (s *stage) link(a *answer, resource, name string, found []object) (string, outcome) {
	id := idOf(found[0])
	switch {
	case len(found) > 1:
		return "", outcome{kind: "twin", a: a, seen: fmt.Sprintf("There are %d resources of one name.", len(found))}
	case id == "":
		return "", outcome{kind: "no-id", a: a, seen: "The resource that was found has no id that is a text."}
	}
	s.ledger.made(resource, id, name)
	return id, outcome{}
}

// create creates and, if the name is taken, matches again, as after a
// creation whose answer was lost.
func (s *stage) create(ctx context.Context, resource, attribute, name string, body object) (string, outcome) {
	s.ledger.intend(resource, name)
	step := map[string]string{users: "create user", groups: "create group"}[resource]
	a := s.send(ctx, request{step: step, method: "POST", resource: resource, body: body})
	switch {
	case a.status == 409:
		again := s.match(ctx, resource, attribute, name)
		if out := s.judge(again, "match"); out.failed() {
			return "", out
		}
		found, _ := named(again, attribute, name)
		if len(found) == 0 {
			s.ledger.refused(resource, name)
			return "", outcome{kind: "conflict-unfindable", a: a, seen: "The name is refused as taken, and the filter finds nobody who has it."}
		}
		return s.link(again, resource, name, found)
	case a.transient():
		return "", s.judge(a, "create-refused")
	case a.status/100 != 2:
		s.ledger.refused(resource, name)
		return "", s.judge(a, "create-refused")
	case !a.ok():
		return "", s.judge(a, "create-status")
	case idOf(a.object) == "":
		return "", outcome{kind: "no-id", a: a, seen: "The answer to the creation has no id that is a text."}
	case !strings.EqualFold(text(a.object, attribute), name):
		// It may be somebody else: the id is not ours before the name is.
		return "", outcome{kind: "other-name", a: a, seen: fmt.Sprintf("%s is %q in the answer, and %q was sent.", attribute, text(a.object, attribute), name)}
	}
	s.ledger.made(resource, idOf(a.object), name)
	if text(a.object, pathExternalID) != "" {
		s.mu.Lock()
		s.keepsExt = true
		s.mu.Unlock()
	}
	return idOf(a.object), outcome{}
}

// matchAgain asks for people as a second job does, that knows no ids: in
// another letter case, and by the other attributes that Entra can match by.
func (s *stage) matchAgain(ctx context.Context) {
	s.eachOf(ctx, "match users again", spread(len(s.users), 10), func(i int) outcome {
		name := s.cast.userName(i, s.users[i].events)
		if out := s.finds(ctx, i, pathUserName, name, "match-lost"); out.failed() {
			return out
		}
		return s.finds(ctx, i, pathUserName, strings.ToUpper(name), "case")
	})
	if !s.client.profile.probes {
		return
	}
	s.eachOf(ctx, "match users again", spread(len(s.users), 2), func(i int) outcome {
		if s.maps(pathWorkMail) {
			mail, _ := s.cast.values(i, s.users[i].events)[pathWorkMail].(string)
			if out := s.finds(ctx, i, pathWorkMail, mail, "match-other"); mail != "" && out.failed() {
				return out
			}
		}
		if !s.keepsExt {
			return outcome{}
		}
		return s.finds(ctx, i, pathExternalID, s.cast.externalID(i), "match-other")
	})
	if s.style.name == compliantStyle.name {
		s.eachOf(ctx, "match with the flag", spread(len(s.users), 1), func(i int) outcome {
			a := s.send(ctx, request{
				step: "match with the flag", method: "GET", resource: users,
				query: "aadOptscim062020&" + s.client.filter(pathUserName, s.cast.userName(i, s.users[i].events)),
			})
			return s.foundOnly(a, i, "flag-query")
		})
	}
}

// finds asks for person i by a value.
func (s *stage) finds(ctx context.Context, i int, attribute, value, kind string) outcome {
	return s.foundOnly(s.match(ctx, users, attribute, value), i, kind)
}

// foundOnly holds an answer to finding person i and nobody else.
func (s *stage) foundOnly(a *answer, i int, kind string) outcome {
	if kind == "match-other" && a.status == 501 {
		return outcome{kind: kind, a: a, seen: a.describe()}
	}
	if out := s.judge(a, kind); out.failed() {
		return out
	}
	list, total := resources(a.object)
	switch {
	case len(list) == 1 && idOf(list[0]) == s.users[i].id:
		return outcome{}
	case len(list) == 0 && s.users[i].events&disabled != 0:
		return outcome{kind: "hidden-inactive", a: a, seen: "A user that is disabled is not found."}
	case len(list) == 0:
		return outcome{kind: kind, a: a, seen: "A user that exists is not found."}
	}
	return outcome{kind: "filter-ignored", a: a, seen: fmt.Sprintf("A question for one user was answered with %d.", max(total, len(list)))}
}

// duplicate creates the first person once more, in another letter case, as a
// creation that is repeated after its answer came too late.
func (s *stage) duplicate(ctx context.Context) {
	s.eachOf(ctx, "create a duplicate", spread(len(s.users), 1), func(i int) outcome {
		name := strings.ToUpper(s.cast.userName(i, 0))
		body := s.cast.body(i, s.mapped)
		body[pathUserName], body["externalId"] = name, s.cast.externalID(i)+"-twin"
		s.ledger.intend(users, name)
		a := s.send(ctx, request{step: "create a duplicate", method: "POST", resource: users, body: body, want: []int{409}})
		if id := idOf(a.object); a.status/100 == 2 && id != "" && id != s.users[i].id && strings.EqualFold(text(a.object, pathUserName), name) {
			s.ledger.made(users, id, name)
			s.send(ctx, request{step: "delete user", method: "DELETE", resource: users, id: id})
			s.ledger.gone(users, id)
		} else if !a.transient() {
			s.ledger.refused(users, name)
		}
		if a.status/100 == 2 {
			return s.judge(a, "twin")
		}
		return s.judge(a, "duplicate-status")
	})
}
