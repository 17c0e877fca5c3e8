package mapping

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"hostscim/adapter/scim"
)

// computed is what a table works out from whole records.
type computed struct {
	rows  []int    // with a program
	gone  *program // nil: every record is there
	names []string // of the fields that they look at, each once
	whole bool     // one of them looks at the record as a whole, $env
}

// add takes up what a program looks at.
func (k *computed) add(p *program) {
	k.whole = k.whole || p.whole
	for _, name := range p.names {
		if !slices.Contains(k.names, name) {
			k.names = append(k.names, name)
		}
	}
}

// compute works out the values that rows compute, and whether the record is
// gone. What cannot be worked out is absent, and a record is gone only if the
// expression says so.
func (t *Table) compute(record []byte, values *Values) {
	env, ok := t.computed.environment(record)
	if !ok {
		return
	}
	for _, i := range t.computed.rows {
		row := &t.Rows[i]
		if out, err := row.program.run(env); err == nil {
			values.rows[i], _ = row.result(out)
		}
	}
	values.gone = t.computed.gone.says(env)
}

// says reports whether the expression is true; a nil one never is.
func (p *program) says(env map[string]any) bool {
	if p == nil {
		return false
	}
	out, err := p.run(env)
	yes, _ := out.(bool)
	return err == nil && yes
}

// Gone reports whether SCIM takes the record for deleted.
func (v Values) Gone() bool { return v.gone }

// HidesGone reports whether the table has records that SCIM takes for
// deleted: what the legacy API counts then says nothing.
func (t *Table) HidesGone() bool { return t.computed != nil && t.computed.gone != nil }

// GoneWhen returns the expression that tells such records, "" where there is
// none.
func (t *Table) GoneWhen() string {
	if !t.HidesGone() {
		return ""
	}
	return t.computed.gone.vm.Source().String()
}

// ShowsGone reports whether another call than those on the table, such as a
// list of members, tells that the record is gone: only if it has every field
// that the question is about.
func (t *Table) ShowsGone(record []byte) bool {
	env, ok := t.computed.environment(record)
	if !ok || t.computed.gone.whole {
		return false
	}
	return t.computed.gone.hasNames(env) && t.computed.gone.says(env)
}

func (p *program) hasNames(env map[string]any) bool {
	return !slices.ContainsFunc(p.names, func(name string) bool { _, has := env[name]; return !has })
}

// environment returns those fields of the record that an expression looks at,
// in its types. It is false when there is more in them than an expression may
// look at.
func (k *computed) environment(record []byte) (map[string]any, bool) {
	v, err := scim.Parse(record)
	if err != nil {
		return nil, false
	}
	env, n := make(map[string]any), natives{left: maxExprRecord}
	for _, f := range v.Parts() {
		if k.whole || slices.Contains(k.names, f.Name) {
			env[f.Name] = n.of(f.Value)
		}
	}
	return env, n.left >= 0
}

// natives turns values into the types of expressions, no more than are left.
type natives struct{ left int }

func (n *natives) of(v scim.Value) any {
	if n.left -= 1 + len(v.Text()); n.left < 0 {
		return nil
	}
	switch v.Kind() {
	case scim.Object:
		m := make(map[string]any, v.Len())
		for _, f := range v.Parts() {
			m[f.Name] = n.of(f.Value)
		}
		return m
	case scim.Array:
		list := make([]any, v.Len())
		for i, p := range v.Parts() {
			list[i] = n.of(p.Value)
		}
		return list
	case scim.Boolean:
		return v.True()
	case scim.Number:
		if i, err := strconv.Atoi(v.Text()); err == nil {
			return i
		}
		f, _ := strconv.ParseFloat(v.Text(), 64)
		return f
	case scim.String:
		return v.Text()
	}
	return nil
}

// result returns what an expression gave as a value of the attribute. Nil and
// "" are no value.
func (r *Row) result(out any) (scim.Value, error) {
	var v scim.Value
	switch out := out.(type) {
	case nil:
		return v, nil
	case string:
		if out == "" {
			return v, nil
		}
		v = scim.Text(out)
	case bool:
		v = scim.Bool(out)
	case int:
		v = scim.Int(out)
	case float64:
		if math.IsInf(out, 0) || math.IsNaN(out) {
			return v, nil
		}
		v = scim.Num(strconv.FormatFloat(out, 'f', -1, 64))
	}
	if !r.fits(v) {
		return scim.Value{}, fmt.Errorf("gives %T, and %s is %s", out, r.Path, r.attr.Type)
	}
	return v, nil
}

// fits reports whether v is of the type of the attribute.
func (r *Row) fits(v scim.Value) bool {
	switch r.attr.Type {
	case scim.TypeBoolean:
		return v.Kind() == scim.Boolean
	case scim.TypeInteger:
		_, err := strconv.ParseInt(v.Text(), 10, 64)
		return v.Kind() == scim.Number && err == nil
	case scim.TypeDecimal:
		return v.Kind() == scim.Number
	case scim.TypeDateTime:
		_, err := time.Parse(time.RFC3339, v.Text())
		return v.Kind() == scim.String && err == nil
	}
	return v.Kind() == scim.String
}
