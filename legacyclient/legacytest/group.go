package legacytest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Group is a host group. Its JSON is the vendor's.
type Group struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	HostsCount  int    `json:"hosts_count"`
	// CustomFields is a JSON object as that of a host.
	CustomFields json.RawMessage `json:"custom_fields"`
	CreatedAt    time.Time       `json:"created_at"`
	UpdatedAt    time.Time       `json:"updated_at"`
}

// MarshalJSON returns the group as the API prints it, with null for an empty text.
func (g Group) MarshalJSON() ([]byte, error) {
	return g.appendJSON(nil), nil
}

func (g *Group) appendJSON(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"id":`...), g.ID, 10)
	b = appendText(append(b, `,"name":`...), g.Name)
	b = appendText(append(b, `,"description":`...), g.Description)
	b = strconv.AppendInt(append(b, `,"hosts_count":`...), int64(g.HostsCount), 10)
	b = appendCustomFields(b, g.CustomFields)
	b = appendTimes(b, g.CreatedAt, g.UpdatedAt)
	return append(b, '}')
}

// equal reports whether two versions of a group differ in nothing but their times.
func (g *Group) equal(other *Group) bool {
	return g.Name == other.Name && g.Description == other.Description && bytes.Equal(g.CustomFields, other.CustomFields)
}

// group is a stored host group. Unlike a record it changes in place, under the store's
// lock: members may be very many.
type group struct {
	Group

	text    string  // the folded name
	members []int64 // ids of hosts, sorted
}

// add adds the ids that are missing, and returns which these were.
func (g *group) add(ids []int64, now time.Time) (added []int64) {
	var missing []int64
	for _, id := range ids {
		if _, found := slices.BinarySearch(g.members, id); !found {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	missing = slices.Compact(missing)
	g.members = merge(g.members, missing)
	g.HostsCount = len(g.members)
	g.UpdatedAt = now
	return missing
}

// merge inserts sorted ids into a sorted set that has none of them. It goes from the
// back and moves nothing that lies before the least new id.
func merge(set, ids []int64) []int64 {
	i, j := len(set)-1, len(ids)-1
	set = slices.Grow(set, len(ids))[:len(set)+len(ids)]
	for k := len(set) - 1; j >= 0; k-- {
		if i >= 0 && set[i] > ids[j] {
			set[k] = set[i]
			i--
		} else {
			set[k] = ids[j]
			j--
		}
	}
	return set
}

// remove removes the id and reports whether it was there.
func (g *group) remove(id int64, now time.Time) bool {
	i, found := slices.BinarySearch(g.members, id)
	if !found {
		return false
	}
	g.members = slices.Delete(g.members, i, i+1)
	g.HostsCount = len(g.members)
	g.UpdatedAt = now
	return true
}

// groupEdit is what the body of a POST or PATCH does to a group.
type groupEdit struct {
	name        *string     // nil leaves it
	description *string     // nil leaves it
	custom      *customEdit // nil leaves them
	errs        []entry     // all faults of the body but a taken name
}

// newGroupEdit reads the body o. If whole is set, what is absent is cleared.
func newGroupEdit(o object, whole bool) *groupEdit {
	e := &groupEdit{}
	read := func(attribute string, required bool) *string {
		raw, present := o[attribute]
		if !present && !whole {
			return nil
		}
		s, ok := "", true
		if !absent(raw) {
			s, ok = stringValue(raw)
		}
		switch {
		case !ok:
			e.errs = append(e.errs, invalid("host_group", attribute, "is not a string"))
		case required && strings.TrimSpace(s) == "":
			e.errs = append(e.errs, blank("host_group", attribute))
		default:
			return &s
		}
		return nil
	}
	e.name = read("name", true)
	e.description = read("description", false)
	if raw, present := o["custom_fields"]; present || whole {
		var ok bool
		if e.custom, ok = newCustomEdit(raw, !whole); !ok {
			e.errs = append(e.errs, invalid("host_group", "custom_fields", "is not an object"))
		}
	}
	return e
}

// decodeHostIDs returns the host_ids of the body o, all of them positive or not.
func decodeHostIDs(o object) ([]int64, *entry) {
	raw := o["host_ids"]
	if absent(raw) {
		e := blank("host_group", "host_ids")
		return nil, &e
	}
	var elements []json.RawMessage
	bad := invalid("host_group", "host_ids", "is not a list of integers")
	if err := json.Unmarshal(raw, &elements); err != nil {
		return nil, &bad
	}
	if len(elements) > maxHostIDs {
		return nil, &entry{
			Domain: "host_group", Attribute: "host_ids", Code: "too_many",
			Message: "has more than " + strconv.Itoa(maxHostIDs) + " ids",
		}
	}
	ids := make([]int64, len(elements))
	for i, e := range elements {
		id, err := strconv.ParseInt(string(e), 10, 64)
		if err != nil {
			return nil, &bad
		}
		ids[i] = id
	}
	return ids, nil
}
