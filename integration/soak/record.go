package main

import (
	"fmt"
	"slices"
	"strconv"
)

// maybe is what a value may be: one text where it is known, several after
// writes of which nobody knows what became of them.
type maybe []string

// sure is a value that is known.
func sure(v string) maybe { return maybe{v} }

// or is m after a write of v that may have been made.
func (m maybe) or(v string) maybe {
	if m.allows(v) {
		return m
	}
	return append(slices.Clone(m), v)
}

func (m maybe) allows(v string) bool { return slices.Contains(m, v) }

// is reports whether the value is v for sure.
func (m maybe) is(v string) bool { return len(m) == 1 && m[0] == v }

// What a maybe says of what is there, and of a member.
const (
	yes = "yes"
	no  = "no"
)

// The paths of what a record holds.
const (
	userName    = "userName"
	displayName = "displayName"
	active      = "active"
	given       = "name.givenName"
	family      = "name.familyName"
	email       = `emails[type eq "work"].value`
	phone       = `phoneNumbers[type eq "mobile"].value`
	department  = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"
)

// names is how many names a record has in turn: few, so that what the adapter
// remembers of names has an end.
const names = 8

// record is a user or a group of a job: what it was told to be, and what it
// may be.
type record struct {
	kind string // "/Users" or "/Groups"
	slot string // no other record has it

	id      string // "" where it is not known
	there   maybe
	held    map[string]maybe  // by path
	members map[*record]maybe // of a group
	named   int               // how often it got a name
	written int               // how often it got a value
}

func newRecord(kind, slot string) *record {
	return &record{kind: kind, slot: slot, there: sure(no), held: make(map[string]maybe), members: make(map[*record]maybe)}
}

// nameAt is the path of what it is found by.
func (r *record) nameAt() string {
	if r.kind == groups {
		return displayName
	}
	return userName
}

// newName returns its next name, which is no part of another's: the search of
// the host API is a fuzzy one.
func (r *record) newName() string {
	r.named++
	if r.kind == groups {
		return fmt.Sprintf("%s.v%d.", r.slot, r.named%names)
	}
	return fmt.Sprintf("%s.v%d@example.com", r.slot, r.named%names)
}

// newValue returns the next value of an attribute.
func (r *record) newValue(path string) string {
	r.written++
	switch path {
	case active:
		return strconv.FormatBool(r.written%2 == 0)
	case email:
		return fmt.Sprintf("%s.%d@mail.example.com", r.slot, r.written)
	case phone:
		return fmt.Sprintf("+1 202 555 %04d", r.written%10000)
	}
	return fmt.Sprintf("%s %d", r.slot, r.written)
}

// gone forgets what was there.
func (r *record) gone() {
	r.id, r.there = "", sure(no)
	clear(r.held)
	clear(r.members)
}

// values returns what a user holds, by path.
func (r *resource) values() map[string]string {
	held := map[string]string{userName: r.UserName, active: strconv.FormatBool(r.Active), given: r.Name.GivenName, family: r.Name.FamilyName,
		department: r.Enterprise.Department, displayName: r.DisplayName}
	for _, e := range r.Emails {
		if e.Type == "work" {
			held[email] = e.Value
		}
	}
	for _, p := range r.Phones {
		if p.Type == "mobile" {
			held[phone] = p.Value
		}
	}
	return held
}

// differences returns where the values are not what the record may hold.
func (r *record) differences(values map[string]string) []string {
	var all []string
	for path, m := range r.held {
		if !m.allows(values[path]) {
			all = append(all, fmt.Sprintf("%s is %q, want %q", path, values[path], []string(m)))
		}
	}
	slices.Sort(all)
	return all
}

// memberDifferences returns which members are there, or not, that must not be.
func (r *record) memberDifferences(ids []string) []string {
	var all []string
	known := make(map[string]bool)
	for m, in := range r.members {
		known[m.id] = true
		has := no
		if slices.Contains(ids, m.id) {
			has = yes
		}
		if !in.allows(has) {
			all = append(all, fmt.Sprintf("%s is a member: %s, want %s", m.slot, has, in[0]))
		}
	}
	for _, id := range ids {
		if !known[id] {
			all = append(all, fmt.Sprintf("user %s is a member and was never added", id))
		}
	}
	slices.Sort(all)
	return all
}
