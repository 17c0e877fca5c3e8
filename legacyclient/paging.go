package legacyclient

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
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
)

// defaultPageLimit is asked for where the description names no limit.
const defaultPageLimit = 100

// Paging describes how an endpoint cuts its list into pages.
type Paging struct {
	Style PagingStyle
	// Limit is the largest page we ask for; zero: 100. An API that cuts it
	// further is followed from where its page ended.
	Limit int
	// LimitParam and OffsetParam are the names of the query parameters; empty:
	// "limit" and "offset".
	LimitParam, OffsetParam string

	// The parameters up to and with the equals sign, escaped.
	limitKey, offsetKey string
}

func (p *Paging) compile() error {
	switch p.Style {
	case "", PagingNone:
		p.Style = PagingNone
		return nil
	case PagingOffset:
	default:
		return fmt.Errorf("unknown paging style %q; known are none and offset", p.Style)
	}
	if p.Limit < 0 {
		return errors.New("paging limit is below zero")
	}
	if p.Limit == 0 {
		p.Limit = defaultPageLimit
	}
	if p.LimitParam == "" {
		p.LimitParam = "limit"
	}
	if p.OffsetParam == "" {
		p.OffsetParam = "offset"
	}
	if p.LimitParam == p.OffsetParam {
		return errors.New("paging limit and offset have the same parameter")
	}
	p.limitKey = url.QueryEscape(p.LimitParam) + "="
	p.offsetKey = url.QueryEscape(p.OffsetParam) + "="
	return nil
}

// window is the part of a list that one call asks for.
type window struct {
	offset, limit int
}

// window returns the window that a caller's wish comes to.
func (p *Paging) window(offset, limit int) window {
	if p.Style == PagingNone {
		return window{max(offset, 0), max(limit, 0)}
	}
	if limit < 1 || limit > p.Limit {
		limit = p.Limit
	}
	return window{max(offset, 0), limit}
}

// appendQuery adds the paging parameters to a query.
func (p *Paging) appendQuery(q []byte, w window) []byte {
	if p.Style != PagingOffset {
		return q
	}
	if len(q) > 0 {
		q = append(q, '&')
	}
	q = append(q, p.limitKey...)
	q = strconv.AppendInt(q, int64(w.limit), 10)
	q = append(q, '&')
	q = append(q, p.offsetKey...)
	return strconv.AppendInt(q, int64(w.offset), 10)
}
