package legacytest

import (
	"fmt"
	"net/http"
)

func (s *store) host(id int64) (*record, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	rec := s.hostsByID.get(id)
	return rec, rec != nil
}

// hosts returns a page of the hosts that match any of the words, and how many match in
// all. No words match every host.
func (s *store) hosts(words []string, offset, limit int) (page []*record, total int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.hostsByID.search(words, offset, limit)
}

func (s *store) createHost(e *hostEdit) (*record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refuseEdit(0, e); err != nil {
		return nil, err
	}
	h := e.apply(Host{})
	h.CreatedAt = s.now()
	h.UpdatedAt = h.CreatedAt
	return s.insertHost(h), nil
}

func (s *store) updateHost(id int64, e *hostEdit) (*record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.hostsByID.get(id)
	if old == nil {
		return nil, notFound("host")
	}
	if err := s.refuseEdit(id, e); err != nil {
		return nil, err
	}
	h := e.apply(old.Host)
	if h.equal(&old.Host) {
		return old, nil
	}
	h.UpdatedAt = s.now()
	rec := newRecord(h)
	s.hostChanges.note(s, id, old)
	s.hostsByID.put(id, rec, searchText(&h))
	s.dropUsername(old)
	s.keepUsername(rec)
	return rec, nil
}

// deleteHost removes the host everywhere and reports whether there was one.
func (s *store) deleteHost(id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	rec := s.hostsByID.get(id)
	if rec == nil {
		return false
	}
	s.hostChanges.note(s, id, rec)
	s.hostsByID.remove(id)
	s.dropUsername(rec)
	now := s.now()
	for _, g := range s.groupsOf[id] {
		g.remove(id, now)
	}
	delete(s.groupsOf, id)
	return true
}

func (s *store) addHost(h Host) *record {
	h = h.clone()
	if len(h.CustomFields) > 0 {
		fields, ok := parseCustomFields(h.CustomFields)
		if !ok {
			panic(fmt.Sprintf("legacytest: adding a host: custom fields %s are no JSON object", h.CustomFields))
		}
		h.CustomFields = printCustomFields(fields)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.usernameTaken(0, h.Username) {
		panic(fmt.Sprintf("legacytest: adding a host: username %q is taken", h.Username))
	}
	h.CreatedAt, h.UpdatedAt = timesOr(s.now(), h.CreatedAt, h.UpdatedAt)
	return s.insertHost(h)
}

// The methods below expect the lock to be held.

func (s *store) insertHost(h Host) *record {
	s.lastHost++
	h.ID = s.lastHost
	rec := newRecord(h)
	s.hostChanges.note(s, h.ID, nil)
	s.hostsByID.put(h.ID, rec, searchText(&h))
	s.keepUsername(rec)
	return rec
}

// refuseEdit returns the faults of a body together with the one that only the stored
// hosts can tell. A host may keep its own username.
func (s *store) refuseEdit(id int64, e *hostEdit) error {
	errs := e.errs
	if name, ok := e.username(); ok && s.usernameTaken(id, name) {
		errs = append([]entry{taken("host", "username")}, errs...)
	}
	if len(errs) > 0 {
		return refuse(http.StatusBadRequest, errs...)
	}
	return nil
}

func (s *store) usernameTaken(id int64, name string) bool {
	owner, ok := s.usernames[fold(name)]
	return ok && owner != id && !s.sameNames
}

func (s *store) keepUsername(rec *record) {
	if rec.Username != "" { // only AddHost leaves it out
		s.usernames[fold(rec.Username)] = rec.ID
	}
}

func (s *store) dropUsername(rec *record) {
	if rec.Username != "" {
		delete(s.usernames, fold(rec.Username))
	}
}
