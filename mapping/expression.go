package mapping

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

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
	maxExprMemory = 10_000   // elements of lists that it makes
	maxExprRecord = 32 << 10 // bytes of text, and elements, that it looks at
)

// builtins are the functions of expressions. They take time that grows with
// the record and no faster, and say the same of a record every time.
// Names that records have too, such as first, are left to them.
var builtins = []string{
	"all", "none", "any", "one", "filter", "map", "find", "count", "len", "abs", "ceil", "floor", "round",
	"int", "float", "string", "trim", "trimPrefix", "trimSuffix", "upper", "lower", "split",
	"indexOf", "lastIndexOf", "hasPrefix", "hasSuffix", "max", "min",
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
	c.computes(p).gone = p
}

// computes returns what the table computes, which is also by p.
func (c *compiler) computes(p *program) *computed {
	if c.table.computed == nil {
		c.table.computed = new(computed)
	}
	c.table.computed.add(p)
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
		if !slices.Contains(p.names, name) && name != "$env" {
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
	names []string
	fault string
}

// Visit implements the library's visitor; it changes nothing.
func (k *exprCheck) Visit(n *ast.Node) {
	switch n := (*n).(type) {
	case *ast.IdentifierNode:
		k.names = append(k.names, n.Value)
	case *ast.VariableDeclaratorNode: // values that double each other have no bound
		k.fault = "uses let, which is not supported; write the value out where it is needed"
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
