package adapter

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"sync"

	"hostscim/legacyclient"
	"hostscim/mapping"
)

// audit is what the log says of one write, for those who must know later what
// was done to whom: the resource, the attributes by their names, the calls of
// the legacy API, and what came of it. It holds no value. A nil audit notes
// nothing.
type audit struct {
	id             string // "": not known, or none that can be one
	attributes     []string
	added, removed int // members

	mu    sync.Mutex
	calls []auditedCall // in the order of their first
}

// auditedCall is a call, or several that came to the same.
type auditedCall struct {
	op, outcome string
	times       int
}

type auditKey struct{}

func auditOf(ctx context.Context) *audit {
	a, _ := ctx.Value(auditKey{}).(*audit)
	return a
}

// audited is the handler of a write with a line in the log for it. An
// operation of a bulk request is a write of its own.
func (s *Server) audited(operation string, h handler) handler {
	return func(ex *exchange) (answer reply, err error) {
		if ex.endpoint == nil || !ex.tenant.log.Enabled(ex.Context(), slog.LevelInfo) {
			return h(ex)
		}
		a := new(audit)
		if ex.endpoint.table.PossibleID(ex.id) {
			a.id = ex.id
		}
		ex.Request = ex.WithContext(context.WithValue(ex.Context(), auditKey{}, a))
		status, outcome := http.StatusInternalServerError, "failed" // of a panic
		defer func() { s.logAudit(ex, operation, a, status, outcome) }()
		answer, err = h(ex)
		status, outcome = answer.status, "done"
		if err != nil {
			status = toError(err, ex.endpoint, ex.id).Status
			outcome = outcomeOf(err, status)
		}
		return answer, err
	}
}

// outcomeOf says what came of a write that was not answered by success. Of one
// that failed it may be open whether the legacy API has done it.
func outcomeOf(err error, status int) string {
	legacy, ok := errors.AsType[*legacyclient.Error](err)
	switch {
	case ok && legacy.MayHaveHappened:
		return "uncertain"
	case status >= http.StatusInternalServerError:
		return "failed"
	}
	return "refused"
}

func (s *Server) logAudit(ex *exchange, operation string, a *audit, status int, outcome string) {
	attrs := []slog.Attr{
		slog.String("request_id", loggedAs(ex.Context())),
		slog.String("token", tokenOf(ex.Context())),
		slog.String("operation", operation),
		slog.String("resource", ex.endpoint.table.Type.Name),
		slog.String("id", printable(a.id)),
		slog.Any("attributes", a.attributes),
	}
	if a.added+a.removed > 0 {
		attrs = append(attrs, slog.Int("members_added", a.added), slog.Int("members_removed", a.removed))
	}
	attrs = append(attrs, slog.Any("legacy", a.made()), slog.String("outcome", outcome), slog.Int("status", status))
	ex.tenant.log.LogAttrs(ex.Context(), slog.LevelInfo, "audit", attrs...)
}

// tokenOf returns the name of the credential that the request came with.
func tokenOf(ctx context.Context) string {
	if e, ok := ctx.Value(entryKey{}).(*entry); ok {
		return e.token
	}
	return ""
}

// changed notes which attributes are to be written; the last call counts, for
// a change that is made anew.
func (a *audit) changed(c *mapping.Changes) {
	if a == nil {
		return
	}
	a.attributes = c.Paths()
	if !c.Members.Empty() {
		a.attributes = append(a.attributes, "members")
		a.added, a.removed = len(c.Members.Added()), len(c.Members.Removed())
	}
}

// wrote notes which record it was.
func (a *audit) wrote(id string) {
	if a != nil {
		a.id = id
	}
}

// called notes an attempt of a call.
func (a *audit) called(op, outcome string) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range a.calls {
		if c := &a.calls[i]; c.op == op && c.outcome == outcome {
			c.times++
			return
		}
	}
	a.calls = append(a.calls, auditedCall{op, outcome, 1})
}

// made returns the calls as the log shows them: GET /hosts/{id} 200, and how
// often, if more than once.
func (a *audit) made() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	texts := make([]string, len(a.calls))
	for i, c := range a.calls {
		texts[i] = c.op + " " + c.outcome
		if c.times > 1 {
			texts[i] += " x" + strconv.Itoa(c.times)
		}
	}
	return texts
}

// attemptOutcome is one word for what an attempt came to: the status, if it
// was answered, or why it was not.
func attemptOutcome(a legacyclient.Attempted) string {
	switch {
	case a.Status > 0:
		return strconv.Itoa(a.Status)
	case !a.Made:
		return "not sent"
	case a.Kind == legacyclient.ErrTimeout:
		return "timeout"
	case a.Kind == legacyclient.ErrCanceled:
		return "canceled"
	}
	return "no answer"
}
