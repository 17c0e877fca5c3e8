package legacyclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
)

// carried returns a context whose calls are answered by carry.
func carried(t *testing.T, carry func(*Attempt) (*http.Response, error)) context.Context {
	return WithTrace(t.Context(), &Trace{Carry: carry})
}

// silent fails the test when something is sent after all.
func silent(t *testing.T) http.RoundTripper {
	return roundTripFunc(func(r *http.Request) (*http.Response, error) {
		t.Errorf("%s %s was sent", r.Method, r.URL)
		return nil, errors.New("sent")
	})
}

// TestImitatedPages reads lists of every style and shape that are answered by
// the description alone.
func TestImitatedPages(t *testing.T) {
	const length = 25
	shapes := map[string]Endpoint{
		"object":  {Items: "data.items", Each: "host", Total: "data.total"},
		"header":  {Items: "items", TotalHeader: "X-Total-Count"},
		"untold":  {Items: "items"},
		"wrapped": {Items: "a.b", Each: "c.d", Total: "a.total", TotalHeader: "X-Total-Count"},
	}
	for _, s := range styles {
		for name, shape := range shapes {
			t.Run(fmt.Sprintf("%s %s", s.name, name), func(t *testing.T) {
				ep := shape
				ep.Method, ep.Path, ep.Query = "GET", "/hosts", []Param{{"q", "{value}"}}
				ep.Paging = Paging{Style: s.name, Limit: 10}
				if s.name == PagingCursor || s.name == PagingNext {
					ep.Paging.Next = "meta.next"
				}
				c := newClient(t, memoryOptions(t, silent(t)))
				ctx := carried(t, func(a *Attempt) (*http.Response, error) {
					if !a.Lists || a.Vars["value"] != "x y" {
						t.Errorf("the attempt is %+v", a)
					}
					return a.Page(length, func(n int) []byte { return fmt.Appendf(nil, `{"id":%d}`, n) }), nil
				})
				n := 0
				for page, err := range c.Pages(ctx, compile(t, ep), Vars{"value": "x y"}, 0) {
					if err != nil {
						t.Fatal(err)
					}
					if told := name != "untold" || s.name == PagingNone; told != (page.Total == length) {
						t.Errorf("a page has the total %d", page.Total)
					}
					for _, r := range page.Records {
						if want := fmt.Sprintf(`{"id":%d}`, n); string(r) != want {
							t.Errorf("record %d is %s, want %s", n, r, want)
						}
						n++
					}
				}
				if n != length {
					t.Errorf("%d records were read, want %d", n, length)
				}
			})
		}
	}
}

// TestImitatedRecords holds that records come back as they were answered.
func TestImitatedRecords(t *testing.T) {
	c := newClient(t, memoryOptions(t, silent(t)))
	ep := compile(t, Endpoint{Method: "POST", Path: "/hosts", Item: "data.host", Wrap: "host", Format: FormatForm, Idempotent: true})
	ctx := carried(t, func(a *Attempt) (*http.Response, error) {
		if string(a.Body) != `{"name":"a b"}` || a.Request.Header.Get("Idempotency-Key") == "" {
			t.Errorf("the attempt has the body %s", a.Body)
		}
		return a.Record(http.StatusCreated, []byte(`{"id":7,"n":"<ü>"}`)), nil
	})
	got, err := c.Do(ctx, ep, nil, []byte(`{"name":"a b"}`))
	if err != nil || got.Status != http.StatusCreated || string(got.Body) != `{"id":7,"n":"<ü>"}` {
		t.Errorf("Do() = %d %s, %v", got.Status, got.Body, err)
	}
	ctx = carried(t, func(a *Attempt) (*http.Response, error) { return a.Nothing(http.StatusCreated, "a/b 7"), nil })
	if got, err = c.Do(ctx, ep, nil, nil); err != nil || len(got.Body) > 0 || got.Location() != "a/b 7" {
		t.Errorf("Do() = %s at %q, %v, want nothing at a/b 7", got.Body, got.Location(), err)
	}
}

// TestImitatedRefusals holds that a refusal is understood as what it says.
func TestImitatedRefusals(t *testing.T) {
	rules := map[string][]ErrorRule{
		"without rules": nil,
		"with rules": {
			{Status: []int{400, 422}, Code: "taken", Kind: ErrConflict},
			{Status: []int{400}, Code: "gone", Field: "host", Kind: ErrNotFound},
			{Code: "bad", Kind: ErrInvalid},
		},
	}
	formats := map[string]ErrorFormat{
		"vendor":  {},
		"another": {Items: "problem.details", Code: "what.code", Field: "what.field"},
	}
	for ruled, rules := range rules {
		for format, shape := range formats {
			o := memoryOptions(t, silent(t))
			o.ErrorRules, o.ErrorFormat, o.MaxAttempts = rules, shape, 1
			c := newClient(t, o)
			ep := compile(t, Endpoint{Method: "PATCH", Path: "/hosts/{id}"})
			for _, kind := range []error{ErrNotFound, ErrConflict, ErrInvalid, ErrThrottled, ErrUnavailable} {
				ctx := carried(t, func(a *Attempt) (*http.Response, error) { return a.Refusal(kind), nil })
				if _, err := c.Do(ctx, ep, Vars{"id": "7"}, []byte(`{}`)); !errors.Is(err, kind) {
					t.Errorf("%s, %s: a refusal that says %v is read as %v", ruled, format, kind, err)
				}
			}
		}
	}
}

// TestAttemptSend sends what Carry passes on, and counts it once.
func TestAttemptSend(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer tok-SECRET" {
			t.Errorf("the request has the header %v", r.Header)
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"id":7}`)
	})
	c := newClient(t, s.options(t))
	trace := &Trace{Carry: func(a *Attempt) (*http.Response, error) { return a.Send() }}
	got, err := c.Do(WithTrace(t.Context(), trace), compile(t, Endpoint{Method: "GET", Path: "/hosts/{id}"}), Vars{"id": "7"}, nil)
	if err != nil || string(got.Body) != `{"id":7}` || s.calls.Load() != 1 || trace.Attempts() != 1 {
		t.Errorf("Do() = %s, %v, with %d calls and %d attempts", got.Body, err, s.calls.Load(), trace.Attempts())
	}
}
