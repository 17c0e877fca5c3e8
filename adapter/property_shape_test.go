package adapter_test

import (
	"fmt"
	"strings"
	"time"
)

// shape is what a legacy API of the property test is like.
type shape struct {
	IDs           string // integer, string or any
	Lenient       bool   // a call with the id 007 is answered for 7, one with A1 for a1
	NoList, NoGet bool   // there is no such call
	Total         bool   // lists tell how long they are
	Cap, Limit    int    // records of a page at most; what the profile says of it
	Style         string // how a search matches: equal, part or words
	Decoys        bool   // a search finds what nobody asked for
	Searches      []string
	Lag           bool   // searches are behind by lagTime
	Unique        string // who refuses a second name: legacy or adapter
	Groups        bool   // there is a call for the groups of a user
	Active        bool   // active has a default
	ScanLimit     int
}

const lagTime = 10 * time.Second

// searchable are the attributes that a legacy search may exist for, and the
// fields that it looks at.
var searchable = map[string]string{
	"userName": "username", "externalId": "ext", "displayName": "nick", "name.familyName": "last",
	`emails[type eq "work"].value`: "mail", `emails[type eq "other"].value`: "mail2", enterprise + ":department": "dept",
}

// profile describes the API as the adapter is told of it.
func (s *shape) profile() string {
	var b strings.Builder
	fmt.Fprintf(&b, `
auth: {bearer: [{name: test, token: t}]}
legacy:
  base_url: http://legacy.example.com/api
  retry: {max_attempts: 1}
  errors: [{status: 422, code: taken, scim: uniqueness}]
  scan_limit: %d
resources:
`, s.ScanLimit)
	paging := fmt.Sprintf("items: items, paging: {style: offset, limit: %d}", s.Limit)
	if s.Total {
		paging += ", total: meta.n"
	}
	for _, kind := range []string{"User", "Group"} {
		path := "/" + strings.ToLower(kind) + "s"
		fmt.Fprintf(&b, "  %s:\n    id: {legacy: id, type: %s}\n    operations:\n", kind, s.IDs)
		if !s.NoList {
			fmt.Fprintf(&b, "      list: {request: GET %s, %s}\n", path, paging)
		}
		if !s.NoGet {
			fmt.Fprintf(&b, "      get: {request: 'GET %s/{id}'}\n", path)
		}
		fmt.Fprintf(&b, "      create: {request: POST %s, unique: %s}\n", path, s.Unique)
		fmt.Fprintf(&b, "      update: {request: 'PATCH %s/{id}'}\n      delete: {request: 'DELETE %s/{id}'}\n", path, path)
		fmt.Fprint(&b, "      search:\n")
		lag := ""
		if s.Lag {
			lag = ", lag: " + lagTime.String()
		}
		for _, attr := range s.searchesOf(kind) {
			field := searchable[attr]
			if kind == "Group" {
				field = "name"
			}
			fmt.Fprintf(&b, "        - {filter: '%s eq', request: GET %s/by/%s, query: {q: '{value}'}, returns: superset, %s%s}\n", attr, path, field, paging, lag)
		}
		if kind == "Group" {
			fmt.Fprintf(&b, "    members:\n      list: {request: 'GET /groups/{id}/members', value: ref.id, %s}\n", paging)
		} else if s.Groups {
			fmt.Fprintf(&b, "    groups: {request: 'GET /users/{id}/groups', value: ref.id, %s}\n", paging)
		}
		fmt.Fprint(&b, "    attributes:\n      externalId: {legacy: ext}\n      meta.created: {legacy: created}\n")
		if kind == "Group" {
			fmt.Fprint(&b, "      displayName: {legacy: name, required: true}\n")
			continue
		}
		active := ""
		if s.Active {
			active = ", default: true"
		}
		fmt.Fprintf(&b, `      userName: {legacy: username, required: true}
      displayName: {legacy: nick}
      active: {legacy: visible%s}
      name.givenName: {legacy: full.first}
      name.familyName: {legacy: full.last}
      'emails[type eq "work"].value': {legacy: mail, primary: true}
      'emails[type eq "other"].value': {legacy: mail2}
      'phoneNumbers[type eq "mobile"].value': {legacy: phone}
      %s:department: {legacy: dept}
`, active, enterprise)
	}
	return b.String()
}

func (s *shape) searchesOf(kind string) []string {
	if kind == "Group" {
		return []string{"displayName"}
	}
	return s.Searches
}
