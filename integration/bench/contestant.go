package main

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// contestant is a program that is measured.
type contestant struct {
	*process

	name   string
	legacy bool // it is asked in the words of the host API
	conns  []*conn

	run   int              // how many runs there were, for names that are new
	made  map[string][]int // ids that its last run made, by what they are of
	empty int              // the id of the first of emptyGroups groups of its own
}

// emptyGroups are enough for the members of one run.
const emptyGroups = 8

// kinds of what an operation makes or takes away.
const (
	aHost   = "host"
	aGroup  = "group"
	aMember = "member" // its id is the number of the request that made it
)

// person is a host that is there from the start.
type person struct {
	ID       int    `json:"id"`
	Username string `json:"username"`
	Email    string `json:"email"`
}

// field is the host API, and who stands in front of it.
type field struct {
	host        *process
	people      []person // the first 100
	hosts       int      // how many there are from the start
	contestants []*contestant
}

// The first groups have members. They are many, as people and pages are, for
// hostscim asks once for what several ask at the same time.
const (
	bigGroups    = 64
	bigGroupSize = 250
)

// bigGroup returns the id of one of the groups with members.
func bigGroup(i int) int { return 1 + i%bigGroups }

// person returns one of the people, another for every request in turn.
func (f *field) person(i int) person { return f.people[i%len(f.people)] }

// membership returns the group and the host of the i-th membership of a run.
func (c *contestant) membership(f *field, i int) (group, host int) {
	return c.empty + i%emptyGroups, 1 + i/emptyGroups%f.hosts
}

// newField starts a host API with that many hosts and latency, and the
// contestants of these names in front of it.
func newField(b *bench, d directory, names ...string) (*field, error) {
	f := &field{hosts: d.hosts}
	d.groups = append(slices.Repeat([]int{bigGroupSize}, bigGroups), d.groups...)
	first := len(d.groups) + 1
	d.groups = append(d.groups, make([]int, emptyGroups*len(names))...)
	var err error
	if f.host, err = d.start(); err != nil {
		return nil, err
	}
	for i, name := range names {
		c := &contestant{name: name, legacy: name == proxyName || name == directName, made: make(map[string][]int), empty: first + i*emptyGroups}
		f.contestants = append(f.contestants, c)
		switch name {
		case hostscimName:
			c.process, err = b.hostscim(f.host.addr)
		case directName:
			c.process = f.host
		default:
			c.process, err = role(name, "-legacy", f.host.addr)
		}
		if err != nil {
			f.stop()
			return nil, err
		}
	}
	if f.people, err = readPeople(f.host); err != nil {
		f.stop()
		return nil, err
	}
	return f, nil
}

// The names of the contestants, which for two are those of their roles. With
// directName the client asks the host API itself.
const (
	directName   = "direct"
	floorName    = "floor"
	proxyName    = "proxy"
	hostscimName = "hostscim"
)

func (f *field) stop() {
	for _, c := range f.contestants {
		for _, conn := range c.conns {
			conn.close()
		}
		if c.process != nil && c.process != f.host {
			c.process.stop()
		}
	}
	f.host.stop()
}

// named returns the contestant of that name.
func (f *field) named(name string) *contestant {
	for _, c := range f.contestants {
		if c.name == name {
			return c
		}
	}
	return nil
}

// readPeople reads the first people of the host API.
func readPeople(host *process) ([]person, error) {
	c, err := dial(host.addr)
	if err != nil {
		return nil, err
	}
	defer c.close()
	a, err := c.ask(&request{method: "GET", path: legacyBase + "/hosts?limit=100", status: http.StatusOK, token: legacyToken})
	if err != nil {
		return nil, err
	}
	var page struct {
		Hosts []person `json:"hosts"`
	}
	if err := decode(a, &page); err != nil || len(page.Hosts) == 0 {
		return nil, fmt.Errorf("reading hosts: %w, %d are there", err, len(page.Hosts))
	}
	return page.Hosts, nil
}

func itoa(n int) string { return strconv.Itoa(n) }
