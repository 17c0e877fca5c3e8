package legacyclient

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func fixed(n int) func(int) int { return func(int) int { return n } }

var pagedStyles = []PagingStyle{PagingOffset, PagingPage, PagingCursor, PagingLink, PagingNext}

// TestPagesOfAllStyles holds that a list is read through without a gap and
// without a double, from every offset, whatever pages the API makes of it.
func TestPagesOfAllStyles(t *testing.T) {
	for _, style := range pagedStyles {
		for _, n := range []int{0, 1, 9, 10, 11, 20, 24, 25, 31} {
			for _, size := range []struct{ cap, fixed int }{{}, {cap: 1}, {cap: 4}, {cap: 9}, {fixed: 3}, {fixed: 12}, {fixed: 25}} {
				for _, total := range []bool{true, false} {
					api := &listAPI{length: fixed(n), cap: size.cap, fixed: size.fixed, total: total}
					c, ep := newClient(t, memoryOptions(t, api)), api.endpoint(t, style)
					for offset := 0; offset <= n+11; offset += 1 + offset/4 {
						api.uris = nil
						name := fmt.Sprintf("%s, %d records, pages %v, total %t, offset %d", style, n, size, total, offset)
						var got, want []string
						for i := offset; i < n; i++ {
							want = append(want, fmt.Sprintf(`{"id":%d}`, i))
						}
						for page, err := range c.Pages(t.Context(), ep, nil, offset) {
							if err != nil {
								t.Fatalf("%s: %v", name, err)
							}
							if page.Offset != offset+len(got) {
								t.Fatalf("%s: page at %d, want %d", name, page.Offset, offset+len(got))
							}
							if total && page.Total != n || !total && page.Total != -1 {
								t.Fatalf("%s: total %d", name, page.Total)
							}
							for _, r := range page.Records {
								got = append(got, string(r))
							}
						}
						if !slices.Equal(got, want) {
							t.Fatalf("%s: got %s by\n%q", name, got, api.uris)
						}
						for _, limit := range []int{0, 1, 3, 99} {
							page, err := c.Page(t.Context(), ep, nil, offset, limit)
							if err != nil || page.Offset != offset || len(page.Records) == 0 && offset < n {
								t.Fatalf("%s: Page() = %+v, %v", name, page, err)
							}
							if style != PagingOffset && limit > 0 && len(page.Records) > limit {
								t.Fatalf("%s: Page(limit %d) = %d records", name, limit, len(page.Records))
							}
							for i, r := range page.Records {
								if string(r) != want[i] {
									t.Fatalf("%s: Page() = %s, want %s", name, page.Records, want)
								}
							}
						}
					}
				}
			}
		}
	}
}

// TestPageCost holds how many calls a page costs, and which.
func TestPageCost(t *testing.T) {
	tests := []struct {
		name          string
		style         PagingStyle
		n, cap, fixed int
		total         bool
		offset, limit int
		want          string
	}{
		{"first", PagingPage, 25, 0, 0, true, 0, 0, "page=0&size=10"},
		{"first, fewer wanted", PagingPage, 25, 0, 0, true, 0, 3, "page=0&size=10"},
		{"within", PagingPage, 25, 0, 0, true, 13, 0, "page=1&size=10"},
		{"last, in doubt", PagingPage, 25, 0, 0, true, 20, 0, "page=2&size=10 page=0&size=10"},
		{"beyond the total", PagingPage, 25, 0, 0, true, 30, 0, "page=3&size=10"},
		{"beyond the end", PagingPage, 25, 0, 0, false, 30, 0, "page=3&size=10 page=0&size=10"},
		{"cut", PagingPage, 25, 4, 0, true, 22, 0, "page=2&size=10 page=0&size=10 page=5&size=4"},
		{"cut to what the last page would have", PagingPage, 24, 4, 0, true, 20, 0, "page=2&size=10 page=0&size=10 page=5&size=4"},
		{"larger", PagingPage, 120, 0, 50, true, 100, 0, "page=10&size=10 page=0&size=10 page=2&size=50"},
		{"larger, in the first", PagingPage, 120, 0, 50, true, 40, 0, "page=4&size=10 page=0&size=10"},
		{"cursor", PagingCursor, 25, 0, 0, true, 0, 3, "size=3"},
		{"cursor, walked", PagingCursor, 25, 0, 0, true, 20, 3, "size=10 size=10&cursor=at+10 size=10&cursor=at+20"},
		{"link, walked", PagingLink, 25, 0, 0, true, 10, 0, "size=10 x=a%2Fb&size=10&cursor=at+10"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := &listAPI{length: fixed(tt.n), cap: tt.cap, fixed: tt.fixed, total: tt.total}
			if _, err := newClient(t, memoryOptions(t, api)).Page(t.Context(), api.endpoint(t, tt.style), nil, tt.offset, tt.limit); err != nil {
				t.Fatal(err)
			}
			got := strings.ReplaceAll(strings.Join(api.uris, " "), "/api/v3/hosts?", "")
			if got != tt.want {
				t.Errorf("Page() calls %q, want %q", got, tt.want)
			}
		})
	}
}

