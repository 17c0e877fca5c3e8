package legacyclient

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// listAPI is an API in memory that answers /api/v3/hosts in the ways of all
// styles at once: it takes offsets, page numbers and cursors, and tells the next
// page in a header and in the body.
type listAPI struct {
	length func(call int) int // of the list as of this call
	cap    int                // the largest page it makes; zero: any
	fixed  int                // the size of all pages, whatever is asked for
	total  bool               // it tells the length of the list, in the body and in a header
	gap    int                // the number of the page that shows no record, its cursor and links all the same
	calls  int
	uris   []string
}

func (a *listAPI) RoundTrip(r *http.Request) (*http.Response, error) {
	a.calls++
	a.uris = append(a.uris, r.URL.RequestURI())
	q := r.URL.Query()
	n := a.length(a.calls)
	size, err := strconv.Atoi(q.Get("size"))
	if err != nil {
		size = 10
	}
	if a.cap > 0 {
		size = min(size, a.cap)
	}
	if a.fixed > 0 {
		size = a.fixed
	}
	start, _ := strconv.Atoi(strings.TrimPrefix(q.Get("cursor"), "at "))
	if q.Has("offset") {
		start, _ = strconv.Atoi(q.Get("offset"))
	}
	if page, err := strconv.Atoi(q.Get("page")); err == nil {
		start = page * size
	}
	var items []string
	for i := start; i < min(n, start+size); i++ {
		items = append(items, fmt.Sprintf(`{"id":%d}`, i))
	}
	if a.gap > 0 && a.calls == a.gap {
		items, size = nil, 0
	}
	next, header := "null", []string{}
	if start+size < n {
		to := fmt.Sprintf("?x=a%%2Fb&size=%d&cursor=at+%d", size, start+size)
		if size == 0 {
			to = fmt.Sprintf("?size=10&n=%d&cursor=at+%d", a.calls, start)
		}
		next = fmt.Sprintf(`{"token":"at %d","url":%q}`, start+size, to)
		if size == 0 {
			next = fmt.Sprintf(`{"token":"at 0%d","url":%q}`, start, to)
		}
		header = []string{"Link", `<https://other.example.com/>; rel="prev", <hosts` + to + `>; rel=next`}
	}
	body := `{"hosts":[` + strings.Join(items, ",") + `],"next":` + next
	if a.total {
		body += fmt.Sprintf(`,"total":%d`, n)
		header = append(header, "X-Total-Count", strconv.Itoa(n))
	}
	return answer(200, body+"}", header...), nil
}

func (a *listAPI) endpoint(t testing.TB, style PagingStyle) *Endpoint {
	t.Helper()
	p := Paging{Style: style, Limit: 10, LimitParam: "size", FirstPage: new(0)}
	switch style {
	case PagingCursor:
		p.Next = "next.token"
	case PagingNext:
		p.Next = "next.url"
	}
	e := Endpoint{Method: "GET", Path: "/hosts", Items: "hosts", Paging: p}
	if style == PagingOffset || style == PagingNext {
		e.Total = "total"
	} else {
		e.TotalHeader = "x-total-count"
	}
	return compile(t, e)
}
