package rehearse

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// The results of a test of a suite.
const (
	Pass = "PASSED"
	Fail = "FAILED"
	Skip = "SKIPPED"
)

// Test is the result of a test of a published suite.
type Test struct {
	Name   string `json:"name"`
	Result string `json:"result"`
	Why    string `json:"why,omitempty"` // it failed or was skipped
	// Request and Answer are those that the test failed at.
	Request string `json:"request,omitempty"`
	Answer  string `json:"answer,omitempty"`
}

// trial is a test while it runs. Its methods send and hold answers to what the
// test wants; the first that is wrong fails it, and the rest does nothing.
type trial struct {
	*rehearsal
	ctx  context.Context
	test Test
}

// failing and skipping end a trial.
type (
	failing  struct{}
	skipping struct{}
)

// try runs a test.
func (r *rehearsal) try(ctx context.Context, name string, f func(t *trial)) {
	if ctx.Err() != nil {
		return
	}
	t := &trial{rehearsal: r, ctx: ctx, test: Test{Name: name, Result: Pass}}
	t.run(f)
	if ctx.Err() != nil && t.test.Result == Fail {
		return // cut off
	}
	r.mu.Lock()
	r.tests = append(r.tests, t.test)
	n := len(r.tests)
	r.mu.Unlock()
	r.progress(name, n, 0)
}

func (t *trial) run(f func(t *trial)) {
	defer func() {
		switch v := recover().(type) {
		case nil, failing, skipping:
		default:
			panic(v)
		}
	}()
	f(t)
}

// fail ends the test at an answer.
func (t *trial) fail(a *answer, why string, args ...any) {
	t.test.Result, t.test.Why = Fail, t.redact(fmt.Sprintf(why, args...))
	if a != nil {
		t.test.Request, t.test.Answer = t.redact(a.requestText()), t.redact(a.answerText())
	}
	panic(failing{})
}

// skip ends the test without a verdict.
func (t *trial) skip(why string) {
	t.test.Result, t.test.Why = Skip, why
	panic(skipping{})
}

// send sends and wants one of the statuses.
func (t *trial) send(q request, want ...int) *answer {
	q.step, q.want = t.test.Name, want
	a := t.client.send(t.ctx, q)
	if !a.ok() {
		t.fail(a, "%s Wanted was %s.", a.describe(), wanted(want))
	}
	return a
}

// create creates and returns the id, and notes it for clean-up.
func (t *trial) create(resource, attribute, name string, body object, want ...int) string {
	if len(want) == 0 {
		want = []int{201}
	}
	a := t.post(resource, attribute, name, body, want...)
	if id := idOf(a.object); id == "" || !t.ledger.owns(resource, id) {
		t.fail(a, "The answer has no id, or another %s than %q.", attribute, name)
	}
	return idOf(a.object)
}

// taken creates under a name that is taken, which must be refused.
func (t *trial) taken(resource, attribute, name string, body object) {
	t.post(resource, attribute, name, body, 409)
}

// post sends a creation, and notes for clean-up what came of it, wanted or
// not.
func (t *trial) post(resource, attribute, name string, body object, want ...int) *answer {
	t.ledger.intend(resource, name)
	a := t.client.send(t.ctx, request{step: t.test.Name, method: "POST", resource: resource, body: body, want: want})
	id := idOf(a.object)
	switch {
	case a.status/100 == 2 && id != "" && strings.EqualFold(text(a.object, attribute), name):
		t.ledger.made(resource, id, name)
	case a.status >= 400 && !a.transient():
		t.ledger.refused(resource, name)
	}
	if !a.ok() {
		t.fail(a, "%s Wanted was %s.", a.describe(), wanted(want))
	}
	return a
}

func wanted(statuses []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(statuses), " ", " or "), "[]")
}

