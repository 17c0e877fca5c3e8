package mapping

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// What is parsed is bounded: a profile is a few kilobytes, and the time that
// the parser takes grows with the square of a line and of the nesting.
const (
	maxFileSize = 64 << 10
	maxLineSize = 8 << 10
	maxNesting  = 64
	maxSource   = 200 // of a line that a fault shows
)

// decoder fills Go structs from a YAML document, strictly. It walks the
// syntax tree itself because a library decoder stops at the first fault, and
// somebody who writes a profile wants to see all of them.
//
// Struct fields say what they accept in tags:
//
//	yaml:"name"      the key
//	need:"example"   the key must be there; the fault shows the example
//	enum:"a,b"       the values that are allowed
//	min:"1"          the least number that is allowed
type decoder struct {
	file    string
	lines   []string
	sources Sources
	at      map[string]*token.Position // where each path of the document stands
	secret  map[int]bool               // lines that hold a credential
	faults  Faults
	lenient bool // see Lenient
}

func newDecoder(file string, sources Sources) *decoder {
	return &decoder{file: file, sources: sources, at: make(map[string]*token.Position), secret: make(map[int]bool)}
}

// reflectElem returns the settable value that p points to.
func reflectElem(p any) reflect.Value { return reflect.ValueOf(p).Elem() }

// textDecoder is a leaf of the configuration with a syntax of its own. The
// error text says what is wrong and what to write.
type textDecoder interface{ decodeText(text string) error }

// nodeDecoder is a part of the configuration that may take several shapes.
type nodeDecoder interface {
	decodeNode(d *decoder, n ast.Node, path string)
}

// parse returns the document that src is, and notes where credentials stand in
// it. It is nil, and the fault is noted, where src is none.
func (d *decoder) parse(src []byte) ast.Node {
	if len(src) > maxFileSize {
		d.addAt(&token.Position{Line: 1, Column: 1}, "", "the file has %d bytes; a profile has at most %d", len(src), maxFileSize)
		return nil
	}
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	lines := strings.Split(string(src), "\n")
	if !d.readable(lines) {
		return nil
	}
	d.lines = lines
	file, err := parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		pos, msg := &token.Position{Line: 1, Column: 1}, err.Error()
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) {
			// Some messages quote the text that they are about.
			msg, _, _ = strings.Cut(syntax.Message, `"`)
			msg = strings.TrimRight(msg, ": ")
			if syntax.Token != nil {
				pos = syntax.Token.Position
			}
		}
		// What kind of value stands on a line that cannot be parsed is not
		// known, so the line is not shown: it may be a credential.
		d.secret[pos.Line] = true
		d.addAt(pos, "", "not YAML: %s", msg)
		return nil
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		d.addAt(&token.Position{Line: 1, Column: 1}, "", "the file is empty")
		return nil
	}
	if len(file.Docs) > 1 && file.Docs[1].Body != nil {
		d.addAt(start(file.Docs[1].Body), "", "a second YAML document; a profile is one document")
	}
	d.conceal(file.Docs[0].Body, false)
	return file.Docs[0].Body
}

// readable refuses text that the parser should not see. It says so without
// the line: what is on it is not known.
func (d *decoder) readable(lines []string) bool {
	nesting, deepest := 0, 0
	for i, line := range lines {
		pos := &token.Position{Line: i + 1, Column: 1}
		for _, b := range []byte(line) {
			switch b {
			case '[', '{':
				nesting++
				deepest = max(deepest, nesting)
			case ']', '}':
				nesting--
			}
		}
		switch {
		case !utf8.ValidString(line):
			d.addAt(pos, "", "not UTF-8; save the file in that encoding")
			return false
		case len(line) > maxLineSize:
			d.addAt(pos, "", "the line has %d bytes; break lines of more than %d", len(line), maxLineSize)
			return false
		case deepest > maxNesting:
			d.addAt(pos, "", "more than %d brackets are open; close them", maxNesting)
			return false
		}
	}
	return true
}

// start returns where n begins; of a block mapping the parser gives the
// place of the first colon.
func start(n ast.Node) *token.Position {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return start(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return start(n.Key)
	}
	return n.GetToken().Position
}

// credentialKeys are the keys whose values are credentials or hold some.
var credentialKeys = []string{"auth", "token", "sha256", "bearer", "basic", "password", "header", "secret", "secrets", "signing_key", "proxy"}

