package adapter

import "fmt"

// world is what decides at run time: how the legacy API stands when the
// request comes. The zero world is the usual one, in which all is there that
// is asked for and the API accepts what it is told.
type world struct {
	nobody     bool // searches find nothing
	remembered bool // the same request came before
	gone       bool // there is no record of the id
	taken      bool // another record has the name
	differs    bool // the record has other values than the request asks for
	strangers  bool // who is named is no member
	refused    bool // who is added is no user
	many       bool // lists have more than a page
	vast       bool // there are more records than one filter may read
	mute       bool // writes are answered without the record
	current    bool // the version in the request is that of the record
}

// twist is one thing that may stand otherwise in the world.
type twist struct {
	flag func(*world) *bool
	// asked reports whether it matters to what was seen of the request.
	asked func(*run) bool
	// write says that only a write would tell; the rest shows in what is read.
	write bool
	// usual and other say how it stands; "" where it goes without saying.
	usual, other string
}

var twists = []twist{
	{func(w *world) *bool { return &w.nobody }, did(partSearch), false,
		"the search finds one record", "the search finds nothing"},
	{func(w *world) *bool { return &w.remembered }, did(partSearch), false,
		"", "the id is remembered from an earlier request"},
	{func(w *world) *bool { return &w.gone }, func(r *run) bool { return r.simulation.named }, false,
		"there is a record of the id", "there is no record of the id"},
	{func(w *world) *bool { return &w.taken }, (*run).naming, true,
		"no other record has the name", "the legacy API says that the name is taken"},
	{func(w *world) *bool { return &w.differs }, func(r *run) bool { return r.simulation.witness.needed }, false,
		"the record has the values that the request names", "the record has other values than the request names"},
	{func(w *world) *bool { return &w.strangers }, (*run).asksMembers, true,
		"who is named is a member", "who is named is no member"},
	{func(w *world) *bool { return &w.refused }, func(r *run) bool { return r.simulation.added || did(partAddMember)(r) }, true,
		"all who are added are users", "some who are added are no users"},
	{func(w *world) *bool { return &w.many }, did(partSearch, partMembers, partGroups), false,
		"", "the list that is read has a page and one record more"},
	{func(w *world) *bool { return &w.vast }, (*run).scanning, false,
		"", "there are more records than legacy.scan_limit"},
	{func(w *world) *bool { return &w.mute }, did(partCreate, partUpdate, partCall), true,
		"the legacy API answers a write with the record", "the legacy API answers a write with a status alone"},
	{func(w *world) *bool { return &w.current }, did(partGet), false,
		"the record has another version than the request names", "the record has the version that the request names"},
}

// did returns whether a call for one of the parts was made.
func did(parts ...part) func(*run) bool {
	return func(r *run) bool {
		for _, p := range parts {
			if r.simulation.calls.parts[p] {
				return true
			}
		}
		return false
	}
}

// naming reports whether a write gives a name that the API may refuse.
func (r *run) naming() bool {
	for e := range r.simulation.witness.latest {
		if did(partCreate, partUpdate)(r) && r.simulation.names(e) {
			return true
		}
	}
	return false
}

// maxVast bounds how many records are supposed to be too many.
const maxVast = 100_000

// scanning reports whether it matters that one filter reads so much only.
func (r *run) scanning() bool {
	return r.simulation.witness.scans && did(partList)(r) && r.explained.config.Legacy.ScanLimit <= maxVast
}

// asksMembers reports whether it matters who is a member.
func (r *run) asksMembers() bool {
	if did(partRemoveMember)(r) || r.explained.options.Connect {
		return did(partRemoveMember)(r)
	}
	for _, c := range r.simulation.witness.changes {
		if len(c.RemoveMembers) > 0 {
			return true
		}
	}
	for _, wishes := range r.simulation.witness.wishes {
		for _, w := range wishes {
			if w.Path.Attr == "members" || w.Path.Attr == "groups" {
				return true
			}
		}
	}
	return false
}

// text says how the twist stands in the world; "" where it goes without saying.
func (t *twist) text(w *world) string {
	if *t.flag(w) {
		return t.other
	}
	return t.usual
}

// assumptions says how the world of the run stands in what matters.
func (r *run) assumptions(matter []twist) []string {
	var said []string
	for _, t := range matter {
		if text := t.text(&r.world); text != "" {
			said = append(said, text)
		}
	}
	if did(partList)(r) && !r.world.vast && !r.explained.options.Connect {
		said = append(said, fmt.Sprintf("there are %d records", simulatedRecords))
	}
	return said
}