// patch changes what is ours.
func (t *trial) patch(resource, id string, ops ...Operation) *answer {
	return t.send(request{method: "PATCH", resource: resource, id: id, body: patch(ops...)}, 200, 204)
}

// get reads what is ours.
func (t *trial) get(resource, id, query string) *answer {
	return t.send(request{method: "GET", resource: resource, id: id, query: query}, 200)
}

// delete deletes, and holds the id to being gone.
func (t *trial) delete(resource, id string) {
	t.send(request{method: "DELETE", resource: resource, id: id}, 204)
	t.ledger.gone(resource, id)
	t.send(request{method: "GET", resource: resource, id: id}, 404)
}

// refuses deletes an id that is not there.
func (t *trial) refuses(resource, id string) {
	t.ledger.absent(resource, id)
	t.send(request{method: "DELETE", resource: resource, id: id}, 404)
}

// find asks for a value and wants exactly these ids, or nobody.
func (t *trial) find(resource, attribute, value string, ids ...string) *answer {
	query := t.client.filter(attribute, value)
	if resource == groups {
		query = "excludedAttributes=members&" + query
	}
	a := t.send(request{method: "GET", resource: resource, query: query}, 200)
	list, total := resources(a.object)
	switch {
	case !schemasOf(a.object, listURN) || total < 0:
		t.fail(a, "The response should contain the required attributes for a list response, i.e. schemas and totalResults.")
	case total != len(ids) || len(list) != len(ids):
		t.fail(a, "Total Results should be %d and is %d, with %d resources.", len(ids), total, len(list))
	}
	for i, id := range ids {
		if idOf(list[i]) != id {
			t.fail(a, "The response should contain the resource %q.", id)
		}
		if resource == groups && field(list[i], "members") != nil {
			t.fail(a, "The response should exclude the attribute: members.")
		}
	}
	return a
}

// holds compares values of a resource by path. nil, "" and an object without
// a value are absent.
func (t *trial) holds(a *answer, o object, want map[string]any) {
	for p, w := range want {
		got := parsePath(p).get(o)
		if inner, ok := got.(object); ok {
			got = field(inner, "value")
		}
		if got == "" {
			got = nil
		}
		if got != w {
			t.fail(a, "%s is %s, and should be %s.", p, show(got), show(w))
		}
	}
}

// suite runs the suite of the options.
func (r *rehearsal) suite(ctx context.Context) {
	r.discover(ctx)
	r.mu.Lock()
	r.findings = nil // the suites have a verdict of their own
	r.mu.Unlock()
	switch r.o.Suite {
	case "validator":
		r.validator(ctx)
	case "gallery":
		r.gallery(ctx)
	case "okta":
		r.oktaSpec(ctx)
	}
	r.mu.Lock()
	r.findings = nil
	r.mu.Unlock()
}

// tally counts the tests by result.
func (r *Report) tally() (pass, fail, skip int) {
	for _, t := range r.Tests {
		switch t.Result {
		case Pass:
			pass++
		case Fail:
			fail++
		default:
			skip++
		}
	}
	return pass, fail, skip
}

func (r *Report) writeTests(w io.Writer) {
	if len(r.Tests) == 0 {
		return
	}
	fmt.Fprintln(w)
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, t := range r.Tests {
		fmt.Fprintf(tab, "%s\t%s\n", t.Result, t.Name)
	}
	tab.Flush()
	for _, t := range r.Tests {
		switch t.Result {
		case Fail:
			fmt.Fprintf(w, "\n%s failed: %s\n", t.Name, t.Why)
			for _, part := range []struct{ name, text string }{{"Request", t.Request}, {"Answer", t.Answer}} {
				if part.text != "" {
					fmt.Fprintf(w, "   %-8s %s\n", part.name, strings.ReplaceAll(part.text, "\n", "\n            "))
				}
			}
		case Skip:
			fmt.Fprintf(w, "\n%s was skipped: %s\n", t.Name, t.Why)
		}
	}
}
