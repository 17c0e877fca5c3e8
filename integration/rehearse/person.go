package rehearse

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The paths that a rehearsal maps: those of the gallery tutorial first, then
// those of Entra's default mapping. What /Schemas does not advertise is left
// out.
const (
	pathUserName     = "userName"
	pathActive       = "active"
	pathExternalID   = "externalId"
	pathDisplayName  = "displayName"
	pathGivenName    = "name.givenName"
	pathFamilyName   = "name.familyName"
	pathWorkMail     = `emails[type eq "work"].value`
	pathOtherMail    = `emails[type eq "other"].value`
	pathWorkPhone    = `phoneNumbers[type eq "work"].value`
	pathMobile       = `phoneNumbers[type eq "mobile"].value`
	pathOrganization = enterpriseURN + ":organization"
	pathDepartment   = enterpriseURN + ":department"
	pathTitle        = "title"
	pathNumber       = enterpriseURN + ":employeeNumber"
	pathManager      = enterpriseURN + ":manager"
)

// tutorialPaths are always mapped when an endpoint has no usable /Schemas.
var tutorialPaths = []string{
	pathUserName, pathActive, pathWorkMail, pathGivenName, pathFamilyName,
	pathWorkPhone, pathMobile, pathOrganization, pathDepartment, pathOtherMail,
}

// defaultPaths are mapped where /Schemas advertises them.
var defaultPaths = []string{pathDisplayName, pathTitle, pathNumber}

// Person is somebody of a file: values by SCIM path. Mandatory: userName.
type Person map[string]string

// ReadPeople reads people from CSV with SCIM paths as its first line.
func ReadPeople(r io.Reader) ([]Person, error) {
	in := csv.NewReader(r)
	in.TrimLeadingSpace = true
	header, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("reading people: the first line must hold SCIM paths: %w", err)
	}
	known := slices.DeleteFunc(slices.Concat(tutorialPaths, defaultPaths), func(p string) bool { return p == pathActive })
	for _, name := range header {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("reading people: %q cannot be a column; write one of %s", name, strings.Join(known, ", "))
		}
	}
	if !slices.Contains(header, pathUserName) {
		return nil, errors.New("reading people: there is no column userName")
	}
	var people []Person
	taken := make(map[string]bool)
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading people: %w", err)
		}
		p := make(Person)
		for i, v := range row {
			if v != "" {
				p[header[i]] = v
			}
		}
		line, _ := in.FieldPos(0)
		name := strings.ToLower(p[pathUserName])
		if name == "" || taken[name] {
			return nil, fmt.Errorf("reading people: line %d: the userName is empty or was there before", line)
		}
		taken[name] = true
		people = append(people, p)
	}
	if len(people) == 0 {
		return nil, errors.New("reading people: there is nobody in the file")
	}
	return people, nil
}

// event is what has happened to a person. The values of a person follow from
// its number and its events, so that a hundred thousand of them need no more
// than a number and an id each.
type event uint8

const (
	moved    event = 1 << iota // several attributes changed
	cleared                    // attributes lost their values
	disabled                   // unassigned
	returned                   // assigned again, with another given name
	renamed                    // another userName
	promoted                   // the family name changed once more
)

var (
	givenNames  = []string{"Ada", "Zoë", "Grace", "José", "Mei", "Olu", "Ingrid", "Tariq", "Anna Lena", "Søren"}
	familyNames = []string{"Example", "O'Sample", "Beispiel", "Ejemplo-Muster", "D'Exemple", "Voorbeeld", "Przykład"}
	departments = []string{"Engines", "Looms", "Forschung & Entwicklung", "Accounts, Payable", "R \"n\" D"}
)

// cast makes up the people and groups of one dialect.
type cast struct {
	prefix string
	seed   uint64
	people []Person
}

// pick chooses from the list for person i.
func (c *cast) pick(list []string, i int, salt uint64) string {
	h := (c.seed+1)*0x9e3779b97f4a7c15 ^ (uint64(i)+1)*0xbf58476d1ce4e5b9 ^ salt*0x94d049bb133111eb
	h ^= h >> 31
	return list[h%uint64(len(list))]
}

