package rehearse

import (
	"context"
	"fmt"
)

// otherShapes sends the bodies that Entra sends now and then: a creation with
// texts for booleans, nulls and a schema that is misspelt, and a change of
// name that leaves the rest of it alone.
func (s *stage) otherShapes(ctx context.Context) {
	if !s.client.profile.probes {
		return
	}
	s.eachOf(ctx, "other shapes", spread(len(s.users), 1), func(i int) outcome {
		name, body := s.bodyAs(i, "shapes")
		body["schemas"] = []any{userURN, "urn:ietf:params:scim:schemas:extension:enterprise:2.0User"}
		body[pathActive] = "True"
		for _, absent := range []string{"addresses", "nickName", "locale"} {
			body[absent] = nil
		}
		if mails, _ := body["emails"].([]any); len(mails) > 0 {
			mails[0].(object)["primary"] = "True"
		}
		id, out := s.ensure(ctx, users, pathUserName, name, body)
		if out.kind == "create-refused" {
			out.kind = "lenient-create"
		}
		if out.failed() {
			return out
		}
		return s.siblings(ctx, id)
	})
}

// activate creates a user and a group and deletes them, as JumpCloud does when
// the connection is set up.
func (s *stage) activate(ctx context.Context) {
	if !s.client.profile.activates || len(s.users) == 0 {
		return
	}
	s.one(ctx, "activate", func() outcome {
		name, body := s.bodyAs(0, "activation")
		id, out := s.ensure(ctx, users, pathUserName, name, body)
		if out.failed() {
			return out
		}
		return s.remove(ctx, users, id, pathUserName, name, "user-delete")
	})
	if s.noGroups {
		return
	}
	s.one(ctx, "activate", func() outcome {
		name := s.cast.prefix + " Activation"
		body := object{"schemas": []any{groupURN}, "displayName": name}
		id, out := s.ensure(ctx, groups, pathDisplayName, name, body)
		if out.failed() {
			return out
		}
		return s.remove(ctx, groups, id, pathDisplayName, name, "group-delete")
	})
}

// siblings changes a part of the name of an extra user, and deletes it.
func (s *stage) siblings(ctx context.Context, id string) outcome {
	if !s.maps(pathGivenName) || !s.maps(pathFamilyName) {
		return outcome{}
	}
	body := patch(op("Replace", "name", object{"familyName": "Partly"}))
	a := s.send(ctx, request{step: "other shapes", method: "PATCH", resource: users, id: id, body: body})
	if out := s.judge(a, "siblings"); out.failed() {
		return out
	}
	read := s.send(ctx, request{step: "read user back", method: "GET", resource: users, id: id})
	if out := s.judge(read, "read-user"); out.failed() {
		return out
	}
	if active := field(read.object, pathActive); active != true {
		return outcome{kind: "boolean-text", a: read, seen: fmt.Sprintf("active was created with the text \"True\", and is %s.", show(active))}
	}
	given, family := parsePath(pathGivenName).get(read.object), parsePath(pathFamilyName).get(read.object)
	if given == nil || family != "Partly" {
		return outcome{kind: "siblings", a: read, seen: fmt.Sprintf("Only the family name was set; it is %s now, and the given name %s.", show(family), show(given))}
	}
	return outcome{}
}

// unmapped are paths of Entra's default mapping that an administrator may
// leave in although the application does not have them.
var unmapped = []string{`addresses[type eq "work"].locality`, `phoneNumbers[type eq "fax"].value`, "preferredLanguage", "nickName"}

// disableBeside disables somebody in a request that also sets an attribute
// that the endpoint does not have.
func (s *stage) disableBeside(ctx context.Context) {
	strange := ""
	for _, p := range unmapped {
		if strange == "" && s.offered != nil && !s.offered[p] {
			strange = p
		}
	}
	if strange == "" || !s.client.profile.probes || len(s.users) < 2 {
		return
	}
	i := len(s.users) / 2
	s.eachOf(ctx, "disable beside", []int{i}, func(i int) outcome {
		was := s.users[i].events
		if out := s.happen(ctx, "restore user", i, 0, disabled, "restore"); out.failed() {
			return out
		}
		ops := s.style.update(i, []Change{{strange, "x", "Beispiel"}, {pathActive, true, false}})
		if out := s.patchUser(ctx, "disable user", i, "unsupported-blocks", ops); out.failed() {
			return out
		}
		s.users[i].events |= disabled
		out := s.verify(ctx, i, "unsupported-blocks", []Change{{Path: pathActive}})
		if was&disabled == 0 && !out.failed() {
			return s.happen(ctx, "restore user", i, 0, disabled, "restore")
		}
		return out
	})
}
