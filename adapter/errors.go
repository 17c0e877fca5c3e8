package adapter

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"hostscim/adapter/scim"
	"hostscim/legacyclient"
	"hostscim/mapping"
)

// defaultRetryAfter is what an outage asks clients to wait when the legacy
// API names no time.
const defaultRetryAfter = 10 * time.Second

// toError is the one place that turns a failure into a SCIM error: what the
// legacy API said, and what that means to a client (laws 1 and 14).
// e and id are the resource that was asked for; e may be nil.
func toError(err error, e *endpoint, id string) *scim.Error {
	var known *scim.Error
	if errors.As(err, &known) {
		return known
	}
	var shape *mapping.ShapeError
	if errors.As(err, &shape) {
		return &scim.Error{Status: http.StatusInternalServerError, Detail: fmt.Sprintf(
			"the legacy API sent a record that the mapping does not describe: %s; correct the row in the adapter's configuration", shape)}
	}
	var legacy *legacyclient.Error
	if !errors.As(err, &legacy) {
		return &scim.Error{Status: http.StatusInternalServerError, Detail: "internal error; the adapter's log has the cause under this request's id"}
	}
	switch {
	case errors.Is(err, legacyclient.ErrNotFound), errors.Is(err, legacyclient.ErrBadID):
		return notFound(e, id)
	case errors.Is(err, legacyclient.ErrConflict):
		return &scim.Error{Status: http.StatusConflict, Type: scim.Uniqueness, Detail: conflictDetail(legacy, e)}
	case errors.Is(err, legacyclient.ErrInvalid):
		return scim.Bad(scim.InvalidValue, "%s", invalidDetail(legacy, e))
	case errors.Is(err, legacyclient.ErrDenied) && legacy.Passed:
		return refusedToken(legacy)
	case errors.Is(err, legacyclient.ErrDenied) && legacy.Status == 0:
		return &scim.Error{Status: http.StatusBadGateway, Detail: "the adapter gets no token for the legacy API (" + legacy.Op +
			"): the authorization server refuses its client id, its secret or its scopes; correct legacy.auth in the adapter's configuration"}
	case errors.Is(err, legacyclient.ErrDenied):
		// Not 401 or 403: the client's own token is fine, and must not look
		// revoked, or its whole job is stopped.
		return &scim.Error{Status: http.StatusBadGateway, Detail: fmt.Sprintf(
			"the legacy API refuses the adapter's credential (status %d at %s); correct legacy.auth in the adapter's configuration", legacy.Status, legacy.Op)}
	case errors.Is(err, legacyclient.ErrThrottled):
		return &scim.Error{Status: http.StatusTooManyRequests, RetryAfter: max(legacy.RetryAfter, time.Second),
			Detail: "the legacy API is at its rate limit; try again later"}
	case errors.Is(err, legacyclient.ErrTimeout):
		return &scim.Error{Status: http.StatusGatewayTimeout, RetryAfter: legacy.RetryAfter,
			Detail: "the legacy API did not answer in time (" + legacy.Op + ")" + uncertain(legacy)}
	case errors.Is(err, legacyclient.ErrUnavailable), errors.Is(err, legacyclient.ErrCanceled):
		wait := legacy.RetryAfter
		if wait == 0 {
			wait = defaultRetryAfter
		}
		return &scim.Error{Status: http.StatusServiceUnavailable, RetryAfter: wait,
			Detail: "the legacy API is not available (" + legacy.Op + ")" + uncertain(legacy)}
	}
	return &scim.Error{Status: http.StatusInternalServerError, Detail: fmt.Sprintf(
		"the legacy API answered %s with status %d, which the adapter's configuration does not expect; correct the operation", legacy.Op, legacy.Status)}
}

// refusedToken is for a token that the client brought and the legacy API judged.
func refusedToken(legacy *legacyclient.Error) *scim.Error {
	if legacy.Status == http.StatusForbidden {
		return &scim.Error{Status: http.StatusForbidden, Detail: "the legacy API does not allow this to the bearer token (" + legacy.Op + "); give its owner the right to it"}
	}
	return &scim.Error{Status: http.StatusUnauthorized, Detail: "the legacy API does not accept the bearer token (" + legacy.Op + "); enter one that it does"}
}