// conceal notes the lines that hold a credential, before any fault can show
// them: everything under such a key, and under one that is misspelt.
func (d *decoder) conceal(n ast.Node, credential bool) {
	if credential {
		d.secret[n.GetToken().Position.Line] = true
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			d.conceal(v, credential)
		}
	case *ast.MappingValueNode:
		key := n.Key.GetToken()
		credential = credential || nearest(key.Value, credentialKeys) != ""
		if credential {
			d.secret[key.Position.Line] = true
		}
		d.conceal(n.Value, credential)
	case *ast.SequenceNode:
		for _, v := range n.Values {
			d.conceal(v, credential)
		}
	}
}

// add records a fault at the place of path, or of the nearest part of the
// document around it.
func (d *decoder) add(path, format string, args ...any) {
	d.faults = append(d.faults, d.fault(path, format, args...))
}

// fault returns the fault that add records.
func (d *decoder) fault(path, format string, args ...any) Fault {
	pos, ok := d.at[path]
	for parent := path; !ok && parent != ""; pos, ok = d.at[parent] {
		parent = parentPath(parent)
	}
	if pos == nil {
		pos = &token.Position{Line: 1, Column: 1}
	}
	return d.faultAt(pos, path, format, args...)
}

// given reports whether the document has the path.
func (d *decoder) given(path string) bool {
	_, ok := d.at[path]
	return ok
}

// faulty reports whether a fault was recorded at the path.
func (d *decoder) faulty(path string) bool {
	return slices.ContainsFunc(d.faults, func(f Fault) bool { return f.Path == path })
}

func (d *decoder) addAt(pos *token.Position, path, format string, args ...any) {
	d.faults = append(d.faults, d.faultAt(pos, path, format, args...))
}

func (d *decoder) faultAt(pos *token.Position, path, format string, args ...any) Fault {
	f := Fault{File: d.file, Line: pos.Line, Col: pos.Column, Path: path, Msg: fmt.Sprintf(format, args...)}
	if !d.secret[pos.Line] && pos.Line <= len(d.lines) {
		f.Source = strings.TrimSpace(d.lines[pos.Line-1])
		if len(f.Source) > maxSource {
			f.Source = strings.ToValidUTF8(f.Source[:maxSource], "") + " ..."
		}
	}
	return f
}

// join returns the path of key below parent.
func join(parent, key string) string {
	if strings.ContainsAny(key, ".[' :") {
		key = "'" + key + "'"
	}
	if parent == "" {
		return key
	}
	return parent + "." + key
}

func parentPath(path string) string {
	quoted := false
	for i := len(path) - 1; i > 0; i-- {
		switch {
		case path[i] == '\'':
			quoted = !quoted
		case !quoted && (path[i] == '.' || path[i] == '['):
			return path[:i]
		}
	}
	return ""
}

// value decodes n into dst.
func (d *decoder) value(n ast.Node, dst reflect.Value, path string) {
	if _, known := d.at[path]; !known {
		d.at[path] = start(n)
	}
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		d.add(path, "anchors, aliases and tags are not supported; write the value out")
		return
	}
	if custom, ok := dst.Addr().Interface().(nodeDecoder); ok {
		custom.decodeNode(d, n, path)
		return
	}
	if leaf, ok := dst.Addr().Interface().(textDecoder); ok {
		d.leaf(n, leaf, path)
		return
	}
	switch dst.Kind() {
	case reflect.Pointer:
		dst.Set(reflect.New(dst.Type().Elem()))
		d.value(n, dst.Elem(), path)
	case reflect.Struct:
		d.structure(n, dst, path)
	case reflect.Slice:
		d.sequence(n, dst, path)
	default:
		d.scalar(n, dst, path)
	}
}

func (d *decoder) structure(n ast.Node, dst reflect.Value, path string) {
	entries, ok := d.mapping(n, path)
	if !ok {
		return
	}
	typ := dst.Type()
	seen := make(map[string]bool)
	for _, e := range entries {
		field, known := fieldByKey(typ, e.key)
		if !known {
			near, p := nearest(e.key, keysOf(typ)), join(path, e.key)
			if near == "" && d.secret[e.pos.Line] {
				p = path // the key may be a credential that stands alone
			}
			d.addAt(e.pos, p, "unknown key%s; known here: %s", near, strings.Join(keysOf(typ), ", "))
			continue
		}
		p := join(path, e.key)
		seen[e.key] = true
		d.at[p] = e.pos
		if _, null := e.value.(*ast.NullNode); null {
			d.add(p, "has no value; write one or leave the key out")
			continue
		}
		d.value(e.value, dst.FieldByIndex(field.Index), p)
		d.check(field, dst.FieldByIndex(field.Index), p)
	}
	for _, field := range reflect.VisibleFields(typ) {
		if example := field.Tag.Get("need"); example != "" && !seen[field.Tag.Get("yaml")] {
			d.add(path, "%s is missing; write for example %s: %s", field.Tag.Get("yaml"), field.Tag.Get("yaml"), example)
		}
	}
}

