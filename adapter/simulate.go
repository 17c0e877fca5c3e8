package adapter

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"hostscim/legacyclient"
)

// simulation is a legacy API that is not there. It answers what the
// configuration describes, so that the handlers run as they do before the real
// one: records that are asked for exist, and what was written is read back.
type simulation struct {
	server  *Server
	world   world
	witness *witness
	calls   *recorded
	roles   map[*legacyclient.Endpoint]role
	records map[recordKey][]byte // as they were written
	shown   map[string]bool      // ids that a list has shown, so that they exist
	named   bool                 // the request itself names a record
	made    int                  // records that were created
	read    context.Context      // connected: what is read goes to the real API; nil: not
}

type recordKey struct {
	endpoint *endpoint
	id       string
}

// role is what a call of the legacy API is for.
type role struct {
	owner *endpoint
	part  part
}

type part string

const (
	partList         part = "list"
	partSearch       part = "search"
	partGet          part = "get"
	partCreate       part = "create"
	partUpdate       part = "update"
	partDelete       part = "delete"
	partMembers      part = "members"
	partAddMember    part = "add members"
	partRemoveMember part = "remove members"
	partGroups       part = "groups"
)

// simulatedRecords is how many records a list has.
const simulatedRecords = 1000

// The first ids that the simulation gives: to records that are found, to
// members and groups, and to records that are created.
const (
	foundID   = 1001
	relatedID = 5001
	madeID    = 9001
)

func newSimulation(s *Server, w world) *simulation {
	m := &simulation{
		server: s, world: w, witness: newWitness(), calls: newRecorded(s.config),
		roles: make(map[*legacyclient.Endpoint]role), records: make(map[recordKey][]byte),
		shown: make(map[string]bool),
	}
	for _, e := range []*endpoint{s.users, s.groups} {
		if e == nil {
			continue
		}
		for ep, p := range map[*legacyclient.Endpoint]part{
			e.list: partList, e.get: partGet, e.create: partCreate, e.update: partUpdate, e.delete: partDelete,
			e.members.list: partMembers, e.members.add: partAddMember, e.members.remove: partRemoveMember,
			e.groups.list: partGroups,
		} {
			m.roles[ep] = role{e, p}
		}
		for _, search := range e.searches {
			m.roles[search] = role{e, partSearch}
		}
	}
	delete(m.roles, nil) // calls that the API does not have
	return m
}

// carry takes an attempt in place of the network.
func (m *simulation) carry(a *legacyclient.Attempt) (*http.Response, error) {
	r := m.roles[a.Endpoint]
	done := m.calls.begin(a, r)
	if m.read != nil && a.Request.Method == http.MethodGet {
		resp, err := a.Send()
		done(resp)
		return resp, err
	}
	resp := m.answer(a, r)
	done(resp)
	return resp, nil
}

func (m *simulation) answer(a *legacyclient.Attempt, r role) *http.Response {
	id := a.Vars["id"]
	if id != "" && m.gone(r.owner, id) {
		return a.Refusal(legacyclient.ErrNotFound)
	}
	switch r.part {
	case partList, partSearch:
		return a.Page(m.size(a, r), func(n int) []byte { return m.listed(r.owner, n) })
	case partMembers, partGroups:
		return m.related(a, r)
	case partGet:
		return a.Record(http.StatusOK, m.record(r.owner, id))
	case partCreate, partUpdate:
		return m.write(a, r, id)
	case partDelete:
		m.records[recordKey{r.owner, id}] = nil
	case partAddMember:
		if m.world.refused {
			return a.Refusal(legacyclient.ErrInvalid)
		}
	case partRemoveMember:
		if m.world.strangers {
			return a.Refusal(legacyclient.ErrNotFound)
		}
	default:
		if a.Lists {
			return a.Page(0, nil)
		}
	}
	return a.Nothing(http.StatusNoContent, "")
}

