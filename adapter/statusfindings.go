package adapter

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"hostscim/mapping"
)

// finding is something that an administrator should look at.
type finding struct {
	Tenant string // "" where it is about all
	About  string // operations, mapping or configuration
	Text   string
}

// maxReasons is how many reasons of failures are findings; the list of
// operations has the others.
const maxReasons = 5

// findings returns what there is to look at: first what goes wrong now, then
// what clients sent for nothing, then what is likely to go wrong. The
// operations are all that are kept.
func (s *Server) findings(operations []operation) []finding {
	var list []finding
	if r := s.reloaded.Load(); r.Err != nil {
		list = append(list, finding{About: "configuration", Text: "the file as it is now is refused, and the one before holds on: " + r.Err.Error()})
	}
	list = append(list, failing(operations)...)
	for _, t := range s.tenants {
		list = append(list, t.unmapped(s.ignored.of(t.name))...)
		for _, w := range t.config.Warnings() {
			list = append(list, finding{t.name, "configuration", fmt.Sprintf("line %d, %s: %s", w.Line, w.Path, w.Msg)})
		}
	}
	return list
}

// failing returns why operations of tenants failed, the most frequent reason
// first.
func failing(operations []operation) (list []finding) {
	type cause struct{ tenant, name, reason string }
	counts := make(map[cause]int)
	for _, o := range operations {
		if o.Failed() && o.Tenant != "" {
			counts[cause{o.Tenant, o.Name, o.Reason}]++
		}
	}
	causes := make([]cause, 0, len(counts))
	for c := range counts {
		causes = append(causes, c)
	}
	slices.SortFunc(causes, func(a, b cause) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(a.tenant, b.tenant), strings.Compare(a.name, b.name), strings.Compare(a.reason, b.reason))
	})
	for _, c := range causes[:min(len(causes), maxReasons)] {
		times := "once"
		if n := counts[c]; n > 1 {
			times = fmt.Sprintf("%d times", n)
		}
		list = append(list, finding{c.tenant, "operations", fmt.Sprintf("%s failed %s: %s", c.name, times, c.reason)})
	}
	return list
}

// unmapped returns what clients send, or Entra would by the mapping that it
// proposes, and what the table has no place for.
func (t *tenant) unmapped(seen []ignored) (list []finding) {
	for _, e := range t.endpoints() {
		name := e.table.Type.Name
		var sent, expected []string
		for _, i := range seen {
			if i.resource == name {
				sent = append(sent, i.attribute)
			}
		}
		for _, c := range e.table.Coverage() {
			if c.Default && c.State == mapping.Ignored && !slices.Contains(sent, c.Path) {
				expected = append(expected, c.Path)
			}
		}
		if sent != nil {
			list = append(list, finding{t.name, "mapping", fmt.Sprintf("%s: clients send what no row maps, and it is ignored: %s; add rows, or take it out of the client's attribute mapping",
				name, strings.Join(sent, ", "))})
		}
		if expected != nil {
			list = append(list, finding{t.name, "mapping", fmt.Sprintf("%s: Entra proposes to send what no row maps; it would be ignored: %s", name, strings.Join(expected, ", "))})
		}
	}
	return list
}

// of returns the attributes of that tenant's resources that were ignored so
// far, in alphabetical order.
func (n *ignoredNames) of(tenant string) (list []ignored) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range n.seen {
		if i.tenant == tenant {
			list = append(list, i)
		}
	}
	slices.SortFunc(list, func(a, b ignored) int { return strings.Compare(a.attribute, b.attribute) })
	return list
}
