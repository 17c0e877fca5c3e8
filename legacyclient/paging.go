package legacyclient

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// PagingStyle names how an API cuts a list into pages.
type PagingStyle string

const (
	// PagingNone is an API that answers the whole list at once. The empty
	// style means the same.
	PagingNone PagingStyle = "none"
	// PagingOffset is an API that takes the number of records to skip and the
	// number of records to return.
	PagingOffset PagingStyle = "offset"
	// PagingPage is an API that takes the number of a page and its size.
	PagingPage PagingStyle = "page"
	// PagingCursor is an API that answers with a token for the next page.
	PagingCursor PagingStyle = "cursor"
	// PagingLink is an API that answers with the URL of the next page in a
	// Link header (RFC 8288).
	PagingLink PagingStyle = "link"
	// PagingNext is an API that answers with the URL of the next page in the
	// body.
	PagingNext PagingStyle = "next"
)

// styles are all the ways there are. A list that is read in order can only be
// read from its beginning.
var styles = []struct {
	name    PagingStyle
	inOrder bool
	style
}{
	{PagingNone, false, noPages{}},
	{PagingOffset, false, offsetPages{}},
	{PagingPage, false, numberedPages{}},
	{PagingCursor, true, cursorPages{}},
	{PagingLink, true, linkPages{}},
	{PagingNext, true, nextPages{}},
}

// style is one way of cutting a list into pages. It keeps nothing: where a
// walk through a list has got to is a place.
type style interface {
	// compile checks what the style needs of the description and fills in its
	// defaults.
	compile(p *Paging) error
	// start returns the last place at or before the record at offset that can
	// be asked for at once. Both numbers are already sound.
	start(p *Paging, offset, limit int) place
	// query returns the parameters that ask for a place.
	query(p *Paging, at place) [2]pageParam
	// next returns the place after a page; false: that page was the last.
	next(p *Paging, l *listing) (place, bool, error)
}

// A settler is a style whose first page may turn out to lie elsewhere than was
// thought.
type settler interface {
	// settle returns the page that holds the record at offset, which is got or
	// one that it reads. It is asked only where the walk does not begin with
	// the list.
	settle(p *Paging, offset int, got *listing, read func(place) (*listing, error)) (*listing, error)
}

// A leader is a style whose answers say where the next page is.
type leader interface {
	// lead returns what stands there in the answer to the URL, of the page that
	// begins at offset.
	lead(asked *url.URL, offset int) string
}

// place says which page to ask for. A style uses the fields that it counts in.
type place struct {
	offset int      // the number of records before the page
	limit  int      // the number of records to ask for
	number int      // of the page; the first one is zero
	token  string   // the API's name for the page; "": the first one
	url    *url.URL // where the API says that the page is; nil: it did not
}

// pageParam is a query parameter: its key, escaped and with its equals sign, and
// its value. Without a key it is not sent; without a text, the number is.
type pageParam struct {
	key, text string
	number    int
}

// defaultPageLimit is asked for where the description names no limit.
const defaultPageLimit = 100

// Paging describes how an endpoint cuts its list into pages.
type Paging struct {
	Style PagingStyle
	// Limit is the largest page we ask for, in records; zero: 100. An API that
	// cuts it further is followed all the same.
	Limit int
	// LimitParam is the query parameter for the number of records; empty:
	// "limit", with the style page "per_page", and with the styles link and
	// next none: what they need for the first page may stand in Endpoint.Query.
	LimitParam string
	// OffsetParam is the query parameter of the style offset; empty: "offset".
	OffsetParam string
	// PageParam is the query parameter of the style page; empty: "page".
	PageParam string
	// FirstPage is the number of the first page, 0 or 1; nil: 1. It is for the
	// style page.
	FirstPage *int
	// CursorParam is the query parameter of the style cursor; empty: "cursor".
	// The first page is asked for without it.
	CursorParam string
	// Next is the dotted path in the answer to the token of the style cursor, a
	// string or a number, or to the URL of the style next; these two need it.
	// Where there is nothing at it, null, false or "", the list ends. So a
	// misspelt path reads as a list of one page: describe the total as well, if
	// the API tells it, and the difference is noticed.
	Next string

	// What follows is computed once by compile.
	style              style
	inOrder            bool
	limitKey, placeKey string   // parameters up to and with the equals sign, escaped
	first              int      // the number of the first page
	next               []string // Next, split
}

