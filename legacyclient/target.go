package legacyclient

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxID bounds what may be put into a path. No real id comes near it, and
// servers answer longer ones with a status that says nothing about the id.
const maxID = 2048

var (
	errNotCompiled = &reason{text: "endpoint was not compiled"}
	errNoValue     = &reason{text: "a variable of the query has no value"}
)

// target fills in the templates. The errors are ErrBadID for a value that
// cannot stand in a path, and errors about the description.
func (e *Endpoint) target(base *base, vars Vars, at place) (*url.URL, error) {
	if e == nil || !e.compiled {
		return nil, errNotCompiled
	}
	if at.url != nil {
		return at.url, nil
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
		if p.spell != nil {
			v = p.spell(v)
		}
		q = append(q, url.QueryEscape(v)...)
	}
	for _, p := range e.Paging.style.query(&e.Paging, at) {
		q = p.append(q)
	}
	u.RawQuery = string(q)
	return u, nil
}

// append adds the parameter to a query.
func (p pageParam) append(q []byte) []byte {
	if p.key == "" {
		return q
	}
	if len(q) > 0 {
		q = append(q, '&')
	}
	q = append(q, p.key...)
	if p.text != "" {
		return append(q, url.QueryEscape(p.text)...)
	}
	return strconv.AppendInt(q, int64(p.number), 10)
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
