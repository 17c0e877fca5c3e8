package adapter

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
)

// window is the part of a list that was asked for (RFC 7644 section 3.4.2.4).
type window struct {
	start int // 1-based
	count int // at most so many; -1: not said
	most  int // max_results, which count is not above
}

// query holds the parameters of a request, by lower-case name. Parameters
// that SCIM does not know are no fault: Entra's feature flags leak into them.
type query map[string]string

// parseQuery decodes the query string as a form, in which + is a space. Of a
// parameter given twice, the first counts; of one in two spellings, always
// the same.
func parseQuery(r *http.Request) (query, error) {
	if r.URL.RawQuery == "" {
		return nil, nil
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, scim.Bad(scim.InvalidValue, "the query string is not well formed: check its %%-escapes")
	}
	q := make(query, len(values))
	for _, given := range slices.Sorted(maps.Keys(values)) {
		if name := strings.ToLower(given); !q.has(name) || q[name] == "" {
			q[name] = values[given][0]
		}
	}
	return q, nil
}

// has reports whether the parameter was given, be it empty.
func (q query) has(name string) bool {
	_, given := q[name]
	return given
}

// window returns startIndex and count. RFC 7644 section 3.4.2.4: a startIndex
// below 1 is 1, a negative count is 0.
func (q query) window(maxResults int) (window, error) {
	w := window{start: 1, count: -1, most: maxResults}
	var err error
	if text := q["startindex"]; text != "" {
		if w.start, err = strconv.Atoi(text); err != nil {
			return w, scim.Bad(scim.InvalidValue, "startIndex must be a whole number")
		}
		w.start = max(w.start, 1)
	}
	if text := q["count"]; text != "" {
		if w.count, err = strconv.Atoi(text); err != nil {
			kind := scim.InvalidValue
			if q.has("cursor") {
				kind = scim.InvalidCount // RFC 9865 section 2.1
			}
			return w, scim.Bad(kind, "count must be a whole number")
		}
		w.count = min(max(w.count, 0), maxResults)
	}
	return w, nil
}

// filter returns the filter compiled against what the endpoint serves, or
// nil when there is none.
func (q query) filter(e *endpoint) (*filter.Filter, error) {
	text := q["filter"]
	if !q.has("filter") {
		return nil, nil
	}
	expr, err := filter.Parse(text, e.urns...)
	if err != nil {
		return nil, scim.Bad(scim.InvalidFilter, "the filter cannot be read: %s", err)
	}
	f, err := filter.Compile(expr, e.table.Type)
	if err != nil {
		return nil, scim.Bad(scim.InvalidFilter, "the filter cannot be answered: %s; it can name attributes that are provisioned (see /Schemas)", err)
	}
	return f, nil
}