// compile checks the description. The error names everything that is wrong.
func (p *Paging) compile() error {
	if p.Style == "" {
		p.Style = PagingNone
	}
	p.style, p.next = nil, nil
	var known []string
	for _, s := range styles {
		known = append(known, string(s.name))
		if s.name == p.Style {
			p.style, p.inOrder = s.style, s.inOrder
		}
	}
	if p.style == nil {
		return fmt.Errorf("unknown paging style %q; known are %s", p.Style, strings.Join(known, ", "))
	}
	if p.Style == PagingNone {
		return nil
	}
	var limitErr error
	if p.Limit < 0 {
		limitErr = errors.New("paging limit is below zero")
	}
	if p.Limit == 0 {
		p.Limit = defaultPageLimit
	}
	return errors.Join(limitErr, p.style.compile(p))
}

// setKeys computes the keys of the two parameters of a style. One without a
// name is not sent.
func (p *Paging) setKeys(limit, place string) error {
	if limit == place && limit != "" {
		return fmt.Errorf("paging: the limit and the place of a page have the same parameter %q", place)
	}
	if limit != "" {
		p.limitKey = url.QueryEscape(limit) + "="
	}
	if place != "" {
		p.placeKey = url.QueryEscape(place) + "="
	}
	return nil
}

// setNext splits the path to what leads to the next page.
func (p *Paging) setNext() (err error) {
	if p.Next == "" {
		return fmt.Errorf("paging style %s needs next, the dotted path in the answer to what leads on", p.Style)
	}
	if p.next, err = splitPath(p.Next); err != nil {
		return fmt.Errorf("paging next: %w", err)
	}
	return nil
}

// Sequential says that the list of the endpoint can only be read from its
// beginning. [Client.Pages] costs one call per page all the same, but
// [Client.Page] costs one call for each page up to the offset.
func (e *Endpoint) Sequential() bool { return e.Paging.inOrder }

// noPages: the whole list at once.
type noPages struct{}

func (noPages) compile(*Paging) error                       { return nil }
func (noPages) start(*Paging, int, int) place               { return place{} }
func (noPages) query(*Paging, place) (q [2]pageParam)       { return q }
func (noPages) next(*Paging, *listing) (place, bool, error) { return place{}, false, nil }

// offsetPages: the next page begins where the records of the last one ended,
// so an API that returns fewer than asked for is followed without gaps. The end
// is where the total says, or else at the first empty page.
type offsetPages struct{}

func (offsetPages) compile(p *Paging) error {
	p.LimitParam, p.OffsetParam = cmp.Or(p.LimitParam, "limit"), cmp.Or(p.OffsetParam, "offset")
	return p.setKeys(p.LimitParam, p.OffsetParam)
}

func (offsetPages) start(_ *Paging, offset, limit int) place {
	return place{offset: offset, limit: limit}
}

func (offsetPages) query(p *Paging, at place) [2]pageParam {
	return [2]pageParam{{key: p.limitKey, number: at.limit}, {key: p.placeKey, number: at.offset}}
}

func (offsetPages) next(p *Paging, l *listing) (place, bool, error) {
	return place{offset: l.end(), limit: p.Limit}, l.goesOn(), nil
}

// numberedPages: the number of a page means other records if the API makes its
// pages of another size than asked for. A walk from the beginning never asks
// for another size midway, so its numbers fit whatever size the API takes, and
// it goes on to where the total says, or else to the first empty page. A walk
// from elsewhere makes sure of the size first; see settle.
type numberedPages struct{}

func (numberedPages) compile(p *Paging) error {
	p.LimitParam, p.PageParam = cmp.Or(p.LimitParam, "per_page"), cmp.Or(p.PageParam, "page")
	p.first = 1
	if p.FirstPage != nil {
		p.first = *p.FirstPage
	}
	var err error
	if p.first != 0 && p.first != 1 {
		err = fmt.Errorf("paging first page is %d; want 0 or 1", p.first)
	}
	return errors.Join(err, p.setKeys(p.LimitParam, p.PageParam))
}

