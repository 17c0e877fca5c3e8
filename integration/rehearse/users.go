package rehearse

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// initialUsers matches and creates everybody.
func (s *stage) initialUsers(ctx context.Context) {
	s.each(ctx, "create users", len(s.users), func(i int) outcome {
		name := s.cast.userName(i, 0)
		id, out := s.ensure(ctx, users, pathUserName, name, s.cast.body(i, s.mapped))
		s.users[i].id = id
		return out
	})
	if s.o.Users > 0 && s.known() == 0 {
		s.stop("Nobody could be created, and so nothing else be tried.")
	}
}

// known returns how many people have an id.
func (s *stage) known() (n int) {
	for _, u := range s.users {
		if u.id != "" {
			n++
		}
	}
	return n
}

// readUsers reads people back after their creation.
func (s *stage) readUsers(ctx context.Context) {
	s.eachOf(ctx, "read users back", spread(len(s.users), maxRead), func(i int) outcome {
		return s.verify(ctx, i, "create", nil)
	})
}

// eachOf is each for the people of a list who are there.
func (s *stage) eachOf(ctx context.Context, step string, list []int, f func(i int) outcome) {
	list = slices.DeleteFunc(slices.Clone(list), func(i int) bool { return s.users[i].id == "" })
	s.each(ctx, step, len(list), func(k int) outcome { return f(list[k]) })
}

// managers gives people a manager, as a text, and takes it away.
func (s *stage) managers(ctx context.Context) {
	if s.style.setManager == nil || !s.client.profile.probes || !s.offered[pathManager] || len(s.users) < 2 || s.users[0].id == "" {
		return
	}
	boss := s.users[0].id
	s.eachOf(ctx, "set managers", spread(len(s.users), 6)[1:], func(i int) outcome {
		if out := s.patchUser(ctx, "set manager", i, "manager", s.style.setManager(boss)); out.failed() {
			return out
		}
		if out := s.managerIs(ctx, i, boss); out.failed() {
			return out
		}
		if out := s.patchUser(ctx, "clear manager", i, "manager", []Operation{op("replace", pathManager, "")}); out.failed() {
			return out
		}
		return s.managerIs(ctx, i, "")
	})
}

func (s *stage) managerIs(ctx context.Context, i int, want string) outcome {
	a := s.send(ctx, request{step: "read user back", method: "GET", resource: users, id: s.users[i].id})
	if out := s.judge(a, "read-user"); out.failed() {
		return out
	}
	manager := parsePath(pathManager).get(a.object)
	inner, _ := manager.(object)
	if got := text(inner, "value"); got != want || isText(manager) {
		return outcome{kind: "manager", a: a, seen: fmt.Sprintf("The manager is %s, and must be %s.", show(manager), show(want))}
	}
	return outcome{}
}

// patchUser sends the operations for person i.
func (s *stage) patchUser(ctx context.Context, step string, i int, kind string, ops []Operation) outcome {
	a := s.send(ctx, request{step: step, method: "PATCH", resource: users, id: s.users[i].id, body: patch(ops...)})
	if a.status == 404 {
		return outcome{kind: gone(s.users[i].events), a: a, seen: a.describe()}
	}
	return s.judge(a, kind)
}

// happen lets something happen to person i: it is sent and read back.
func (s *stage) happen(ctx context.Context, step string, i int, set, unset event, kind string) outcome {
	before := s.users[i].events
	after := before&^unset | set
	changes := s.diff(i, before, after)
	if len(changes) == 0 {
		return outcome{}
	}
	var out outcome
	if s.puts(changes) {
		out = s.putUser(ctx, step, i, after, kind)
	} else {
		out = s.patchUser(ctx, step, i, kind, s.style.update(i, changes))
	}
	if out.failed() {
		return out
	}
	s.users[i].events = after
	return s.verify(ctx, i, kind, changes)
}

// puts reports whether the provider sends the changes by PUT.
func (s *stage) puts(changes []Change) bool {
	onlyActive := len(changes) == 1 && changes[0].Path == pathActive
	return s.client.profile.put && (!onlyActive || s.client.profile.putActive)
}

// putUser reads person i and sends the whole of it back with the changes.
func (s *stage) putUser(ctx context.Context, step string, i int, after event, kind string) outcome {
	u := s.users[i]
	read := s.send(ctx, request{step: "read user", method: "GET", resource: users, id: u.id})
	if out := s.judge(read, "read-user"); out.failed() {
		return out
	}
	body := s.cast.body(i, s.mapped)
	for _, p := range s.mapped {
		if v, ok := s.cast.values(i, after)[p]; ok {
			parsePath(p).set(body, v)
		} else {
			parsePath(p).unset(body)
		}
	}
	body["id"] = u.id
	return s.judge(s.send(ctx, request{step: step, method: "PUT", resource: users, id: u.id, body: body}), kind)
}

