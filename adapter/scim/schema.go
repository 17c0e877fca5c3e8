package scim

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

// Type is the data type of an attribute (RFC 7643 section 2.3).
type Type string

// The data types.
const (
	TypeString    Type = "string"
	TypeBoolean   Type = "boolean"
	TypeDecimal   Type = "decimal"
	TypeInteger   Type = "integer"
	TypeDateTime  Type = "dateTime"
	TypeBinary    Type = "binary"
	TypeReference Type = "reference"
	TypeComplex   Type = "complex"
)

// The values of an attribute's mutability (RFC 7643 section 7).
const (
	ReadOnly  = "readOnly"
	ReadWrite = "readWrite"
	Immutable = "immutable"
	WriteOnly = "writeOnly"
)

// The values of an attribute's returned characteristic (RFC 7643 section 7).
const (
	ReturnedAlways  = "always"
	ReturnedNever   = "never"
	ReturnedDefault = "default"
	ReturnedRequest = "request"
)

// Attribute defines one attribute (RFC 7643 section 7).
type Attribute struct {
	Name            string       `json:"name"`
	Type            Type         `json:"type"`
	MultiValued     bool         `json:"multiValued"`
	Description     string       `json:"description"`
	Required        bool         `json:"required"`
	SubAttributes   []*Attribute `json:"subAttributes,omitempty"`
	CanonicalValues []string     `json:"canonicalValues,omitempty"`
	CaseExact       bool         `json:"caseExact"`
	Mutability      string       `json:"mutability"`
	Returned        string       `json:"returned"`
	Uniqueness      string       `json:"uniqueness"`
	ReferenceTypes  []string     `json:"referenceTypes,omitempty"`
}

// Sub returns the sub-attribute of that name, in any letter case, or nil.
func (a *Attribute) Sub(name string) *Attribute { return find(a.SubAttributes, name) }

// Schema is a named set of attributes (RFC 7643 section 7).
type Schema struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	Description string       `json:"description"`
	Attributes  []*Attribute `json:"attributes"`
}

// Attribute returns the attribute of that name, in any letter case, or nil.
func (s *Schema) Attribute(name string) *Attribute { return find(s.Attributes, name) }

func find(attributes []*Attribute, name string) *Attribute {
	for _, a := range attributes {
		if a.Name == name || strings.EqualFold(a.Name, name) {
			return a
		}
	}
	return nil
}

//go:embed schemas/*.json
var schemaFiles embed.FS

// The schemas of RFC 7643 sections 4.1 to 4.3, each whole, and the common
// coreSchema reads one embedded schema of RFC 7643 sections 3.1 and 4.1 to
// 4.3, whole. Each call returns a new value, so a caller may cut it down.
func coreSchema(file string) *Schema {
	data, err := schemaFiles.ReadFile("schemas/" + file)
	if err != nil {
		panic(err) // embedded at build time
	}
	s := new(Schema)
	if err := json.Unmarshal(data, s); err != nil {
		panic(fmt.Sprintf("schemas/%s: %v", file, err)) // held by a test
	}
	return s
}
