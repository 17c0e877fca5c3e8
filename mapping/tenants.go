package mapping

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// DefaultTenant is the name of the one tenant of a file without tenants.
const DefaultTenant = "default"

// TenantSpec is one tenant as it is written: who may come in as it, and what
// is other for it than the file says for all. A mapping is merged into that of
// the file key by key, a list or a value takes its place, and a key without a
// value takes away what the file says. Only legacy.auth is replaced whole: of
// two credentials, one is left over.
//
// The file's own auth has no place beside tenants: a token selects its tenant.
type TenantSpec struct {
	Name      string    `yaml:"name" need:"acme"` // small letters, digits, - and _; it stands in logs and metrics
	Auth      Auth      `yaml:"auth" need:"{bearer: [{name: entra, token: \"${ACME_TOKEN}\"}]}"`
	Legacy    Legacy    `yaml:"legacy"`
	Resources Resources `yaml:"resources"`
	Pause     *Pause    `yaml:"pause"`
}

// tenantKeys are the keys of a [TenantSpec].
var tenantKeys = []string{"name", "auth", "legacy", "resources", "pause"}

var tenantName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

// Each returns the configuration of every tenant: those of Tenants, or c
// itself where the file has none.
func (c *Config) Each() []*Config {
	if len(c.Tenants) == 0 {
		return []*Config{c}
	}
	return c.Tenants
}

// hasTenants reports whether the document is a mapping with the key tenants.
func hasTenants(root ast.Node) bool {
	m, ok := root.(*ast.MappingNode)
	return ok && slices.ContainsFunc(m.Values, func(v *ast.MappingValueNode) bool { return v.Key.GetToken().Value == "tenants" })
}

// tenants decodes a document that has tenants: for each the document with what
// the tenant has of its own merged in, as a configuration that is checked as
// any other. It is nil where the faults leave nothing to decode.
func (d *decoder) tenants(root *ast.MappingNode) *Config {
	nodes := d.tenantNodes(root)
	var shared []*ast.MappingValueNode
	for _, v := range root.Values {
		switch v.Key.GetToken().Value {
		case "auth":
			d.addAt(start(v), "auth", "has no meaning beside tenants, of which each has its own; move it there")
		case "tenants":
		default:
			shared = append(shared, v)
		}
	}
	c := defaults()
	c.places = d
	known := tenantsKnown{names: make(map[string]bool), owners: make(map[string]string)}
	for i, n := range nodes {
		path := fmt.Sprintf("tenants[%d]", i)
		own, name := d.ownOf(n, path)
		if own == nil {
			continue
		}
		t := newDecoder(d.file, d.sources)
		t.lines, t.secret, t.lenient = d.lines, d.secret, d.lenient
		tenant := defaults()
		tenant.Name, tenant.places = name, t
		t.value(merged(&ast.MappingNode{BaseNode: &ast.BaseNode{}, Start: root.Start, Values: shared}, own), reflectElem(tenant), "")
		tenant.check(t)
		d.take(t.faults, n, path)
		known.add(d, path, tenant)
		c.Server = tenant.Server
		c.Tenants = append(c.Tenants, tenant)
	}
	return c
}

// tenantNodes returns the tenants as they are written.
func (d *decoder) tenantNodes(root *ast.MappingNode) []ast.Node {
	i := slices.IndexFunc(root.Values, func(v *ast.MappingValueNode) bool { return v.Key.GetToken().Value == "tenants" })
	d.at["tenants"] = start(root.Values[i])
	list, ok := root.Values[i].Value.(*ast.SequenceNode)
	if !ok || len(list.Values) == 0 {
		d.add("tenants", "must be a list of tenants; write for example - {name: acme, auth: {...}, legacy: {...}}")
		return nil
	}
	return list.Values
}

