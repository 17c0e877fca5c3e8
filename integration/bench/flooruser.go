package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/julienschmidt/httprouter"
)

// host is a host as the API answers it.
type host struct {
	ID             int64  `json:"id"`
	Username       string `json:"username"`
	FirstName      string `json:"first_name"`
	LastName       string `json:"last_name"`
	Email          string `json:"email"`
	AlternateEmail string `json:"alternate_email"`
	PhoneNumber    string `json:"phone_number"`
	MobileNumber   string `json:"mobile_number"`
	Company        string `json:"company"`
	Department     string `json:"department"`
	Visible        bool   `json:"visible"`
	CreatedAt      string `json:"created_at"`
	UpdatedAt      string `json:"updated_at"`
}

// hostBody is what is sent of a host: what is nil stays as it is.
type hostBody struct {
	Username       *string `json:"username,omitempty"`
	FirstName      *string `json:"first_name,omitempty"`
	LastName       *string `json:"last_name,omitempty"`
	Email          *string `json:"email,omitempty"`
	AlternateEmail *string `json:"alternate_email,omitempty"`
	PhoneNumber    *string `json:"phone_number,omitempty"`
	MobileNumber   *string `json:"mobile_number,omitempty"`
	Company        *string `json:"company,omitempty"`
	Department     *string `json:"department,omitempty"`
	Visible        *bool   `json:"visible,omitempty"`
}

type hostPage struct {
	Hosts      []host     `json:"hosts"`
	Pagination pagination `json:"pagination"`
}

// user is a host as SCIM has it.
type user struct {
	Schemas      []string    `json:"schemas"`
	ID           string      `json:"id,omitempty"`
	UserName     string      `json:"userName"`
	Active       *bool       `json:"active,omitempty"`
	Name         name        `json:"name"`
	Emails       []element   `json:"emails,omitempty"`
	PhoneNumbers []element   `json:"phoneNumbers,omitempty"`
	Enterprise   *enterprise `json:"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User,omitempty"`
	Meta         *meta       `json:"meta,omitempty"`
}

type name struct {
	GivenName  string `json:"givenName,omitempty"`
	FamilyName string `json:"familyName,omitempty"`
}

type element struct {
	Value   string `json:"value"`
	Type    string `json:"type"`
	Primary bool   `json:"primary,omitempty"`
}

type enterprise struct {
	Organization string `json:"organization,omitempty"`
	Department   string `json:"department,omitempty"`
}

var userSchemas = []string{"urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"}

// user returns the host in SCIM.
func (h *host) user(r *http.Request) user {
	id := strconv.FormatInt(h.ID, 10)
	u := user{
		Schemas: userSchemas[:1], ID: id, UserName: h.Username, Active: &h.Visible,
		Name: name{h.FirstName, h.LastName},
		Meta: &meta{"User", h.CreatedAt, h.UpdatedAt, "http://" + r.Host + "/scim/v2/Users/" + id},
	}
	if h.Company != "" || h.Department != "" {
		u.Schemas, u.Enterprise = userSchemas, &enterprise{h.Company, h.Department}
	}
	u.Emails = elements(h.Email, "other", h.AlternateEmail)
	u.PhoneNumbers = elements(h.PhoneNumber, "mobile", h.MobileNumber)
	return u
}

func elements(work, kind, other string) []element {
	var all []element
	if work != "" {
		all = append(all, element{work, "work", true})
	}
	if other != "" {
		all = append(all, element{other, kind, false})
	}
	return all
}

