package legacytest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

func (s *store) group(id int64) (Group, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	g := s.groupsByID.get(id)
	if g == nil {
		return Group{}, false
	}
	return g.Group, true
}

// groups returns a page of the groups that match any of the words, and how many match
// in all. No words match every group.
func (s *store) groups(words []string, offset, limit int) (page []Group, total int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found, total := s.groupsByID.search(words, offset, limit)
	for _, g := range found {
		page = append(page, g.Group)
	}
	return page, total
}

func (s *store) createGroup(e *groupEdit) (Group, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refuseGroupEdit(0, e); err != nil {
		return Group{}, err
	}
	now := s.now()
	g := s.insertGroup(Group{Name: *e.name, Description: *e.description, CustomFields: e.custom.apply(nil), CreatedAt: now, UpdatedAt: now})
	return g.Group, nil
}

func (s *store) updateGroup(id int64, e *groupEdit) (Group, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groupsByID.get(id)
	if g == nil {
		return Group{}, notFound("host_group")
	}
	if err := s.refuseGroupEdit(id, e); err != nil {
		return Group{}, err
	}
	old, oldText := g.Group, g.text
	if e.description != nil {
		g.Description = *e.description
	}
	if e.name != nil {
		delete(s.groupNames, g.text)
		g.Name, g.text = *e.name, fold(*e.name)
		s.groupNames[g.text] = id
		s.groupsByID.put(id, g, g.text)
	}
	g.CustomFields = e.custom.apply(g.CustomFields)
	if !g.Group.equal(&old) {
		s.groupChanges.note(s, id, &group{Group: old, text: oldText})
		g.UpdatedAt = s.now()
	}
	return g.Group, nil
}

// deleteGroup removes the group, not its hosts, and reports whether there was one.
func (s *store) deleteGroup(id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groupsByID.get(id)
	if g == nil {
		return false
	}
	s.groupChanges.note(s, id, &group{Group: g.Group, text: g.text})
	s.groupsByID.remove(id)
	for _, host := range g.members {
		s.leave(g, host)
	}
	delete(s.groupNames, g.text)
	return true
}

func (s *store) addGroup(g Group, hostIDs []int64) Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.groupNames[fold(g.Name)]; ok && !s.sameNames {
		panic(fmt.Sprintf("legacytest: adding a host group: name %q is taken", g.Name))
	}
	if errs := s.unknownHosts(hostIDs); len(errs) > 0 {
		panic("legacytest: adding a host group: " + errs[0].Message)
	}
	g.HostsCount, g.CustomFields = 0, slices.Clone(g.CustomFields)
	g.CreatedAt, g.UpdatedAt = timesOr(s.now(), g.CreatedAt, g.UpdatedAt)
	stored := s.insertGroup(g)
	s.join(stored, hostIDs, stored.UpdatedAt)
	return stored.Group
}

// members returns a page of a group's hosts and how many there are; false if there is
// no such group.
func (s *store) members(groupID int64, offset, limit int) (page []*record, total int, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	g := s.groupsByID.get(groupID)
	if g == nil {
		return nil, 0, false
	}
	ids := g.members[min(offset, len(g.members)):]
	ids = ids[:min(limit, len(ids))]
	page = make([]*record, len(ids))
	for i, id := range ids {
		page[i] = s.hostsByID.get(id)
	}
	return page, len(g.members), true
}

func (s *store) memberIDs(groupID int64) []int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	g := s.groupsByID.get(groupID)
	if g == nil {
		return nil
	}
	return append([]int64{}, g.members...)
}

// addMembers adds the hosts that are missing, or none if one does not exist.
func (s *store) addMembers(groupID int64, ids []int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groupsByID.get(groupID)
	if g == nil {
		return notFound("host_group")
	}
	if errs := s.unknownHosts(ids); len(errs) > 0 {
		return refuse(http.StatusUnprocessableEntity, errs...)
	}
	s.join(g, ids, s.now())
	return nil
}

func (s *store) removeMember(groupID, hostID int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groupsByID.get(groupID)
	if g == nil {
		return notFound("host_group")
	}
	if !g.remove(hostID, s.now()) {
		return notFound("host")
	}
	s.leave(g, hostID)
	return nil
}

// The methods below expect the lock to be held.

func (s *store) insertGroup(g Group) *group {
	s.lastGroup++
	g.ID = s.lastGroup
	stored := &group{Group: g, text: fold(g.Name)}
	s.groupChanges.note(s, g.ID, nil)
	s.groupsByID.put(g.ID, stored, stored.text)
	s.groupNames[stored.text] = g.ID
	return stored
}

// join adds the hosts that the group has not yet.
func (s *store) join(g *group, hostIDs []int64, now time.Time) {
	for _, id := range g.add(hostIDs, now) {
		s.groupsOf[id] = append(s.groupsOf[id], g)
	}
}

// leave notes that the host is no longer in the group.
func (s *store) leave(g *group, hostID int64) {
	left := slices.DeleteFunc(s.groupsOf[hostID], func(of *group) bool { return of == g })
	if len(left) == 0 {
		delete(s.groupsOf, hostID)
		return
	}
	s.groupsOf[hostID] = left
}

func (s *store) refuseGroupEdit(id int64, e *groupEdit) error {
	errs := e.errs
	if e.name != nil {
		if owner, ok := s.groupNames[fold(*e.name)]; ok && owner != id && !s.sameNames {
			errs = append([]entry{taken("host_group", "name")}, errs...)
		}
	}
	if len(errs) > 0 {
		return refuse(http.StatusBadRequest, errs...)
	}
	return nil
}

// unknownHosts returns one error for every id that is no host's.
func (s *store) unknownHosts(ids []int64) []entry {
	var errs []entry
	var seen []int64
	for _, id := range ids {
		if s.hostsByID.get(id) != nil || slices.Contains(seen, id) {
			continue
		}
		seen = append(seen, id)
		errs = append(errs, entry{
			Domain: "host", Attribute: "host_ids", Code: "not_found",
			Message: "host " + strconv.FormatInt(id, 10) + " does not exist",
		})
	}
	return errs
}