func (numberedPages) start(p *Paging, offset, _ int) place { return numbered(offset, p.Limit) }

// numbered returns the page with the record at offset.
func numbered(offset, size int) place {
	return place{number: offset / size, offset: offset / size * size, limit: size}
}

func (numberedPages) query(p *Paging, at place) [2]pageParam {
	return [2]pageParam{{key: p.placeKey, number: p.first + at.number}, {key: p.limitKey, number: at.limit}}
}

func (numberedPages) next(_ *Paging, l *listing) (place, bool, error) {
	return place{number: l.at.number + 1, offset: l.end(), limit: l.at.limit}, l.goesOn(), nil
}

// settle takes a full page for proof that the API makes pages of the size asked
// for. Any other may be the last one, or one of an API that has a size of its
// own; then the first page tells which, and its size is what is gone on with.
func (numberedPages) settle(_ *Paging, offset int, got *listing, read func(place) (*listing, error)) (*listing, error) {
	asked, n := got.at.limit, len(got.all)
	if n == asked || n == 0 && got.Total >= 0 && got.Total <= got.at.offset {
		return got, nil
	}
	first, err := read(place{limit: asked})
	if err != nil {
		return nil, err
	}
	switch size := len(first.all); {
	case size == asked, size < asked && n == 0, size == 0:
		return got, nil // smaller pages end even before
	case offset < size:
		return first, nil
	default:
		return read(numbered(offset, size))
	}
}

// cursorPages: an answer holds the token of the next page, or none at the end.
type cursorPages struct{ beginning }

func (cursorPages) compile(p *Paging) error {
	p.LimitParam, p.CursorParam = cmp.Or(p.LimitParam, "limit"), cmp.Or(p.CursorParam, "cursor")
	return errors.Join(p.setNext(), p.setKeys(p.LimitParam, p.CursorParam))
}

func (cursorPages) query(p *Paging, at place) (q [2]pageParam) {
	q[0] = pageParam{key: p.limitKey, number: at.limit}
	if at.token != "" {
		q[1] = pageParam{key: p.placeKey, text: at.token}
	}
	return q
}

func (cursorPages) lead(_ *url.URL, offset int) string { return fmt.Sprintf("after-%d", offset) }

func (cursorPages) next(_ *Paging, l *listing) (place, bool, error) {
	return place{token: l.token, offset: l.end(), limit: l.at.limit}, l.token != "", nil
}

// linkPages: the header of an answer holds the URL of the next page.
type linkPages struct{ ownURLs }

func (linkPages) compile(p *Paging) error { return p.setKeys(p.LimitParam, "") }

func (linkPages) next(_ *Paging, l *listing) (place, bool, error) {
	ref, err := nextLink(l.reply.Header.Values("Link"))
	if err != nil {
		return place{}, false, err
	}
	return l.follow(ref)
}

// nextPages: the body of an answer holds the URL of the next page.
type nextPages struct{ ownURLs }

func (nextPages) compile(p *Paging) error {
	return errors.Join(p.setNext(), p.setKeys(p.LimitParam, ""))
}

func (nextPages) next(_ *Paging, l *listing) (place, bool, error) { return l.follow(l.token) }

// ownURLs is what the styles have in common where the API makes the URLs: ours
// is that of the first page.
type ownURLs struct{ beginning }

func (ownURLs) query(p *Paging, at place) [2]pageParam {
	return [2]pageParam{{key: p.limitKey, number: at.limit}}
}

func (ownURLs) lead(asked *url.URL, offset int) string {
	u, q := *asked, asked.Query()
	q.Set("after", strconv.Itoa(offset))
	u.RawQuery = q.Encode()
	return u.String()
}

// beginning is the one place to start from where the API tells the others.
type beginning struct{}

func (beginning) start(p *Paging, offset, limit int) place {
	if offset > 0 {
		limit = p.Limit
	}
	return place{limit: limit}
}