// gone reports whether there is no record of the id: what was made or deleted
// by the request itself is as it was left.
func (m *simulation) gone(e *endpoint, id string) bool {
	if record, known := m.records[recordKey{e, id}]; known || m.shown[id] {
		return known && record == nil
	}
	m.named = true
	if m.read != nil && e != nil && e.get != nil {
		_, err := m.real(e, id)
		return is404(err)
	}
	return m.world.gone
}

// size returns how many records a list has, or a search finds.
func (m *simulation) size(a *legacyclient.Attempt, r role) int {
	many := a.Endpoint.Paging.Limit + 1
	switch {
	case r.part == partList && m.world.vast && m.witness.scans:
		return r.owner.scanLimit + 1
	case r.part == partList:
		return simulatedRecords
	case m.world.nobody:
		return 0
	case m.world.many:
		return many
	}
	return 1
}

// listed returns record n of a list. The first is what was looked for.
func (m *simulation) listed(e *endpoint, n int) []byte {
	id := strconv.Itoa(foundID + n)
	if slices.ContainsFunc(m.witness.changes, func(c ResourceChange) bool { return c.ID == id }) {
		id = strconv.Itoa(relatedID + n) // somebody else than who is written
	}
	m.shown[id] = true
	if n > 0 {
		return e.table.Sample(id, nil)
	}
	return m.record(e, id)
}

// related answers the members of a group or the groups of a user: who was
// asked for, and two others.
func (m *simulation) related(a *legacyclient.Attempt, r role) *http.Response {
	attr, reader := "members", r.owner.members.ids
	if r.part == partGroups {
		attr, reader = "groups", r.owner.groups.ids
	}
	var ids []string
	for _, w := range m.witness.wishes[r.owner] {
		if w.Path.Attr == attr && !m.world.strangers {
			ids = append(ids, w.Value.Text())
		}
	}
	size := len(ids) + 2
	if m.world.many {
		size = max(size, a.Endpoint.Paging.Limit+1)
	}
	return a.Page(size, func(n int) []byte {
		id := strconv.Itoa(relatedID + n - len(ids))
		if n < len(ids) {
			id = ids[n]
		}
		return reader.Sample(id)
	})
}

// record returns the record of that id.
func (m *simulation) record(e *endpoint, id string) []byte {
	if record := m.records[recordKey{e, id}]; record != nil {
		return record
	}
	if m.read != nil && e.get != nil {
		if record, err := m.real(e, id); err == nil {
			return record
		}
	}
	if m.world.differs {
		return e.table.Sample(id, nil)
	}
	return e.table.Sample(id, m.witness.wishes[e])
}

// real reads a record, to answer a write of it that is not made.
func (m *simulation) real(e *endpoint, id string) ([]byte, error) {
	answer, err := m.server.client.Do(m.read, e.get, withID(id), nil)
	return answer.Body, err
}

// write answers a create, or an update of the record of that id.
func (m *simulation) write(a *legacyclient.Attempt, r role, id string) *http.Response {
	if m.world.taken && m.names(r.owner) {
		return a.Refusal(legacyclient.ErrConflict)
	}
	status, record, location := http.StatusOK, []byte(nil), ""
	if r.part == partCreate {
		id = strconv.Itoa(madeID + m.made)
		m.made++
		status, location = http.StatusCreated, id
		record = r.owner.table.Bare(id)
	} else {
		record = m.record(r.owner, id)
	}
	if c := m.witness.latest[r.owner]; c != nil {
		if merged, err := c.Merge(record); err == nil {
			record = merged
		}
	}
	m.records[recordKey{r.owner, id}] = record
	switch {
	case !m.world.mute:
		return a.Record(status, record)
	case location == "":
		return a.Nothing(http.StatusNoContent, "")
	}
	return a.Nothing(status, location)
}

// names reports whether the request gives a record the name that no other may
// have, and the legacy API is the one to refuse it.
func (m *simulation) names(e *endpoint) bool {
	c, create := m.witness.latest[e], e.table.Operations.Create
	if c == nil || create == nil || create.Unique != "legacy" {
		return false
	}
	_, named := c.Set(e.table.UniquePath())
	return named
}
