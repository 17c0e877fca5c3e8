package adapter

import (
	"context"
	"errors"
	"iter"

	"hostscim/legacyclient"
)

// scan reads a list of the legacy API page by page to its end, though it may
// change meanwhile. Behind an offset, a record that is deleted from the part
// already read moves all others forward, and one of them would fall between
// two pages. So every page begins with the last record of the one before;
// when that is not what comes first, the scan goes back until it meets
// records that it knows. It holds one page, and the ids that were read. Where
// pages have one record, the one before is read a second time instead.
type scan struct {
	client *legacyclient.Client
	list   *legacyclient.Endpoint
	vars   legacyclient.Vars
	// plain leaves the overlap out as long as the total stays the same: no
	// more calls than there are pages, and a deletion that an addition makes
	// up for goes unseen. It is for what is only shown.
	plain bool

	id      func([]byte) (string, error)
	total   int // of the first page
	seen    map[string]bool
	offset  int
	overlap bool // the next page should begin with a record that is known
	size    int  // of the largest page
	backs   int
}

// maxBacks bounds how often a scan goes back. A list that changes faster than
// it can be read has no answer.
const maxBacks = 100

// record is what a scan yields: the id of a record that was not there before,
// and the total that its page told, -1 when the API does not tell. What else
// the record holds, the caller kept when it was asked for the id.
type record struct {
	id    string
	total int
}

// records yields every record once. id returns the id of a record.
func (s *scan) records(ctx context.Context, id func([]byte) (string, error)) iter.Seq2[record, error] {
	s.seen, s.id = make(map[string]bool), id
	return func(yield func(record, error) bool) {
		if s.list.Paging.Style != legacyclient.PagingOffset {
			s.walk(ctx, yield)
			return
		}
		for more := true; more; {
			page, follows, err := s.page(ctx)
			if err == nil && follows {
				known := len(s.seen)
				if !s.fresh(page, yield) {
					return
				}
				more, err = s.next(ctx, page, len(s.seen) > known)
			}
			if err != nil {
				yield(record{}, err)
				return
			}
		}
	}
}

// walk reads a list that is not paged by offset, and so cannot be read with
// an overlap. Behind a token or a link the API keeps the place itself. Page
// numbers move with the records as offsets do: when the total changes under
// way, the list is read once more, and what was read stays read.
func (s *scan) walk(ctx context.Context, yield func(record, error) bool) {
	for again := true; again; {
		again, s.total = false, -1
		for page, err := range s.client.Pages(ctx, s.list, s.vars, 0) {
			if err != nil {
				yield(record{}, err)
				return
			}
			if s.total >= 0 && page.Total != s.total && s.list.Paging.Style == legacyclient.PagingPage {
				if s.backs++; s.backs > maxBacks {
					yield(record{}, s.restless())
					return
				}
				again = true
				break
			}
			s.total = page.Total
			if !s.fresh(page, yield) {
				return
			}
		}
	}
}

// page reads the next page. follows is false when there may be a gap before
// it; the scan has gone back then.
func (s *scan) page(ctx context.Context) (page legacyclient.Page, follows bool, err error) {
	if page, err = s.client.Page(ctx, s.list, s.vars, s.offset, 0); err != nil {
		return page, false, err
	}
	if s.offset == 0 {
		s.total = page.Total
	} else if s.plain && page.Total != s.total {
		s.plain, s.offset = false, 0 // once more, with care
		return page, false, nil
	}
	s.size = max(s.size, len(page.Records))
	first := page
	switch {
	case s.offset == 0 || !s.overlap && !s.looksBack(page):
		return page, true, nil
	case !s.overlap:
		if first, err = s.client.Page(ctx, s.list, s.vars, s.offset-1, 1); err != nil {
			return page, false, err
		}
	}
	if follows, err = s.begins(first); err == nil && !follows {
		err = s.back()
	}
	return page, follows, err
}

// next goes on behind the page, and reports whether there is more. fresh
// tells that something in the page was new.
func (s *scan) next(ctx context.Context, page legacyclient.Page, fresh bool) (more bool, err error) {
	if !fresh {
		s.backs++ // an API that knows no offsets, at worst
	}
	if s.backs > maxBacks {
		return false, s.restless()
	}
	end := s.offset + len(page.Records)
	switch {
	case len(page.Records) == 0:
		return false, nil
	case page.Total >= 0 && end >= page.Total:
		if fresh || s.offset == 0 {
			return false, nil
		}
		return s.again(ctx, page)
	case s.overlap && len(page.Records) == 1 && page.Total < 0:
		return false, nil // nothing but the overlap: the end of a list without a total
	}
	s.offset = end
	if s.overlap = !s.plain && len(page.Records) > 1; s.overlap {
		s.offset--
	}
	return true, nil
}

// begins reports whether the first record of the page was read before.
func (s *scan) begins(page legacyclient.Page) (bool, error) {
	if len(page.Records) == 0 {
		return false, nil
	}
	first, err := s.id(page.Records[0])
	return s.seen[first], err
}

// looksBack reports whether the record before the page has to be read once
// more: pages of one record cannot overlap. (A deletion just before the page
// and an addition just behind it go unseen even so.) Without a total, one record and
// an empty page behind it are a list of one, unless no page is to have more.
func (s *scan) looksBack(page legacyclient.Page) bool {
	return !s.plain && (page.Total >= 0 || len(page.Records) > 0 || len(s.seen) > 1 || s.list.Paging.Limit == 1)
}

// again begins anew if the page begins as the list does: an API that knows no
// offsets gives its first page again and again, and the total is reached with
// nothing but that.
func (s *scan) again(ctx context.Context, page legacyclient.Page) (more bool, err error) {
	start, err := s.client.Page(ctx, s.list, s.vars, 0, 0)
	if err != nil || len(start.Records) == 0 {
		return false, err
	}
	a, errA := s.id(page.Records[0])
	b, errB := s.id(start.Records[0])
	if err := errors.Join(errA, errB); err != nil || a != b {
		return false, err
	}
	s.backs += maxBacks / 10
	s.offset, s.overlap = 0, false
	return true, nil
}

// back goes back by a page, of the size that the API gives.
func (s *scan) back() error {
	if s.backs++; s.backs > maxBacks {
		return s.restless()
	}
	s.offset = max(0, s.offset-max(1, s.size-1))
	return nil
}

func (s *scan) restless() error {
	return &legacyclient.Error{Kind: legacyclient.ErrUnavailable, Op: s.list.Op(), Cause: errRestless}
}

var errRestless = errors.New("the list changes faster than it can be read")

// fresh yields the records of the page that were not read before, and
// reports whether to go on.
func (s *scan) fresh(page legacyclient.Page, yield func(record, error) bool) bool {
	for _, raw := range page.Records {
		key, err := s.id(raw)
		if err != nil {
			yield(record{}, err)
			return false
		}
		if s.seen[key] {
			continue
		}
		s.seen[key] = true
		if !yield(record{key, page.Total}, nil) {
			return false
		}
	}
	return true
}
