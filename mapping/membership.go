package mapping

import (
	"slices"
	"strings"
)

// membershipKey stands for the id of a membership in the call that removes it.
const membershipKey = "{key}"

// members checks how the members of a group are kept, and fills in what is
// left out.
func (c *compiler) members(config *Config) {
	m := c.table.Members
	if m == nil {
		return
	}
	path := c.path + ".members"
	if c.name() != groupType {
		c.add(path, "only a Group has members")
		return
	}
	c.table.attributes = append(c.table.attributes, &attribute{attr: c.table.full.Schema.Attribute("members"), row: -1, members: true})
	c.memberStyle(path, m)
	if (m.Add == nil) != (m.Remove == nil) {
		c.add(path, "has only one of add and remove; a group that members can enter but not leave cannot be provisioned")
	}
	if l := m.List; l != nil {
		c.shape(path+".list", &l.ListShape, c.table.Operations.List)
		c.request(path+".list", l.Request, l.Query, "GET", "{id}")
		c.memberFind(path+".find", m)
	}
	c.memberOp(path+".add", m.Add, "{id}", oneID)
	c.memberRemove(path+".remove", m)
	if m.Remove != nil && m.Remove.Unique != "" {
		c.add(path+".remove.unique", "has a meaning for add only")
	}
	if m.Add != nil && m.Add.Unique == "adapter" && m.List == nil {
		c.add(path+".add.unique", "has a meaning where members are listed by a call; a list in a record is read before it is written")
	}
	if m.Known == "adapter" && (config.Resources.User == nil || config.Resources.User.Operations.Get == nil) {
		c.add(path+".known", "the adapter can only know users that it can read; add resources.User with operations.get")
	}
	user := config.Resources.User
	m.writable = m.Add != nil || m.Field != "" && c.table.Operations.Update != nil ||
		m.UserField != "" && user != nil && user.Operations.Update != nil
}

// memberStyle holds the members to one of the ways of keeping them.
func (c *compiler) memberStyle(path string, m *Members) {
	given := 0
	for _, yes := range []bool{m.List != nil, m.Field != "", m.UserField != ""} {
		if yes {
			given++
		}
	}
	switch {
	case given == 0:
		c.add(path, "does not say where the members are; write list: {request: \"GET /host_groups/{id}/hosts\", value: id}, or field: member_ids for a list in the group, or user_field: group_ids for one in the user")
	case given > 1:
		c.add(path, "has more than one of list, field and user_field; keep the one that tells who is in a group")
	}
	if m.List == nil && m.Find != nil {
		c.add(path+".find", "has no use where the record itself tells the members; remove it")
	}
	if m.List != nil && m.Value != "" {
		c.add(path+".value", "has a meaning beside field and user_field; of a list, the value is list.value")
	}
	if m.UserField != "" && (m.Add != nil || m.Remove != nil) {
		c.add(path, "has calls that add and remove beside user_field; such members are changed by the update of the users")
	}
	if m.Field != "" && c.table.Operations.Get == nil {
		c.add(path+".field", "needs the group as it is; add operations.get")
	}
}

func (c *compiler) memberFind(path string, m *Members) {
	f := m.Find
	if f == nil {
		return
	}
	c.shape(path, &f.ListShape, &ListOp{ListShape: m.List.ListShape})
	c.request(path, f.Request, f.Query, "GET", "{id}", oneID)
	if f.Request.Method != "" && !usesVariable(f.Request, f.Query, oneID) {
		c.add(path, "does not say which member; write for example query: {host_id: \"{value}\"}")
	}
}

func (c *compiler) memberRemove(path string, m *Members) {
	known := []string{"{id}", oneID}
	keyed := m.List != nil && m.List.Key != ""
	if keyed {
		known = append(known, membershipKey)
	}
	c.memberOp(path, m.Remove, known...)
	if o := m.Remove; keyed && o != nil && !usesVariable(o.Request, o.Query, membershipKey) {
		c.add(strings.TrimSuffix(path, ".remove")+".list.key", "is not used; put {key} into the request of remove, or leave the key out")
	}
}

// uses reports whether the call sends the variable.
func (o *MemberOp) uses(name string) bool {
	return usesVariable(o.Request, o.Query, name) || o.Body.contains(name)
}

