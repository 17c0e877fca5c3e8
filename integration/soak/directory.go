package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hostscim/legacyclient/legacytest"
)

// directory is all that the host API holds.
type directory struct {
	Hosts   []legacytest.Host
	Groups  []legacytest.Group
	Members map[int64][]int64 // ids of hosts by that of their group
}

// entry is a host or a group of the directory, in the words of SCIM.
type entry struct {
	values  map[string]string
	members []string
	claimed bool
}

// entries returns the directory by kind and id.
func (d *directory) entries() map[string]map[string]*entry {
	all := map[string]map[string]*entry{users: {}, groups: {}}
	for _, h := range d.Hosts {
		all[users][strconv.FormatInt(h.ID, 10)] = &entry{claimed: h.ID <= seeded, values: map[string]string{
			userName: h.Username, active: strconv.FormatBool(h.Visible), given: h.FirstName, family: h.LastName,
			email: h.Email, phone: h.MobileNumber, department: h.Department,
		}}
	}
	for _, g := range d.Groups {
		e := &entry{values: map[string]string{displayName: g.Name}}
		for _, id := range d.Members[g.ID] {
			e.members = append(e.members, strconv.FormatInt(id, 10))
		}
		all[groups][strconv.FormatInt(g.ID, 10)] = e
	}
	return all
}

// check holds the directory against the records: it must be what they may be,
// and have nothing that is nobody's.
func (d *directory) check(records []*record) []string {
	var wrong []string
	entries := d.entries()
	for _, r := range records {
		e := entries[r.kind][r.id]
		if r.id == "" && !r.there.is(no) {
			e = named(entries[r.kind], r.nameAt(), r.held[r.nameAt()][0])
		}
		there := no
		if e != nil {
			there = yes
		}
		if !r.there.allows(there) {
			wrong = append(wrong, fmt.Sprintf("in the end %s %s is there: %s, want %s", r.slot, r.id, there, r.there[0]))
		}
		if e == nil {
			continue
		}
		e.claimed = true
		differences := r.differences(e.values)
		if r.kind == groups {
			differences = append(differences, r.memberDifferences(e.members)...)
		}
		for _, text := range differences {
			wrong = append(wrong, fmt.Sprintf("in the end, of %s %s: %s", r.slot, r.id, text))
		}
	}
	for kind, all := range entries {
		for id, e := range all {
			if !e.claimed {
				wrong = append(wrong, fmt.Sprintf("in the end %s/%s is nobody's: %s%s", strings.TrimSuffix(kind, "/"), id, e.values[userName], e.values[displayName]))
			}
		}
	}
	slices.Sort(wrong)
	return wrong
}

// named returns the entry with the name, or nil.
func named(all map[string]*entry, path, name string) *entry {
	for _, e := range all {
		if strings.EqualFold(e.values[path], name) {
			return e
		}
	}
	return nil
}
