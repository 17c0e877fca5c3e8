package mapping

import (
	"bytes"
	"cmp"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The JSON Schema of a configuration file, configs/schema.json, is made from
// the types that the loader fills: keys and bounds are their tags, defaults
// are what defaults returns, and descriptions are their comments.

// keywords is a JSON Schema or a part of one.
type keywords = map[string]any

// variablePattern is what may stand in place of any single value.
const variablePattern = `\$\{.+\}`

// spelt is a single value with a syntax, or a variable. The types are those of
// YAML: a pattern binds texts only.
func spelt(pattern string, types ...string) keywords {
	return keywords{"type": append(types, "string"), "pattern": pattern + "|" + variablePattern}
}

// oneWordOf is one of these words, or a variable.
func oneWordOf(options []string) keywords {
	return keywords{"anyOf": []keywords{{"enum": options}, {"type": "string", "pattern": variablePattern}}}
}

// oneOrMany is what the loader takes for a list: one value alone stands for it.
func oneOrMany(item keywords) keywords {
	return keywords{"anyOf": []keywords{{"type": "array", "items": item}, item}}
}

// syntaxes are the types that are no structs, lists or mappings: those that
// decode themselves, and what the loader takes for the types of Go.
var syntaxes = map[reflect.Type]keywords{
	reflect.TypeFor[string]():   {"type": []string{"string", "number", "boolean"}},
	reflect.TypeFor[File]():     {"type": []string{"string", "number", "boolean"}},
	reflect.TypeFor[Secret]():   {"type": []string{"string", "number", "boolean"}},
	reflect.TypeFor[Plain]():    {"type": []string{"string", "number", "boolean"}},
	reflect.TypeFor[Plains]():   oneOrMany(keywords{"type": []string{"string", "number", "boolean", "null"}}),
	reflect.TypeFor[Template](): {"type": []string{"object", "array", "string", "number", "boolean"}},
	reflect.TypeFor[bool]():     spelt(`^(true|false)$`, "boolean"),
	reflect.TypeFor[int]():      spelt(`^[+-]?[0-9]+$`, "integer"),
	reflect.TypeFor[float64]():  spelt(`^[+-]?[0-9.]+([Ee][+-]?[0-9]+)?$`, "number"),
	reflect.TypeFor[Duration](): spelt(`^\+?(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$`),
	reflect.TypeFor[Date]():     spelt(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`),
	reflect.TypeFor[URL]():      spelt(`^[Hh][Tt][Tt][Pp][Ss]?://[^/?#]`),
	reflect.TypeFor[Prefix]():   spelt(`^[0-9A-Fa-f:.]+(%[^/]+)?(/[0-9]+)?$`),
	reflect.TypeFor[Proxy]():    spelt(`^(unix|[0-9A-Fa-f:.]+(%[^/]+)?(/[0-9]+)?)$`),
	reflect.TypeFor[Address]():  spelt(`^(systemd|unix:/.*[^/]|[^:/]*:[0-9]+|\[[0-9A-Fa-f:.]+\]:[0-9]+)$`),
	reflect.TypeFor[HostName](): spelt(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`),
	reflect.TypeFor[FileMode](): spelt(`^0?[67][0-7]{2}$`, "integer"),
	reflect.TypeFor[Request]():  spelt(`^(GET|POST|PUT|PATCH|DELETE) /[^ ?#]*$`),
	// Shown as it is, so that no variable may stand in it.
	reflect.TypeFor[Expression](): {"type": []string{"string", "number", "boolean"}, "not": keywords{"pattern": variablePattern}},
	reflect.TypeFor[Each](): {"anyOf": []keywords{
		{"type": "string"}, {"type": "object", "additionalProperties": keywords{"type": "string"}},
	}},
	reflect.TypeFor[Unmapped](): {"anyOf": []keywords{
		oneWordOf(unmappedWords), {"type": "object", "additionalProperties": oneWordOf(unmappedWords)},
	}},
}

// schemaWriter makes the schema; structs become definitions.
type schemaWriter struct {
	t    *testing.T
	defs keywords
	docs map[string]string // see comments
}

// jsonSchema returns the JSON Schema of a configuration file.
func jsonSchema(t *testing.T) []byte {
	t.Helper()
	w := &schemaWriter{t, keywords{}, comments(t)}
	one := w.structure(reflect.ValueOf(*defaults()))
	delete(one["properties"].(keywords), "tenants")
	root := keywords{"type": "object", "if": keywords{"required": []string{"tenants"}}, "then": w.tenants(), "else": one}
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "A configuration of hostscim"
	root["$defs"] = w.defs
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(root); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tenants returns the schema of a file with tenants. What a tenant says of its
// own is merged into what the file says, and may be a part of anything, or
// nothing, to take it away: only what they all have is described.
func (w *schemaWriter) tenants() keywords {
	part := keywords{"type": "object"}
	tenant := w.structure(reflect.ValueOf(TenantSpec{}))
	tenant["description"] = w.docs["TenantSpec"]
	own := tenant["properties"].(keywords)
	own["legacy"], own["resources"] = part, part
	return keywords{
		"properties": keywords{
			"server": w.value(reflect.ValueOf(defaults().Server)), "legacy": part, "resources": part,
			"tenants": keywords{"type": "array", "minItems": 1, "items": tenant},
		},
		"required":             []string{"tenants"},
		"additionalProperties": false,
	}
}

// structure returns the schema of a struct; v holds what its keys default to.
func (w *schemaWriter) structure(v reflect.Value) keywords {
	typ := v.Type()
	properties, required := keywords{}, []string{}
	for _, f := range reflect.VisibleFields(typ) {
		if key(f) == "" {
			continue
		}
		if f.Type == reflect.TypeFor[[]*Config]() {
			properties[key(f)] = keywords{} // a file of its own kind, see tenants
			continue
		}
		properties[key(f)] = w.property(typ, f, v.FieldByIndex(f.Index))
		if f.Tag.Get("need") != "" {
			required = append(required, key(f))
		}
	}
	out := keywords{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

func key(f reflect.StructField) string { return f.Tag.Get("yaml") }

// property returns the schema of a key.
func (w *schemaWriter) property(typ reflect.Type, f reflect.StructField, v reflect.Value) keywords {
	out := w.value(v)
	if enum := f.Tag.Get("enum"); enum != "" {
		out = oneWordOf(strings.Split(enum, ","))
	}
	if least := f.Tag.Get("min"); least != "" {
		out["minimum"] = json.Number(least)
	}
	if byDefault := defaultOf(v); byDefault != nil {
		out["default"] = byDefault
	}
	if example := f.Tag.Get("need"); example != "" && !strings.Contains(example, "...") {
		out["examples"] = []any{exampleOf(w.t, example)}
	}
	goType := strings.ReplaceAll(f.Type.String(), "mapping.", "")
	doc := cmp.Or(w.docs[owner(typ, f).Name()+"."+f.Name], w.docs[key(f)+" "+goType])
	ofType := w.docs[strings.TrimLeft(goType, "[]*")]
	switch {
	case doc == "" && ofType == "":
		w.t.Errorf("neither the field %s.%s nor its type has a comment to describe the key %s with", typ.Name(), f.Name, key(f))
	case doc != "":
		out["description"] = doc
	case out["$ref"] == nil: // what it refers to has the comment of the type
		out["description"] = ofType
	}
	return out
}

// owner returns the struct that declares a field, which may be embedded.
func owner(typ reflect.Type, f reflect.StructField) reflect.Type {
	for _, i := range f.Index[:len(f.Index)-1] {
		typ = typ.Field(i).Type
	}
	return typ
}

// value returns the schema of what may stand where the loader fills v.
func (w *schemaWriter) value(v reflect.Value) keywords {
	typ := v.Type()
	_, isLeaf := reflect.New(typ).Interface().(textDecoder)
	_, isNode := reflect.New(typ).Interface().(nodeDecoder)
	switch {
	case syntaxes[typ] != nil:
		return w.define(typ, func() keywords { return maps.Clone(syntaxes[typ]) })
	case typ == reflect.TypeFor[IDField]():
		return keywords{"anyOf": []keywords{w.value(reflect.ValueOf("")), w.define(typ, func() keywords { return w.structure(v) })}}
	case isNode && strings.HasPrefix(typ.Name(), "Ordered["):
		entry := typ.Elem().Field(1).Type
		return keywords{"type": "object", "additionalProperties": w.value(reflect.Zero(entry))}
	case isLeaf || isNode:
		w.t.Fatalf("%s decodes itself, so jsonschema_test.go has to know its syntax: add it to syntaxes", typ)
	case typ.Kind() == reflect.Pointer:
		return w.value(reflect.Zero(typ.Elem()))
	case typ.Kind() == reflect.Slice:
		return oneOrMany(w.value(reflect.Zero(typ.Elem())))
	case typ.Kind() == reflect.Struct:
		return w.define(typ, func() keywords { return w.structure(v) })
	}
	w.t.Fatalf("the loader has no decoder for %s", typ)
	return nil
}

// define returns a reference to the definition of a type, which is made once.
func (w *schemaWriter) define(typ reflect.Type, make func() keywords) keywords {
	name := typ.Name()
	if w.defs[name] == nil {
		w.defs[name] = keywords{} // so that a type may hold itself
		def := make()
		if doc := w.docs[name]; doc != "" {
			def["description"] = doc
		}
		w.defs[name] = def
	}
	return keywords{"$ref": "#/$defs/" + name}
}

// defaultOf returns the value as it would be written; nil where it is zero.
func defaultOf(v reflect.Value) any {
	if v.IsZero() {
		return nil
	}
	switch v := v.Interface().(type) {
	case Duration:
		text := time.Duration(v).String()
		for _, zero := range []string{"m0s", "h0m"} {
			if strings.HasSuffix(text, zero) {
				text = text[:len(text)-2]
			}
		}
		return text
	case string, int, float64, bool:
		return v
	}
	return nil
}

// exampleOf returns the example of a need tag.
func exampleOf(t *testing.T, src string) any {
	v, err := plainYAML([]byte(src))
	if err != nil {
		t.Fatalf("the example %s: %v", src, err)
	}
	return v
}

// comments returns the comments of the package's types, by name, and of their
// fields, by TYPE.FIELD. Where a field has none, that of another field of the
// same key and type is meant, which is there by KEY TYPE.
func comments(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	docs := make(map[string]string)
	for _, file := range slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.go") }) {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range parsed.Decls {
			general, ok := decl.(*ast.GenDecl)
			if !ok || general.Tok != token.TYPE || len(general.Specs) != 1 {
				continue
			}
			spec := general.Specs[0].(*ast.TypeSpec)
			docs[spec.Name.Name] = prose(general.Doc)
			if s, ok := spec.Type.(*ast.StructType); ok {
				fieldComments(docs, spec.Name.Name, s)
			}
		}
	}
	return docs
}

func fieldComments(docs map[string]string, typ string, s *ast.StructType) {
	for _, f := range s.Fields.List {
		doc := strings.TrimSpace(prose(f.Doc) + " " + prose(f.Comment))
		for _, name := range f.Names {
			docs[typ+"."+name.Name] = doc
		}
		if f.Tag == nil || doc == "" {
			continue
		}
		tag := reflect.StructTag(strings.Trim(f.Tag.Value, "`"))
		if kind := tag.Get("yaml") + " " + types.ExprString(f.Type); docs[kind] == "" {
			docs[kind] = doc
		}
	}
}

// prose returns a comment with its lines joined; a blank line and lines that
// are indented stay.
func prose(c *ast.CommentGroup) string {
	if c == nil {
		return ""
	}
	var b strings.Builder
	joins := false // whether the next line goes on in this one
	for line := range strings.Lines(strings.TrimSpace(c.Text())) {
		line = strings.TrimRight(line, "\n")
		flows := line != "" && line[0] != '\t' && line[0] != ' '
		switch {
		case b.Len() == 0:
		case joins && flows:
			b.WriteByte(' ')
		default:
			b.WriteByte('\n')
		}
		b.WriteString(strings.TrimLeft(line, "\t"))
		joins = flows
	}
	return b.String()
}

// TestSchemaFile: configs/schema.json is what the types say.
func TestSchemaFile(t *testing.T) {
	t.Parallel()
	golden(t, "../configs/schema.json", string(jsonSchema(t)))
}

// TestProse: comments read as text in an editor.
func TestProse(t *testing.T) {
	t.Parallel()
	const src = "package p\n\n// A is\n// one.\n//\n//\tx  y\n//\tz\n//\n// And\n// two.\ntype A struct{}\n"
	parsed, err := parser.ParseFile(token.NewFileSet(), "", src, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	got := prose(parsed.Decls[0].(*ast.GenDecl).Doc)
	if want := "A is one.\n\nx  y\nz\n\nAnd two."; got != want {
		t.Errorf("prose = %s, want %s", strconv.Quote(got), strconv.Quote(want))
	}
}