// changing returns the people that change between two cycles.
func (s *stage) changing() []int { return spread(len(s.users), some(len(s.users))) }

func (s *stage) updateUsers(ctx context.Context) {
	s.eachOf(ctx, "update users", s.changing(), func(i int) outcome {
		return s.happen(ctx, "update user", i, moved, 0, "update")
	})
}

func (s *stage) clearUsers(ctx context.Context) {
	s.eachOf(ctx, "clear attributes", s.changing(), func(i int) outcome {
		return s.happen(ctx, "clear attributes", i, cleared, 0, "clear")
	})
}

// disableUsers unassigns people, twice: an answer may be lost.
func (s *stage) disableUsers(ctx context.Context) {
	s.eachOf(ctx, "disable users", s.changing(), func(i int) outcome {
		if out := s.happen(ctx, "disable user", i, disabled, 0, "disable"); out.failed() {
			return out
		}
		return s.finds(ctx, i, pathUserName, s.cast.userName(i, s.users[i].events), "hidden-inactive")
	})
	s.eachOf(ctx, "disable users again", spread(len(s.users), 1), func(i int) outcome {
		active := []Change{{pathActive, false, false}}
		if s.users[i].events&disabled == 0 || s.puts(active) {
			return outcome{}
		}
		return s.patchUser(ctx, "disable user", i, "disable-twice", s.style.update(i, active))
	})
}

func (s *stage) restoreUsers(ctx context.Context) {
	s.eachOf(ctx, "restore users", s.changing(), func(i int) outcome {
		if s.users[i].events&disabled == 0 {
			return outcome{}
		}
		return s.happen(ctx, "restore user", i, returned, disabled, "restore")
	})
}

// renameUsers changes the attribute that people are matched by.
func (s *stage) renameUsers(ctx context.Context) {
	s.eachOf(ctx, "rename users", spread(len(s.users), 2), func(i int) outcome {
		old := s.cast.userName(i, s.users[i].events)
		if out := s.happen(ctx, "rename user", i, renamed, 0, "rename"); out.failed() {
			return out
		}
		if out := s.finds(ctx, i, pathUserName, s.cast.userName(i, s.users[i].events), "rename"); out.failed() {
			return out
		}
		a := s.match(ctx, users, pathUserName, old)
		if found, _ := named(a, pathUserName, old); len(found) > 0 {
			return outcome{kind: "rename", a: a, seen: "The user is still found by the name that it had."}
		}
		list, _ := resources(a.object)
		if len(list) > 0 {
			return outcome{kind: "rename", a: a, seen: "Who has another name now is still found by the old one."}
		}
		return s.judge(a, "match")
	})
}

// onDemandUser provisions a person on demand, which sends legacy bodies in
// any dialect, and adds where the value is single.
func (s *stage) onDemandUser(ctx context.Context) {
	if !s.client.profile.onDemand {
		return
	}
	s.eachOf(ctx, "provision on demand", spread(len(s.users), 1), func(i int) outcome {
		const step = "on demand: user"
		if out := s.finds(ctx, i, pathUserName, s.cast.userName(i, s.users[i].events), "match-lost"); out.failed() {
			return out
		}
		before := s.users[i].events
		after := before | promoted
		if out := s.patchUser(ctx, step, i, "on-demand", legacyStyle.update(i, s.diff(i, before, after))); out.failed() {
			return out
		}
		s.users[i].events = after
		if out := s.verify(ctx, i, "on-demand", s.diff(i, before, after)); out.failed() {
			return out
		}
		for _, active := range []string{"False", "True"} {
			if out := s.patchUser(ctx, step, i, "add-active", []Operation{op("Add", pathActive, active)}); out.failed() {
				return out
			}
			s.users[i].events = after &^ disabled
			if active == "False" {
				s.users[i].events |= disabled
			}
			if out := s.verify(ctx, i, "add-active", []Change{{Path: pathActive}}); out.failed() {
				return out
			}
		}
		return outcome{}
	})
}

// bodyAs returns the body of person i under another name, for people beside
// the cast.
func (s *stage) bodyAs(i int, label string) (string, object) {
	body := maps.Clone(s.cast.body(i, s.mapped))
	name := fmt.Sprintf("%s-%s@example.com", s.cast.prefix, label)
	body[pathUserName], body["externalId"] = name, s.cast.prefix+"-ext-"+label
	if s.maps(pathWorkMail) {
		parsePath(pathWorkMail).set(body, name)
	}
	return name, body
}
