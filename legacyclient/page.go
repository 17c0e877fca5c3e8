package legacyclient

import (
	"bytes"
	"context"
	"iter"
	"net/http"
	"slices"
	"strings"
)

// Page is a part of a list.
type Page struct {
	Records []Record
	// Total is the length of the whole list; -1: the API does not tell.
	Total int
	// Offset is the place of the first record in the whole list.
	Offset int
}

// Page returns the records of a list from offset on: at least one if there is
// any, and no more than the API puts into one page. A limit below one, or above
// the endpoint's, means the endpoint's; the API may return fewer than asked for
// without being at its end.
//
// What it costs depends on the style of paging. With offset it is one call.
// Without paging it is one call as well, which answers everything; Page returns
// the part asked for (all from offset on, for a limit below one), and Total is
// always known. With page it is one call for the page that holds the offset, of
// which the records before it are dropped; where that page is not a full one,
// a second call makes sure of the size of the pages, and if the API has a size
// of its own, a third one reads the right page. Where the endpoint is
// [Endpoint.Sequential], it is one call for each page from the beginning up to
// the offset: to read a list through, use Pages.
//
// It is retried and fails as [Client.Do] does. An answer without the list that
// the endpoint describes is a failure, never an empty page.
func (c *Client) Page(ctx context.Context, ep *Endpoint, vars Vars, offset, limit int) (Page, error) {
	w := walk{client: c, endpoint: ep, vars: vars}
	l, err := w.seek(ctx, offset, limit)
	if err != nil {
		return Page{}, err
	}
	if ep.Paging.Style != PagingOffset && limit > 0 && len(l.Records) > limit {
		l.Records = l.Records[:limit]
	}
	return l.Page, nil
}

// Pages reads a list from offset to its end, one call per page, and yields each
// page as it comes; an error is yielded once, last, with an empty page. Breaking
// off the loop makes no further call. An empty page is yielded at the end only.
//
// An API that returns fewer records than asked for is followed without gaps.
// The end of a list is where the API says: by the total, or by naming no next
// page; else at the first empty page. A list that changes meanwhile may show a
// record twice or not at all: that is the nature of offsets and page numbers.
//
// An offset above zero costs what it costs [Client.Page] to get there.
func (c *Client) Pages(ctx context.Context, ep *Endpoint, vars Vars, offset int) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		w := walk{client: c, endpoint: ep, vars: vars}
		l, err := w.seek(ctx, offset, 0)
		for {
			if err != nil {
				yield(Page{}, err)
				return
			}
			if !yield(l.Page, nil) || len(l.Records) == 0 {
				return
			}
			if l, err = w.after(ctx, l); l == nil && err == nil {
				return
			}
		}
	}
}

// listing is one answer of a list endpoint: a page, and what leads to the next.
type listing struct {
	Page
	at    place
	all   []Record // of the answer; Page has those from the wanted offset on
	token string   // found at Paging.Next
	base  *base
	reply Reply
}

// read fills the listing from an answer.
func (l *listing) read(ep *Endpoint, h http.Header, body []byte) error {
	v, err := parseList(body, &ep.shape)
	if err != nil {
		return err
	}
	if v.total < 0 && ep.TotalHeader != "" {
		v.total = count([]byte(strings.TrimSpace(h.Get(ep.TotalHeader))))
	}
	if ep.Paging.Style == PagingNone {
		// A list that has more than it shows is paged whatever the description
		// says, and the rest must not be taken for absent.
		if v.total > len(v.records) {
			return errShortList
		}
		v.total = len(v.records)
	}
	l.fill(v.records, v.total, v.token)
	return nil
}

// fill puts what was read into its place in the list.
func (l *listing) fill(records []Record, total int, token string) {
	l.Page = Page{Records: records, Total: total, Offset: l.at.offset}
	l.all, l.token = records, token
}

// drop leaves in the page only what is at offset or behind.
func (l *listing) drop(offset int) {
	n := min(max(offset-l.at.offset, 0), len(l.all))
	l.Records, l.Offset = l.all[n:], max(offset, l.at.offset)
}

// end returns the offset behind the last record.
func (l *listing) end() int { return l.at.offset + len(l.all) }

// goesOn says whether there may be more behind a page by what it holds and what
// its total says.
func (l *listing) goesOn() bool { return len(l.all) > 0 && (l.Total < 0 || l.end() < l.Total) }

// repeats says whether a page has exactly the records of the one before it,
// which is what an API does that does not know our parameters.
func (l *listing) repeats(before *listing) bool {
	return before != nil && len(l.all) > 0 && slices.EqualFunc(l.all, before.all,
		func(a, b Record) bool { return bytes.Equal(a, b) })
}