// TestPagesOfAChangingList holds that a list that changes while it is read is
// read to its end all the same.
func TestPagesOfAChangingList(t *testing.T) {
	lists := []struct {
		name   string
		length func(call int) int
		want   int
	}{
		{"shrinks", func(call int) int { return []int{35, 25, 25}[min(call, 3)-1] }, 25},
		{"shrinks to nothing", func(call int) int { return []int{35, 0}[min(call, 2)-1] }, 10},
		{"grows", func(call int) int { return []int{15, 15, 25}[min(call, 3)-1] }, 15},
	}
	for _, style := range pagedStyles {
		for _, l := range lists {
			for _, total := range []bool{true, false} {
				api := &listAPI{length: l.length, total: total}
				n := 0
				for page, err := range newClient(t, memoryOptions(t, api)).Pages(t.Context(), api.endpoint(t, style), nil, 0) {
					if err != nil {
						t.Fatalf("%s %s: %v", style, l.name, err)
					}
					n += len(page.Records)
				}
				// Without a total, the list is asked for a third time, when it
				// has grown.
				if n < l.want || n > l.want+10 {
					t.Errorf("%s %s, total %t: %d records, want %d", style, l.name, total, n, l.want)
				}
			}
		}
	}
}

// TestPagesWithAGap holds that an empty page is no end where the API names the
// next one.
func TestPagesWithAGap(t *testing.T) {
	for _, style := range []PagingStyle{PagingCursor, PagingLink, PagingNext} {
		for gap := 1; gap < 4; gap++ {
			api := &listAPI{length: fixed(25), gap: gap, total: true}
			c := newClient(t, memoryOptions(t, api))
			n := 0
			for page, err := range c.Pages(t.Context(), api.endpoint(t, style), nil, 0) {
				if err != nil || len(page.Records) == 0 {
					t.Fatalf("%s: Pages() = %d records, %v", style, len(page.Records), err)
				}
				n += len(page.Records)
			}
			if n != 25 {
				t.Errorf("%s: %d records, want 25: %q", style, n, api.uris)
			}
		}
		api := &listAPI{length: fixed(25), gap: 1, total: true}
		page, err := newClient(t, memoryOptions(t, api)).Page(t.Context(), api.endpoint(t, style), nil, 0, 0)
		if err != nil || len(page.Records) != 10 {
			t.Errorf("%s: Page() = %d records, %v, want 10", style, len(page.Records), err)
		}
	}
}

func TestSequential(t *testing.T) {
	for _, style := range pagedStyles {
		want := style == PagingCursor || style == PagingLink || style == PagingNext
		if got := new(listAPI).endpoint(t, style).Sequential(); got != want {
			t.Errorf("Sequential() of %s = %t, want %t", style, got, want)
		}
	}
}