// uncertain tells of a write that failed for us and may stand all the same.
func uncertain(e *legacyclient.Error) string {
	if e.MayHaveHappened {
		return "; the change may have been made, and repeating the request is safe"
	}
	return ""
}

func notFound(e *endpoint, id string) *scim.Error {
	what := "resource"
	if e != nil {
		what = e.table.Type.Name
	}
	if len(id) > 64 {
		id = id[:64] + "…"
	}
	return &scim.Error{Status: http.StatusNotFound, Detail: fmt.Sprintf("there is no %s with the id %q", what, id)}
}

func conflictDetail(legacy *legacyclient.Error, e *endpoint) string {
	what, path := "resource", "a value that must be unique"
	if e != nil {
		what = e.table.Type.Name
		path = e.table.UniquePath()
		for _, f := range legacy.Faults {
			if p := e.table.PathOf(f.Field); p != "" {
				path = p
			}
		}
	}
	return fmt.Sprintf("%s is taken: another %s has this value; find it by a filter on %s and update it, or change the value", path, what, path)
}

// invalidDetail names for each value that the legacy API refuses the SCIM
// path, the legacy field, and what the API said.
func invalidDetail(legacy *legacyclient.Error, e *endpoint) string {
	var parts []string
	for _, f := range legacy.Faults {
		var path string
		if e != nil && f.Field != "" {
			path = e.table.PathOf(f.Field)
		}
		text := strings.TrimSpace(f.Message)
		if text == "" {
			text = f.Code
		}
		switch {
		case path != "":
			text = fmt.Sprintf("%s: %s (legacy field %s)", path, text, f.Field)
		case f.Field != "":
			text = fmt.Sprintf("legacy field %s: %s", f.Field, text)
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return fmt.Sprintf("the legacy API refused the values (status %d at %s) and did not say which", legacy.Status, legacy.Op)
	}
	return "the legacy API refused " + strings.Join(parts, "; ")
}

// redact replaces in the messages of a refusal the texts that the request
// sent. APIs quote them ("alice@example.com is taken"), and the detail of an
// error ends in logs that must not hold what is personal.
func redact(err error, body scim.Value) error {
	var legacy *legacyclient.Error
	if !errors.As(err, &legacy) || len(legacy.Faults) == 0 {
		return err
	}
	// The longest first: a first name that is taken out of an e-mail address
	// would leave the rest of it standing.
	texts := sentTexts(nil, body)
	slices.SortFunc(texts, func(a, b string) int { return len(b) - len(a) })
	for i := range legacy.Faults {
		for _, text := range texts {
			legacy.Faults[i].Message = redactText(legacy.Faults[i].Message, text)
		}
	}
	return err
}

// minRedacted is the length from which a text is taken for a value: shorter
// ones are parts of ordinary words.
const minRedacted = 3

// sentTexts appends the texts in v that are taken for values.
func sentTexts(texts []string, v scim.Value) []string {
	for _, p := range v.Parts() {
		texts = sentTexts(texts, p.Value)
	}
	if text := v.Text(); v.Kind() == scim.String && len(text) >= minRedacted {
		texts = append(texts, text)
	}
	return texts
}

// redactText takes text out of the message, and its beginning from the end of
// one: long messages arrive cut.
func redactText(message, text string) string {
	message = replaceFold(message, text, "…")
	for n := min(len(message), len(text)-1); n > 2*minRedacted; n-- {
		if rest := len(message) - n; strings.EqualFold(message[rest:], text[:n]) {
			return message[:rest] + "…"
		}
	}
	return message
}

// replaceFold replaces text in s in any letter case, where folding keeps the
// length; else exactly.
func replaceFold(s, text, by string) string {
	lower, find := strings.ToLower(s), strings.ToLower(text)
	if len(lower) != len(s) || len(find) != len(text) {
		return strings.ReplaceAll(s, text, by)
	}
	var out strings.Builder
	for {
		i := strings.Index(lower, find)
		if i < 0 {
			return out.String() + s
		}
		out.WriteString(s[:i] + by)
		s, lower = s[i+len(text):], lower[i+len(text):]
	}
}
