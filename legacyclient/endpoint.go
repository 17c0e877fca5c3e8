package legacyclient

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Endpoint is one call of the API. Fill in the exported fields, pass it through
// [CompileEndpoint], and do not change it afterwards: it is shared by all calls.
type Endpoint struct {
	// Method is GET, HEAD, POST, PUT, PATCH or DELETE.
	Method string
	// Path begins with a slash and is appended to the path of the base URL. It
	// is written decoded. "{name}" stands for a value of Vars, which is
	// path-escaped: whatever it holds, it stays within its place.
	Path string
	// Query is sent in this order.
	Query []Param
	// Idempotent says that the API executes the call once per idempotency key.
	// The call then carries a key, if the client has a header for it.
	Idempotent bool
	// Items is the dotted path to the list in the answer, such as "hosts" or
	// "data.items"; empty: the answer is the list.
	Items string
	// Total is the dotted path to the length of the whole list, such as
	// "pagination.total_records"; empty: the API does not tell.
	Total string
	// Paging says how the list is cut into pages; zero: it is not.
	Paging Paging

	// What follows is computed once by CompileEndpoint.
	compiled     bool
	op           string   // see Error.Op
	path         []part   // decoded literals and names
	query        []part   // escaped literals and names
	fixedQuery   string   // the whole query, if no part of it is variable
	hasID        bool     // the path names one object: a 404 is about that
	items, total []string // split; nil total: unknown
}

// Param is one query parameter. "{name}" in Value stands for a value of Vars,
// which is query-escaped.
type Param struct {
	Name, Value string
}

// Vars are the values for the names in an endpoint's path and query.
type Vars map[string]string

// part is a piece of a template: a literal, or the name of a variable.
type part struct {
	text    string
	escaped string // of a path literal
	name    string
}

// maxID bounds what may be put into a path. No real id comes near it, and
// servers answer longer ones with a status that says nothing about the id.
const maxID = 2048

// CompileEndpoint checks the description and computes what can be computed
// before a call. The error names everything that is wrong with it.
func CompileEndpoint(e Endpoint) (*Endpoint, error) {
	var faults []error
	note := func(err error) {
		if err != nil {
			faults = append(faults, err)
		}
	}
	methods := []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	if !slices.Contains(methods, e.Method) {
		note(fmt.Errorf("unknown method %q", e.Method))
	}
	e.Query = slices.Clone(e.Query)
	e.op = e.Method + " " + e.Path
	note(e.compilePath())
	note(e.compileQuery())
	note(e.Paging.compile())
	var err error
	e.items, err = splitPath(e.Items)
	note(err)
	e.total, err = splitPath(e.Total)
	note(err)
	if e.Items == "" && e.Total != "" {
		note(errors.New("total is a path into an answer that is a bare array"))
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("endpoint %s: %w", e.op, errors.Join(faults...))
	}
	e.compiled = true
	return &e, nil
}

// Op returns the method and the path template, such as "GET /hosts/{id}".
func (e *Endpoint) Op() string { return e.op }

// Names returns the names that a call must find in its Vars, without repeats.
func (e *Endpoint) Names() []string {
	var names []string
	for _, p := range slices.Concat(e.path, e.query) {
		if p.name != "" && !slices.Contains(names, p.name) {
			names = append(names, p.name)
		}
	}
	return names
}

func (e *Endpoint) compilePath() error {
	if !strings.HasPrefix(e.Path, "/") {
		return fmt.Errorf("path %q does not begin with a slash", e.Path)
	}
	if strings.ContainsAny(e.Path, "?#%") || strings.ContainsFunc(e.Path, unicode.IsControl) {
		return fmt.Errorf("path %q holds one of ? # %% or a control character; parameters belong under query", e.Path)
	}
	for segment := range strings.SplitSeq(e.Path, "/") {
		if segment == "." || segment == ".." {
			return fmt.Errorf("path %q holds a dot segment", e.Path)
		}
	}
	parts, err := parseTemplate(e.Path)
	if err != nil {
		return fmt.Errorf("path: %w", err)
	}
	for i := range parts {
		parts[i].escaped = (&url.URL{Path: parts[i].text}).EscapedPath()
		e.hasID = e.hasID || parts[i].name != ""
	}
	e.path = parts
	return nil
}