// userName returns the name that person i has after its events.
func (c *cast) userName(i int, e event) string {
	name := fmt.Sprintf("%06d@example.com", i+1)
	if len(c.people) > 0 {
		name = c.people[i][pathUserName]
	}
	if e&renamed != 0 {
		return c.prefix + "-renamed-" + name
	}
	return c.prefix + "-" + name
}

// values returns the values of person i by path. A path without a value is
// not in it.
func (c *cast) values(i int, e event) map[string]any {
	v := map[string]any{pathUserName: c.userName(i, e), pathActive: e&disabled == 0}
	if len(c.people) > 0 {
		c.fromFile(v, i)
	} else {
		c.invent(v, i)
	}
	if e&moved != 0 {
		v[pathDisplayName], v[pathFamilyName] = fmt.Sprintf("Moved %d Sample", i+1), "Sample"
		v[pathWorkMail] = c.prefix + "-moved-" + fmt.Sprintf("%06d@example.com", i+1)
		v[pathMobile], v[pathDepartment] = "+1 (555) 010-0199", "Print & Design"
	}
	if e&cleared != 0 {
		for _, p := range []string{pathMobile, pathOtherMail, pathOrganization, pathTitle} {
			delete(v, p)
		}
	}
	if e&returned != 0 {
		v[pathGivenName] = "Back"
	}
	if e&promoted != 0 {
		v[pathFamilyName] = "Promoted"
	}
	return v
}

// invent makes the values up. Nobody has a mobile phone at first: Entra's
// first update names an element that does not exist yet.
func (c *cast) invent(v map[string]any, i int) {
	given, family := c.pick(givenNames, i, 1), c.pick(familyNames, i, 2)
	v[pathGivenName], v[pathFamilyName] = given, family
	v[pathDisplayName] = fmt.Sprintf("%s %s %d", given, family, i+1)
	v[pathWorkMail] = c.userName(i, 0)
	v[pathOtherMail] = c.prefix + "-home-" + fmt.Sprintf("%06d@example.com", i+1)
	v[pathWorkPhone] = fmt.Sprintf("+1 (555) 010-%04d", i%10000)
	v[pathOrganization], v[pathDepartment] = "Example, Inc.", c.pick(departments, i, 3)
	v[pathTitle], v[pathNumber] = "Engineer", fmt.Sprint(i+1)
}

// fromFile takes the values of the file. Addresses get the prefix too, so
// that nobody is written to.
func (c *cast) fromFile(v map[string]any, i int) {
	for p, value := range c.people[i] {
		switch p {
		case pathUserName:
		case pathWorkMail, pathOtherMail:
			v[p] = c.prefix + "-" + value
		default:
			v[p] = value
		}
	}
}

// externalID returns the identifier of person i in the identity provider.
func (c *cast) externalID(i int) string { return fmt.Sprintf("%s-ext-%06d", c.prefix, i+1) }

// groupName returns the name of group g.
func (c *cast) groupName(g int, e event) string {
	if e&renamed != 0 {
		return fmt.Sprintf("%s Group %d renamed", c.prefix, g+1)
	}
	return fmt.Sprintf("%s Group %d", c.prefix, g+1)
}

// body returns person i as it is created, with the attributes of the mapping.
func (c *cast) body(i int, mapped []string) object {
	v := c.values(i, 0)
	v[pathExternalID] = c.externalID(i)
	return userBody(v, append([]string{pathExternalID}, mapped...))
}

// userBody returns a user as it is created, with those of the values whose
// paths are given.
func userBody(values map[string]any, paths []string) object {
	o := object{
		"schemas": []any{userURN, enterpriseURN},
		"meta":    object{"resourceType": "User"},
		"roles":   []any{},
	}
	for _, p := range paths {
		if value, ok := values[p]; ok {
			parsePath(p).set(o, value)
		}
	}
	if mails, _ := o["emails"].([]any); len(mails) > 0 {
		mails[0].(object)["primary"] = true
	}
	return o
}

// groupBody returns group g as it is created.
func (c *cast) groupBody(g int) object {
	return groupBody(c.groupName(g, 0), fmt.Sprintf("%s-group-ext-%d", c.prefix, g+1))
}

// groupBody returns a group as it is created: members follow later.
func groupBody(name, externalID string) object {
	return object{
		"schemas":     []any{groupURN},
		"externalId":  externalID,
		"displayName": name,
		"members":     []any{},
		"meta":        object{"resourceType": "Group"},
	}
}
