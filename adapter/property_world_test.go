package adapter_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"time"
)

// newWorld makes a legacy API, what it holds, and what is asked.
func newWorld(r *rand.Rand) *world {
	w := &world{members: map[string][]string{}}
	s := &w.shape
	*s = shape{
		IDs: pick(r, []string{"integer", "string", "any"}), Lenient: r.IntN(2) == 0, NoList: r.IntN(12) == 0, NoGet: r.IntN(8) == 0,
		Total: r.IntN(2) == 0, Cap: 1 + r.IntN(7), Limit: 1 + r.IntN(9), Style: pick(r, []string{"equal", "part", "words"}), Decoys: r.IntN(2) == 0,
		Unique: pick(r, []string{"legacy", "adapter"}), Groups: r.IntN(2) == 0, Active: r.IntN(2) == 0, ScanLimit: 1000,
	}
	if r.IntN(12) == 0 {
		s.ScanLimit = 1 + r.IntN(15)
	}
	if r.IntN(3) == 0 {
		s.Lag, s.NoGet = true, false // what a search says late can only be put right by reading
	}
	s.Searches = []string{"userName"}
	for attr := range searchable {
		if attr != "userName" {
			s.Searches = append(s.Searches, attr)
		}
	}
	slices.Sort(s.Searches[1:])
	r.Shuffle(len(s.Searches)-1, func(i, j int) { s.Searches[i+1], s.Searches[j+1] = s.Searches[j+1], s.Searches[i+1] })
	s.Searches = s.Searches[:1+r.IntN(len(s.Searches))]
	var users, groups store
	for range r.IntN(16) {
		users.now = append(users.now, newRecord(r, s, "User", &users, freeID(r, s, &users)))
	}
	for range r.IntN(7) {
		groups.now = append(groups.now, newRecord(r, s, "Group", &groups, freeID(r, s, &groups)))
	}
	w.users, w.groups = users.now, groups.now
	var ids []string
	for _, u := range users.now {
		ids = append(ids, u.id())
	}
	for _, g := range groups.now {
		w.members[g.id()] = someOf(r, append(slices.Clone(ids), "999"))
		ids = append(ids, g.id())
	}
	for range 14 {
		w.steps = append(w.steps, newStep(r, s, ids, w.members))
	}
	if !s.Lag && r.IntN(3) == 0 {
		// A name that the adapter may remember, and that goes to another.
		name := pick(r, someMails)
		g := &generator{Rand: r, kind: "User", ids: ids, shape: s}
		is := &expr{op: "eq", operator: "eq", path: path{attr: "userName", front: "userName", kind: "text"}, literal: name, written: g.quoted(name)}
		for _, do := range []string{"create", "query", "oust", "query"} {
			w.steps = append(w.steps, step{do: do, kind: "User", name: name, target: r.IntN(20), filter: is})
		}
	}
	return w
}

func someOf(r *rand.Rand, ids []string) (some []string) {
	for _, id := range ids {
		if r.IntN(3) == 0 && !slices.Contains(some, id) {
			some = append(some, id)
		}
	}
	return some
}

func freeID(r *rand.Rand, s *shape, in *store) any {
	for n := 1; ; n++ {
		var id any = n + r.IntN(9)
		if s.IDs == "string" || s.IDs == "any" && r.IntN(2) == 0 {
			id = pick(r, []string{"A1", "a1", "b-2", "007", "7", "x y", "ü/%", fmt.Sprint("u", n)})
		}
		if at(in.now, fmt.Sprint(id)) < 0 {
			return id
		}
	}
}

// newRecord makes a record whose name is one that the API accepts.
func newRecord(r *rand.Rand, s *shape, kind string, in *store, id any) record {
	out := record{"id": id}
	texts := func(from []string, fields ...string) {
		for _, f := range fields {
			switch n := r.IntN(10); {
			case n < 7:
				out[f] = pick(r, from)
			case n == 7:
				out[f] = nil
			case n == 8:
				out[f] = ""
			}
		}
	}
	texts(someTimes, "created")
	texts(someNames, "ext")
	name := "name"
	if kind == "User" {
		name = "username"
		texts(someNames, "nick", "first", "last", "dept", "phone")
		texts(someMails, "mail", "mail2")
		if n := r.IntN(4); n < 2 {
			out["visible"] = n == 0
		} else if n == 2 {
			out["visible"] = nil
		}
	}
	texts(append(someMails, someNames...), name)
	if s.Unique == "legacy" && taken(in, name, out.text(name), "") {
		out[name] = fmt.Sprint("only ", id)
	}
	return out
}

