package chaos

import (
	"fmt"
	"slices"
	"strconv"
)

// The attributes of users by their SCIM paths, in the order in which they are
// sent.
var attributes = []string{userName, active, given, family, email, phone, department}

const (
	userName   = "userName"
	active     = "active"
	given      = "name.givenName"
	family     = "name.familyName"
	email      = `emails[type eq "work"].value`
	phone      = `phoneNumbers[type eq "mobile"].value`
	department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"
)

// person is a user of the directory, and what the client knows of the user's
// counterpart.
type person struct {
	number int
	wanted map[string]string // by path, without what is empty; nil: no such user
	gone   bool              // was deleted, and the counterpart is to be deleted

	link  string            // the id of the counterpart; "" if unknown
	tried bool              // a create of one was sent, and it is not known what became of it
	known map[string]string // what the counterpart is known to hold
}

// team is the same for a group.
type team struct {
	number  int
	name    string // "": no such group
	members map[int]bool
	gone    bool

	link    string
	tried   bool
	known   string // its name, "" if in doubt
	in      map[int]bool
	inDoubt map[int]bool // members of which the last change failed
}

// directory is what is wanted.
type directory struct {
	people [people]*person
	teams  [teams]*team
}

func newDirectory() *directory {
	d := new(directory)
	for i := range d.people {
		d.people[i] = &person{number: i, known: make(map[string]string)}
	}
	for i := range d.teams {
		d.teams[i] = new(team)
		d.teams[i].reset(i)
	}
	return d
}

func (t *team) reset(number int) {
	*t = team{number: number, members: make(map[int]bool), in: make(map[int]bool), inDoubt: make(map[int]bool)}
}

// apply makes a change of the directory. A user whose create may have been
// made is neither renamed nor deleted before the client has found out: Entra
// itself would lose the counterpart then.
func (d *directory) apply(s step) {
	p, t := d.people[s.who], d.teams[s.team]
	there := p.wanted != nil
	switch s.do {
	case create:
		if name := d.freeName(p, s.who+s.value); !there && !p.gone && name != "" {
			p.wanted = map[string]string{
				userName: name, active: "true",
				given: fmt.Sprintf("Given%d", s.who), family: "Sample", email: fmt.Sprintf("p%d@mail.example.com", s.who),
			}
		}
	case update:
		if there {
			p.update(s.value)
		}
	case rename:
		if name := d.freeName(p, s.value); there && !p.tried && name != "" {
			p.wanted[userName] = name
		}
	case disable, restore:
		if there {
			p.wanted[active] = strconv.FormatBool(s.do == restore)
		}
	case remove:
		if there && !p.tried {
			d.remove(p)
		}
	default:
		d.applyTeam(t, p, s)
	}
}

// freeName returns a name that nobody else has, nor had when the client last
// heard of the counterpart, "" if there is none: names are few, and go from one
// to another.
func (d *directory) freeName(of *person, value int) string {
	for n := range 2 * people {
		name := fmt.Sprintf("person%d@example.com", (value+n)%(2*people))
		if !slices.ContainsFunc(d.people[:], func(p *person) bool { return p != of && p.mayHave(name) }) {
			return name
		}
	}
	return ""
}

// mayHave reports whether the user is to have the name, or the counterpart may
// still have it.
func (p *person) mayHave(name string) bool {
	if p.wanted != nil && p.wanted[userName] == name {
		return true
	}
	known, certain := p.known[userName]
	return p.link != "" && (!certain || known == name)
}

func (p *person) update(value int) {
	p.wanted[family] = fmt.Sprintf("Sample %d", value)
	p.wanted[phone] = fmt.Sprintf("+1 555 %d", value)
	p.wanted[department] = fmt.Sprintf("Department %d", value)
	if value%3 == 0 {
		delete(p.wanted, phone)
	}
	if value%2 == 0 {
		delete(p.wanted, department)
	}
}

func (d *directory) remove(p *person) {
	p.wanted = nil
	p.gone = p.link != ""
	for _, t := range d.teams {
		delete(t.members, p.number)
	}
}

func (d *directory) applyTeam(t *team, p *person, s step) {
	there := t.name != ""
	switch s.do {
	case form:
		if !there && !t.gone {
			t.name = fmt.Sprintf("Team %d-%d", s.team, s.value)
		}
	case renameTeam:
		if there && !t.tried {
			t.name = fmt.Sprintf("Team %d-%d", s.team, s.value)
		}
	case disband:
		if there && !t.tried {
			t.name, t.gone = "", t.link != ""
			clear(t.members)
		}
	case join:
		if there && p.wanted != nil {
			t.members[s.who] = true
		}
	case leave:
		delete(t.members, s.who)
	}
}

// differs returns the paths of which the counterpart is not known to hold what
// is wanted.
func (p *person) differs() []string {
	var paths []string
	for _, path := range attributes {
		if value, ok := p.known[path]; !ok || value != p.wanted[path] {
			paths = append(paths, path)
		}
	}
	return paths
}

// learned notes that the counterpart holds what is wanted.
func (p *person) learned(paths []string) {
	for _, path := range paths {
		p.known[path] = p.wanted[path]
	}
}

// doubts notes that it is not known what the counterpart holds.
func (p *person) doubts(paths []string) {
	for _, path := range paths {
		delete(p.known, path)
	}
}

// forget drops what is known of the counterpart.
func (p *person) forget() {
	p.link, p.gone, p.tried = "", false, false
	clear(p.known)
}

// dirty reports whether the client has something to do about the user.
func (p *person) dirty() bool {
	return p.gone || p.wanted != nil && (p.link == "" || len(p.differs()) > 0)
}

// changes returns who is to be added to the group and who to be removed.
func (t *team) changes(d *directory) (add, remove []int) {
	for i, p := range d.people {
		known := t.in[i] == t.members[i] && !t.inDoubt[i]
		switch {
		case known || p.link == "":
		case t.members[i]:
			add = append(add, i)
		default:
			remove = append(remove, i)
		}
	}
	return add, remove
}

// dirty reports whether the client has something to do about the group.
func (t *team) dirty(d *directory) bool {
	if t.gone || t.name != "" && (t.link == "" || t.known != t.name) {
		return true
	}
	add, remove := t.changes(d)
	return t.name != "" && len(add)+len(remove) > 0
}

// dirty reports whether the client has something to do.
func (d *directory) dirty() bool {
	for _, p := range d.people {
		if p.dirty() {
			return true
		}
	}
	for _, t := range d.teams {
		if t.dirty(d) {
			return true
		}
	}
	return false
}
