package legacyclient

import (
	"bytes"
	"context"
	"iter"
	"slices"
)

// maxPages bounds a list that does not end.
const maxPages = 100_000

// Page is a part of a list.
type Page struct {
	Records []Record
	// Total is the length of the whole list; -1: the API does not tell.
	Total int
	// Offset is the place of the first record in the whole list.
	Offset int
}

// Page makes one call of a list endpoint and returns the records from offset
// on. A limit below one, or above the endpoint's, means the endpoint's; the API
// may return fewer than asked for without being at its end. An API without
// paging answers everything, of which Page returns the part asked for (all
// from offset on, for a limit below one), and Total is always known.
//
// It is retried and fails as [Client.Do] does. An answer without the list that
// the endpoint describes is a failure, never an empty page.
func (c *Client) Page(ctx context.Context, ep *Endpoint, vars Vars, offset, limit int) (Page, error) {
	var page Page
	k := call{client: c, endpoint: ep, page: &page}
	var w window
	if ep != nil {
		w = ep.Paging.window(offset, limit)
	}
	if _, err := k.do(ctx, vars, w); err != nil {
		return Page{}, err
	}
	page.Offset = w.offset
	if len(page.Records) == 0 && ep.Paging.Style == PagingOffset && page.Total > w.offset {
		// The answer contradicts itself: what is missing from it is not absent.
		return Page{}, &Error{Kind: ErrUnavailable, Op: ep.op, Status: k.last.status, Attempts: k.attempts, Cause: errNoRecords}
	}
	if ep.Paging.Style == PagingNone {
		page.cut(w)
	}
	return page, nil
}

// read fills the page from an answer.
func (p *Page) read(ep *Endpoint, body []byte) error {
	page, err := parsePage(body, ep.items, ep.total)
	if err != nil {
		return err
	}
	if ep.Paging.Style == PagingNone {
		// A list that has more than it shows is paged whatever the description
		// says, and the rest must not be taken for absent.
		if page.Total > len(page.Records) {
			return errShortList
		}
		page.Total = len(page.Records)
	}
	*p = page
	return nil
}

// cut leaves only the window of a whole list.
func (p *Page) cut(w window) {
	p.Records = p.Records[min(w.offset, len(p.Records)):]
	if w.limit > 0 && len(p.Records) > w.limit {
		p.Records = p.Records[:w.limit]
	}
}

var (
	errSamePage  = &reason{text: "the API answers every offset with the same page"}
	errNoEnd     = &reason{text: "the list does not end"}
	errNoRecords = &reason{text: "answer holds no records where its total says there are some"}
)

// Pages reads a list from offset to its end, one call per page, and yields each
// page as it comes; an error is yielded once, last, with an empty page. Breaking
// off the loop makes no further call.
//
// The next page begins where the records of the last one ended, so an API that
// returns fewer than asked for is followed without gaps. The end is where Total
// says, or else at the first empty page. A list that changes meanwhile may show
// a record twice or not at all: that is the nature of offsets.
func (c *Client) Pages(ctx context.Context, ep *Endpoint, vars Vars, offset int) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		offset := max(offset, 0)
		var last Page
		for range c.maxPages {
			page, err := c.Page(ctx, ep, vars, offset, 0)
			if err == nil && page.repeats(last) {
				err = &Error{Kind: ErrMisconfigured, Op: ep.op, Cause: errSamePage}
			}
			if err != nil {
				yield(Page{}, err)
				return
			}
			offset += len(page.Records)
			if !yield(page, nil) || len(page.Records) == 0 {
				return
			}
			if ep.Paging.Style == PagingNone || page.Total >= 0 && offset >= page.Total {
				return
			}
			last = page
		}
		yield(Page{}, &Error{Kind: ErrMisconfigured, Op: ep.op, Cause: errNoEnd})
	}
}

// repeats says whether a page has exactly the records of the one before it,
// which is what an API does that knows no offsets.
func (p *Page) repeats(before Page) bool {
	return len(p.Records) > 0 && slices.EqualFunc(p.Records, before.Records,
		func(a, b Record) bool { return bytes.Equal(a, b) })
}
