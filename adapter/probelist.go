package adapter

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"hostscim/legacyclient"
	"hostscim/mapping"
)

// tableProbe probes what one table describes.
type tableProbe struct {
	*probe
	*endpoint
	path string // resources.User

	records []mapping.Values // of the first page
	raw     []map[string]any // the same as they came
	ids     []string
	total   int // -1: not told
}

func (t *tableProbe) op(name string) string { return t.path + ".operations." + name }

// budgeted runs one step under the time of one request.
func (t *tableProbe) budgeted(ctx context.Context, step func(context.Context)) {
	if t.over || ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(t.config.Server.RequestTimeout))
	defer cancel()
	step(ctx)
}

func (t *tableProbe) run(ctx context.Context) {
	t.total = -1
	if t.list != nil {
		t.budgeted(ctx, t.firstPage)
		t.budgeted(ctx, t.secondPage)
	}
	for i := range t.searches {
		t.budgeted(ctx, func(ctx context.Context) { t.search(ctx, i) })
	}
	if t.get != nil {
		t.budgeted(ctx, t.known)
		t.budgeted(ctx, t.unknown)
	}
}

// firstPage reads a page of the list and holds it to the declared shape.
func (t *tableProbe) firstPage(ctx context.Context) {
	path, op := t.op("list"), t.table.Operations.List
	page, err := t.client.Page(ctx, t.list, nil, 0, 0)
	if err != nil {
		if !t.failed(path, err) {
			t.shapeOfList(path, err)
		}
		return
	}
	t.agrees("%s answers a list", t.list.Op())
	t.total = page.Total
	if len(page.Records) == 0 {
		t.tell(Warning, path, "the list is empty, so that rows, searches and get cannot be tried; make one record and check again")
		return
	}
	t.count(path, &op.ListShape, len(page.Records))
	t.rows(page.Records)
}

// shapeOfList tells why an answer is no list as described.
func (t *tableProbe) shapeOfList(path string, err error) {
	_, _, body := t.watcher.last()
	v := parsedShape(body)
	switch {
	case v == nil:
		t.tell(Breaking, path+".request", "the answer is not JSON (%s)", err)
	case errors.Is(err, legacyclient.ErrUnavailable):
		found := pathsTo(v, isListOfObjects)
		hint := instead("items", found)
		if _, bare := v.([]any); bare {
			hint = `; write items: ""`
		}
		t.tell(Breaking, path+".items", "the answer has no list of records there (%s)%s", err, hint)
	default:
		t.tell(Breaking, path+".paging", "the answer is not paged as described (%s)", err)
	}
}

// count holds the total and the size of the page to what is declared.
func (t *tableProbe) count(path string, s *mapping.ListShape, n int) {
	_, _, body := t.watcher.last()
	declared := *s.Total != "" || *s.TotalHeader != ""
	paging := s.Paging
	switch {
	case paging.Style == "none":
		if n >= 10 && (n%25 == 0 || n == 10 || n == 20 || n == 30) {
			t.tell(Warning, path+".paging", "exactly %d records came; if that is the size of a page, the others are never seen: describe how the list is paged", n)
		}
		return
	case declared && t.total < 0 && *s.Total != "":
		t.tell(Warning, path+".total", "the answer has no number there, so that a client's list costs a pass through all records, to count them%s", instead("total", pathsTo(parsedShape(body), isTotal)))
	case declared && t.total < 0:
		t.tell(Warning, path+".total_header", "the answer has no such header, or no number in it, so that a client's list costs a pass through all records, to count them; write the name of the header that has it, or remove total_header")
	case declared && t.total < n:
		t.tell(Breaking, path+".total", "is %d, and the page alone has %d records, so that the rest is never read; write the path of the length of the whole list", t.total, n)
	case declared:
		t.agrees("%s tells how many records there are", t.list.Op())
	case len(pathsTo(parsedShape(body), isTotal)) > 0:
		t.tell(Note, path, "the answer may tell how long the list is, which saves a call for each%s", instead("total", pathsTo(parsedShape(body), isTotal)))
	}
	switch {
	case n > paging.Limit:
		t.tell(Warning, path+".paging", "asks for %d records and gets %d: the API does not know the parameter %s; write its name as limit_param, or its own page size as limit", paging.Limit, n, paging.LimitParam)
	case n < paging.Limit && t.total > n:
		t.tell(Warning, path+".paging", "asks for %d records and gets %d: the API has smaller pages; write limit: %d", paging.Limit, n, n)
	}
}

