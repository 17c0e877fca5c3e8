package mapping

import (
	"fmt"
	"slices"
	"strings"

	"hostscim/adapter/scim"
)

// Proof is what [Table.Prove] found.
type Proof struct {
	Values    int      `json:"values"`           // how many values were written and read back
	Resources int      `json:"resources"`        // how many whole resources
	Lossy     []string `json:"lossy,omitempty"`  // rows that lose something, each with an example
	Broken    []string `json:"broken,omitempty"` // what did not come back although no row says that it is lossy
}

// samples are texts that legacy fields are likely to lose something of.
var samples = []string{
	"a", "Ab", "ada@example.com", "+1 (555) 010-0100", "0017", " a", "a ", "a  b", "ß", "İ", "日本", "😀", "e\u0301",
	`"`, `\`, "'", "a\tb", "a\nb", "null", "true", "{}", "<b>&amp;</b>", strings.Repeat("x", 300),
}

// Prove writes generated values through every row and whole resources through
// the table, and reads them back: what a client sends must come back as it
// was sent, or Entra sends it again with every cycle.
func (t *Table) Prove() Proof {
	var p Proof
	for i := range t.Rows {
		row := &t.Rows[i]
		if row.ReadOnly {
			continue
		}
		if lossy := row.lossy(); lossy != "" {
			p.Lossy = append(p.Lossy, row.Path+": "+lossy)
		}
		for _, v := range row.samples() {
			p.Values++
			if got, err := t.roundTrip(i, v); err != nil || !got.Equal(v) {
				p.Broken = append(p.Broken, fmt.Sprintf("%s: %s comes back as %s", row.Path, v, shown(got, err)))
				break
			}
		}
	}
	p.wholes(t)
	return p
}

func shown(v scim.Value, err error) string {
	switch {
	case err != nil:
		return "an error: " + err.Error()
	case v.Kind() == scim.Absent:
		return "nothing"
	}
	return v.String()
}

// samples returns values that the row accepts and says that it keeps.
func (r *Row) samples() []scim.Value {
	if r.list != nil {
		return r.list.samples()
	}
	if r.transform.lossy() != "" {
		return nil
	}
	var values []scim.Value
	add := func(v scim.Value) {
		if r.check(v) == nil && (r.split == nil || r.split.keeps(v.Text())) {
			values = append(values, v)
		}
	}
	switch r.attr.Type {
	case scim.TypeBoolean:
		add(scim.Bool(true))
		add(scim.Bool(false))
	case scim.TypeInteger, scim.TypeDecimal:
		for _, n := range []string{"0", "-1", "9007199254740993"} {
			add(scim.Num(n))
		}
	case scim.TypeDateTime:
		add(scim.Text("2026-01-31T12:00:00.5+02:00"))
	default:
		for _, s := range append(append([]string{"7"}, r.constraint.oneOf...), samples...) {
			add(scim.Text(s))
		}
		for _, pair := range r.transform.values {
			add(pair.scim)
		}
	}
	return values
}

// record returns the legacy record that the changes make, with an id.
func (t *Table) record(c *Changes) []byte { return t.recordOf("7", c, inRecord, nil) }

// roundTrip writes v through row i and reads it back.
func (t *Table) roundTrip(i int, v scim.Value) (scim.Value, error) {
	c := Changes{table: t, rows: make([]change, len(t.Rows))}
	c.rows[i] = change{state: set, value: v}
	values, err := t.Read(t.record(&c))
	if err != nil {
		return scim.Value{}, err
	}
	return values.rows[i], nil
}

// wholes writes resources in which every row has a value at once, so that no
// row stands in the way of another.
func (p *Proof) wholes(t *Table) {
	const rounds = 16
	e := newExprProof(t)
	defer func() { p.Broken = append(p.Broken, e.broken()...) }()
	for round := range rounds {
		c := Changes{table: t, rows: make([]change, len(t.Rows))}
		for i := range t.Rows {
			row := &t.Rows[i]
			values := row.samples()
			if row.ReadOnly || len(values) == 0 {
				continue
			}
			c.rows[i] = change{state: set, value: values[(round+i)%len(values)]}
		}
		p.Resources++
		record := t.record(&c)
		e.try(record)
		values, err := t.Read(record)
		if err != nil {
			p.Broken = append(p.Broken, "a whole "+t.Type.Name+" is not read back: "+err.Error())
			return
		}
		for i := range t.Rows {
			if c.rows[i].state == set && !values.rows[i].Equal(c.rows[i].value) {
				p.Broken = append(p.Broken, fmt.Sprintf("%s: in a whole %s, %s comes back as %s", t.Rows[i].Path, t.Type.Name, c.rows[i].value, shown(values.rows[i], nil)))
				return
			}
		}
		if !p.neighbours(t, t.record(&c), values, round) {
			return
		}
	}
}

// neighbours writes each row that shares its legacy field into the record
// alone: it must change, and no other row.
func (p *Proof) neighbours(t *Table, record []byte, before Values, round int) bool {
	for i := range t.Rows {
		row := &t.Rows[i]
		values := row.samples()
		if !row.shaped() || row.ReadOnly || row.calls != nil || len(values) == 0 {
			continue
		}
		want := Values{ID: before.ID, rows: slices.Clone(before.rows)}
		want.rows[i] = values[(round+1)%len(values)]
		c := Changes{table: t, rows: make([]change, len(t.Rows))}
		c.rows[i] = change{state: set, value: want.rows[i]}
		p.Values++
		record, err := c.Merge(record)
		var got Values
		if err == nil {
			got, err = t.Read(record)
		}
		if err != nil {
			p.Broken = append(p.Broken, row.Path+": changed alone, it is not read back: "+err.Error())
			return false
		}
		for j := range t.Rows {
			if !t.Rows[j].ReadOnly && !got.rows[j].Equal(want.rows[j]) {
				p.Broken = append(p.Broken, fmt.Sprintf("%s: when %s becomes %s, it comes back as %s", t.Rows[j].Path, row.Path, want.rows[i], shown(got.rows[j], nil)))
				return false
			}
		}
	}
	return true
}
