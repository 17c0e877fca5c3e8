package mapping

// Members says how the legacy API keeps who is in a group, in one of these
// ways:
//
//	list        under the group, or as records of their own: it is listed, and
//	            changed by the calls add and remove
//	field       as a list of ids in the group's record: it is changed by add
//	            and remove where the API has such calls, else by the update
//	            of the group
//	user_field  as a list of the ids of groups in the user's record: it is
//	            changed by the update of the users
type Members struct {
	List   *MemberList `yaml:"list"`
	Add    *MemberOp   `yaml:"add"`
	Remove *MemberOp   `yaml:"remove"`
	// Find is the call that tells whether one user is a member. Without it the
	// list is read for that.
	Find *MemberFind `yaml:"find"`
	// Field is the dotted path of the list of ids in the record of the group.
	// A record that leaves it out has no members.
	Field string `yaml:"field"`
	// UserField is the dotted path of the list of group ids in the record of
	// the user. The groups of a user are then known from it too. Who is in a
	// group is found by a search on users with the filter groups.value eq; by
	// looking through all users, where there is none. To clear the lists when a
	// group is deleted is up to the legacy API.
	UserField string `yaml:"user_field"`
	// Value is the dotted path of the id in each element of Field or
	// UserField; "" where the elements are the ids.
	Value string `yaml:"value"`
	// Known says who refuses a member that is no user: the legacy API (the
	// default), or the adapter, which reads each user first.
	Known string `yaml:"known" enum:"legacy,adapter"`

	writable bool // worked out at load
}

// MemberList is the call that lists the members of a group. Items, total and
// paging that are left out are those of the group's list operation.
type MemberList struct {
	Request Request         `yaml:"request" need:"GET /host_groups/{id}/hosts"`
	Query   Ordered[string] `yaml:"query"`
	Value   string          `yaml:"value" need:"id"` // the field with the member's id
	// Key is the field with the id of the membership itself, where it has
	// one; {key} in the call that removes is that.
	Key string `yaml:"key"`
	ListShape
}

// MemberFind is the call that answers the membership of one user, {value}, in
// one group, {id}: a list with one record, or none. The records are those of
// the list of members. Items, total and paging that are left out are its too.
type MemberFind struct {
	Request Request         `yaml:"request" need:"GET /memberships"`
	Query   Ordered[string] `yaml:"query"`
	ListShape
}

// GroupList is the call that lists the groups of a user. They are shown when
// a client asks for the attribute groups, and cannot be written: that is done
// at the group. Total and paging that are left out are those of the user's
// list operation.
type GroupList struct {
	Request Request         `yaml:"request" need:"GET /hosts/{id}/host_groups"`
	Query   Ordered[string] `yaml:"query"`
	Value   string          `yaml:"value" need:"id"` // the field with the group's id
	ListShape
}

// MemberOp is a call that adds or removes members: one at a time with {value}
// in the path or the body, several at once with {values} in the body. {id} is
// the group, and {key}, in remove alone, the id of the membership.
type MemberOp struct {
	Request    Request         `yaml:"request" need:"POST /host_groups/{id}/hosts"`
	Query      Ordered[string] `yaml:"query"`
	Body       Template        `yaml:"body"`
	MaxPerCall int             `yaml:"max_per_call" min:"1"` // default 1, with {values} 100
	Idempotent bool            `yaml:"idempotent"`
	// Unique says, of add alone, who sees to it that nobody is a member
	// twice: the legacy API (the default), or the adapter, which looks first.
	Unique string `yaml:"unique" enum:"legacy,adapter"`
	Envelope
}
