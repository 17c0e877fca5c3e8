package mapping

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var variable = regexp.MustCompile(`\{[^{}]*\}`)

const defaultPageSize = 100

// What the body of an update holds.
const (
	BodyChanged = "changed"
	BodyWhole   = "whole"
)

func searchPath(resource string, i int) string {
	return fmt.Sprintf("%s.operations.search[%d]", resource, i)
}

// operations checks the calls of the resource and fills in what is left out.
func (c *compiler) operations(legacy *Legacy) {
	ops := &c.table.Operations
	path := c.path + ".operations"
	if ops.List == nil && ops.Get == nil && ops.Create == nil {
		c.add(path, "has neither list nor get nor create; nothing could be served")
	}
	if l := ops.List; l != nil {
		if l.Items == nil {
			c.add(path+".list", "items is missing; write the dotted path of the list in the answer, or items: \"\" for a bare array")
		}
		c.shape(path+".list", &l.ListShape, nil)
		c.request(path+".list", l.Request, l.Query, "GET")
	}
	for i := range ops.Search {
		c.inheritSearch(searchPath(c.path, i), &ops.Search[i], ops.List)
	}
	if o := ops.Get; o != nil {
		c.request(path+".get", o.Request, o.Query, "GET", "{id}")
	}
	if o := ops.Delete; o != nil {
		c.writeOp(path+".delete", o, recordID)
	}
	if o := ops.Create; o != nil {
		c.request(path+".create", o.Request, o.Query, "")
		c.table.inCreate = c.constants(path+".create.constants", o.Constants)
		if o.Idempotent && legacy.IdempotencyHeader == "" {
			c.add(path+".create.idempotent", "needs the header that the API honours; set legacy.idempotency_header, or remove idempotent")
		}
	}
	if o := ops.Update; o != nil {
		c.request(path+".update", o.Request, o.Query, "", "{id}")
		c.table.inUpdate = c.constants(path+".update.constants", o.Constants)
		if o.Body == "" {
			o.Body = BodyChanged
		}
		if c.table.shared && ops.Get == nil {
			c.add(path+".update", "rows are lists, or parts of a field (%s), whose rest must be read before it is written; add operations.get", c.sharedRow())
		}
		if o.Body == BodyWhole && ops.Get == nil {
			c.add(path+".update.body", "whole needs the record as it is; add operations.get")
		}
		c.version(path+".update.version", o)
	}
	c.needed(path)
}

// sharedRow returns the path of the first row that is a list or writes a part
// of a field.
func (c *compiler) sharedRow() string {
	for i := range c.table.Rows {
		if r := &c.table.Rows[i]; r.shaped() && !r.ReadOnly {
			return r.Path
		}
	}
	return ""
}

// needed reports operations that are missing although something relies on
// them.
func (c *compiler) needed(path string) {
	ops := &c.table.Operations
	unique := c.table.UniquePath()
	if ops.Create != nil && unique == "" {
		c.add(c.path+".attributes", "has no row for the name that every %s must have; map %s, or remove operations.create", c.name(), c.uniqueName())
	}
	if ops.Create != nil && ops.Create.Unique == "adapter" {
		if !slices.ContainsFunc(ops.Search, func(s SearchOp) bool { return strings.EqualFold(strings.TrimSpace(s.Filter), unique+" eq") }) {
			c.add(path+".create.unique", "the adapter can refuse a second %s only if it can search for one; add operations.search with filter: %s eq", unique, unique)
		}
	}
	for i, s := range ops.Search {
		if s.Lag > 0 && ops.Get == nil {
			c.add(searchPath(c.path, i)+".lag", "what the search does not find yet can only be had by operations.get; add it, or remove lag")
		}
	}
	for _, r := range c.table.Rows {
		if r.calls != nil && ops.Get == nil {
			c.add(join(c.path+".attributes", r.Path), "what a call of its own has done can only be told by operations.get; add it")
		}
		if !r.ReadOnly && r.calls == nil && ops.Create == nil && ops.Update == nil {
			c.add(join(c.path+".attributes", r.Path), "can be written, but there is neither operations.create nor operations.update; add one, or mark the row read_only: true")
		}
	}
}

func (c *compiler) name() string { return strings.TrimPrefix(c.path, "resources.") }

func (c *compiler) uniqueName() string {
	for _, a := range c.table.full.Schema.Attributes {
		if a.Uniqueness == "server" {
			return a.Name
		}
	}
	return ""
}

func (c *compiler) inheritSearch(path string, s *SearchOp, list *ListOp) {
	c.shape(path, &s.ListShape, list)
	c.request(path, s.Request, s.Query, "GET", oneID)
	if !usesVariable(s.Request, s.Query, oneID) {
		c.add(path, "does not send the value that is searched for; write for example query: {query: \"{value}\"}")
	}
}

