package adapter

import (
	"context"
	"errors"
	"strconv"

	"hostscim/legacyclient"
	"hostscim/mapping"
)

// known reads a record of the list by its id: it must be the same one.
func (t *tableProbe) known(ctx context.Context) {
	if len(t.ids) == 0 {
		return
	}
	path, id := t.op("get"), t.ids[0]
	answer, err := t.client.Do(ctx, t.get, withID(id), nil)
	if errors.Is(err, legacyclient.ErrNotFound) {
		t.tell(Breaking, path+".request", "the record %s is in the list, and not found by its id; name the field of the path under %s.id", id, t.path)
		return
	}
	if err != nil {
		if !t.failed(path, err) {
			_, _, body := t.watcher.last()
			t.tell(Breaking, path+".item", "the answer has no record there (%s)%s", err, instead("item", pathsTo(parsedShape(body), isObject)))
		}
		return
	}
	values, err := t.table.Read(answer.Body)
	var shape *mapping.ShapeError
	switch {
	case errors.As(err, &shape) && shape.Path == "":
		t.tell(Breaking, path+".item", "the answer has no id at %s: the record may be deeper in it%s", shape.Field, instead("item", pathsTo(parsedShape(answer.Body), isObject)))
	case errors.As(err, &shape):
		t.misfit(shape)
	case err != nil:
		t.tell(Breaking, path, "the record cannot be read (%s)", err)
	case values.ID != id:
		t.tell(Breaking, path+".request", "asked for the record %s, and got %s", id, values.ID)
	default:
		t.compare(t.records[0], values)
	}
}

// compare tells of rows that a list and get show differently.
func (t *tableProbe) compare(listed, got mapping.Values) {
	same := true
	for _, row := range t.table.Rows {
		a, b := t.table.Value(listed, row.Path), t.table.Value(got, row.Path)
		if a.Equal(b) {
			continue
		}
		same = false
		at := t.config.AttributePath(t.table.Type.Name, row.Path)
		switch {
		case a.Empty():
			t.tell(Warning, at, "the list leaves %s out, and get has it: filters and lists do not see it; ask the list for it with a query parameter", row.Legacy)
		case b.Empty():
			t.tell(Warning, at, "get leaves %s out, and the list has it: a client that reads the resource does not see it", row.Legacy)
		default:
			t.tell(Warning, at, "the list and get show different values of %s for the record %s", row.Legacy, listed.ID)
		}
	}
	if same {
		t.agrees("%s answers the same record as the list", t.get.Op())
	}
}

// unknown asks for a record that cannot be there: only 404 says so.
func (t *tableProbe) unknown(ctx context.Context) {
	path, id := t.op("get"), t.absentID()
	_, err := t.client.Do(ctx, t.get, withID(id), nil)
	status, html, _ := t.watcher.last()
	switch {
	case errors.Is(err, legacyclient.ErrNotFound):
		t.agrees("%s says 404 of an id that no record has", t.get.Op())
	case err == nil:
		t.tell(Breaking, path, "answers with status %d for the id %s, which no record has: a user who is gone would be taken for one who is there", status, id)
	case status >= 400 && status != 401 && status != 403 && status != 429 && !html:
		t.tell(Breaking, path, "answers with status %d for the id %s, which no record has, and not with 404: a user who is gone would be taken for an outage; if nothing else is answered so, write under legacy.errors: {status: %d, scim: notFound}", status, id, status)
	default:
		t.failed(path, err)
	}
}

// absentID returns an id of the kind that the API gives, which no record has.
func (t *tableProbe) absentID() string {
	const number, uuid, text = "2147480047", "7f3d1c60-a900-4000-8000-000000000000", nobody
	known := ""
	if len(t.ids) > 0 {
		known = t.ids[0]
	}
	_, err := strconv.Atoi(known)
	switch {
	case err == nil, !t.table.PossibleID(text):
		return number
	case len(known) == len(uuid):
		return uuid
	}
	return text
}

// maxProbeGroups is how many groups are looked through for members.
const maxProbeGroups = 3

// membersOf reads the members of a group that has some: they must be users.
// Where they are kept in the users, those have been looked at.
func (t *tableProbe) membersOf(ctx context.Context) {
	for i, id := range t.ids {
		if i == maxProbeGroups {
			return
		}
		done := true
		t.budgeted(ctx, func(ctx context.Context) {
			switch m := t.members.(type) {
			case *memberCalls:
				done = t.membersListed(ctx, m, id)
			case *recordMembers:
				done = t.membersRecorded(ctx, id)
			}
		})
		if done {
			return
		}
	}
}

// membersListed reads the members of a group by the call that lists them.
func (t *tableProbe) membersListed(ctx context.Context, m *memberCalls, group string) (done bool) {
	path := t.path + ".members.list"
	page, err := t.client.Page(ctx, m.list, withID(group), 0, 0)
	if err != nil {
		if !t.failed(path, err) {
			t.shapeOfList(path, err)
		}
		return true
	}
	if len(page.Records) == 0 {
		return false
	}
	id, err := m.ids.ID(page.Records[0])
	if err != nil {
		t.tell(Breaking, path+".value", "a member has no id at %s; its fields are %s", t.table.Members.List.Value, listNames(namesOf(page.Records[0])))
		return true
	}
	if m.keys != nil {
		if _, err := m.keys.ID(page.Records[0]); err != nil {
			t.tell(Breaking, path+".key", "a membership has no id at %s; its fields are %s", t.table.Members.List.Key, listNames(namesOf(page.Records[0])))
			return true
		}
	}
	t.member(ctx, path+".value", id, group, m.list.Op()+" answers members")
	return true
}

// membersRecorded reads the members of a group in its record.
func (t *tableProbe) membersRecorded(ctx context.Context, group string) (done bool) {
	values, err := t.read(ctx, group)
	if err != nil {
		t.failed(t.path+".operations.get", err)
		return true
	}
	if len(values.Linked) == 0 {
		return false
	}
	t.member(ctx, t.path+".members.field", values.Linked[0], group, "the groups hold members")
	return true
}

// member looks whether the member of a group is a user.
func (t *tableProbe) member(ctx context.Context, path, id, group, agrees string) {
	if t.users != nil && t.users.get != nil {
		switch err := t.users.exists(ctx, id); {
		case is404(err):
			t.tell(Breaking, path, "names the member %s of the group %s, and no user has that id", id, group)
			return
		case err != nil:
			t.failed("resources.User.operations.get", err)
			return
		}
	}
	t.agrees("%s who are users", agrees)
}

func namesOf(record []byte) []string {
	object, _ := parsedShape(record).(map[string]any)
	return fieldNames([]map[string]any{object})
}

// groupsOf reads the groups of a user.
func (t *tableProbe) groupsOf(ctx context.Context, users []string) {
	if t.groups.list == nil || len(users) == 0 {
		return
	}
	t.budgeted(ctx, func(ctx context.Context) {
		path := t.path + ".groups"
		page, err := t.client.Page(ctx, t.groups.list, withID(users[0]), 0, 0)
		if err != nil {
			if !t.failed(path, err) {
				t.shapeOfList(path, err)
			}
			return
		}
		for _, record := range page.Records {
			if _, err := t.groups.ids.ID(record); err != nil {
				t.tell(Breaking, path+".value", "a group has no id at %s; its fields are %s", t.table.Groups.Value, listNames(namesOf(record)))
				return
			}
		}
		t.agrees("%s answers groups", t.groups.list.Op())
	})
}
