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
// records that it knows. It holds one page, and the ids that were read.
type scan struct {
	client *legacyclient.Client
	list   *legacyclient.Endpoint
	vars   legacyclient.Vars
	// plain leaves the overlap out as long as the total stays the same: no
	// more calls than there are pages, and a deletion that an addition makes
	// up for goes unseen. It is for what is only shown.
	plain bool

	total  int // of the first page
	seen   map[string]bool
	offset int
	backs  int
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
	s.seen = make(map[string]bool)
	return func(yield func(record, error) bool) {
		overlap := false // this page should begin with a record that is known
		for {
			page, err := s.client.Page(ctx, s.list, s.vars, s.offset, 0)
			if err != nil {
				yield(record{}, err)
				return
			}
			if s.offset == 0 {
				s.total = page.Total
			} else if s.plain && page.Total != s.total {
				s.plain, s.offset = false, 0 // once more, with care
				continue
			}
			if overlap && s.offset > 0 {
				met, err := s.begins(page, id)
				if err == nil && !met {
					err = s.back()
				}
				if err != nil {
					yield(record{}, err)
					return
				}
				if !met {
					continue
				}
			}
			known := len(s.seen)
			if !s.fresh(page, id, yield) {
				return
			}
			if len(s.seen) == known {
				s.backs++ // nothing new: an API that knows no offsets, at worst
			}
			end := s.offset + len(page.Records)
			if s.backs > maxBacks {
				yield(record{}, s.restless())
				return
			}
			if len(page.Records) == 0 || s.list.Paging.Style != legacyclient.PagingOffset || page.Total >= 0 && end >= page.Total {
				return
			}
			if overlap && len(page.Records) == 1 && page.Total < 0 {
				return // nothing but the overlap: the end of a list without a total
			}
			if overlap = !s.plain && len(page.Records) > 1; overlap {
				end--
			}
			s.offset = end
		}
	}
}

// begins reports whether the first record of the page was read before.
func (s *scan) begins(page legacyclient.Page, id func([]byte) (string, error)) (bool, error) {
	if len(page.Records) == 0 {
		return false, nil
	}
	first, err := id(page.Records[0])
	return s.seen[first], err
}

// back goes back by a page.
func (s *scan) back() error {
	if s.backs++; s.backs > maxBacks {
		return s.restless()
	}
	s.offset = max(0, s.offset-max(1, s.list.Paging.Limit-1))
	return nil
}

func (s *scan) restless() error {
	return &legacyclient.Error{Kind: legacyclient.ErrUnavailable, Op: s.list.Op(), Cause: errRestless}
}

var errRestless = errors.New("the list changes faster than it can be read")

// fresh yields the records of the page that were not read before, and
// reports whether to go on.
func (s *scan) fresh(page legacyclient.Page, id func([]byte) (string, error), yield func(record, error) bool) bool {
	for _, raw := range page.Records {
		key, err := id(raw)
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
