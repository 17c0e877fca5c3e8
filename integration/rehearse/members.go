package rehearse

import "context"

// maxMembers is how many members a provider other than Entra puts into one
// request.
const maxMembers = 100

// initialMembers fills the groups. Entra sends a PATCH for each member, and
// several for one group at a time.
func (s *stage) initialMembers(ctx context.Context) {
	if s.noGroups || s.o.Members == 0 {
		return
	}
	for g := range s.groups {
		s.groups[g].members = make(map[int]bool, s.o.Members)
	}
	if !s.client.profile.onDemand {
		s.eachGroup(ctx, "add members", len(s.groups), func(g int) outcome { return s.fill(ctx, g) })
		return
	}
	s.each(ctx, "add members", len(s.groups)*s.o.Members, func(k int) outcome {
		g, m := k/s.o.Members, s.member(k)
		if s.groups[g].id == "" || s.users[m].id == "" {
			return outcome{}
		}
		out := s.patchGroup(ctx, "add member", g, "add-member", s.style.addMembers(s.users[m].id))
		if !out.failed() {
			s.join(g, m)
		}
		return out
	})
}

// member returns who has the k-th of all places in groups.
func (s *stage) member(k int) int { return k % len(s.users) }

func (s *stage) join(g, m int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.groups[g].members[m] = true
}

func (s *stage) leave(g, m int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.groups[g].members, m)
}

// fill adds the members of a group, many in a request.
func (s *stage) fill(ctx context.Context, g int) outcome {
	for k := 0; k < s.o.Members; k += maxMembers {
		var ids []string
		var numbers []int
		for j := k; j < min(k+maxMembers, s.o.Members); j++ {
			if m := s.member(g*s.o.Members + j); s.users[m].id != "" {
				ids, numbers = append(ids, s.users[m].id), append(numbers, m)
			}
		}
		if len(ids) == 0 {
			continue
		}
		if out := s.patchGroup(ctx, "add members", g, "add-member", s.style.addMembers(ids...)); out.failed() {
			return out
		}
		for _, m := range numbers {
			s.join(g, m)
		}
	}
	return outcome{}
}

// moveMembers takes a member out of groups and puts it back, both twice: an
// answer may be lost.
func (s *stage) moveMembers(ctx context.Context) {
	if s.o.Members == 0 {
		return
	}
	s.eachGroup(ctx, "move members", some(len(s.groups)), func(g int) outcome {
		m := s.member(g * s.o.Members)
		id := s.users[m].id
		if id == "" || !s.groups[g].members[m] {
			return outcome{}
		}
		if out := s.patchGroup(ctx, "remove member", g, "remove-member", s.style.removeMembers(id)); out.failed() {
			return out
		}
		s.leave(g, m)
		if out := s.verifyGroup(ctx, g, "members-truncated", "remove-ignored"); out.failed() {
			return out
		}
		if out := s.patchGroup(ctx, "remove member", g, "remove-absent", s.style.removeMembers(id)); out.failed() {
			return out
		}
		s.join(g, m)
		for range 2 {
			if out := s.patchGroup(ctx, "add member", g, "add-member", s.style.addMembers(id)); out.failed() {
				return out
			}
		}
		return s.verifyGroup(ctx, g, "members-lost", "members-extra")
	})
}

// exchangeMembers puts somebody else into the place of a member, in one request
// and together with the group's name as Okta does, and takes that back.
func (s *stage) exchangeMembers(ctx context.Context) {
	if s.style.exchange == nil || s.o.Members == 0 {
		return
	}
	s.eachGroup(ctx, "exchange members", some(len(s.groups)), func(g int) outcome {
		goes, comes := s.member(g*s.o.Members), s.outsider(g)
		if comes < 0 || s.users[goes].id == "" || !s.groups[g].members[goes] {
			return outcome{}
		}
		for range 2 {
			ops := append(
				s.style.renameGroup(s.groups[g].id, s.cast.groupName(g, s.groups[g].events)),
				s.style.exchange(s.users[goes].id, s.users[comes].id, s.cast.values(comes, 0)[pathWorkMail])...)
			if out := s.patchGroup(ctx, "exchange members", g, "mixed-members", ops); out.failed() {
				return out
			}
			s.leave(g, goes)
			s.join(g, comes)
			if out := s.verifyGroup(ctx, g, "mixed-members", "mixed-members"); out.failed() {
				return out
			}
			goes, comes = comes, goes
		}
		return outcome{}
	})
}

// outsider returns somebody who is no member of the group, -1 if all are.
func (s *stage) outsider(g int) int {
	for m := range s.users {
		if s.users[m].id != "" && !s.groups[g].members[m] {
			return m
		}
	}
	return -1
}

// onDemandGroup provisions a group with up to five members on demand: legacy
// bodies in any dialect, several members in a request.
func (s *stage) onDemandGroup(ctx context.Context) {
	if !s.client.profile.onDemand || s.o.Members == 0 {
		return
	}
	s.eachGroup(ctx, "provision on demand", 1, func(g int) outcome {
		const step = "on demand: group"
		var ids []string
		var numbers []int
		for m := range s.groups[g].members {
			if len(ids) < 5 {
				ids, numbers = append(ids, s.users[m].id), append(numbers, m)
			}
		}
		if out := s.patchGroup(ctx, step, g, "remove-member", legacyStyle.removeMembers(ids...)); out.failed() {
			return out
		}
		for _, m := range numbers {
			s.leave(g, m)
		}
		if out := s.verifyGroup(ctx, g, "members-truncated", "remove-ignored"); out.failed() {
			return out
		}
		for _, m := range numbers {
			s.join(g, m)
		}
		if out := s.patchGroup(ctx, step, g, "add-member", legacyStyle.addMembers(ids...)); out.failed() {
			return out
		}
		return s.verifyGroup(ctx, g, "members-lost", "members-extra")
	})
}
