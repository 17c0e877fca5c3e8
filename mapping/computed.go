package mapping

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
	yaml "github.com/goccy/go-yaml/ast"

	"hostscim/adapter/scim"
)

// Expression is an expression of github.com/expr-lang/expr over the fields of
// a legacy record: first_name + " " + last_name. A field that the record does
// not have is nil.
type Expression struct{ text string }

func (v *Expression) decodeNode(d *decoder, n yaml.Node, path string) {
	raw := n.GetToken().Value
	if l, ok := n.(*yaml.LiteralNode); ok {
		raw = l.Value.Value
	}
	if strings.Contains(raw, "${") {
		d.add(path, "cannot hold ${...}: expressions are shown, and what is filled in may be a secret; write the value out")
		return
	}
	text, ok := d.text(n, path)
	if ok && strings.TrimSpace(text) == "" {
		d.add(path, "is empty; write for example first_name + \" \" + last_name")
	}
	v.text = text
}

// What an expression may cost: it is worked out for every record of a list.
const (
	maxExprNodes  = 200
	maxExprMemory = 10_000 // elements of lists that it makes
)

// builtins are the functions of expressions. They take time that grows with
// the record and no faster, and say the same of a record every time.
var builtins = []string{
	"all", "none", "any", "one", "filter", "map", "find", "count", "len", "abs", "ceil", "floor", "round",
	"int", "float", "string", "trim", "trimPrefix", "trimSuffix", "upper", "lower", "split",
	"indexOf", "lastIndexOf", "hasPrefix", "hasSuffix", "max", "min", "first", "last", "get", "keys",
}

// computed is what a table works out from whole records.
type computed struct {
	rows []int    // with a program
	gone *program // nil: every record is there
}

// program is a compiled expression.
type program struct {
	vm    *vm.Program
	names []string // of the fields it looks at, each once
	whole bool     // it looks at the record as a whole, $env
}

// run returns what the expression says of the record. An error, such as nil
// where a text is needed, says that there is nothing to say.
func (p *program) run(record map[string]any) (any, error) {
	machine := vm.VM{MemoryBudget: maxExprMemory}
	return machine.Run(p.vm, record)
}

