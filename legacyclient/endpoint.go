package legacyclient

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
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
	// Headers are sent on every attempt, each as it stands: nothing is filled
	// in. They replace those of the same name in Options.Headers, and are
	// bound by the same rules.
	Headers []Param
	// VersionHeader carries the value of Vars that is named "version": the version
	// that the record must still have, as in If-Match. A call whose Vars have none
	// sends no such header. It is bound by the rules of Headers; empty: none.
	VersionHeader string
	// Format says how the request body is written; empty: FormatJSON. Error
	// answers are read as JSON in any format.
	Format Format
	// Wrap is the dotted path under which the request body is put: with "host",
	// what is sent is {"host": body}, and a form of host[key]=value; empty: the
	// body is sent alone.
	Wrap string
	// Item is the dotted path to the one record in the answer to [Client.Do],
	// such as "host"; empty: the answer is the record.
	Item string
	// Items is the dotted path to the list in the answer to [Client.Page], such
	// as "hosts" or "data.items"; empty: the answer is the list.
	Items string
	// Each is the dotted path to the record in each element of the list, such
	// as "host" for [{"host": {}}]; empty: the elements are the records.
	Each string
	// Total is the dotted path to the length of the whole list, such as
	// "pagination.total_records"; empty: the answer does not tell.
	Total string
	// TotalHeader is the header with the length of the whole list, such as
	// "X-Total-Count"; empty: none has it. Total comes first where both tell.
	TotalHeader string
	// Paging says how the list is cut into pages; zero: it is not.
	Paging Paging

	// What follows is computed once by CompileEndpoint.
	compiled      bool
	op            string // see Error.Op
	path          []part // decoded literals and names
	query         []part // escaped literals and names
	fixedQuery    string // the whole query, if no part of it is variable
	hasID         bool   // the path names one object: a 404 is about that
	headers       []fixedHeader
	versionHeader string   // canonical
	contentType   []string // header values shared by all requests
	wrap          []string
	open, close   []byte // what wrap puts around a body
	item          []string
	shape         shape
}

// Param is one query parameter, or one header. In a query, "{name}" in Value
// stands for a value of Vars, which is query-escaped. Within an expression of
// the API's own, "{name|json}" and "{name|odata}" stand for it as a literal,
// quotes included; see spellings.
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
	spell   func(string) string // of a value in a query; nil: as it is
}

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
	note(e.compileBody())
	note(e.Paging.compile())
	note(e.compileAnswer())
	var err error
	e.Headers = slices.Clone(e.Headers)
	e.headers, err = compileHeaders(e.Headers, "")
	note(err)
	if e.VersionHeader != "" {
		_, err := compileHeaders([]Param{{Name: e.VersionHeader}}, "")
		note(err)
		e.versionHeader = http.CanonicalHeaderKey(e.VersionHeader)
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("endpoint %s: %w", e.op, errors.Join(faults...))
	}
	e.compiled = true
	return &e, nil
}

// compileAnswer splits the paths into an answer.
func (e *Endpoint) compileAnswer() error {
	var faults []error
	split := func(what, s string) []string {
		names, err := splitPath(s)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", what, err))
		}
		return names
	}
	e.item = split("item", e.Item)
	e.shape = shape{
		items: split("items", e.Items),
		each:  split("each", e.Each),
		total: split("total", e.Total),
		next:  e.Paging.next,
	}
	if e.Items == "" && e.Total != "" {
		faults = append(faults, errors.New("total is a path into an answer that is a bare array"))
	}
	if e.Items == "" && e.Paging.next != nil {
		faults = append(faults, errors.New("paging next is a path into an answer that is a bare array"))
	}
	if strings.ContainsFunc(e.TotalHeader, notInName) {
		faults = append(faults, fmt.Errorf("total header %q is no header name", e.TotalHeader))
	}
	return errors.Join(faults...)
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
		if strings.Contains(parts[i].name, "|") {
			return fmt.Errorf("path: {%s} is no name; a value is spelt in a way of its own in a query only", parts[i].name)
		}
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
			if err := p.compileSpelling(); err != nil {
				return fmt.Errorf("query %q: %w", q.Name, err)
			}
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
