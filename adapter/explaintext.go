package adapter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"hostscim/adapter/scim"
)

// WriteText writes the explanation for people.
func (e *Explanation) WriteText(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\n", e.Method, e.Path)
	for _, l := range e.LookUps {
		l.writeText(&b)
	}
	for _, c := range e.Changes {
		c.writeText(&b)
	}
	first := e.Course
	if e.Connected {
		first.If = append([]string{"the legacy API stands as it does now"}, e.If...)
	}
	first.writeText(&b, nil)
	for i := range e.Otherwise {
		e.Otherwise[i].writeText(&b, e.Calls)
	}
	e.writeBudget(&b)
	_, err := w.Write(b.Bytes())
	return err
}

func (l *LookUp) writeText(w io.Writer) {
	what := l.Filter
	if what == "" {
		what = "all, in an order"
	}
	fmt.Fprintf(w, "\nLook-up of %s: %s\n", l.Resource, what)
	for _, by := range l.By {
		fmt.Fprintf(w, "  by %s\n", by)
	}
}

func (c *ResourceChange) writeText(w io.Writer) {
	id := c.ID
	if id == "" {
		id = "(new)"
	}
	fmt.Fprintf(w, "\n%s %s\n", c.Resource, id)
	tab := tabwriter.NewWriter(w, 2, 0, 2, ' ', 0)
	for _, r := range c.Rows {
		value := ""
		if r.Value.Kind() != scim.Absent {
			value = "\t" + r.Value.String()
		}
		if !r.Stored.Equal(r.Value) {
			value += ", written as " + r.Stored.String()
		}
		fmt.Fprintf(tab, "  %s\t%s\t-> %s\t%s%s\n", r.Effect, r.Path, r.Legacy, r.Kind, value)
	}
	for _, path := range c.Ignored {
		fmt.Fprintf(tab, "  ignored\t%s\t-> (no row)\n", path)
	}
	tab.Flush()
	if c.ReplaceMembers && c.ID != "" {
		fmt.Fprintf(w, "  members become exactly: %s\n", listIDs(c.AddMembers))
		return
	}
	for _, m := range []struct {
		effect string
		ids    []string
	}{{"added", c.AddMembers}, {"removed", c.RemoveMembers}} {
		if len(m.ids) > 0 {
			fmt.Fprintf(w, "  members %s: %s\n", m.effect, listIDs(m.ids))
		}
	}
}

// listIDs lists ids, and of many the first.
func listIDs(ids []string) string {
	switch {
	case len(ids) == 0:
		return "(none)"
	case len(ids) > maxNamed:
		return fmt.Sprintf("%s and %d more", strings.Join(ids[:maxNamed], ", "), len(ids)-maxNamed)
	}
	return strings.Join(ids, ", ")
}

// writeText writes the course in full, or where it parts from the calls told
// before.
func (c *Course) writeText(w io.Writer, told []Call) {
	given := "In any case"
	if len(c.If) > 0 {
		given = "If " + strings.Join(c.If, ", and ")
	}
	fmt.Fprintf(w, "\n%s:\n", given)
	same := 0
	for same < min(len(told), len(c.Calls)) && reflect.DeepEqual(told[same], c.Calls[same]) {
		same++
	}
	switch {
	case len(c.Calls) == 0:
		fmt.Fprintln(w, "  no legacy call")
	case same == 1:
		fmt.Fprintln(w, "  1. as above")
	case same > 1:
		fmt.Fprintf(w, "  1. to %d. as above\n", same)
	}
	writeCalls(w, c.Calls, same, told)
	c.Answer.writeText(w, told == nil)
}

// Of calls that are alike so many are shown: without a body, and with one.
const (
	shownAlike    = 3
	shownWithBody = 20
)

