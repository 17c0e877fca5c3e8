package mapping

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"hostscim/adapter/scim"
)

// Secret is a credential. It prints as <secret> wherever it is printed.
type Secret string

const hidden = "<secret>"

// String returns a placeholder.
func (Secret) String() string { return hidden }

// GoString returns a placeholder.
func (Secret) GoString() string { return hidden }

// LogValue returns a placeholder.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText returns a placeholder.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Duration is a positive length of time, written as 10s or 1m30s.
type Duration time.Duration

func (v *Duration) decodeText(text string) error {
	t, err := time.ParseDuration(text)
	if err != nil || t <= 0 {
		return errors.New("must be a length of time; write for example 10s")
	}
	*v = Duration(t)
	return nil
}

// URL is an absolute http or https URL.
type URL url.URL

func (v *URL) decodeText(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return errors.New("must be a URL with http or https; write for example https://api.example.com/api/v3")
	}
	*v = URL(*u)
	return nil
}

// Prefix is an IP network, written as 10.0.0.0/8, or one address.
type Prefix netip.Prefix

func (v *Prefix) decodeText(text string) error {
	if addr, err := netip.ParseAddr(text); err == nil {
		*v = Prefix(netip.PrefixFrom(addr, addr.BitLen()))
		return nil
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return errors.New("must be an IP network or address; write for example 10.0.0.0/8")
	}
	*v = Prefix(p.Masked())
	return nil
}

// Proxy is who may say where a request came from: the peers of an IP network, or
// with the word unix those of the Unix socket that server.listen is.
type Proxy struct {
	Network netip.Prefix // invalid: Unix
	Unix    bool
}

func (v *Proxy) decodeText(text string) error {
	if text == NetworkUnix {
		*v = Proxy{Unix: true}
		return nil
	}
	var p Prefix
	if p.decodeText(text) != nil {
		return errors.New("must be an IP network or address, or unix for the peers of a Unix socket; write for example 10.0.0.0/8")
	}
	*v = Proxy{Network: netip.Prefix(p)}
	return nil
}

// Request is the method and path of a call, written as GET /hosts/{id}.
type Request struct {
	Method, Path string
}

func (v *Request) decodeText(text string) error {
	method, path, ok := strings.Cut(text, " ")
	if !ok || !slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, method) {
		return errors.New("must be a method and a path; write for example GET /hosts/{id}")
	}
	if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, " ?#") {
		return errors.New("the path must begin with / and hold no space, ? or #; query parameters go under query")
	}
	*v = Request{method, path}
	return nil
}

// Ordered is a YAML mapping that keeps the order it was written in.
type Ordered[T any] []Entry[T]

// Entry is one key and value of an [Ordered] mapping.
type Entry[T any] struct {
	Key   string
	Value T
}

func (v *Ordered[T]) decodeNode(d *decoder, n ast.Node, path string) {
	entries, ok := d.mapping(n, path)
	if !ok {
		return
	}
	for _, e := range entries {
		out := Entry[T]{Key: e.key}
		p := join(path, e.key)
		d.at[p] = e.pos
		d.value(e.value, reflectElem(&out.Value), p)
		*v = append(*v, out)
	}
}

func (v *IDField) decodeNode(d *decoder, n ast.Node, path string) {
	v.Type = "any"
	if _, isMap := n.(*ast.MappingNode); isMap {
		d.structure(n, reflectElem(v), path)
		return
	}
	text, ok := d.text(n, path)
	if ok && strings.Contains("."+text+".", "..") {
		d.add(path, "must be a field name, or names joined by dots; write for example id")
	}
	v.Legacy = text
}

// Plain is a single value: text, a number or a boolean.
type Plain struct{ Value scim.Value }

func (v *Plain) decodeNode(d *decoder, n ast.Node, path string) {
	text, ok := d.text(n, path)
	if !ok {
		return
	}
	switch n.(type) {
	case *ast.BoolNode:
		v.Value = scim.Bool(text == "true")
	case *ast.IntegerNode, *ast.FloatNode:
		v.Value = scim.Num(text)
	default:
		v.Value = scim.Text(text)
	}
}

// Template is a JSON body in which "{value}" stands for one id, "{values}" for
// the list of ids, and "{id}" for that of the group.
type Template struct{ Value scim.Value }

const (
	oneID  = "{value}"
	allIDs = "{values}"
)

func (v *Template) decodeNode(d *decoder, n ast.Node, path string) {
	v.Value = d.tree(n, path)
}

// tree returns n as a JSON value.
func (d *decoder) tree(n ast.Node, path string) scim.Value {
	switch n := n.(type) {
	case *ast.MappingNode:
		entries, _ := d.mapping(n, path)
		var fields []scim.Field
		for _, e := range entries {
			p := join(path, e.key)
			d.at[p] = e.pos
			fields = append(fields, scim.Field{Name: e.key, Value: d.tree(e.value, p)})
		}
		return scim.Obj(fields...)
	case *ast.SequenceNode:
		var values []scim.Value
		for i, e := range n.Values {
			values = append(values, d.tree(e, fmt.Sprintf("%s[%d]", path, i)))
		}
		return scim.List(values...)
	case *ast.NullNode:
		return scim.NullValue()
	}
	var plain Plain
	plain.decodeNode(d, n, path)
	return plain.Value
}

// contains reports whether the placeholder stands anywhere in the template.
func (v Template) contains(placeholder string) bool { return contains(v.Value, placeholder) }

func contains(v scim.Value, text string) bool {
	if v.Kind() == scim.String {
		return v.Text() == text
	}
	return slices.ContainsFunc(v.Parts(), func(p scim.Field) bool { return contains(p.Value, text) })
}

// fill returns the template as JSON with the ids in the places of the
// placeholders.
func (v Template) fill(group scim.Value, ids []scim.Value) []byte {
	if v.Value.Kind() == scim.Absent {
		return nil
	}
	return fill(v.Value, group, ids).Append(nil)
}

func fill(v, group scim.Value, ids []scim.Value) scim.Value {
	switch v.Kind() {
	case scim.String:
		switch v.Text() {
		case oneID:
			return ids[0]
		case allIDs:
			return scim.List(ids...)
		case "{id}":
			return group
		}
	case scim.Array, scim.Object:
		parts := slices.Clone(v.Parts())
		for i := range parts {
			parts[i].Value = fill(parts[i].Value, group, ids)
		}
		if v.Kind() == scim.Object {
			return scim.Obj(parts...)
		}
		return scim.ListOf(parts)
	}
	return v
}
