package adapter_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// shifting changes the records between the calls of one query.
type shifting struct {
	*directory
	*rand.Rand
	kind    string
	query   *step
	n, most int             // of the changes
	touched map[string]bool // by id: deleted or added meanwhile
	added   map[string]map[string]any
}

func newShifting(d *directory, p *step) *shifting {
	sh := &shifting{directory: d, Rand: rand.New(rand.NewPCG(p.shifts, 0)), kind: p.kind, query: p, most: 3, touched: map[string]bool{}, added: map[string]map[string]any{}}
	if d.Cap == 1 || d.Limit == 1 {
		sh.most = 1 // pages of one record cannot overlap, so that two changes can hide each other
	}
	first := true
	d.before = func() {
		if !first && sh.n < sh.most && sh.IntN(3) == 0 {
			sh.shift()
		}
		first = false
	}
	return sh
}

func (sh *shifting) shift() {
	sh.n++
	if sh.query.membership && slices.Equal(sh.query.only, []string{"id"}) && !sh.NoGet && sh.IntN(3) > 0 {
		sh.shiftMembers()
		return
	}
	in := sh.storeOf(sh.kind)
	if len(in.now) > 0 && sh.IntN(2) == 0 {
		i := sh.IntN(len(in.now))
		sh.touched[in.now[i].id()] = true
		sh.calls = append(sh.calls, "  meanwhile: record "+in.now[i].id()+" is deleted")
		in.now = slices.Delete(slices.Clone(in.now), i, i+1)
		return
	}
	sh.next++
	var id any = sh.next
	if sh.IDs == "string" {
		id = fmt.Sprint("s", sh.next)
	}
	r := newRecord(sh.Rand, &sh.shape, sh.kind, in, id)
	i := sh.IntN(len(in.now) + 1)
	sh.calls = append(sh.calls, fmt.Sprintf("  meanwhile: record %s is added at %d", r.id(), i))
	in.now = slices.Insert(slices.Clone(in.now), i, r)
	sh.touched[r.id()], sh.added[r.id()] = true, sh.resource(sh.kind, r)
}

// shiftMembers lets somebody else enter or leave the group that is asked for.
func (sh *shifting) shiftMembers() {
	group, member := sh.query.filter.left.literal.(string), sh.query.filter.right.literal.(string)
	if sh.query.filter.left.path.attr == "members" {
		group, member = member, group
	}
	ids := slices.Clone(sh.members[group])
	if len(ids) == 0 {
		return
	}
	i := sh.IntN(len(ids))
	if sh.IntN(2) == 0 || ids[i] == member {
		sh.next++
		ids = slices.Insert(ids, i, fmt.Sprint(sh.next))
	} else {
		ids = slices.Delete(ids, i, i+1)
	}
	sh.calls = append(sh.calls, fmt.Sprintf("  meanwhile: group %s has the members %q", group, ids))
	sh.members[group] = ids
}

// check holds an answer to what was there all the time.
func (sh *shifting) check(list []any, want []map[string]any) string {
	got := map[string]bool{}
	for _, r := range list {
		id, _ := r.(map[string]any)["id"].(string)
		expected := slices.ContainsFunc(want, func(w map[string]any) bool { return w["id"] == id })
		if got[id] || !expected && (sh.added[id] == nil || !sh.query.filter.matches(sh.added[id])) {
			return fmt.Sprintf("extra or doubled resource %q in %s while the list shifts", id, idsOf(list))
		}
		got[id] = true
	}
	for _, w := range want {
		if id := w["id"].(string); !got[id] && !sh.touched[id] {
			return fmt.Sprintf("resource %q is missing from %s while the list shifts", id, idsOf(list))
		}
	}
	return ""
}