// shape fills in what the shape of an answer leaves out: from the list
// operation, unless it is that itself and list is nil.
func (c *compiler) shape(path string, s *ListShape, list *ListOp) {
	var inherited ListShape
	if list != nil {
		inherited = list.ListShape
	}
	s.Items, s.Each = orElse(s.Items, inherited.Items), orElse(s.Each, inherited.Each)
	if *s.Items == "" && s.Total == nil {
		s.Total = new("") // a bare array has no room for a total
	}
	s.Total, s.TotalHeader = orElse(s.Total, inherited.Total), orElse(s.TotalHeader, inherited.TotalHeader)
	s.Paging = c.paging(path, s.Paging, inherited.Paging)
}

func orElse(s, inherited *string) *string {
	if s != nil {
		return s
	}
	if inherited != nil {
		return inherited
	}
	return new("")
}

// paging fills in what a paging leaves out: from the list operation when it
// is left out whole, from the defaults otherwise.
func (c *compiler) paging(path string, p, inherited *Paging) *Paging {
	if p == nil && inherited != nil {
		return inherited
	}
	if p == nil {
		c.add(path, "paging is missing; write for example paging: {style: offset, limit: %d}, or paging: {style: none} for an API that sends the whole list at once", defaultPageSize)
		p = new(Paging)
	}
	filled := *p
	if filled.Limit == 0 {
		filled.Limit = defaultPageSize
	}
	filled.LimitParam = cmp.Or(filled.LimitParam, map[string]string{"page": "per_page"}[filled.Style], "limit")
	filled.OffsetParam = cmp.Or(filled.OffsetParam, "offset")
	filled.PageParam = cmp.Or(filled.PageParam, "page")
	filled.CursorParam = cmp.Or(filled.CursorParam, "cursor")
	if filled.FirstPage == nil {
		filled.FirstPage = new(1)
	}
	if n := *filled.FirstPage; n != 0 && n != 1 {
		c.add(path+".paging.first_page", "must be 0 or 1")
	}
	if needs := filled.Style == "cursor" || filled.Style == "next"; needs != (filled.Next != "") {
		if needs {
			c.add(path+".paging", "next is missing; write the dotted path of the next page's token or URL in the answer")
		} else {
			c.add(path+".paging.next", "has a meaning for the styles cursor and next only")
		}
	}
	return &filled
}

// groups checks the call that tells the groups of a user.
func (c *compiler) groups() {
	g := c.table.Groups
	if g == nil {
		return
	}
	path := c.path + ".groups"
	if c.name() != userType {
		c.add(path, "only a User has groups")
		return
	}
	c.table.attributes = append(c.table.attributes, &attribute{attr: c.table.full.Schema.Attribute("groups"), row: -1, groups: true})
	c.shape(path, &g.ListShape, c.table.Operations.List)
	c.request(path, g.Request, g.Query, "GET", "{id}")
}

// request checks the variables of a call: those in known may stand in its
// path and query, {id} must stand in one of them when it is known. method is
// the one that the call must have; "" leaves it free but for GET.
func (c *compiler) request(path string, r Request, query Ordered[string], method string, known ...string) {
	if r.Method == "" {
		return // reported while decoding
	}
	c.variables(path, r, query, method, known...)
	if slices.Contains(known, "{id}") && !usesVariable(r, query, "{id}") {
		c.add(path+".request", "does not say which record; put {id} into the path")
	}
}

// variables is request for a call that need not name a record.
func (c *compiler) variables(path string, r Request, query Ordered[string], method string, known ...string) {
	if method == "GET" && r.Method != "GET" {
		c.add(path+".request", "reads and must be a GET request")
	}
	if method == "" && r.Method == "GET" {
		c.add(path+".request", "writes and cannot be a GET request")
	}
	c.template(path+".request", r.Path, known)
	for _, q := range query {
		plain, format := cutFormats(q.Value)
		if format != "" {
			c.add(join(path+".query", q.Key), "%s is no way to spell a value; known are {value|json}, {value|odata} and {value|fexpr}", format)
		}
		c.template(path+".request", plain, known)
		if v := betweenQuotes(q.Value); v != "" {
			name, _ := cutFormats(v)
			name = strings.Trim(name, "{}")
			c.add(join(path+".query", q.Key), "%s stands between quotes, which a value with a quote ends; write {%s|json}, {%s|odata} or {%s|fexpr}, as the API spells texts, without the quotes", v, name, name, name)
		}
	}
}

// template checks the variables in a text.
func (c *compiler) template(path, text string, known []string) {
	for _, v := range variable.FindAllString(text, -1) {
		if !slices.Contains(known, v) {
			c.add(path, "%s has no meaning here%s", v, allowed(known))
		}
	}
	if strings.ContainsAny(variable.ReplaceAllString(text, ""), "{}") {
		c.add(path, "has a brace without its partner")
	}
}

func allowed(known []string) string {
	if len(known) == 0 {
		return "; no variable does"
	}
	return "; known here: " + strings.Join(known, ", ")
}

func usesVariable(r Request, query Ordered[string], name string) bool {
	return strings.Contains(r.Path, name) || slices.ContainsFunc(query, func(q Entry[string]) bool {
		plain, _ := cutFormats(q.Value)
		return strings.Contains(plain, name)
	})
}