// TestPagesMisled holds that an API that leads in circles, or nowhere, is an
// error and not a loop and not an end.
func TestPagesMisled(t *testing.T) {
	page := func(n int, next string, header ...string) *http.Response {
		return answer(200, fmt.Sprintf(`{"hosts":[{"id":%d}],"next":%s,"total":9}`, n, next), header...)
	}
	tests := []struct {
		name  string
		style PagingStyle
		api   memory
		want  *reason
		kind  error
		calls int
	}{
		{"same cursor", PagingCursor, func(n int, _ *http.Request) (*http.Response, error) { return page(n, `"a"`), nil }, errLoop, ErrMisconfigured, 2},
		{"cursors in a circle", PagingCursor, func(n int, _ *http.Request) (*http.Response, error) { return page(n, strconv.Itoa(n%3)), nil }, errLoop, ErrMisconfigured, 4},
		{"same page under new cursors", PagingCursor, func(n int, _ *http.Request) (*http.Response, error) { return page(1, strconv.Itoa(n)), nil }, errSamePage, ErrMisconfigured, 2},
		{"cursors for ever", PagingCursor, func(n int, _ *http.Request) (*http.Response, error) { return page(n, strconv.Itoa(n)), nil }, errNoEnd, ErrMisconfigured, 20},
		{"empty pages for ever", PagingCursor, func(n int, _ *http.Request) (*http.Response, error) {
			return answer(200, fmt.Sprintf(`{"hosts":[],"next":%d}`, n)), nil
		}, errNoEnd, ErrMisconfigured, 20},
		{"object for a cursor", PagingCursor, func(n int, _ *http.Request) (*http.Response, error) { return page(n, `{}`), nil }, errOddToken, ErrMisconfigured, 1},
		{"true for a cursor", PagingCursor, func(n int, _ *http.Request) (*http.Response, error) { return page(n, `true`), nil }, errOddToken, ErrMisconfigured, 1},
		{"no cursor, but a total", PagingCursor, func(n int, _ *http.Request) (*http.Response, error) { return page(n, `null`), nil }, errNoNext, ErrMisconfigured, 1},
		{"no records, but a total", PagingCursor, func(int, *http.Request) (*http.Response, error) {
			return answer(200, `{"hosts":[],"total":3}`), nil
		}, errNoRecords, ErrUnavailable, 1},
		{"next is the page itself", PagingNext, func(n int, _ *http.Request) (*http.Response, error) { return page(n, `"#top"`), nil }, errLoop, ErrMisconfigured, 1},
		{"next is the first page", PagingNext, func(n int, _ *http.Request) (*http.Response, error) {
			return page(n, `"`+[]string{"?p=2", "/api/v3/hosts"}[min(n, 2)-1]+`"`), nil
		}, errLoop, ErrMisconfigured, 2},
		{"link for ever", PagingLink, func(n int, _ *http.Request) (*http.Response, error) {
			return page(n, `null`, "Link", fmt.Sprintf("<?p=%d>;rel=next", n)), nil
		}, errNoEnd, ErrMisconfigured, 20},
		{"link that cannot be read", PagingLink, func(n int, _ *http.Request) (*http.Response, error) {
			return page(n, `null`, "Link", `<?p=2; rel="next"`), nil
		}, errBadLink, ErrMisconfigured, 1},
		{"page ignored", PagingPage, func(int, *http.Request) (*http.Response, error) { return page(1, `null`), nil }, errSamePage, ErrMisconfigured, 2},
		{"page empty, but a total", PagingPage, func(n int, _ *http.Request) (*http.Response, error) {
			if n == 1 {
				return page(1, `null`), nil
			}
			return answer(200, `{"hosts":[],"total":9}`), nil
		}, errNoRecords, ErrUnavailable, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &memoryTransport{f: tt.api}
			c := newClient(t, memoryOptions(t, m))
			c.maxPages = 20
			p := Paging{Style: tt.style}
			if tt.style == PagingCursor || tt.style == PagingNext {
				p.Next = "next"
			}
			ep := compile(t, Endpoint{Method: "GET", Path: "/hosts", Items: "hosts", Total: "total", Paging: p})
			var last error
			for _, err := range c.Pages(t.Context(), ep, nil, 0) {
				if last != nil {
					t.Fatal("Pages() goes on after an error")
				}
				last = err
			}
			if !errors.Is(last, tt.kind) || !errors.Is(last, tt.want) {
				t.Errorf("Pages() = %v, want %v: %v", last, tt.kind, tt.want)
			}
			if n := int(m.calls.Load()); n != tt.calls {
				t.Errorf("Pages() = %d calls, want %d", n, tt.calls)
			}
			if _, err := c.Page(t.Context(), ep, nil, 1000, 0); err == nil && tt.style != PagingPage {
				t.Error("Page() far behind is no error")
			}
		})
	}
}

