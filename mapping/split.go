package mapping

import (
	"fmt"
	"slices"
	"strings"

	"hostscim/adapter/scim"
)

// Split says which part of a legacy text is the value of a row: where the
// text is cut, and which side of the cut it is.
type Split struct {
	By string `yaml:"by" need:"\" \""` // what stands between the parts
	// Part is first or rest, of a text that is cut where By stands for the
	// first time, or start or last, of one that is cut at the last time. A
	// text without By is the first or start.
	Part string `yaml:"part" need:"first" enum:"first,rest,start,last"`
}

// split is a Split at work. Two rows with the two parts of one text are
// partners.
type split struct {
	Split
	partner int // the row of the other part; -1: none
}

// early reports whether the row has the part in front of the cut.
func (s *Split) early() bool { return s.Part == "first" || s.Part == "start" }

// atFirst reports whether the text is cut where By stands for the first time.
func (s *Split) atFirst() bool { return s.Part == "first" || s.Part == "rest" }

// fits reports whether the other row has the other part of the same cut.
func (s *Split) fits(o *Split) bool {
	return s.By == o.By && s.atFirst() == o.atFirst() && s.early() != o.early()
}

// cut returns the two parts of a text.
func (s *Split) cut(text string) (early, late string) {
	i := strings.LastIndex(text, s.By)
	if s.atFirst() {
		i = strings.Index(text, s.By)
	}
	if i < 0 {
		return text, ""
	}
	return text[:i], text[i+len(s.By):]
}

// join is the opposite of cut. A late part that stands alone keeps By in front
// of it, or it would come back as the early one; so does an early part behind
// it that would else be cut.
func (s *Split) join(early, late string) string {
	if late == "" && (s.atFirst() || !strings.Contains(early, s.By)) {
		return early
	}
	return early + s.By + late
}

// read returns the part of the legacy text that the row has.
func (s *Split) read(v scim.Value) scim.Value {
	if v.Kind() != scim.String {
		return v
	}
	early, late := s.cut(v.Text())
	if s.early() {
		return scim.Text(early)
	}
	return scim.Text(late)
}

// store returns the legacy text now with the part in it; null when no part is
// left.
func (s *Split) store(now, part scim.Value) scim.Value {
	early, late := s.cut(now.Text())
	if s.early() {
		early = part.Text()
	} else {
		late = part.Text()
	}
	if early == "" && late == "" {
		return scim.NullValue()
	}
	return scim.Text(s.join(early, late))
}

// keeps reports whether a part comes back as it was, whatever the other is.
func (s *Split) keeps(part string) bool {
	switch s.Part {
	case "first":
		return strings.Index(part+s.By, s.By) == len(part)
	case "last":
		return strings.LastIndex(s.By+part, s.By) == 0
	}
	return true
}

// lossy says what the split loses, or "".
func (s *Split) lossy() string {
	part := "A" + s.By + "B"
	if s.keeps(part) {
		return ""
	}
	return fmt.Sprintf("split: %q comes back as %q", part, s.read(s.store(scim.Text(""), scim.Text(part))).Text())
}

// split compiles the split of a row. Its partner is found by partners.
func (c *compiler) split(path string, spec RowSpec, row *Row) {
	if spec.Split == nil {
		return
	}
	text := row.kind == kindString && row.attr.Type != scim.TypeBoolean
	switch {
	case spec.Split.By == "":
		c.add(path+".split.by", "is empty; write what stands between the parts, such as \" \"")
	case !text || row.list != nil:
		c.add(path+".split", "is for texts; %s is %s", row.Path, row.attr.Type)
	case spec.Call != nil || spec.Calls != nil:
		c.add(path+".split", "cannot be joined with call or calls, which send one part alone; remove one of them")
	case len(spec.Values) > 0 || spec.Prefix != "" || spec.Suffix != "":
		c.add(path+".split", "cannot be joined with values, prefix or suffix; remove one of them")
	default:
		row.split = &split{*spec.Split, -1}
	}
}

// partners joins the rows that have the two parts of one text.
func (c *compiler) partners() {
	rows := c.table.Rows
	for i := range rows {
		if rows[i].split == nil || rows[i].ReadOnly {
			continue
		}
		rows[i].split.partner = slices.IndexFunc(rows, func(o Row) bool {
			return o.split != nil && !o.ReadOnly && o.Legacy == rows[i].Legacy && o.split.fits(&rows[i].split.Split)
		})
	}
}