func (e *Endpoint) compileQuery() error {
	literal := ""
	flush := func() {
		if literal != "" {
			e.query = append(e.query, part{text: literal})
			literal = ""
		}
	}
	e.query = nil
	for i, q := range e.Query {
		if q.Name == "" {
			return errors.New("query: a parameter has no name")
		}
		parts, err := parseTemplate(q.Value)
		if err != nil {
			return fmt.Errorf("query %q: %w", q.Name, err)
		}
		if i > 0 {
			literal += "&"
		}
		literal += url.QueryEscape(q.Name) + "="
		for _, p := range parts {
			if p.name == "" {
				literal += url.QueryEscape(p.text)
				continue
			}
			flush()
			e.query = append(e.query, p)
		}
	}
	if len(e.query) == 0 {
		e.fixedQuery = literal
	}
	flush()
	return nil
}

// parseTemplate cuts "a{name}b" into its parts.
func parseTemplate(s string) ([]part, error) {
	var parts []part
	for s != "" {
		open := strings.IndexAny(s, "{}")
		if open < 0 {
			return append(parts, part{text: s}), nil
		}
		length := strings.IndexAny(s[open+1:], "{}")
		if s[open] == '}' || length < 0 || s[open+1+length] == '{' {
			return nil, errors.New("braces do not match")
		}
		name := s[open+1 : open+1+length]
		if name == "" || strings.ContainsAny(name, "/ ") {
			return nil, fmt.Errorf("{%s} is no name", name)
		}
		if open > 0 {
			parts = append(parts, part{text: s[:open]})
		}
		parts = append(parts, part{name: name})
		s = s[open+length+2:]
	}
	return parts, nil
}

// splitPath cuts a dotted path; an empty one is nil.
func splitPath(s string) ([]string, error) {
	if s == "" {
		return nil, nil
	}
	names := strings.Split(s, ".")
	if slices.Contains(names, "") {
		return nil, fmt.Errorf("path %q has an empty name", s)
	}
	return names, nil
}

var (
	errNotCompiled = &reason{text: "endpoint was not compiled"}
	errNoValue     = &reason{text: "a variable of the query has no value"}
)

// target fills in the templates. The errors are ErrBadID for a value that
// cannot stand in a path, and errors about the description.
func (e *Endpoint) target(base *base, vars Vars, w window) (*url.URL, error) {
	if e == nil || !e.compiled {
		return nil, errNotCompiled
	}
	u := &url.URL{Scheme: base.scheme, Host: base.host}
	if err := e.fillPath(u, base, vars); err != nil {
		return nil, err
	}
	if len(e.query) == 0 && e.Paging.Style == PagingNone {
		return u, nil
	}
	if e.fixedQuery != "" && e.Paging.Style == PagingNone {
		u.RawQuery = e.fixedQuery
		return u, nil
	}
	var room [256]byte
	q := room[:0]
	for _, p := range e.query {
		if p.name == "" {
			q = append(q, p.text...)
			continue
		}
		v, ok := vars[p.name]
		if !ok {
			return nil, errNoValue
		}
		q = append(q, url.QueryEscape(v)...)
	}
	u.RawQuery = string(e.Paging.appendQuery(q, w))
	return u, nil
}

// fillPath sets Path and, where its default escaping is not ours, RawPath.
func (e *Endpoint) fillPath(u *url.URL, base *base, vars Vars) error {
	var room, rawRoom [256]byte
	path := append(room[:0], base.path...)
	raw := append(rawRoom[:0], base.rawPath...)
	differ := base.path != base.rawPath
	for _, p := range e.path {
		if p.name == "" {
			path = append(path, p.text...)
			raw = append(raw, p.escaped...)
			continue
		}
		v := vars[p.name]
		if !validID(v) {
			return ErrBadID
		}
		escaped := url.PathEscape(v)
		differ = differ || escaped != v
		path = append(path, v...)
		raw = append(raw, escaped...)
	}
	u.Path = string(path)
	if differ {
		u.RawPath = string(raw)
	}
	return nil
}

// validID says whether a value may stand in a path. Escaping makes every text
// safe on the wire, but "." and ".." are climbed by servers and proxies even so.
func validID(v string) bool {
	return v != "" && v != "." && v != ".." && len(v) <= maxID &&
		utf8.ValidString(v) && !strings.ContainsFunc(v, unicode.IsControl)
}