// body returns the user as a host, whole: what the user lacks is empty.
func (u *user) body() *hostBody {
	var none string
	b := &hostBody{
		Username: &u.UserName, FirstName: &u.Name.GivenName, LastName: &u.Name.FamilyName, Visible: u.Active,
		AlternateEmail: &none, PhoneNumber: &none, MobileNumber: &none, Company: &none, Department: &none,
	}
	if u.Enterprise != nil {
		b.Company, b.Department = &u.Enterprise.Organization, &u.Enterprise.Department
	}
	for i, e := range u.Emails {
		if e.Type == "work" {
			b.Email = &u.Emails[i].Value
		} else {
			b.AlternateEmail = &u.Emails[i].Value
		}
	}
	for i, p := range u.PhoneNumbers {
		if p.Type == "work" {
			b.PhoneNumber = &u.PhoneNumbers[i].Value
		} else {
			b.MobileNumber = &u.PhoneNumbers[i].Value
		}
	}
	return b
}

func (f *floor) listUsers(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	q := r.URL.Query()
	start, _ := strconv.Atoi(q.Get("startIndex"))
	path := "/hosts?limit=100&offset=" + strconv.Itoa(max(start-1, 0))
	wanted, filtered := quoted(q.Get("filter"), "userName")
	if filtered {
		path = "/hosts?limit=100&offset=0&query=" + url.QueryEscape(wanted)
	}
	var page hostPage
	if !f.call(w, r, "GET", path, nil, &page) {
		return
	}
	list := listResponse[user]{Schemas: listSchemas, Resources: []user{}, StartIndex: max(start, 1), TotalResults: page.Pagination.TotalRecords}
	for i := range page.Hosts {
		if !filtered || strings.EqualFold(page.Hosts[i].Username, wanted) {
			list.Resources = append(list.Resources, page.Hosts[i].user(r))
		}
	}
	if list.ItemsPerPage = len(list.Resources); filtered {
		list.TotalResults = len(list.Resources)
	}
	answer(w, http.StatusOK, list)
}

func (f *floor) getUser(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
	var h host
	if f.call(w, r, "GET", "/hosts/"+p.ByName("id"), nil, &h) {
		answer(w, http.StatusOK, h.user(r))
	}
}

func (f *floor) createUser(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	var u user
	var h host
	if read(w, r, &u) && f.call(w, r, "POST", "/hosts", u.body(), &h) {
		created := h.user(r)
		w.Header().Set("Location", created.Meta.Location)
		answer(w, http.StatusCreated, created)
	}
}

func (f *floor) replaceUser(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
	var u user
	var h host
	if read(w, r, &u) && f.call(w, r, "PATCH", "/hosts/"+p.ByName("id"), u.body(), &h) {
		answer(w, http.StatusOK, h.user(r))
	}
}

func (f *floor) patchUser(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
	var change patch
	var h host
	if !read(w, r, &change) {
		return
	}
	path := "/hosts/" + p.ByName("id")
	var b hostBody
	for _, op := range change.Operations {
		field := b.field(op.Path)
		if field == nil && op.Path != "active" {
			// It names an element by its value, which has to be looked up.
			if !f.call(w, r, "GET", path, nil, &h) {
				return
			}
			if field = &b.AlternateEmail; strings.Contains(op.Path, `"`+h.Email+`"`) {
				field = &b.Email
			}
		}
		var value string
		if json.Unmarshal(op.Value, &value) != nil {
			refuse(w, http.StatusBadRequest)
			return
		}
		if op.Path == "active" {
			visible := strings.EqualFold(value, "true")
			b.Visible = &visible
			continue
		}
		*field = &value
	}
	if f.call(w, r, "PATCH", path, &b, &h) {
		answer(w, http.StatusOK, h.user(r))
	}
}

// field returns the field of the path; nil for active, which is no text, and
// for what it takes the record to know.
func (b *hostBody) field(path string) **string {
	switch path {
	case "name.familyName":
		return &b.LastName
	case `phoneNumbers[type eq "work"].value`:
		return &b.PhoneNumber
	case "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":
		return &b.Department
	}
	return nil
}

func (f *floor) deleteUser(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
	if f.call(w, r, "DELETE", "/hosts/"+p.ByName("id"), nil, nil) {
		w.WriteHeader(http.StatusNoContent)
	}
}
