package rehearse

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// diff returns what changes for person i, in the order of the mapping.
func (s *stage) diff(i int, before, after event) []Change {
	old, now := s.cast.values(i, before), s.cast.values(i, after)
	var changes []Change
	for _, p := range s.mapped {
		if old[p] != now[p] {
			changes = append(changes, Change{p, old[p], now[p]})
		}
	}
	return changes
}

// verify reads person i and compares it with what it must be now. kind is the
// finding if one of the changes did not arrive.
func (s *stage) verify(ctx context.Context, i int, kind string, changes []Change) outcome {
	u := s.users[i]
	a := s.send(ctx, request{step: "read user back", method: "GET", resource: users, id: u.id})
	if a.status == 404 {
		return outcome{kind: gone(u.events), a: a, seen: "The user is not found under the id that it was created with."}
	}
	if out := s.judge(a, "read-user"); out.failed() {
		return out
	}
	if idOf(a.object) != u.id {
		return outcome{kind: "read-user", a: a, seen: fmt.Sprintf("The answer has the id %q, and the user has %q.", idOf(a.object), u.id)}
	}
	return s.compare(a, i, kind, changes)
}

// gone is what a user that is not found means: hidden, or lost.
func gone(e event) string {
	if e&disabled != 0 {
		return "hidden-inactive"
	}
	return "anchor-lost"
}

// compare compares a user that was read. Each path that is wrong is reported
// once, however often it is seen afterwards.
func (s *stage) compare(a *answer, i int, kind string, changes []Change) outcome {
	want := s.cast.values(i, s.users[i].events)
	for _, p := range s.mapped {
		got := parsePath(p).get(a.object)
		if got == "" {
			got = nil // RFC 7643 section 2.5 would have it absent; providers do not care
		}
		if got == want[p] || s.isBroken(p) {
			continue
		}
		k := kind
		changed := slices.ContainsFunc(changes, func(c Change) bool { return c.Path == p })
		switch {
		case kind == "create":
			k = misplaced(a.object, p, want[p])
		case p == pathActive && isText(got):
			k = "boolean-text"
		case !changed:
			k = "siblings"
		}
		return outcome{kind: k, a: a, seen: fmt.Sprintf("%s is %s, and must be %s.", p, show(got), show(want[p]))}
	}
	return outcome{}
}

func isText(v any) bool {
	_, ok := v.(string)
	return ok
}

func show(v any) string {
	if v == nil {
		return "absent"
	}
	return string(raw(v))
}

// misplaced tells how a value was lost that is not at its path.
func misplaced(o object, path string, want any) string {
	p := parsePath(path)
	got := p.get(o)
	switch {
	case path == pathActive && isText(got):
		return "boolean-text"
	case p.typ != "":
		elements, _ := field(o, p.name).([]any)
		for _, e := range elements {
			if e, _ := e.(object); field(e, p.sub) == want {
				return "type-dropped"
			}
		}
	case p.schema != "":
		if field(o, p.name) == want || path2(p).get(o) == want {
			return "enterprise-elsewhere"
		}
	}
	if got != nil && want != nil && strings.EqualFold(squeeze(got), squeeze(want)) {
		return "reformatted"
	}
	return "not-stored"
}

// path2 is the path with a schema name that some servers make up.
func path2(p path) path {
	p.schema = "enterprise"
	return p
}

// squeeze leaves letters and digits.
func squeeze(v any) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" +-().,'", r) {
			return -1
		}
		return r
	}, fmt.Sprint(v))
}

// verifyGroup reads group g and compares its name and members. The kinds are
// the findings for members that are missing and for those that are too many.
func (s *stage) verifyGroup(ctx context.Context, g int, missing, extra string) outcome {
	a := s.send(ctx, request{step: "read group back", method: "GET", resource: groups, id: s.groups[g].id})
	if a.status == 404 {
		return outcome{kind: "anchor-lost", a: a, seen: "The group is not found under the id that it was created with."}
	}
	if out := s.judge(a, "read-group"); out.failed() {
		return out
	}
	if name := s.cast.groupName(g, s.groups[g].events); text(a.object, pathDisplayName) != name {
		return outcome{kind: "group-name", a: a, seen: fmt.Sprintf("displayName is %q, and must be %q.", text(a.object, pathDisplayName), name)}
	}
	got := memberIDs(a.object)
	want, lost := 0, 0
	for m := range s.groups[g].members {
		if id := s.users[m].id; id != "" {
			want++
			if !got[id] {
				lost++
			}
			delete(got, id)
		}
	}
	switch {
	case lost > 0 && lost == want && missing == "members-truncated" && want > 0:
		return outcome{kind: "remove-empties", a: a, seen: fmt.Sprintf("All of the %d members that were to stay are gone.", want)}
	case lost > 0:
		return outcome{kind: missing, a: a, seen: fmt.Sprintf("%d of %d members are missing.", lost, want)}
	case len(got) > 0:
		return outcome{kind: extra, a: a, seen: fmt.Sprintf("There are %d members that must not be there.", len(got))}
	}
	return outcome{}
}
