package integration

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// layoutWidth is how wide a line of laid out JSON may be.
const layoutWidth = 110

// layout returns JSON for reading: what fits in a line stands in a line.
func layout(src []byte) (string, error) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, src); err != nil {
		return "", err
	}
	dec := json.NewDecoder(&compact)
	dec.UseNumber()
	v, err := readNode(dec)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	v.write(&b, "", 0)
	return b.String(), nil
}

// node is a JSON value that keeps the order of its names.
type node struct {
	open, close string // of an object or list
	names       []string
	children    []node
	plain       string // of anything else
}

func readNode(dec *json.Decoder) (node, error) {
	token, err := dec.Token()
	if err != nil {
		return node{}, err
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return node{plain: plainJSON(token)}, nil
	}
	n := node{open: delim.String(), close: "]"}
	if delim == '{' {
		n.close = "}"
	}
	for dec.More() {
		name := ""
		if delim == '{' {
			token, err := dec.Token()
			if err != nil {
				return node{}, err
			}
			name = plainJSON(token) + ": "
		}
		child, err := readNode(dec)
		if err != nil {
			return node{}, err
		}
		n.names, n.children = append(n.names, name), append(n.children, child)
	}
	_, err = dec.Token()
	return n, err
}

func plainJSON(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // it was just read
	}
	return strings.TrimSpace(b.String())
}

func (n *node) line() string {
	if n.open == "" {
		return n.plain
	}
	parts := make([]string, len(n.children))
	for i := range n.children {
		parts[i] = n.names[i] + n.children[i].line()
	}
	return n.open + strings.Join(parts, ", ") + n.close
}

// write writes n at the indent; used is how much of its first line is.
func (n *node) write(b *strings.Builder, indent string, used int) {
	line := n.line()
	if n.open == "" || len(indent)+used+len(line) <= layoutWidth && (indent != "" || len(n.children) < 2) {
		b.WriteString(line)
		return
	}
	b.WriteString(n.open + "\n")
	for i := range n.children {
		b.WriteString(indent + "  " + n.names[i])
		n.children[i].write(b, indent+"  ", len(n.names[i]))
		if i < len(n.children)-1 {
			b.WriteString(",")
		}
		b.WriteString("\n")
	}
	b.WriteString(indent + n.close)
}

func TestLayout(t *testing.T) {
	long := strings.Repeat("x", layoutWidth)
	for _, tt := range []struct{ in, want string }{
		{`{}`, `{}`},
		{`{"a": [1.50, true]}`, `{"a": [1.50, true]}`},
		{`{"b":1,"a":{"c":"<"}}`, "{\n  \"b\": 1,\n  \"a\": {\"c\": \"<\"}\n}"},
		{`{"a":["` + long + `",{}]}`, "{\n  \"a\": [\n    \"" + long + "\",\n    {}\n  ]\n}"},
	} {
		got, err := layout([]byte(tt.in))
		if err != nil || got != tt.want {
			t.Errorf("layout(%s) = %s, %v, want %s", tt.in, got, err, tt.want)
		}
	}
}
