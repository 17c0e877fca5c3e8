package mapping

// RowSpec is one row as it is written.
type RowSpec struct {
	// Legacy is the dotted path of the legacy field; needed, unless there is
	// expr. Where it stands in an element of an array, a selector names the
	// element, as in emails[kind eq "work"].address.
	Legacy   string `yaml:"legacy"`
	Type     string `yaml:"type" enum:"string,boolean,integer,number,datetime,date,unix,unix_ms"` // how the legacy field spells it; default: as the attribute does
	Required bool   `yaml:"required"`                                                             // it must have a value
	Primary  bool   `yaml:"primary"`                                                              // the element is the one with primary: true
	ReadOnly bool   `yaml:"read_only"`                                                            // it is read and never written
	Default  *Plain `yaml:"default"`                                                              // of a new record that names none
	// Layout is how a datetime field that is not RFC 3339 is spelt: Go's
	// reference time, 2006-01-02 15:04:05.999Z07:00. Without a zone it is UTC.
	Layout string `yaml:"layout"`
	// Expr computes the value from the fields of the record, in place of
	// legacy: first_name + " " + last_name. It is only read. A text in quotes
	// inside is a constant: '"Host"'.
	Expr Expression `yaml:"expr"`

	// How the value is written where that is not by the body of the update:
	// by one call that sends it, or by a call for each value. The row is read
	// from its field all the same. Clear is the call that takes the value
	// away; without it call sends null, and a value of calls stays. A new
	// record is made without the field and the call follows, unless it has the
	// value by itself or InCreate puts the field into the body of the create.
	Call     *WriteOp         `yaml:"call"`      // that sends the value, in place of the update
	Calls    Ordered[WriteOp] `yaml:"calls"`     // one for each value, in place of the update
	Clear    *WriteOp         `yaml:"clear"`     // that takes the value away
	InCreate bool             `yaml:"in_create"` // the body that creates a record has the field all the same

	// How the value is changed on its way. Values gives for each SCIM value
	// the legacy value that is written, or a list of those that are read, of
	// which the first is written. The others are for texts, and are applied
	// in this order.
	Values Ordered[Plains] `yaml:"values"`
	Trim   bool            `yaml:"trim"`                    // white space around it is dropped
	Case   string          `yaml:"case" enum:"lower,upper"` // the letter case that it is written in
	Prefix string          `yaml:"prefix"`                  // stands in front of it in the legacy field
	Suffix string          `yaml:"suffix"`                  // stands behind it in the legacy field
	// Lossy accepts that trim or case lose something of a matching or
	// required attribute.
	Lossy string `yaml:"lossy" enum:"accepted"`

	// Split makes the value one part of the legacy text.
	Split *Split `yaml:"split"`
	// Each says how an element of a whole list is kept, of a row for a
	// multi-valued attribute such as emails; left out, its fields have the
	// names of the sub-attributes. Join stands between the values of a list
	// that is one text.
	Each *Each  `yaml:"each"`
	Join string `yaml:"join"` // what stands between the values of a list that is one text

	// What a value must satisfy, or it is refused before anything is sent.

	MaxLength int      `yaml:"max_length" min:"1"` // in characters
	Pattern   string   `yaml:"pattern"`            // a regular expression for the whole value
	OneOf     []string `yaml:"one_of"`             // the only values
}