// ownOf returns what the tenant has of its own, without its name. It is nil,
// and the fault is noted, where that cannot be merged.
func (d *decoder) ownOf(n ast.Node, path string) (own *ast.MappingNode, name string) {
	d.at[path] = start(n)
	before := len(d.faults)
	entries, ok := d.mapping(n, path)
	if !ok {
		return nil, ""
	}
	own = &ast.MappingNode{BaseNode: &ast.BaseNode{}, Start: n.GetToken()}
	var given []string
	for _, e := range entries {
		p := join(path, e.key)
		d.at[p] = e.pos
		given = append(given, e.key)
		switch {
		case e.key == "name":
			name, _ = d.text(e.value, p)
			if !tenantName.MatchString(name) {
				d.add(p, "must be a name of small letters, digits, - and _; write for example acme")
			}
		case !slices.Contains(tenantKeys, e.key):
			d.add(p, "unknown key%s; known here: %s", nearest(e.key, tenantKeys), strings.Join(tenantKeys, ", "))
		}
	}
	for _, v := range valuesOf(n) {
		if v.Key.GetToken().Value != "name" {
			own.Values = append(own.Values, v)
		}
	}
	for _, key := range []string{"name", "auth"} {
		if !slices.Contains(given, key) {
			d.add(path, "%s is missing; a tenant has a name, and tokens of its own that select it", key)
		}
	}
	if len(d.faults) > before {
		return nil, name
	}
	return own, name
}

// take adds the faults of one tenant's configuration: under the tenant's path
// those that stand in its lines, and the others, which every tenant meets
// again, once.
func (d *decoder) take(faults Faults, n ast.Node, path string) {
	lines := make(map[int]bool)
	ast.Walk(lineCollector(lines), n)
	for _, f := range faults {
		if lines[f.Line] && f.Path != "" {
			f.Path = path + "." + f.Path
		}
		same := func(o Fault) bool { return o.Line == f.Line && o.Col == f.Col && o.Msg == f.Msg }
		if !slices.ContainsFunc(d.faults, same) {
			d.faults = append(d.faults, f)
		}
	}
}

// lineCollector notes the lines on which the nodes of a tree stand.
type lineCollector map[int]bool

// Visit notes the line of n.
func (c lineCollector) Visit(n ast.Node) ast.Visitor {
	c[n.GetToken().Position.Line] = true
	return c
}

// tenantsKnown is what tells tenants apart.
type tenantsKnown struct {
	names  map[string]bool
	owners map[string]string // the tenant of a token, by the hash of it
}

// add reports a tenant that could be taken for one before it.
func (k tenantsKnown) add(d *decoder, path string, t *Config) {
	if k.names[t.Name] {
		d.add(path+".name", "is the name of another tenant too; the name tells them apart in the log")
	}
	k.names[t.Name] = true
	if t.Legacy.Auth.Passthrough {
		d.add(path+".legacy.auth", "cannot be passthrough beside tenants: a token that is not known here selects none; give it a file of its own")
	}
	for _, sum := range t.Auth.identities() {
		if other, taken := k.owners[sum]; taken && other != t.Name {
			d.add(path+".auth", "has a credential of the tenant %s too; which of the two would it select? Give each its own", other)
		}
		k.owners[sum] = t.Name
	}
}

// valuesOf returns the entries of a mapping; nil of any other node.
func valuesOf(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

// merged returns base with over merged in. Both stay as they are, and every
// node keeps its place in the file, so that a fault is shown where it was
// written.
func merged(base, over ast.Node) ast.Node { return mergedAt(base, over, "") }

func mergedAt(base, over ast.Node, path string) ast.Node {
	baseValues, overValues := valuesOf(base), valuesOf(over)
	if baseValues == nil || overValues == nil || path == "legacy.auth" {
		return over
	}
	values := slices.Clone(baseValues)
	for _, o := range overValues {
		key := o.Key.GetToken().Value
		i := slices.IndexFunc(values, func(v *ast.MappingValueNode) bool { return v.Key.GetToken().Value == key })
		switch _, removed := o.Value.(*ast.NullNode); {
		case i < 0:
			values = append(values, o)
		case removed:
			values = slices.Delete(values, i, i+1)
		default:
			both := *o
			both.Value = mergedAt(values[i].Value, o.Value, join(path, key))
			values[i] = &both
		}
	}
	return &ast.MappingNode{BaseNode: &ast.BaseNode{}, Start: startToken(base, over), Values: values}
}

func startToken(base, over ast.Node) *token.Token {
	if t := base.GetToken(); t != nil {
		return t
	}
	return over.GetToken()
}