// writeCalls writes the calls from number first on: of many that are alike,
// the first ones, and the last call of all. The body of a call that was told
// before is not told again.
func writeCalls(w io.Writer, calls []Call, first int, told []Call) {
	type kind struct {
		operation string
		status    int
	}
	shown := make(map[kind]int)
	hidden := 0
	for i := first; i < len(calls); i++ {
		c := &calls[i]
		most := shownAlike
		if len(c.Body) > 0 {
			most = shownWithBody
		}
		k := kind{c.Operation, c.Status}
		if shown[k]++; shown[k] > most && i < len(calls)-1 {
			hidden++
			continue
		}
		if hidden > 0 {
			fmt.Fprintf(w, "     and %d more like these, then\n", hidden)
			hidden = 0
		}
		c.writeText(w, i+1, slices.ContainsFunc(told, c.same))
	}
}

func (c *Call) writeText(w io.Writer, number int, told bool) {
	answer := "no answer"
	if c.Status > 0 {
		answer = strconv.Itoa(c.Status)
	}
	fmt.Fprintf(w, "  %d. %s %s -> %s\n", number, c.Method, c.URL, answer)
	if told {
		return
	}
	if len(c.Body) > 0 {
		fmt.Fprintf(w, "     %s: %s\n", c.ContentType, c.Body)
	}
	if c.Key != "" {
		fmt.Fprintf(w, "     with a new %s\n", c.Key)
	}
}

// writeText writes the answer: in full, or what of it tells it from another.
func (a *Answer) writeText(w io.Writer, full bool) {
	fmt.Fprintf(w, "  The client gets %d %s", a.Status, http.StatusText(a.Status))
	body, err := scim.Parse(a.Body)
	switch {
	case err != nil:
		fmt.Fprintln(w)
		return
	case a.Status >= http.StatusBadRequest:
		if kind := body.Get("scimType").Text(); kind != "" {
			fmt.Fprintf(w, ", %s", kind)
		}
		fmt.Fprintf(w, ": %s\n", body.Get("detail").Text())
		return
	case !full && body.Get("totalResults").Kind() != scim.Absent:
		fmt.Fprintf(w, ", totalResults %s\n", body.Get("totalResults").Text())
		return
	case !full && body.Get("Operations").Kind() == scim.Array:
		var each []string
		for _, p := range body.Get("Operations").Parts() {
			each = append(each, p.Value.Get("status").Text())
		}
		fmt.Fprintf(w, ", the operations %s\n", strings.Join(each, ", "))
		return
	case !full:
		fmt.Fprintln(w, " with the resource")
		return
	}
	fmt.Fprintln(w)
	body, left := firstResource(body)
	var b bytes.Buffer
	if json.Indent(&b, body.Append(nil), "  ", "  ") == nil {
		fmt.Fprintf(w, "  %s\n", b.Bytes())
	}
	if left > 0 {
		fmt.Fprintf(w, "  and %d more resources\n", left)
	}
}

// firstResource cuts a list down to its first resource, and returns how many
// there were behind it.
func firstResource(body scim.Value) (scim.Value, int) {
	resources := body.Get("Resources")
	if resources.Len() < 2 {
		return body, 0
	}
	fields := slices.Clone(body.Parts())
	for i := range fields {
		if fields[i].Name == "Resources" {
			fields[i].Value = scim.List(resources.At(0))
		}
	}
	return scim.Obj(fields...), resources.Len() - 1
}

func (e *Explanation) writeBudget(w io.Writer) {
	plural := "s"
	if e.Budget.Calls == 1 {
		plural = ""
	}
	fmt.Fprintf(w, "\nBudget: %d legacy call%s", e.Budget.Calls, plural)
	if e.Budget.Most > e.Budget.Calls {
		fmt.Fprintf(w, ", %d at most of the above", e.Budget.Most)
	}
	if e.Budget.Most > 0 {
		fmt.Fprintf(w, "; what fails is tried again where that is safe, %d times in all, within %s", e.Budget.Attempts, e.Budget.Within)
	}
	fmt.Fprintln(w, ".")
	switch {
	case e.Connected:
		fmt.Fprintln(w, "What reads was sent to the legacy API. Nothing was written.")
	case bytes.Contains(e.Answer.Body, []byte("<")):
		fmt.Fprintln(w, "Nothing was sent. <field> stands for what the legacy API holds there.")
	default:
		fmt.Fprintln(w, "Nothing was sent.")
	}
}