// rows reads every record of the page through the rows.
func (t *tableProbe) rows(records []legacyclient.Record) {
	told := make(map[string]bool)
	for _, record := range records {
		if raw, ok := parsedShape(record).(map[string]any); ok {
			t.raw = append(t.raw, raw)
		}
	}
	for _, record := range records {
		values, err := t.table.Read(record)
		var shape *mapping.ShapeError
		switch {
		case err == nil:
			t.records, t.ids = append(t.records, values), append(t.ids, values.ID)
		case errors.As(err, &shape) && !told[shape.Field]:
			told[shape.Field] = true
			t.misfit(shape)
		}
	}
	if len(told) == 0 {
		t.agrees("%d records of %s are as the rows say", len(records), t.list.Op())
	}
	t.absent()
}

// misfit tells of a field that is not what its row says.
func (t *tableProbe) misfit(e *mapping.ShapeError) {
	if e.Path == "" && e.Want == "an id" {
		t.tell(Breaking, t.path+".id", "a record has no id at %s, or one of another type; its fields are %s", e.Field, listNames(fieldNames(t.raw)))
		return
	}
	path := t.path + ".attributes"
	if e.Path != "" {
		path = t.config.AttributePath(t.table.Type.Name, e.Path)
	}
	t.tell(Breaking, path, "%s; write another type, or name another field", e)
}

// absent tells of fields that rows read and no record has.
func (t *tableProbe) absent() {
	for _, row := range t.table.Rows {
		if row.Legacy == "" || strings.ContainsAny(row.Legacy, "[]") {
			continue // it is not named by a plain path
		}
		if slices.ContainsFunc(t.raw, func(r map[string]any) bool { return holds(r, row.Legacy) }) {
			continue
		}
		level := Warning
		if row.Path == t.table.UniquePath() {
			level = Breaking // nobody can be matched
		}
		t.tell(level, t.config.AttributePath(t.table.Type.Name, row.Path), "none of %d records has the field %s; their fields are %s", len(t.raw), row.Legacy, listNames(fieldNames(t.raw)))
	}
}

// secondPage makes sure that what follows the first page, or its first
// record, is something else.
func (t *tableProbe) secondPage(ctx context.Context) {
	style := t.table.Operations.List.Paging.Style
	switch {
	case style == "none" || len(t.ids) < len(t.raw):
		// There is no second page, or the first one is not understood.
	case style == "offset" && len(t.ids) > 1:
		t.secondRecord(ctx)
	case style != "offset" && t.total != len(t.ids):
		t.nextPage(ctx)
	}
}

// secondRecord asks for one record behind the first.
func (t *tableProbe) secondRecord(ctx context.Context) {
	path, paging := t.op("list")+".paging", t.table.Operations.List.Paging
	page, err := t.client.Page(ctx, t.list, nil, 1, 1)
	if err != nil {
		if !t.failed(t.op("list"), err) {
			t.tell(Breaking, path, "the second page cannot be read (%s)", err)
		}
		return
	}
	first := ""
	if len(page.Records) > 0 {
		if values, err := t.table.Read(page.Records[0]); err == nil {
			first = values.ID
		}
	}
	switch {
	case first == t.ids[1]:
		t.agrees("%s goes on where it is asked to", t.list.Op())
	case first == t.ids[0]:
		t.tell(Breaking, path, "the list begins anew when it is asked to go on: the API does not know the parameter %s; write its name as offset_param, or another style", paging.OffsetParam)
	default:
		t.tell(Warning, path, "behind the record %s comes another one than a moment ago: the list has no fixed order; ask for one with a query parameter, such as sort", t.ids[0])
	}
	if len(page.Records) > 1 {
		t.tell(Warning, path, "asks for one record and gets %d: the API does not know the parameter %s; write its name as limit_param", len(page.Records), paging.LimitParam)
	}
}

// nextPage follows the list from its first page to the second.
func (t *tableProbe) nextPage(ctx context.Context) {
	n := 0
	for page, err := range t.client.Pages(ctx, t.list, nil, 0) {
		if err != nil {
			if !t.failed(t.op("list"), err) {
				t.tell(Breaking, t.op("list")+".paging", "the second page cannot be read (%s)", err)
			}
			return
		}
		if n++; n == 2 {
			values, err := t.table.Read(first(page.Records))
			if err == nil && slices.Contains(t.ids, values.ID) {
				t.tell(Breaking, t.op("list")+".paging", "the second page begins with a record of the first")
				return
			}
			t.agrees("%s leads on to another page", t.list.Op())
			return
		}
	}
}

func first(records []legacyclient.Record) []byte {
	if len(records) == 0 {
		return nil
	}
	return records[0]
}
