package mapping

import (
	"errors"
	"slices"
	"strings"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
)

// What becomes of an attribute that a client sends.
const (
	Mapped   = "mapped"
	Ignored  = "ignored"
	Rejected = "rejected"
)

// Covered is an attribute of SCIM, whether Microsoft Entra ID sends it, and
// what becomes of it.
type Covered struct {
	Path string `json:"attribute"`
	// Entra is the attribute of Entra that is sent as this one by default; ""
	// where none is.
	Entra string `json:"entra,omitempty"`
	// Default says that Entra sends it by the mapping that it proposes for an
	// application, Tutorial that the tutorial of the vendor's application
	// lists it.
	Default  bool `json:"default"`
	Tutorial bool `json:"tutorial"`
	// State is mapped, ignored or rejected. What has a row and is in neither
	// list is mapped and never sent, unless a customer adds it in Entra.
	State string `json:"state"`
	// Policy is what the table says of it if it is not mapped: ignore, warn or
	// reject.
	Policy string `json:"policy,omitempty"`
	Legacy string `json:"legacyField,omitempty"`
}

// Sent reports whether Entra sends the attribute unless it is told not to.
func (c *Covered) Sent() bool { return c.Default || c.Tutorial }

// holds reports whether the path is the attribute or a part of it: Entra sends
// the id of a manager under the name of the whole.
func (c *Covered) holds(path string) bool {
	return path == c.Path || strings.HasPrefix(path, c.Path+".")
}

// entra is what Entra sends: by the mapping that it proposes for an
// application of one's own, and by that of the vendor's application.
var entra = map[string][]Covered{
	userType: {
		{Path: "userName", Entra: "userPrincipalName", Default: true, Tutorial: true},
		{Path: "active", Entra: "IsSoftDeleted", Default: true, Tutorial: true},
		{Path: "displayName", Entra: "displayName", Default: true},
		{Path: "title", Entra: "jobTitle", Default: true},
		{Path: `emails[type eq "work"].value`, Entra: "mail", Default: true, Tutorial: true},
		{Path: `emails[type eq "other"].value`, Entra: "proxyAddresses", Default: true, Tutorial: true},
		{Path: "name.givenName", Entra: "givenName", Default: true, Tutorial: true},
		{Path: "name.familyName", Entra: "surname", Default: true, Tutorial: true},
		{Path: `addresses[type eq "work"].streetAddress`, Entra: "streetAddress", Default: true},
		{Path: `addresses[type eq "work"].postalCode`, Entra: "postalCode", Default: true},
		{Path: `addresses[type eq "other"].formatted`, Entra: "physicalDeliveryOfficeName", Default: true},
		{Path: `phoneNumbers[type eq "work"].value`, Entra: "telephoneNumber", Default: true, Tutorial: true},
		{Path: `phoneNumbers[type eq "mobile"].value`, Entra: "mobile", Default: true, Tutorial: true},
		{Path: `phoneNumbers[type eq "fax"].value`, Entra: "facsimileTelephoneNumber", Default: true},
		{Path: "externalId", Entra: "mailNickname", Default: true},
		{Path: scim.EnterpriseUserURN + ":employeeNumber", Entra: "employeeId", Default: true},
		{Path: scim.EnterpriseUserURN + ":organization", Tutorial: true},
		{Path: scim.EnterpriseUserURN + ":department", Entra: "department", Default: true, Tutorial: true},
		{Path: scim.EnterpriseUserURN + ":manager", Entra: "manager", Default: true},
	},
	groupType: {
		{Path: "displayName", Entra: "displayName", Default: true, Tutorial: true},
		{Path: "externalId", Entra: "objectId", Default: true},
		{Path: "members", Entra: "members", Default: true, Tutorial: true},
	},
}

// Coverage returns what becomes of every attribute that Entra sends, and then
// the attributes that can be written and that Entra does not send.
func (t *Table) Coverage() []Covered {
	all := slices.Clone(entra[t.Type.Name])
	for i := range all {
		c := &all[i]
		if c.State = t.fate(c.Path); c.State != Mapped {
			c.Policy = t.Policy(c.Path)
		}
		if r := slices.IndexFunc(t.Rows, func(r Row) bool { return c.holds(r.Path) }); r >= 0 {
			c.Legacy = t.Rows[r].Legacy
		}
	}
	for _, r := range t.Rows {
		if !r.ReadOnly && !slices.ContainsFunc(all, func(c Covered) bool { return c.holds(r.Path) }) {
			all = append(all, Covered{Path: r.Path, State: Mapped, Legacy: r.Legacy})
		}
	}
	return all
}

// fate returns what becomes of a value at the path. Where no row has exactly
// this path it sends one, as Entra would: an attribute may have a place that
// its path does not show.
func (t *Table) fate(path string) string {
	if slices.ContainsFunc(t.Rows, func(r Row) bool { return r.Path == path && !r.ReadOnly }) {
		return Mapped
	}
	changes, err := t.Patch(scim.Obj(scim.Field{Name: "Operations", Value: scim.List(scim.Obj(
		scim.Field{Name: "op", Value: scim.Text("add")},
		scim.Field{Name: "path", Value: scim.Text(path)},
		scim.Field{Name: "value", Value: t.specimen(path)},
	))}), nil)
	switch {
	case errors.Is(err, ErrNeedRecord), errors.Is(err, ErrNeedMembers):
		return Mapped
	case err != nil:
		return Rejected
	case changes.Record(), !changes.Members.Empty():
		return Mapped
	}
	return Ignored
}

// specimen returns a value that the attribute can have.
func (t *Table) specimen(path string) scim.Value {
	if i := slices.IndexFunc(t.Rows, func(r Row) bool { return r.Path == path }); i >= 0 {
		if values := t.Rows[i].samples(); len(values) > 0 {
			return values[0]
		}
	}
	parsed, err := filter.ParsePath(path, t.full.URNs()...)
	if err != nil {
		return scim.Text("7")
	}
	target, err := filter.Resolve(parsed, t.full)
	if err != nil {
		return scim.Text("7")
	}
	leaf := target.Attr
	if target.Sub != nil {
		leaf = target.Sub
	}
	object := scim.Obj(scim.Field{Name: "value", Value: scim.Text("7")})
	switch {
	case leaf.Type == scim.TypeBoolean:
		return scim.Bool(true)
	case leaf.Type == scim.TypeComplex && leaf.MultiValued:
		return scim.List(object)
	case leaf.Type == scim.TypeComplex:
		return object
	}
	return scim.Text("7")
}