func newStep(r *rand.Rand, s *shape, ids []string, members map[string][]string) step {
	p := step{do: "query", kind: "User", target: r.IntN(20), name: pick(r, append(someMails, someNames...))}
	if r.IntN(3) == 0 {
		p.kind = "Group"
	}
	if n := r.IntN(20); n < 3 || s.Lag && n < 8 {
		return newWrite(r, s, p)
	}
	g := &generator{Rand: r, kind: p.kind, ids: ids, shape: s}
	if p.filter = g.filter(r.IntN(6)); p.kind == "Group" && r.IntN(6) == 0 {
		p.filter, p.membership = g.membership(members), true
	}
	if r.IntN(5) == 0 {
		p.sortBy, p.order = "id", pick(r, []string{"", "ascending", "descending"})
		for _, by := range g.attributes() {
			if name := strings.TrimSuffix(by.attr+"."+by.sub, "."); by.urn == "" && sortable[name] != "" && r.IntN(3) == 0 {
				p.sortBy = name
			}
		}
	}
	if r.IntN(20) == 0 && !s.NoList {
		p.filter = nil
	}
	if r.IntN(4) == 0 {
		p.start, p.count = 1+r.IntN(9), r.IntN(7)
	}
	if r.IntN(6) == 0 {
		p.cursor = 1 + r.IntN(6)
	}
	p.only, p.except = newView(r, p.kind), newView(r, p.kind)
	if r.IntN(8) == 0 || p.membership && r.IntN(2) == 0 {
		p.only, p.except = []string{"id"}, nil
	}
	p.post = r.IntN(8) == 0
	// A lenient API would tell of another record what it is asked of one that is
	// gone. Of an API that gives one record where more were asked for, and no total,
	// nobody can tell a list of one from the end of one that shifts.
	if blind := s.Cap == 1 && s.Limit > 1 && !s.Total; p.filter != nil && (r.IntN(4) == 0 || p.membership) && !s.Lag && !s.Lenient && !blind {
		p.shifts = r.Uint64() | 1
	}
	return p
}

// membership asks whether a user is in a group, as Entra does; mostly of one
// who is.
func (g *generator) membership(members map[string][]string) *expr {
	group, member := pick(g.Rand, append(g.ids, "007")), pick(g.Rand, append(g.ids, "999"))
	for _, id := range slices.Sorted(maps.Keys(members)) {
		if in := members[id]; len(in) > 0 && g.IntN(2) == 0 {
			group, member = id, pick(g.Rand, in)
		}
	}
	side := func(p path, id string) *expr {
		p.front, p.kind = p.attr, "exact"
		return &expr{op: "eq", operator: "eq", path: p, literal: id, written: g.quoted(id)}
	}
	e := &expr{op: "and", operator: "and", left: side(path{attr: "id"}, group), right: side(path{attr: "members"}, member)}
	if g.IntN(2) == 0 {
		e.left, e.right = e.right, e.left
	}
	return e
}

func newView(r *rand.Rand, kind string) (names []string) {
	if r.IntN(4) > 0 {
		return nil
	}
	all := []string{
		"id", "externalId", "displayName", "meta", "meta.created", "META.location", "schemas", "members", "members.value", "userName", "name", "name.familyName",
		"emails", "Emails.VALUE", "emails.type", "active", "groups", "groups.value", "phoneNumbers", enterprise + ":department", "urn:ietf:params:scim:schemas:core:2.0:User:userName", "nothing",
	}
	if kind == "Group" {
		all = all[:9]
	}
	for range 1 + r.IntN(4) {
		names = append(names, pick(r, all))
	}
	return names
}

func newWrite(r *rand.Rand, s *shape, p step) step {
	p.do = pick(r, []string{"create", "rename", "rename", "remove", "change"})
	if s.Lag && (p.do == "change" || r.IntN(3) == 0) {
		p.do, p.wait = "wait", time.Duration(r.Int64N(int64(lagTime)*3/4))
	}
	p.attribute = "displayName"
	if p.kind == "User" {
		p.attribute = pick(r, []string{"userName", "userName", "displayName", "name.familyName", "externalId", `emails[type eq "work"].value`, `emails[type eq "other"].value`})
	}
	return p
}

// write makes the change and checks how it is answered.
func (s *session) write(p *step) string {
	d := s.d
	if p.do == "wait" {
		d.clock = d.clock.Add(p.wait)
		return ""
	}
	in, name, field := d.storeOf(p.kind), "userName", "username"
	if p.kind == "Group" {
		name, field = "displayName", "name"
	}
	if p.do == "create" {
		body := map[string]any{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:" + p.kind}, name: p.name, "externalId": p.name}
		clash := taken(in, field, p.name, "")
		status, answer := s.call("POST", "/"+p.kind+"s", body)
		return s.outcome(status, answer, clash, 201)
	}
	if len(in.now) == 0 {
		return ""
	}
	r := in.now[p.target%len(in.now)]
	path := "/" + p.kind + "s/" + url.PathEscape(r.id())
	if p.do == "remove" {
		status, answer := s.call("DELETE", path, nil)
		return s.outcome(status, answer, false, 204)
	}
	clash := p.attribute == name && taken(in, field, p.name, r.id())
	if p.do == "change" {
		if p.attribute == name && !clash {
			d.write(in, r.id(), record{"id": r["id"], field: p.name})
		}
		return ""
	}
	if p.do == "oust" {
		for _, other := range slices.Clone(in.now) {
			if strings.EqualFold(other.text(field), p.name) {
				d.write(in, other.id(), record{"id": other["id"], field: "former " + other.id()})
			}
		}
		d.write(in, r.id(), record{"id": r["id"], field: p.name})
		return ""
	}
	operation := map[string]any{"op": "replace", "path": p.attribute, "value": p.name}
	status, answer := s.call("PATCH", path, map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"}, "Operations": []any{operation}})
	return s.outcome(status, answer, clash, map[string]int{"User": 200, "Group": 204}[p.kind])
}

// outcome holds a write to the status that it must have.
func (s *session) outcome(status int, answer map[string]any, clash bool, want int) string {
	if clash {
		want = 409
	}
	if status == want || status == 400 && answer["scimType"] == "tooMany" && s.shape.ScanLimit < 1000 {
		return ""
	}
	return fmt.Sprintf("status %d %v, want %d", status, answer, want)
}
