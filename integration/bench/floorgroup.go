package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/julienschmidt/httprouter"
)

// hostGroup is a group as the API answers it.
type hostGroup struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	CreatedAt string `json:"created_at"`
	UpdatedAt string `json:"updated_at"`
}

type groupPage struct {
	Groups []hostGroup `json:"host_groups"`
}

type groupBody struct {
	Name string `json:"name"`
}

type memberBody struct {
	HostIDs []json.RawMessage `json:"host_ids"`
}

// group is a group as SCIM has it.
type group struct {
	Schemas     []string `json:"schemas"`
	ID          string   `json:"id,omitempty"`
	DisplayName string   `json:"displayName,omitempty"`
	Members     []member `json:"members,omitempty"`
	Meta        *meta    `json:"meta,omitempty"`
}

type member struct {
	Value string `json:"value"`
	Ref   string `json:"$ref"`
}

var groupSchemas = []string{"urn:ietf:params:scim:schemas:core:2.0:Group"}

func (g *hostGroup) group(r *http.Request) group {
	id := strconv.FormatInt(g.ID, 10)
	return group{
		Schemas: groupSchemas, ID: id, DisplayName: g.Name,
		Meta: &meta{"Group", g.CreatedAt, g.UpdatedAt, "http://" + r.Host + "/scim/v2/Groups/" + id},
	}
}

func (f *floor) listGroups(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	filter := r.URL.Query().Get("filter")
	if id, user, found := memberTest(filter); found {
		f.testMember(w, r, id, user)
		return
	}
	wanted, _ := quoted(filter, "displayName")
	var page groupPage
	if !f.call(w, r, "GET", "/host_groups?limit=100&offset=0&query="+url.QueryEscape(wanted), nil, &page) {
		return
	}
	list := listResponse[group]{Schemas: listSchemas, Resources: []group{}, StartIndex: 1}
	for i := range page.Groups {
		if strings.EqualFold(page.Groups[i].Name, wanted) {
			list.Resources = append(list.Resources, page.Groups[i].group(r))
		}
	}
	list.TotalResults, list.ItemsPerPage = len(list.Resources), len(list.Resources)
	answer(w, http.StatusOK, list)
}

// memberTest reads the filter: id eq "1" and members eq "2".
func memberTest(filter string) (group, user string, found bool) {
	left, right, found := strings.Cut(filter, " and ")
	if !found {
		return "", "", false
	}
	group, isID := quoted(left, "id")
	user, isMember := quoted(right, "members")
	return group, user, isID && isMember
}

// testMember answers whether the user is on the first page of the members,
// where the benchmark looks for it.
func (f *floor) testMember(w http.ResponseWriter, r *http.Request, id, user string) {
	var page hostPage
	if !f.call(w, r, "GET", "/host_groups/"+id+"/hosts?limit=100&offset=0", nil, &page) {
		return
	}
	list := listResponse[group]{Schemas: listSchemas, Resources: []group{}, StartIndex: 1}
	for i := range page.Hosts {
		if strconv.FormatInt(page.Hosts[i].ID, 10) == user {
			list.Resources = []group{{Schemas: groupSchemas, ID: id}}
			list.TotalResults, list.ItemsPerPage = 1, 1
		}
	}
	answer(w, http.StatusOK, list)
}

func (f *floor) getGroup(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
	var g hostGroup
	path := "/host_groups/" + p.ByName("id")
	if !f.call(w, r, "GET", path, nil, &g) {
		return
	}
	group := g.group(r)
	for more := !strings.Contains(r.URL.RawQuery, "excludedAttributes=members"); more; {
		var page hostPage
		if !f.call(w, r, "GET", path+"/hosts?limit=100&offset="+strconv.Itoa(len(group.Members)), nil, &page) {
			return
		}
		for _, h := range page.Hosts {
			id := strconv.FormatInt(h.ID, 10)
			group.Members = append(group.Members, member{id, "http://" + r.Host + "/scim/v2/Users/" + id})
		}
		more = len(group.Members) < page.Pagination.TotalRecords
	}
	answer(w, http.StatusOK, group)
}

func (f *floor) createGroup(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	var in group
	var g hostGroup
	if read(w, r, &in) && f.call(w, r, "POST", "/host_groups", groupBody{in.DisplayName}, &g) {
		created := g.group(r)
		w.Header().Set("Location", created.Meta.Location)
		answer(w, http.StatusCreated, created)
	}
}

func (f *floor) patchGroup(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
	var change patch
	if !read(w, r, &change) {
		return
	}
	path := "/host_groups/" + p.ByName("id")
	for _, op := range change.Operations {
		if op.Path == "displayName" {
			var body groupBody
			if json.Unmarshal(op.Value, &body.Name) != nil || !f.call(w, r, "PATCH", path, body, nil) {
				return
			}
			continue
		}
		if !f.changeMembers(w, r, path+"/hosts", op.Op, op.Value) {
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// changeMembers adds the members in one call, or removes each in one.
func (f *floor) changeMembers(w http.ResponseWriter, r *http.Request, path, op string, value json.RawMessage) bool {
	var members []member
	if json.Unmarshal(value, &members) != nil {
		return refuse(w, http.StatusBadRequest)
	}
	if strings.EqualFold(op, "add") {
		var body memberBody
		for _, m := range members {
			body.HostIDs = append(body.HostIDs, json.RawMessage(m.Value))
		}
		return f.call(w, r, "POST", path, body, nil)
	}
	for _, m := range members {
		if !f.call(w, r, "DELETE", path+"/"+m.Value, nil, nil) {
			return false
		}
	}
	return true
}

func (f *floor) deleteGroup(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
	if f.call(w, r, "DELETE", "/host_groups/"+p.ByName("id"), nil, nil) {
		w.WriteHeader(http.StatusNoContent)
	}
}
