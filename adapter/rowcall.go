package adapter

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"hostscim/adapter/scim"
	"hostscim/legacyclient"
	"hostscim/mapping"
)

// rowCalls makes the calls that rows of a record have of their own, one after
// the other. It stops at the first that fails.
type rowCalls struct {
	*endpoint
	id   string
	body scim.Value // the request, for redacting
	done []string   // paths of the attributes that are written and stand
}

// make makes the calls. The values are those of the record afterwards, if the
// last call told them; rest is what was not done.
func (r *rowCalls) make(ctx context.Context, calls []mapping.RowCall) (values mapping.Values, known bool, rest []mapping.RowCall, err error) {
	for i, call := range calls {
		if values, known, err = r.one(ctx, call); err != nil {
			return values, false, calls[i:], err
		}
		r.done = append(r.done, call.Path)
	}
	return values, known, nil, nil
}

// one makes one call. When the API refuses it, that may be because the record
// is already as it should be, which only the record can tell.
func (r *rowCalls) one(ctx context.Context, call mapping.RowCall) (values mapping.Values, known bool, err error) {
	vars := legacyclient.Vars{"id": r.id, "value": call.Value}
	answer, err := r.client.Do(ctx, r.calls[call.Call], vars, r.table.Payload(call, r.id))
	if err == nil {
		values, known = r.told(answer)
		return values, known, nil
	}
	err = redact(err, r.body)
	if !refused(err) {
		return values, false, err
	}
	if values, readErr := r.read(ctx, r.id); readErr == nil && call.Done(values) {
		return values, true, nil
	} else if readErr != nil {
		return values, false, readErr
	}
	return values, false, r.refusal(call, err)
}

// told returns the record in an answer, if it is one.
func (r *rowCalls) told(answer legacyclient.Reply) (mapping.Values, bool) {
	if len(answer.Body) == 0 {
		return mapping.Values{}, false
	}
	values, err := r.table.Read(answer.Body)
	return values, err == nil && r.table.IsRecord(values, r.id, answer.Body)
}

// refused reports whether the API understood the call and does not make it.
func refused(err error) bool {
	return errors.Is(err, legacyclient.ErrNotFound) || errors.Is(err, legacyclient.ErrConflict) || errors.Is(err, legacyclient.ErrInvalid)
}

// refusal is the error of a call that was refused although the record exists.
func (r *rowCalls) refusal(call mapping.RowCall, err error) error {
	var legacy *legacyclient.Error
	if !errors.As(err, &legacy) {
		return err
	}
	said := fmt.Sprintf("status %d at %s", legacy.Status, legacy.Op)
	for _, f := range legacy.Faults {
		if text := strings.TrimSpace(f.Message); text != "" {
			said += ": " + text
		}
	}
	switch {
	case errors.Is(err, legacyclient.ErrNotFound):
		// Not 404: the record is there, and must not look deleted.
		return &scim.Error{Status: http.StatusInternalServerError, Detail: fmt.Sprintf(
			"%s could not be written: the legacy API does not know the call although it knows the %s (%s); correct the call in the adapter's configuration", call.Path, r.table.Type.Name, said)}
	case errors.Is(err, legacyclient.ErrConflict) && call.Chosen:
		return &scim.Error{Status: http.StatusConflict, Detail: fmt.Sprintf(
			"the legacy API refuses to change %s in the state that the %s is in (%s); change it there", call.Path, r.table.Type.Name, said)}
	case errors.Is(err, legacyclient.ErrConflict):
		return &scim.Error{Status: http.StatusConflict, Type: scim.Uniqueness, Detail: fmt.Sprintf(
			"%s is taken: another %s has this value (%s); change the value", call.Path, r.table.Type.Name, said)}
	}
	return scim.Bad(scim.InvalidValue, "the legacy API refused %s (%s)", call.Path, said)
}

// halfWritten adds to the error of a request of several calls what stands.
func halfWritten(err error, e *endpoint, id string, done []string) error {
	if err == nil || len(done) == 0 {
		return err
	}
	told := *toError(err, e, id)
	told.Detail += fmt.Sprintf("; what was written before stays so (%s), and repeating the request is safe", strings.Join(done, ", "))
	return &told
}

// complete makes the calls that a record which was just created still needs;
// record is the answer that its values were read from, nil if that was all of
// it. The values returned are those of the record afterwards.
func (e *endpoint) complete(ctx context.Context, body scim.Value, c *mapping.Changes, created mapping.Values, record []byte) (mapping.Values, error) {
	calls := c.CallsAfter(created, record)
	if len(calls) == 0 {
		return created, nil
	}
	r := rowCalls{endpoint: e, id: created.ID, body: body}
	values, known, rest, err := r.make(ctx, calls)
	if err == nil && !known {
		values, err = e.read(ctx, created.ID)
	}
	if err != nil {
		return values, r.unfinished(ctx, rest, err)
	}
	return values, nil
}

// unfinished is the error of a new record for which not all calls could be
// made. One that was to be inactive is made so all the same: nobody should
// see it, whatever else the API refuses.
func (r *rowCalls) unfinished(ctx context.Context, rest []mapping.RowCall, cause error) error {
	told := *toError(cause, r.endpoint, r.id)
	told.Detail += fmt.Sprintf("; the %s was created with the id %s and stays", r.table.Type.Name, r.id)
	var missing []string
	for _, call := range rest {
		if call.Hides() {
			if r.hide(ctx, call) {
				continue
			}
			told.Detail += " active"
		}
		missing = append(missing, call.Path)
	}
	if len(missing) > 0 {
		told.Detail += fmt.Sprintf("; it lacks %s, and to update it is safe", strings.Join(missing, ", "))
	}
	return &told
}

// hide makes a record inactive. That has a time of its own, because the
// request's may be what ran out.
func (r *rowCalls) hide(ctx context.Context, call mapping.RowCall) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	_, _, err := r.one(ctx, call)
	if err != nil {
		r.log.ErrorContext(ctx, "a record was created that should be inactive and could not be made so", "request_id", loggedAs(ctx), "id", r.id, "err", errText(err))
	}
	return err == nil
}
