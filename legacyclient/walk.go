package legacyclient

import (
	"context"
	"errors"
	"hash/maphash"
)

// maxPages bounds a list that does not end.
const maxPages = 100_000

var (
	errSamePage  = &reason{text: "the API answers with the same page again"}
	errNoEnd     = &reason{text: "the list does not end"}
	errLoop      = &reason{text: "the API leads back to a page that it has answered before"}
	errNoRecords = &reason{text: "answer holds no records where its total says there are some"}
	errLostPage  = &reason{text: "the API does not know a page of the list"}
	errNoNext    = &reason{text: "answer holds fewer records than its total and does not say where the others are"}
)

// walk goes through a list page by page, whatever the style of its paging. It
// holds no more than two pages, and eight bytes for each token.
type walk struct {
	client   *Client
	endpoint *Endpoint
	vars     Vars
	pages    int // that were read
	last     *listing
	tokens   map[uint64]struct{} // hashes of the tokens and URLs gone through
	seed     maphash.Seed
}

// seek reads the page with the record at offset, or the last page if there is
// none.
func (w *walk) seek(ctx context.Context, offset, limit int) (*listing, error) {
	var at place
	offset = max(offset, 0)
	ep := w.endpoint
	if ep != nil && ep.compiled {
		if limit < 1 || limit > ep.Paging.Limit {
			limit = ep.Paging.Limit
		}
		at = ep.Paging.style.start(&ep.Paging, offset, limit)
	}
	l, err := w.read(ctx, at)
	if err != nil {
		return nil, err
	}
	if s, ok := ep.Paging.style.(settler); ok && at.offset > 0 {
		if l, err = w.settle(ctx, s, offset, l); err != nil {
			return nil, err
		}
	}
	return w.find(ctx, l, offset)
}

// settle lets the style read more. It has a walk of its own, so that only who
// needs it pays for the function that it passes on.
func (w *walk) settle(ctx context.Context, s settler, offset int, l *listing) (*listing, error) {
	own := *w
	l, err := s.settle(&w.endpoint.Paging, offset, l, func(at place) (*listing, error) {
		return own.read(ctx, at)
	})
	*w = own
	return l, err
}

// find reads on from l to a page with records at offset or behind, or to the
// last page if there is none. Pages may be empty midway where the API names the
// next one.
func (w *walk) find(ctx context.Context, l *listing, offset int) (*listing, error) {
	for {
		if l.drop(offset); len(l.Records) > 0 {
			return l, nil
		}
		at, more, err := w.next(l)
		if err != nil {
			return nil, err
		}
		if !more {
			return l, nil
		}
		if l, err = w.read(ctx, at); err != nil {
			return nil, err
		}
	}
}

// after reads the page after l; nil: that was the last.
func (w *walk) after(ctx context.Context, l *listing) (*listing, error) {
	at, more, err := w.next(l)
	if err != nil || !more {
		return nil, err
	}
	if l, err = w.read(ctx, at); err != nil {
		return nil, err
	}
	return w.find(ctx, l, 0)
}

// read makes one call.
func (w *walk) read(ctx context.Context, at place) (*listing, error) {
	if w.pages >= w.client.maxPages {
		return nil, w.fail(ErrMisconfigured, errNoEnd, w.last)
	}
	w.pages++
	l := &listing{at: at, base: &w.client.base}
	k := call{client: w.client, endpoint: w.endpoint, page: l}
	var err error
	if l.reply, err = k.do(ctx, w.vars, at); err != nil {
		return nil, at.lost(err)
	}
	if l.repeats(w.last) {
		return nil, w.fail(ErrMisconfigured, errSamePage, l)
	}
	w.last = l
	return l, nil
}

// lost takes the proof out of a 404 that may be about the page and not about
// what the list belongs to: a token that has expired, a number behind the end.
func (at place) lost(err error) error {
	if e, ok := errors.AsType[*Error](err); ok && errors.Is(err, ErrNotFound) && (at.number > 0 || at.token != "" || at.url != nil) {
		e.Kind, e.Cause = ErrUnavailable, errLostPage
	}
	return err
}

// next returns the place after l; false: l is the last page. An end that the
// total contradicts is an error: what is missing is not absent.
func (w *walk) next(l *listing) (place, bool, error) {
	p := &w.endpoint.Paging
	at, more, err := p.style.next(p, l)
	switch {
	case err != nil:
		return place{}, false, w.fail(ErrMisconfigured, err, l)
	case more && w.loops(at, l):
		return place{}, false, w.fail(ErrMisconfigured, errLoop, l)
	case more:
		return at, true, nil
	case len(l.all) == 0 && l.Total > l.at.offset:
		return place{}, false, w.fail(ErrUnavailable, errNoRecords, l)
	case p.inOrder && w.pages == 1 && l.Total > len(l.all):
		return place{}, false, w.fail(ErrMisconfigured, errNoNext, l)
	}
	return place{}, false, nil
}

// loops says whether the walk has been at a place that the API names.
func (w *walk) loops(at place, l *listing) bool {
	name := at.token
	if at.url != nil {
		name = at.url.String()
	}
	if name == "" {
		return false // the place is a number, which only grows
	}
	if w.tokens == nil {
		w.seed = maphash.MakeSeed()
		first := maphash.String(w.seed, l.reply.asked.String())
		w.tokens = map[uint64]struct{}{first: {}}
	}
	hash := maphash.String(w.seed, name)
	_, met := w.tokens[hash]
	w.tokens[hash] = struct{}{}
	return met
}

func (w *walk) fail(kind, cause error, l *listing) error {
	return &Error{Kind: kind, Op: w.endpoint.op, Status: l.reply.Status, Attempts: l.reply.Attempts, Cause: cause}
}
