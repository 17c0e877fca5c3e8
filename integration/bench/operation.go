package main

import (
	"fmt"
	"net/http"
	"net/url"
)

// Where the two APIs are.
const (
	scimBase   = "/scim/v2"
	legacyBase = "/api/v3"
)

// operation is one line of the call budget.
type operation struct {
	name  string
	calls int     // of the host API that it may cost
	quick bool    // it is part of a quick run
	goal  float64 // of CPU, as times the floor; 0: none is set
	most  int     // requests in a run; 0: any number
	makes string  // what a request makes, for another operation to take
	takes string  // what a request takes away; the run ends with the last

	scim   func(f *field, c *contestant, i int) request
	legacy func(f *field, c *contestant, i int) request // nil: a proxy cannot do it by passing one call
}

// request returns the i-th request of a run in the contestant's words.
func (op *operation) request(f *field, c *contestant, i int) *request {
	if c.legacy {
		q := op.legacy(f, c, i)
		q.token, q.path = legacyToken, legacyBase+q.path
		return &q
	}
	q := op.scim(f, c, i)
	q.token, q.path = scimToken, scimBase+q.path
	return &q
}

func get(path string) request { return request{method: "GET", path: path, status: http.StatusOK} }
func remove(path string) request {
	return request{method: "DELETE", path: path, status: http.StatusNoContent}
}

func send(method, path string, status int, format string, args ...any) request {
	return request{method: method, path: path, body: fmt.Sprintf(format, args...), status: status}
}

const (
	goalSingle = 1.25
	goalPage   = 1.3
)

// operations lists what is measured, in the order of a round: what is made is
// taken away again, so that the directory stays as large as it was.
func operations() []*operation {
	return append(userOperations(), groupOperations()...)
}

func userOperations() []*operation {
	return []*operation{
		{name: "Test Connection (no such user)", calls: 1, goal: goalSingle,
			scim: func(_ *field, _ *contestant, i int) request { return match(fmt.Sprintf("nobody-%d@example.com", i)) },
			legacy: func(_ *field, _ *contestant, i int) request {
				return search("/hosts", fmt.Sprintf("nobody-%d@example.com", i))
			}},
		{name: "GET /Users?filter=userName eq", calls: 1, quick: true, goal: goalSingle,
			scim:   func(f *field, _ *contestant, i int) request { return match(f.person(i).Username) },
			legacy: func(f *field, _ *contestant, i int) request { return search("/hosts", f.person(i).Username) }},
		{name: "GET /Users/{id}", calls: 1, quick: true, goal: goalSingle,
			scim:   func(f *field, _ *contestant, i int) request { return get("/Users/" + itoa(f.person(i).ID)) },
			legacy: func(f *field, _ *contestant, i int) request { return get("/hosts/" + itoa(f.person(i).ID)) }},
		{name: "POST /Users", calls: 1, quick: true, goal: goalSingle, most: 4000, makes: aHost,
			scim: func(_ *field, c *contestant, i int) request {
				return userBody("POST", "/Users", http.StatusCreated, newName(c, i), newName(c, i))
			},
			legacy: func(_ *field, c *contestant, i int) request {
				return hostJSON("POST", "/hosts", http.StatusCreated, newName(c, i), newName(c, i))
			}},
		{name: "DELETE /Users/{id}", calls: 1, quick: true, goal: goalSingle, takes: aHost,
			scim:   func(_ *field, c *contestant, i int) request { return remove("/Users/" + itoa(c.made[aHost][i])) },
			legacy: func(_ *field, c *contestant, i int) request { return remove("/hosts/" + itoa(c.made[aHost][i])) }},
		{name: "PATCH /Users/{id}", calls: 1, quick: true, goal: goalSingle, scim: patchUser, legacy: patchHost},
		{name: "PATCH that needs the current value", calls: 2, scim: patchByValue},
		{name: "PUT /Users/{id}", calls: 1, goal: goalSingle,
			scim: func(f *field, _ *contestant, i int) request {
				p := f.person(i)
				return userBody("PUT", "/Users/"+itoa(p.ID), http.StatusOK, p.Username, p.Email)
			},
			legacy: func(f *field, _ *contestant, i int) request {
				p := f.person(i)
				return hostJSON("PATCH", "/hosts/"+itoa(p.ID), http.StatusOK, p.Username, p.Email)
			}},
		{name: pageName, calls: 1, quick: true, goal: goalPage,
			scim: func(f *field, _ *contestant, i int) request {
				return get(fmt.Sprintf("/Users?startIndex=%d&count=100", 1+f.pageAt(i)))
			},
			legacy: func(f *field, _ *contestant, i int) request {
				return get(fmt.Sprintf("/hosts?limit=100&offset=%d", f.pageAt(i)))
			}},
	}
}