// compute works out the values that rows compute, and whether the record is
// gone. What cannot be worked out is absent, and a record is gone only if the
// expression says so.
func (t *Table) compute(record []byte, values *Values) {
	env, ok := environmentOf(record)
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

// ShowsGone reports whether another call than those on the table, such as a
// list of members, tells that the record is gone: only if it has every field
// that the question is about.
func (t *Table) ShowsGone(record []byte) bool {
	env, ok := environmentOf(record)
	if !ok || t.computed.gone.whole {
		return false
	}
	return t.computed.gone.hasNames(env) && t.computed.gone.says(env)
}

func (p *program) hasNames(env map[string]any) bool {
	return !slices.ContainsFunc(p.names, func(name string) bool { _, has := env[name]; return !has })
}

// environmentOf returns the record as an expression sees it.
func environmentOf(record []byte) (map[string]any, bool) {
	v, err := scim.Parse(record)
	if err != nil {
		return nil, false
	}
	env, ok := native(v).(map[string]any)
	return env, ok
}

// native returns v in the types of expressions.
func native(v scim.Value) any {
	switch v.Kind() {
	case scim.Object:
		m := make(map[string]any, v.Len())
		for _, f := range v.Parts() {
			m[f.Name] = native(f.Value)
		}
		return m
	case scim.Array:
		list := make([]any, v.Len())
		for i, p := range v.Parts() {
			list[i] = native(p.Value)
		}
		return list
	case scim.Boolean:
		return v.True()
	case scim.Number:
		if n, err := strconv.Atoi(v.Text()); err == nil {
			return n
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

// expression compiles the row of an expression. One that looks at no field is
// a constant, which costs nothing per record. It is false where there is no
// expression to compile.
func (c *compiler) expression(path string, spec RowSpec, row *Row) bool {
	bare := RowSpec{Expr: spec.Expr, ReadOnly: spec.ReadOnly, Primary: spec.Primary}
	if !reflect.DeepEqual(bare, spec) {
		c.add(path, "has expr, which computes the value; beside it only primary and read_only have a meaning")
	}
	row.Expr, row.ReadOnly, row.Required, row.keys = spec.Expr.text, true, false, nil
	row.kind = kindsOf(row.attr.Type)[0]
	if c.faulty(path + ".expr") {
		return false
	}
	p := c.program(path+".expr", spec.Expr)
	if p == nil {
		return false
	}
	if p.whole || len(p.names) > 0 {
		if kind := staticKind(p.vm.Node().Type()); kind != "" && !slices.Contains(exprKinds(row.attr.Type), kind) {
			c.add(path+".expr", "gives %s, and %s is %s; correct the expression", kind, row.Path, row.attr.Type)
		}
		row.program = p
		return true
	}
	out, err := p.run(nil)
	if err == nil {
		row.fallback, err = row.result(out)
	}
	if err != nil {
		c.add(path+".expr", "is a constant that does not fit: %s", exprText(err))
	} else if row.fallback.Kind() == scim.Absent {
		c.add(path+".expr", "gives no value, of any record; remove the row")
	}
	return true
}

// exprKinds lists the kinds that an expression may give an attribute of the
// type.
func exprKinds(t scim.Type) []string {
	switch t {
	case scim.TypeBoolean:
		return []string{"a boolean"}
	case scim.TypeInteger, scim.TypeDecimal:
		return []string{"a number"}
	}
	return []string{"a text"}
}

// staticKind returns the kind that an expression gives of every record; ""
// where it depends on the record.
func staticKind(t reflect.Type) string {
	if t == nil {
		return ""
	}
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "a boolean"
	case reflect.Int, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Map:
		return "a list or an object"
	}
	return ""
}

// gone compiles the expression that tells records which are no more.
func (c *compiler) gone() {
	path := c.path + ".gone"
	if c.spec.Gone.text == "" {
		return
	}
	p := c.program(path, c.spec.Gone)
	if p == nil {
		return
	}
	switch kind := staticKind(p.vm.Node().Type()); {
	case kind != "" && kind != "a boolean":
		c.add(path, "gives %s; write what is true of a record that is gone, such as deleted == true", kind)
	case !p.whole && len(p.names) == 0:
		c.add(path, "looks at no field of the record; write what is true of a record that is gone, such as deleted == true")
	}
	c.compute().gone = p
}

func (c *compiler) compute() *computed {
	if c.table.computed == nil {
		c.table.computed = new(computed)
	}
	return c.table.computed
}

// program compiles an expression, or reports what is wrong with it and
// returns nil.
func (c *compiler) program(path string, e Expression) *program {
	check := new(exprCheck)
	options := []expr.Option{
		expr.Env(map[string]any{}), expr.AllowUndefinedVariables(), expr.MaxNodes(maxExprNodes),
		expr.DisableAllBuiltins(), expr.Patch(check),
	}
	for _, name := range builtins {
		options = append(options, expr.EnableBuiltin(name))
	}
	compiled, err := expr.Compile(e.text, options...)
	switch {
	case check.fault != "":
		c.add(path, "%s", check.fault)
		return nil
	case err != nil:
		c.add(path, "is no expression: %s", exprText(err))
		return nil
	}
	p := &program{vm: compiled}
	for _, name := range check.names {
		p.whole = p.whole || name == "$env"
		if !slices.Contains(check.variables, name) && !slices.Contains(p.names, name) && name != "$env" {
			p.names = append(p.names, name)
		}
	}
	return p
}

// exprText returns the message without the picture of the expression below
// it, which is in the fault already.
func exprText(err error) string {
	if e, ok := errors.AsType[*file.Error](err); ok {
		return fmt.Sprintf("%s, at its column %d", strings.TrimRight(e.Message, "\n"), e.Column+1)
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text
}

// exprCheck collects what an expression looks at, and refuses what could take
// long.
type exprCheck struct {
	names, variables []string
	fault            string
}

// Visit implements the library's visitor; it changes nothing.
func (k *exprCheck) Visit(n *ast.Node) {
	switch n := (*n).(type) {
	case *ast.IdentifierNode:
		k.names = append(k.names, n.Value)
	case *ast.VariableDeclaratorNode:
		k.variables = append(k.variables, n.Name)
	case *ast.BinaryNode:
		if n.Operator == ".." {
			k.fault = "uses a range, which is not supported; look at the fields of the record"
		}
	case *ast.CallNode:
		k.fault = "calls what is no function here; known are " + strings.Join(builtins, ", ")
	case *ast.PredicateNode:
		if ast.Find(n.Node, func(inner ast.Node) bool { _, is := inner.(*ast.PredicateNode); return is }) != nil {
			k.fault = "has a loop within a loop, which could take long; keep one"
		}
	}
}
