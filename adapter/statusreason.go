package adapter

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hostscim/adapter/scim"
	"hostscim/legacyclient"
	"hostscim/mapping"
)

// operation returns what the status page says of the request, and whether the
// legacy API gave it no usable answer.
func (e *entry) operation(r *http.Request, at time.Time, status int, took time.Duration) (o operation, silent bool) {
	o = operation{
		At: at, Request: e.requestID, Client: e.token, Name: method(r), ID: printable(e.id),
		Status: status, Calls: e.trace.Attempts(), Took: took,
	}
	if e.route != "" {
		o.Name = operationName(e.route)
	}
	if e.tenant != nil {
		o.Tenant = e.tenant.name
	}
	if !o.Failed() {
		return o, false
	}
	o.Reason = reason(e.err, e.tenant.endpointOf(e.route), status, e.scimType)
	for _, kind := range []error{legacyclient.ErrUnavailable, legacyclient.ErrTimeout, legacyclient.ErrThrottled, legacyclient.ErrDenied} {
		silent = silent || errors.Is(e.err, kind)
	}
	return o, silent
}

// operationName returns the route as it is shown: that of the root has no path.
func operationName(route string) string {
	if method, root := strings.CutSuffix(route, " "); root {
		return method + " /"
	}
	return route
}

// endpointOf returns the resource type that the route is about, or nil. A nil
// tenant has none.
func (t *tenant) endpointOf(route string) *endpoint {
	switch {
	case t == nil:
		return nil
	case strings.Contains(route, " /Users"):
		return t.users
	case strings.Contains(route, " /Groups"):
		return t.groups
	}
	return nil
}

// reason returns why a request failed and what to do. It is made of words of
// ours and of the configuration: what the client was told may name a value of
// the request, and what the legacy API said one of its records. e may be nil.
func reason(err error, e *endpoint, status int, scimType string) string {
	if errors.Is(err, errPaused) {
		return "provisioning is paused, by the configuration or by an administrator (POST /pause); the client repeats it later"
	}
	var stranger *credentialError
	if errors.As(err, &stranger) {
		return stranger.reason
	}
	var told *scim.Error
	if errors.As(err, &told) {
		return naming(mentioned(e, told.Detail), meaning(status, scimType))
	}
	var legacy *legacyclient.Error
	var shape *mapping.ShapeError
	switch {
	case errors.Is(err, legacyclient.ErrNotFound), errors.Is(err, legacyclient.ErrBadID):
		return meaning(http.StatusNotFound, "")
	case errors.Is(err, legacyclient.ErrInvalid) && errors.As(err, &legacy):
		return naming(faulty(e, legacy.Faults), fmt.Sprintf(
			"the legacy API refused a value (status %d at %s); the answer that the client got says what it wants", legacy.Status, legacy.Op))
	case errors.As(err, &legacy), errors.As(err, &shape):
		return toError(err, e, "").Detail
	}
	return meaning(status, scimType)
}

// naming puts the attributes that a failure is about before its meaning.
func naming(paths []string, meaning string) string {
	if len(paths) == 0 {
		return meaning
	}
	return strings.Join(paths, ", ") + ": " + meaning
}

// faulty returns the attributes of the fields that the legacy API refused.
func faulty(e *endpoint, faults []legacyclient.Fault) (paths []string) {
	for _, f := range faults {
		if e == nil || f.Field == "" {
			continue
		}
		if path := e.table.PathOf(f.Field); path != "" {
			paths = append(paths, path)
		}
	}
	return paths
}

// mentioned returns the attributes of the table that the text names. Nothing
// else of the text gets out.
func mentioned(e *endpoint, text string) (paths []string) {
	if e == nil {
		return nil
	}
	for _, d := range e.table.Describe() {
		if mentions(text, d.Path) {
			paths = append(paths, d.Path)
		}
	}
	return paths
}

// mentions reports whether the path stands in the text as a word of its own.
func mentions(text, path string) bool {
	for rest := text; ; {
		i := strings.Index(rest, path)
		if i < 0 {
			return false
		}
		before, after := rest[:i], rest[i+len(path):]
		if (before == "" || !pathLike(before[len(before)-1])) && (after == "" || !pathLike(after[0]) || after[0] == ':') {
			return true
		}
		rest = after
	}
}

// pathLike reports whether c can go on a path.
func pathLike(c byte) bool {
	return isToken(string(rune(c))) || c == ':' || c == '['
}

// meaning returns what an answer means, to whoever looks after the adapter.
func meaning(status int, scimType string) string {
	if text := typeMeanings[scimType]; text != "" {
		return text
	}
	if text := statusMeanings[status]; text != "" {
		return text
	}
	return "the log has the cause under the id of the request"
}

var typeMeanings = map[string]string{
	scim.InvalidFilter: "the filter cannot be read or answered; filter on an attribute that is supported for filtering",
	scim.TooMany:       "the answer would take more legacy records than legacy.scan_limit; filter on an attribute that is supported for filtering, or raise the limit",
	scim.Uniqueness:    "another resource has this value; find it by a filter and update it, or change the value at the source",
	scim.Mutability:    "the attribute cannot be changed or removed; take it out of the client's attribute mapping",
	scim.InvalidSyntax: "the body is not as SCIM wants it; the answer that the client got says where",
	scim.InvalidPath:   "the client names an attribute or a place that is not there; correct the client's attribute mapping",
	scim.NoTarget:      "the change is to a value that the resource has not; a full cycle of the client sends it anew",
	scim.InvalidValue:  "a value is missing or is not as it must be; correct it at the source or in the client's attribute mapping",
	scim.InvalidCursor: "the cursor is not one of this list; begin again without one",
	scim.ExpiredCursor: "the cursor has expired; begin again without one",
	scim.InvalidCount:  "count is not as it must be; ask for less",
}

var statusMeanings = map[int]string{
	http.StatusUnauthorized:          "the credential is not one of those that are let in; enter the right one at the client",
	http.StatusForbidden:             "the credential may not do this, or not from this network; see auth in the configuration",
	http.StatusNotFound:              "there is no such resource or endpoint; if the client knew the resource, it was deleted in the legacy API, and a full cycle makes it anew",
	http.StatusMethodNotAllowed:      "the endpoint does not support this method",
	http.StatusConflict:              "the legacy API refuses this beside what it has; the answer that the client got says why",
	http.StatusPreconditionFailed:    "the resource has changed since the client read it; the client reads it anew and repeats",
	http.StatusRequestEntityTooLarge: "the body is larger than server.max_body_bytes; send less, or raise it",
	http.StatusUnsupportedMediaType:  "the body is not declared as application/scim+json or application/json; correct the client",
	http.StatusTooManyRequests:       "the legacy API is at its rate limit; the client repeats it later",
	http.StatusNotImplemented:        "the configuration describes no legacy call for this; add the operation, or switch it off at the client",
	http.StatusBadGateway:            "the legacy API refuses the adapter's credential; correct legacy.auth in the configuration",
	http.StatusServiceUnavailable:    "the legacy API is not available; the client repeats it later",
	http.StatusGatewayTimeout:        "the legacy API did not answer in time; the client repeats it later",
}

// statusText returns the status as number and words.
func statusText(status int) string {
	return strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
}