// check holds a decoded field to its enum and min tags.
func (d *decoder) check(field reflect.StructField, v reflect.Value, path string) {
	if enum := field.Tag.Get("enum"); enum != "" {
		options := strings.Split(enum, ",")
		if !slices.Contains(options, v.String()) {
			d.add(path, "must be one of %s%s", strings.Join(options, ", "), nearest(v.String(), options))
		}
	}
	if least := field.Tag.Get("min"); least != "" {
		bound, _ := strconv.ParseFloat(least, 64)
		got := 0.0
		if v.CanInt() {
			got = float64(v.Int())
		} else {
			got = v.Float()
		}
		if got < bound {
			d.add(path, "must be at least %s", least)
		}
	}
}

// entry is one key and value of a YAML mapping.
type entry struct {
	key   string
	pos   *token.Position
	value ast.Node
}

// mapping returns the entries of n, without those that repeat a key.
func (d *decoder) mapping(n ast.Node, path string) ([]entry, bool) {
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		d.add(path, "must be a mapping of keys to values")
		return nil, false
	}
	var entries []entry
	seen := make(map[string]bool)
	for _, v := range values {
		tok := v.Key.GetToken()
		if _, ok := v.Key.(*ast.MergeKeyNode); ok {
			d.addAt(tok.Position, path, "merge keys are not supported; write the values out")
			continue
		}
		if seen[tok.Value] {
			d.addAt(tok.Position, join(path, tok.Value), "the key is there twice; remove one")
			continue
		}
		seen[tok.Value] = true
		entries = append(entries, entry{tok.Value, tok.Position, v.Value})
	}
	return entries, true
}

// sequence decodes a list; one value alone stands for a list of it.
func (d *decoder) sequence(n ast.Node, dst reflect.Value, path string) {
	nodes := []ast.Node{n}
	if seq, ok := n.(*ast.SequenceNode); ok {
		nodes = seq.Values
	}
	dst.Set(reflect.MakeSlice(dst.Type(), len(nodes), len(nodes)))
	for i, n := range nodes {
		d.value(n, dst.Index(i), fmt.Sprintf("%s[%d]", path, i))
	}
}

func (d *decoder) leaf(n ast.Node, leaf textDecoder, path string) {
	if text, ok := d.text(n, path); ok {
		if err := leaf.decodeText(text); err != nil {
			d.add(path, "%s", err)
		}
	}
}

// text returns the scalar n as written, with ${...} filled in.
func (d *decoder) text(n ast.Node, path string) (string, bool) {
	var raw string
	switch n := n.(type) {
	case *ast.StringNode:
		raw = n.Value
	case *ast.LiteralNode:
		raw = n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		raw = n.GetToken().Value
	default:
		d.add(path, "must be a single value, not a list or a mapping")
		return "", false
	}
	text, err := d.sources.expand(raw)
	if err != nil {
		d.add(path, "%s", err)
		return "", false
	}
	return text, true
}

func (d *decoder) scalar(n ast.Node, dst reflect.Value, path string) {
	text, ok := d.text(n, path)
	if !ok {
		return
	}
	switch dst.Kind() {
	case reflect.String:
		dst.SetString(text)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil || (text != "true" && text != "false") {
			d.add(path, "must be true or false")
			return
		}
		dst.SetBool(b)
	case reflect.Int:
		i, err := strconv.Atoi(text)
		if err != nil {
			d.add(path, "must be a whole number")
			return
		}
		dst.SetInt(int64(i))
	case reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			d.add(path, "must be a number")
			return
		}
		dst.SetFloat(f)
	default:
		panic("mapping: no decoder for " + dst.Type().String())
	}
}

// fieldByKey returns the field of that key, among those of embedded structs
// too.
func fieldByKey(typ reflect.Type, key string) (reflect.StructField, bool) {
	for _, f := range reflect.VisibleFields(typ) {
		if !f.Anonymous && f.Tag.Get("yaml") == key {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

func keysOf(typ reflect.Type) []string {
	var keys []string
	for _, f := range reflect.VisibleFields(typ) {
		if key := f.Tag.Get("yaml"); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}
