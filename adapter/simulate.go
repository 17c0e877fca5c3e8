package adapter

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"hostscim/adapter/scim"
	"hostscim/legacyclient"
	"hostscim/mapping"
)

// simulation is a legacy API that is not there. It answers what the
// configuration describes, so that the handlers run as they do before the real
// one: records that are asked for exist, and what was written is read back.
type simulation struct {
	tenant  *tenant
	world   world
	witness *witness
	calls   *recorded
	roles   map[*legacyclient.Endpoint]role
	records map[recordKey][]byte // as they were written
	shown   map[string]bool      // ids that a list has shown, so that they exist
	named   bool                 // the request itself names a record
	added   bool                 // the users who become members are asked for
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
	call  int // of a row: which one
}

type part string

const (
	partList         part = "list"
	partSearch       part = "search"
	partGet          part = "get"
	partCreate       part = "create"
	partUpdate       part = "update"
	partCall         part = "call of a row"
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

func newSimulation(t *tenant, w world) *simulation {
	m := &simulation{
		tenant: t, world: w, witness: newWitness(), calls: newRecorded(t.config),
		roles: make(map[*legacyclient.Endpoint]role), records: make(map[recordKey][]byte),
		shown: make(map[string]bool),
	}
	for _, e := range t.endpoints() {
		for ep, p := range map[*legacyclient.Endpoint]part{
			e.list: partList, e.get: partGet, e.create: partCreate, e.update: partUpdate, e.delete: partDelete,
			e.groups.list: partGroups,
		} {
			m.roles[ep] = role{owner: e, part: p}
		}
		for _, search := range e.searches {
			m.roles[search] = role{owner: e, part: partSearch}
		}
		for i, call := range e.calls {
			m.roles[call] = role{e, partCall, i}
		}
		m.membership(e)
	}
	delete(m.roles, nil) // calls that the API does not have
	return m
}

// membership notes what the calls on members are for, where there are any.
func (m *simulation) membership(e *endpoint) {
	var calls *memberCalls
	switch kept := e.members.(type) {
	case *memberCalls:
		calls = kept
	case *recordMembers:
		calls = kept.memberCalls
	default:
		return
	}
	for ep, p := range map[*legacyclient.Endpoint]part{
		calls.list: partMembers, calls.find: partMembers, calls.addCall: partAddMember, calls.removeCall: partRemoveMember,
	} {
		m.roles[ep] = role{owner: e, part: p}
	}
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
		return versioned(a.Record(http.StatusOK, m.record(r.owner, id)))
	case partCreate, partUpdate, partCall:
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
	if e == m.tenant.users && m.member(id) {
		return m.world.refused
	}
	m.named = true
	if m.read != nil && e != nil && e.get != nil {
		_, err := m.real(e, id)
		return is404(err)
	}
	return m.world.gone
}

// member reports whether the user is one whom the request makes a member, or
// no member, and notes that it was asked for.
func (m *simulation) member(id string) bool {
	for _, c := range m.witness.changes {
		if slices.Contains(c.AddMembers, id) {
			m.added = true
			return true
		}
		if slices.Contains(c.RemoveMembers, id) {
			return true
		}
	}
	return false
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

// related answers the members of a group or the groups of a user: who is
// linked to it, and two others.
func (m *simulation) related(a *legacyclient.Attempt, r role) *http.Response {
	sample := func(id string) []byte { return r.owner.table.Members.Sample(id, "k"+id) }
	if r.part == partGroups {
		sample = r.owner.table.Groups.Sample
	}
	ids := m.linked(r.owner, a.Vars["id"], r.part == partGroups)
	if one, asked := a.Vars["value"]; asked {
		// The question is about one member.
		size := 0
		if slices.Contains(ids, one) || m.shown[one] && !m.world.strangers {
			size = 1
		}
		return a.Page(size, func(int) []byte { return sample(one) })
	}
	size := len(ids) + 2
	if m.world.many {
		size = max(size, a.Endpoint.Paging.Limit+1)
	}
	return a.Page(size, func(n int) []byte {
		if n < len(ids) {
			return sample(ids[n])
		}
		other := strconv.Itoa(relatedID + n - len(ids))
		m.shown[other] = true
		return sample(other)
	})
}

// linked returns who is linked to a record, as far as the request says: as its
// groups, else as its members.
func (m *simulation) linked(e *endpoint, id string, groups bool) []string {
	if m.world.strangers {
		return nil
	}
	attr := "members"
	if groups {
		attr = "groups"
	}
	var ids []string
	for _, w := range m.witness.wishes[e] {
		if w.Path.Attr == attr {
			ids = append(ids, w.Value.Text())
		}
	}
	for _, c := range m.witness.changes {
		switch {
		case groups && slices.Contains(c.AddMembers, id):
			return nil // is to become a member, and is none yet
		case !groups && c.Resource == e.table.Type.Name && c.ID == id:
			ids = append(ids, c.RemoveMembers...)
		case groups && slices.Contains(c.RemoveMembers, id):
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// versioned gives an answer the version that some APIs tell in a header.
func versioned(r *http.Response) *http.Response {
	r.Header.Set("ETag", `"1"`)
	return r
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
	wishes, others := m.witness.wishes[e], []string(nil)
	if m.world.differs {
		wishes = nil
	}
	switch {
	case e.table.MembersInRecord():
		others = append(m.linked(e, id, false), strconv.Itoa(relatedID), strconv.Itoa(relatedID+1))
	case e.table.GroupsInRecord():
		others = m.linked(e, id, true)
	}
	return e.table.Sample(id, wishes, others...)
}

// real reads a record, to answer a write of it that is not made.
func (m *simulation) real(e *endpoint, id string) ([]byte, error) {
	answer, err := m.tenant.client.Do(m.read, e.get, withID(id), nil)
	return answer.Body, err
}

// write answers a create, or an update of the record of that id.
func (m *simulation) write(a *legacyclient.Attempt, r role, id string) *http.Response {
	if m.world.taken && m.names(r.owner) {
		return a.Refusal(legacyclient.ErrConflict)
	}
	status, record, location := http.StatusOK, []byte(nil), ""
	c := m.witness.latest[r.owner]
	switch {
	case r.part == partCreate && c != nil:
		id = strconv.Itoa(madeID + m.made)
		m.made++
		status, location, record = http.StatusCreated, id, c.Made(id)
	default:
		record = after(m.record(r.owner, id), r, c, a.Body)
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

// after returns the record as a write leaves it: with the changes, or where
// the request is about other resources, with the fields of the body.
func after(record []byte, r role, c *mapping.Changes, body []byte) []byte {
	if c != nil {
		changed, err := c.After(record)
		if r.part == partCall {
			changed, err = c.AfterCall(record, r.call)
		}
		if err != nil {
			return record
		}
		return changed
	}
	v, err := scim.Parse(record)
	sent, sentErr := scim.Parse(body)
	if err != nil || sentErr != nil {
		return record
	}
	fields := slices.Clone(sent.Parts())
	for _, f := range v.Parts() {
		if !slices.ContainsFunc(fields, func(s scim.Field) bool { return s.Name == f.Name }) {
			fields = append(fields, f)
		}
	}
	return scim.Obj(fields...).Append(nil)
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
