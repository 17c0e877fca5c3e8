package mapping

// memberBudget returns what the operations on members cost, in the way in
// which the table says that they are kept.
func (t *Table) memberBudget() []Expense {
	ops, m := &t.Operations, t.Members
	changes := m.Writable()
	return []Expense{
		{Operation: "GET /Groups/{id} with n members", Offered: ops.Get != nil, Calls: calls(1).plus(t.membersCost()), Note: t.membersNote()},
		{Operation: "POST /Groups with n members", Offered: ops.Create != nil && changes, Calls: t.createWithCost()},
		{Operation: "PATCH members: add n", Offered: changes, Calls: t.addCost(), Note: t.addNote()},
		{Operation: "PATCH members: remove n", Offered: changes, Calls: t.removeCost(), Note: t.removeNote()},
		{Operation: "PATCH members: replace n by the same n", Offered: changes, Calls: t.sameCost()},
		{Operation: "GET /Groups?attributes=id&filter=id eq and members eq, the last of n", Offered: true, Calls: t.memberTestCost(), Note: t.memberTestNote()},
	}
}

// membersCost is the cost of showing the n members of a group, beside that of
// reading the group.
func (t *Table) membersCost() Cost {
	switch m := t.Members; {
	case m.Field != "":
		return Cost{} // they are in it
	case m.UserField != "":
		return t.holdersCost()
	default:
		return m.List.through()
	}
}

func (t *Table) membersNote() string {
	if t.Members.UserField == "" || t.holders == nil || t.holders.groupSearch() != nil {
		return ""
	}
	return "n is all users there are: no search finds those of a group"
}

// holdersCost is the cost of finding the n users who hold the group.
func (t *Table) holdersCost() Cost {
	if s := t.holders.groupSearch(); s != nil {
		return s.carefully()
	}
	return t.holders.Operations.List.carefully()
}

// groupSearch returns the search that finds the users of a group; nil where
// there is none.
func (t *Table) groupSearch() *SearchOp {
	for i, s := range t.searches {
		if s.Text == "groups.value" {
			return &t.Operations.Search[i]
		}
	}
	return nil
}

// outlives reports whether memberships are kept apart from groups, so that the
// adapter asks for the group where it matters.
func (m *Members) outlives() bool {
	return m.List != nil && (m.List.Key != "" || !usesVariable(m.List.Request, nil, "{id}"))
}

// knownCost is the cost of making sure that n members are users, where that is
// for the adapter to do.
func (t *Table) knownCost() Cost {
	if t.Members.Known == "adapter" {
		return in(1)
	}
	return Cost{}
}

// lookCost is the cost of finding out which of n users are members of a group
// that has them: one look for each where the API can tell of one.
func (m *Members) lookCost() Cost {
	if m.Find == nil {
		return m.List.carefully()
	}
	one := m.Find.through().For(1)
	look := Cost{}
	for range one {
		look = look.plus(in(1))
	}
	return look
}

// addCost is the cost of adding n members who are none yet.
func (t *Table) addCost() Cost {
	m := t.Members
	known := t.knownCost()
	switch {
	case m.UserField != "":
		return known.plus(calls(1), in(1), in(1)) // the group; each user read and written
	case m.Field != "" && m.Add == nil:
		return known.plus(calls(2)) // the group read and written
	}
	c := known.plus(in(m.Add.MaxPerCall))
	if m.Add.Unique != "adapter" {
		return c
	}
	if m.outlives() {
		c.Fixed++ // is there such a group?
	}
	if m.Find != nil {
		return c.plus(m.lookCost())
	}
	return c.plus(m.List.carefully())
}

func (t *Table) addNote() string {
	if m := t.Members; m.Add == nil || m.Add.Unique != "adapter" || m.Find != nil {
		return ""
	}
	return "and the pages of those who are members already"
}

// createWithCost is the cost of a new group with n members.
func (t *Table) createWithCost() Cost {
	m, create := t.Members, t.createCost()
	switch {
	case m.Field != "" && m.Add == nil:
		return create.plus(t.knownCost()) // they are in the body
	case m.Field != "":
		c := create.plus(t.knownCost())
		c.Lists = append(c.Lists, Batches{Size: m.Add.MaxPerCall, Less: m.Add.MaxPerCall})
		return c
	case m.UserField != "":
		return create.plus(t.knownCost(), in(1), in(1))
	}
	return create.plus(t.addCost())
}

// removeCost is the cost of removing n members.
func (t *Table) removeCost() Cost {
	m := t.Members
	switch {
	case m.UserField != "":
		return calls(1).plus(in(1), in(1))
	case m.Field != "" && m.Remove == nil:
		return calls(2)
	case m.List != nil && m.List.Key != "":
		return m.lookCost().plus(in(1)) // by the ids of their memberships
	}
	return in(m.Remove.MaxPerCall)
}

func (t *Table) removeNote() string {
	if t.Members.Remove == nil {
		return ""
	}
	return "one more where somebody is no member"
}

// sameCost is the cost of making the n members exactly those that are there
// already: they must be known first.
func (t *Table) sameCost() Cost {
	m := t.Members
	known := t.knownCost()
	switch {
	case m.UserField != "":
		return known.plus(calls(1), t.holdersCost())
	case m.Field != "":
		return known.plus(calls(1))
	}
	c := known.plus(m.List.carefully())
	if m.outlives() {
		c.Fixed++
	}
	return c
}

// memberTestCost is the cost of finding the last of n members.
func (t *Table) memberTestCost() Cost {
	m := t.Members
	switch {
	case m.UserField != "":
		return calls(2) // the user, and the group that it names
	case m.Field != "":
		return calls(1)
	}
	inPath := usesVariable(m.List.Request, nil, "{id}")
	var c Cost
	if m.Find != nil {
		c, inPath = calls(m.Find.through().For(1)), usesVariable(m.Find.Request, nil, "{id}")
	} else {
		c = m.List.carefully()
		for i := range c.Lists {
			c.Lists[i].More = 0 // it ends where the member is found
		}
	}
	if (t.id.Type == kindString || !inPath || t.HidesGone()) && t.Operations.Get != nil {
		c.Fixed++ // is there just this group? The API may read A1 as a1
	}
	return c
}

func (t *Table) memberTestNote() string {
	if t.id.Type == "any" && t.Operations.Get != nil && t.Members.List != nil {
		return "one more where ids are no integers"
	}
	return ""
}
