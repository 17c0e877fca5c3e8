package adapter_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// shrink makes the world smaller as long as it fails, and returns what is
// wrong with the smallest.
func shrink(w *world, fault string) string {
	for tries := 0; tries < 2000; {
		smaller := false
		for _, c := range w.smaller() {
			tries++
			if f := c.run(new(tally)); f != "" {
				w, fault, smaller = c, f, true
				break
			}
		}
		if !smaller {
			break
		}
	}
	return fault
}

// smaller returns worlds that are simpler in one respect.
func (w *world) smaller() (all []*world) {
	add := func(change func(*world)) {
		c := *w
		c.users, c.groups, c.steps = slices.Clone(w.users), slices.Clone(w.groups), slices.Clone(w.steps)
		change(&c)
		all = append(all, &c)
	}
	for i := range w.steps {
		add(func(c *world) { c.steps = slices.Delete(c.steps, i, i+1) })
	}
	for i := range w.users {
		add(func(c *world) { c.users = slices.Delete(c.users, i, i+1) })
	}
	for i := range w.groups {
		add(func(c *world) { c.groups = slices.Delete(c.groups, i, i+1) })
	}
	for i := range w.steps {
		p := &w.steps[i]
		if p.filter != nil && !p.membership {
			for _, f := range p.filter.smaller() {
				add(func(c *world) { c.steps[i].filter = f })
			}
		}
		for _, change := range []struct {
			given  bool
			change func(*step)
		}{
			{p.only != nil, func(p *step) { p.only = nil }}, {p.except != nil, func(p *step) { p.except = nil }},
			{p.sortBy != "", func(p *step) { p.sortBy, p.order = "", "" }}, {p.start > 0, func(p *step) { p.start = 0 }},
			{p.cursor > 0, func(p *step) { p.cursor = 0 }}, {p.post, func(p *step) { p.post = false }}, {p.shifts > 0, func(p *step) { p.shifts = 0 }},
		} {
			if change.given {
				add(func(c *world) { change.change(&c.steps[i]) })
			}
		}
	}
	for _, change := range []struct {
		given  bool
		change func(*shape)
	}{
		{w.shape.Decoys, func(s *shape) { s.Decoys = false }}, {w.shape.Style != "equal", func(s *shape) { s.Style = "equal" }},
		{len(w.shape.Searches) > 1, func(s *shape) { s.Searches = s.Searches[:1] }}, {!w.shape.Total, func(s *shape) { s.Total = true }},
		{w.shape.Lenient, func(s *shape) { s.Lenient = false }}, {w.shape.Lag, func(s *shape) { s.Lag = false }},
	} {
		if change.given {
			add(func(c *world) { change.change(&c.shape) })
		}
	}
	return all
}

// smaller returns filters that are parts of this one, for shrinking.
func (e *expr) smaller() (all []*expr) {
	for _, part := range []*expr{e.left, e.right} {
		if part != nil {
			all = append(all, part)
		}
	}
	for i, part := range []*expr{e.left, e.right, e.path.where} {
		if part == nil {
			continue
		}
		for _, s := range part.smaller() {
			c := *e
			switch i {
			case 0:
				c.left = s
			case 1:
				c.right = s
			default:
				c.path.where = s
			}
			all = append(all, &c)
		}
	}
	return all
}

// describe prints everything that led to a fault.
func (s *session) describe(last int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "API: %+v\n", s.shape)
	for _, kind := range []string{"User", "Group"} {
		for _, r := range s.d.storeOf(kind).now {
			text, _ := json.Marshal(r)
			fmt.Fprintf(&b, "%s %s members %q\n", kind, text, s.d.members[r.id()])
		}
	}
	for i := range s.steps[:last+1] {
		p := &s.steps[i]
		fmt.Fprintf(&b, "step %d: %s %s %s %q to %q wait %s filter %v only %q except %q sort %q %q window %d+%d cursor %d shifts %d\n", i+1, p.do, p.kind,
			fmt.Sprint(p.target), p.attribute, p.name, p.wait, p.filter, p.only, p.except, p.sortBy, p.order, p.start, p.count, p.cursor, p.shifts)
	}
	return b.String() + "calls:\n  " + strings.Join(s.d.calls, "\n  ")
}