func (c *compiler) memberOp(path string, o *MemberOp, known ...string) {
	if o == nil || o.Request.Method == "" {
		return
	}
	c.variables(path, o.Request, o.Query, "", known...)
	keyed := slices.Contains(known, membershipKey) && usesVariable(o.Request, o.Query, membershipKey)
	if o.Body.contains(membershipKey) {
		c.add(path+".body", "{key} can stand in the path and the query only")
	}
	if !keyed && !o.uses("{id}") {
		c.add(path+".request", "does not say which group; put {id} into the path or the body")
	}
	one, many := o.uses(oneID), o.Body.contains(allIDs)
	switch {
	case keyed && (one || many):
		c.add(path, "must send the membership's {key} alone; it says who leaves which group")
	case one == many && !keyed:
		c.add(path, "must send the member once: as {value} in the path, the query or the body, or as {values} in the body")
	case !many && o.MaxPerCall > 1:
		c.add(path+".max_per_call", "is more than 1, but the call sends one member; use {values} in the body")
	case o.MaxPerCall == 0 && many:
		o.MaxPerCall = defaultPageSize
	case o.MaxPerCall == 0:
		o.MaxPerCall = 1
	}
}

// version checks what an update sends to be refused if it is too late.
func (c *compiler) version(path string, o *UpdateOp) {
	v := o.Version
	switch {
	case v == nil:
	case v.Field == "" && v.Header == "":
		c.add(path, "says neither where the version is nor how it is sent; write for example {field: rev, header: If-Match}")
	case c.table.Operations.Get == nil:
		c.add(path, "needs the record as it is; add operations.get")
	case strings.Contains("."+v.Field+".", "..") && v.Field != "":
		c.add(path+".field", "must be a field name, or names joined by dots; write for example rev")
	case v.Header != "" && strings.ContainsFunc(v.Header, notInHeaderName):
		c.add(path+".header", "must be the name of a header; write for example If-Match")
	}
}

// notInHeaderName reports whether r cannot stand in the name of a header (RFC
// 9110 section 5.6.2).
func notInHeaderName(r rune) bool {
	return !strings.ContainsRune("!#$%&'*+-.^_`|~", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

// linked binds the list of ids that the record itself holds. group is the
// resource of groups, which says so of users too.
func (c *compiler) linked(group *Resource) {
	if group == nil || group.Members == nil {
		return
	}
	m, path := group.Members, "resources."+groupType+".members"
	l, key := &linked{attr: "members", legacy: m.Field}, ".field"
	if c.name() == userType {
		l.attr, l.legacy, key = "groups", m.UserField, ".user_field"
	}
	if l.legacy == "" {
		return
	}
	l.keys = strings.Split(l.legacy, ".")
	if m.Value != "" {
		l.value = strings.Split(m.Value, ".")
	}
	if slices.Contains(l.value, "") {
		c.add(path+".value", "must be a field name, or names joined by dots; write for example id")
		return
	}
	if path += key; slices.Contains(l.keys, "") {
		c.add(path, "must be a field name, or names joined by dots; write for example member_ids")
		return
	}
	for _, r := range c.table.Rows {
		if r.Legacy == l.legacy || strings.HasPrefix(r.Legacy, l.legacy+".") {
			c.add(join(c.path+".attributes", r.Path)+".legacy", "%s is the list of %s, which no row can map", l.legacy, l.attr)
			return
		}
	}
	if c.table.Groups != nil && l.attr == "groups" {
		c.add(c.path+".groups", "has no use: members.user_field of Group tells the groups of a user; remove it")
		return
	}
	c.bind(path, l.keys, linkedField)
	c.table.linked = l
	if l.attr == "groups" {
		c.table.attributes = append(c.table.attributes, &attribute{attr: c.table.full.Schema.Attribute("groups"), row: -1, groups: true})
	}
}

// checkMembership checks what a group that is kept in its users needs of
// them, and tells each list of ids whose they are.
func (c *Config) checkMembership(d *decoder) {
	group, user := c.Group, c.User
	if user != nil && user.linked != nil {
		user.linked.of = group
	}
	if group == nil || group.Members == nil {
		return
	}
	if group.linked != nil {
		group.linked.of = group
		if user != nil {
			group.linked.of = user
		}
	}
	group.holders = user
	if group.Members.UserField == "" {
		return
	}
	const path = "resources.Group.members.user_field"
	if user == nil {
		d.add(path, "is a field of users, but there is no resources.User; add it")
		return
	}
	ops := user.Operations
	if ops.Update != nil && ops.Get == nil {
		d.add(path, "needs a user as it is to change the list; add operations.get of User")
	}
	if ops.List == nil && !slices.ContainsFunc(user.searches, func(s Searched) bool { return s.Text == "groups.value" }) {
		d.add(path, "nobody can tell who is in a group; add to User operations.list, or operations.search with filter: groups.value eq")
	}
}