const pageName = "GET /Users?startIndex=s&count=100"

// pageAt returns the offset of a full page: each in turn, and then, since it
// would be the same question again, each from one record before.
func (f *field) pageAt(i int) int { return i * 100 % (f.hosts - 99) }

func groupOperations() []*operation {
	return []*operation{
		{name: "POST /Groups without members", calls: 1, goal: goalSingle, most: 1000, makes: aGroup,
			scim: func(_ *field, c *contestant, i int) request {
				return send("POST", "/Groups", http.StatusCreated, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":%q}`, newName(c, i))
			},
			legacy: func(_ *field, c *contestant, i int) request {
				return send("POST", "/host_groups", http.StatusCreated, `{"name":%q}`, newName(c, i))
			}},
		{name: "DELETE /Groups/{id}", calls: 1, goal: goalSingle, takes: aGroup,
			scim:   func(_ *field, c *contestant, i int) request { return remove("/Groups/" + itoa(c.made[aGroup][i])) },
			legacy: func(_ *field, c *contestant, i int) request { return remove("/host_groups/" + itoa(c.made[aGroup][i])) }},
		{name: "GET /Groups?excludedAttributes=members&filter=displayName eq", calls: 1, goal: goalSingle,
			scim: func(_ *field, _ *contestant, i int) request {
				return get("/Groups?excludedAttributes=members&filter=" + url.QueryEscape(`displayName eq "`+groupName(bigGroup(i))+`"`))
			},
			legacy: func(_ *field, _ *contestant, i int) request { return search("/host_groups", groupName(bigGroup(i))) }},
		{name: "GET /Groups/{id}?excludedAttributes=members", calls: 1, goal: goalSingle,
			scim: func(_ *field, _ *contestant, i int) request {
				return get("/Groups/" + itoa(bigGroup(i)) + "?excludedAttributes=members")
			},
			legacy: func(_ *field, _ *contestant, i int) request { return get("/host_groups/" + itoa(bigGroup(i))) }},
		{name: "GET /Groups/{id} with 250 members", calls: 1 + 3,
			scim: func(_ *field, _ *contestant, i int) request { return get("/Groups/" + itoa(bigGroup(i))) }},
		{name: "GET /Groups?filter=id eq and members eq", calls: 1,
			scim: func(_ *field, _ *contestant, i int) request {
				return get("/Groups?attributes=id&filter=" + url.QueryEscape(fmt.Sprintf(`id eq "%d" and members eq "%d"`, bigGroup(i), 1+i%100)))
			},
			legacy: func(_ *field, _ *contestant, i int) request {
				return get("/host_groups/" + itoa(bigGroup(i)) + "/hosts?limit=100&offset=0")
			}},
		{name: "PATCH members: add 1", calls: 1, quick: true, goal: goalSingle, most: 4000, makes: aMember,
			scim: func(f *field, c *contestant, i int) request { return patchMember(f, c, "Add", i) },
			legacy: func(f *field, c *contestant, i int) request {
				group, host := c.membership(f, i)
				return send("POST", "/host_groups/"+itoa(group)+"/hosts", http.StatusNoContent, `{"host_ids":[%d]}`, host)
			}},
		{name: "PATCH members: remove 1", calls: 1, quick: true, goal: goalSingle, takes: aMember,
			scim: func(f *field, c *contestant, i int) request { return patchMember(f, c, "Remove", c.made[aMember][i]) },
			legacy: func(f *field, c *contestant, i int) request {
				group, host := c.membership(f, c.made[aMember][i])
				return remove(fmt.Sprintf("/host_groups/%d/hosts/%d", group, host))
			}},
		{name: "PATCH displayName", calls: 1, goal: goalSingle,
			scim: func(_ *field, c *contestant, i int) request {
				return send("PATCH", "/Groups/"+itoa(c.empty+i%emptyGroups), http.StatusNoContent,
					patchBody+`{"op":"Replace","path":"displayName","value":%q}]}`, newName(c, i))
			},
			legacy: func(_ *field, c *contestant, i int) request {
				return send("PATCH", "/host_groups/"+itoa(c.empty+i%emptyGroups), http.StatusOK, `{"name":%q}`, newName(c, i))
			}},
	}
}

// newName returns a name that nobody has.
func newName(c *contestant, i int) string {
	return fmt.Sprintf("new-%s-%d-%d@example.com", c.name, c.run, i)
}

func match(name string) request {
	return get("/Users?filter=" + url.QueryEscape(`userName eq "`+name+`"`))
}

func search(path, text string) request {
	return get(path + "?limit=100&offset=0&query=" + url.QueryEscape(text))
}

func userBody(method, path string, status int, name, email string) request {
	return send(method, path, status, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],`+
		`"userName":%q,"active":true,"emails":[{"primary":true,"type":"work","value":%q}],`+
		`"phoneNumbers":[{"type":"work","value":"+1 202 555 0101"},{"type":"mobile","value":"+1 303 555 0102"}],`+
		`"name":{"givenName":"Given","familyName":"Family"},`+
		`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Reception","organization":"Example Works"}}`, name, email)
}

func hostJSON(method, path string, status int, name, email string) request {
	return send(method, path, status, `{"username":%q,"visible":true,"email":%q,"phone_number":"+1 202 555 0101","mobile_number":"+1 303 555 0102",`+
		`"first_name":"Given","last_name":"Family","department":"Reception","company":"Example Works"}`, name, email)
}

const patchBody = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[`

// patchUser is what Entra sends of a user who has changed.
func patchUser(f *field, c *contestant, i int) request {
	return send("PATCH", "/Users/"+itoa(f.person(i).ID), http.StatusOK, patchBody+
		`{"op":"Replace","path":"name.familyName","value":"Family %[1]d"},`+
		`{"op":"Add","path":"phoneNumbers[type eq \"work\"].value","value":"+1 202 555 01%02[2]d"},`+
		`{"op":"Replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"Department %[1]d"},`+
		`{"op":"Replace","path":"active","value":"True"}]}`, c.run*1000+i, i%100)
}

func patchHost(f *field, c *contestant, i int) request {
	return send("PATCH", "/hosts/"+itoa(f.person(i).ID), http.StatusOK,
		`{"last_name":"Family %[1]d","phone_number":"+1 202 555 01%02[2]d","department":"Department %[1]d","visible":true}`, c.run*1000+i, i%100)
}

// patchByValue names an e-mail by what it is.
func patchByValue(f *field, _ *contestant, i int) request {
	p := f.person(i)
	return send("PATCH", "/Users/"+itoa(p.ID), http.StatusOK, patchBody+`{"op":"replace","path":%q,"value":%q}]}`,
		`emails[value eq "`+p.Email+`"].value`, p.Email)
}

func patchMember(f *field, c *contestant, op string, i int) request {
	group, host := c.membership(f, i)
	return memberRequest(group, host, op)
}

func memberRequest(group, host int, op string) request {
	return send("PATCH", "/Groups/"+itoa(group), http.StatusNoContent, patchBody+`{"op":%q,"path":"members","value":[{"$ref":null,"value":"%d"}]}]}`, op, host)
}