// TestPagesLost holds that a page which is not there does not make the group
// absent that the list belongs to.
func TestPagesLost(t *testing.T) {
	for _, style := range pagedStyles {
		for first := 1; first <= 2; first++ {
			m := &memoryTransport{f: func(n int, _ *http.Request) (*http.Response, error) {
				if n >= first {
					return answer(404, `{}`), nil
				}
				return answer(200, `{"hosts":[{}],"next":"?p=2"}`, "Link", "<?p=2>; rel=next"), nil
			}}
			ep := compile(t, Endpoint{Method: "GET", Path: "/groups/{id}/hosts", Items: "hosts", Paging: Paging{Style: style, Next: "next"}})
			var last error
			for _, err := range newClient(t, memoryOptions(t, m)).Pages(t.Context(), ep, Vars{"id": "7"}, 0) {
				last = err
			}
			want := ErrNotFound
			if first == 2 && style != PagingOffset {
				want = ErrUnavailable
			}
			if !errors.Is(last, want) {
				t.Errorf("%s: Pages() with a 404 at page %d = %v, want %v", style, first, last, want)
			}
		}
	}
}

// TestPagesOverSockets reads a list by links from a real server, which sees the
// query of each link as it wrote it, and a repeat where it failed.
func TestPagesOverSockets(t *testing.T) {
	for _, style := range []PagingStyle{PagingCursor, PagingLink, PagingNext, PagingPage} {
		t.Run(string(style), func(t *testing.T) {
			var base string
			var queries []string
			s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
				queries = append(queries, r.URL.RawQuery)
				if len(queries) == 2 {
					w.WriteHeader(503)
					return
				}
				n := map[int]int{1: 1, 3: 2, 4: 3}[len(queries)]
				next := "null"
				if n < 3 {
					to := fmt.Sprintf("%s/hosts?p=%d&q=~a%%7Eb;c=%%C3%%A9&", base, n+1)
					w.Header().Add("Link", `<`+base+`/hosts>; rel="first"`)
					w.Header().Add("Link", `<`+to+`>; title="a, b"; rel="next last"`)
					next = strconv.Quote(to)
				}
				w.Header().Set("X-Total-Count", "3")
				writeJSON(w, 200, fmt.Sprintf(`{"hosts":[{"id":%d}],"next":%s}`, n, next))
			})
			base = s.URL + "/api/v3"
			p := Paging{Style: style, Next: "next"}
			ep := compile(t, Endpoint{Method: "GET", Path: "/hosts", Query: []Param{{"q", "x"}}, Items: "hosts", TotalHeader: "X-Total-Count", Paging: p})
			n := 0
			for page, err := range newClient(t, s.options(t)).Pages(t.Context(), ep, nil, 0) {
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range page.Records {
					if n++; string(r) != fmt.Sprintf(`{"id":%d}`, n) {
						t.Errorf("record %s, want %d", r, n)
					}
				}
			}
			if n != 3 || len(queries) != 4 {
				t.Fatalf("%d records in %d calls, want 3 in 4", n, len(queries))
			}
			want := "p=2&q=~a%7Eb;c=%C3%A9&"
			switch style {
			case PagingCursor:
				want = "q=x&limit=100&cursor=" + url.QueryEscape(base+"/hosts?"+want)
			case PagingPage:
				want = "q=x&page=2&per_page=100"
			}
			if queries[1] != want || queries[2] != want {
				t.Errorf("queries %q, want %q as the second and its repeat", queries, want)
			}
		})
	}
}
