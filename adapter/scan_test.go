package adapter

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hostscim/legacyclient"
)

// listAPI is a list of records that are numbers, in memory.
type listAPI struct {
	list         []int
	cap          int  // records of a page at most
	total        bool // it tells how long the list is
	ignoreOffset bool
	before       func(call int, list []int) []int // what becomes of the list before a call, counted from 1
	calls        int
}

func (a *listAPI) RoundTrip(req *http.Request) (*http.Response, error) {
	a.calls++
	if a.before != nil {
		a.list = a.before(a.calls, slices.Clone(a.list))
	}
	query := req.URL.Query()
	offset, _ := strconv.Atoi(query.Get("offset"))
	limit, _ := strconv.Atoi(query.Get("limit"))
	if a.ignoreOffset {
		offset = 0
	}
	var items []string
	for _, n := range a.list[min(offset, len(a.list)):min(offset+min(limit, a.cap), len(a.list))] {
		items = append(items, fmt.Sprintf(`{"id":%d,"name":"n%d@example.com"}`, n, n))
	}
	body := `{"items":[` + strings.Join(items, ",") + `]`
	if a.total {
		body += fmt.Sprintf(`,"total":%d`, len(a.list))
	}
	return &http.Response{
		StatusCode: 200, ContentLength: -1, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body + "}")), Request: req,
	}, nil
}

// read scans the list and returns what it yields.
func (a *listAPI) read(t *testing.T, limit int, plain bool) ([]int, error) {
	t.Helper()
	client, err := legacyclient.New(legacyclient.Options{
		BaseURL: &url.URL{Scheme: "http", Host: "legacy.example.com"}, Transport: a, Timeout: time.Minute, MaxAttempts: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	ep, err := legacyclient.CompileEndpoint(legacyclient.Endpoint{
		Method: "GET", Path: "/items", Items: "items", Total: "total",
		Paging: legacyclient.Paging{Style: legacyclient.PagingOffset, Limit: limit},
	})
	if err != nil {
		t.Fatal(err)
	}
	scan := scan{client: client, list: ep, plain: plain}
	got := []int{}
	for r, err := range scan.records(t.Context(), func(raw []byte) (string, error) {
		id, _, ok := strings.Cut(strings.TrimPrefix(string(raw), `{"id":`), ",")
		if !ok {
			return "", errors.New("no id")
		}
		return id, nil
	}) {
		if err != nil {
			return got, err
		}
		n, _ := strconv.Atoi(r.id)
		got = append(got, n)
	}
	return got, nil
}

// numbers returns 1 to n.
func numbers(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i + 1
	}
	return list
}

func TestScan(t *testing.T) {
	const (
		total   = true
		noTotal = false
	)
	remove := func(in int, gone ...int) func(int, []int) []int {
		return func(call int, list []int) []int {
			if call != in {
				return list
			}
			return slices.DeleteFunc(list, func(n int) bool { return slices.Contains(gone, n) })
		}
	}
	for _, test := range []struct {
		name       string
		n          int
		limit, cap int
		total      bool
		plain      bool
		before     func(int, []int) []int
		missing    []int // of 1 to n; nobody else is
		more       []int
		calls      int
	}{
		{"one page", 5, 10, 10, total, false, nil, nil, nil, 1},
		{"empty", 0, 10, 10, total, false, nil, nil, nil, 1},
		{"empty, no total", 0, 10, 10, noTotal, false, nil, nil, nil, 1},
		{"one record, no total", 1, 10, 10, noTotal, false, nil, nil, nil, 2},
		{"full page, no total", 4, 4, 4, noTotal, false, nil, nil, nil, 2},
		{"pages overlap", 10, 4, 4, total, false, nil, nil, nil, 3},
		{"pages overlap, no total", 10, 4, 4, noTotal, false, nil, nil, nil, 4},
		{"API cuts the limit", 10, 100, 4, total, false, nil, nil, nil, 3},
		{"pages of one look back", 4, 1, 5, total, false, nil, nil, nil, 7},
		{"API cuts the limit to one", 4, 100, 1, total, false, nil, nil, nil, 7},
		{"plain", 10, 4, 4, total, true, nil, nil, nil, 3},
		{"plain, exact pages", 8, 4, 4, total, true, nil, nil, nil, 2},
		{"plain, no total", 8, 4, 4, noTotal, true, nil, nil, nil, 3},
		{"plain, pages of one", 4, 1, 1, total, true, nil, nil, nil, 4},
		{"plain, begins anew when the total shrinks", 10, 4, 4, total, true, remove(2, 2), nil, nil, 5},
		{"what was read is deleted", 10, 4, 4, total, false, remove(2, 1), nil, nil, 5},
		{"the overlap is deleted", 10, 4, 4, total, false, remove(2, 4), nil, nil, 5},
		{"a whole page is deleted", 10, 4, 4, total, false, remove(2, 1, 2, 3, 4), nil, nil, 4},
		{"everything is deleted", 10, 4, 4, total, false, remove(2, numbers(10)...), []int{5, 6, 7, 8, 9, 10}, nil, 3},
		{"the rest is deleted", 10, 4, 4, noTotal, false, remove(2, 5, 6, 7, 8, 9, 10), []int{5, 6, 7, 8, 9, 10}, nil, 2},
		{"many deletions, pages far below the limit", 300, 100, 2, total, false, func(call int, list []int) []int {
			return remove(250, numbers(40)[20:]...)(call, remove(150, numbers(20)...)(call, list))
		}, nil, nil, 380},
		{"something is put before", 10, 4, 4, total, false, func(call int, list []int) []int {
			if call == 2 {
				return append([]int{99}, list...)
			}
			return list
		}, nil, nil, 4},
		{"something is put behind", 4, 4, 4, noTotal, false, func(call int, list []int) []int {
			if call == 2 {
				return append(list, 5)
			}
			return list
		}, nil, []int{5}, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			api := &listAPI{list: numbers(test.n), cap: test.cap, total: test.total, before: test.before}
			got, err := api.read(t, test.limit, test.plain)
			want := slices.DeleteFunc(append(numbers(test.n), test.more...), func(n int) bool { return slices.Contains(test.missing, n) })
			slices.Sort(got)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("records %v, %v, want %v", got, err, want)
			}
			if test.name == "many deletions, pages far below the limit" && api.calls <= test.calls {
				return // a bound
			}
			if api.calls != test.calls {
				t.Errorf("%d calls, want %d", api.calls, test.calls)
			}
		})
	}
}

// TestScanShifts deletes or adds each record before each call of a scan.
// Whatever was there all the time must be read, once.
func TestScanShifts(t *testing.T) {
	const n = 7
	for _, total := range []bool{true, false} {
		for size := 1; size <= 5; size++ {
			for at := 2; at <= 15; at++ {
				for i := range n + 1 {
					for _, add := range []bool{true, false} {
						touched := i + 1
						if add {
							touched = 99
						}
						api := &listAPI{list: numbers(n), cap: size, total: total, before: func(call int, list []int) []int {
							switch {
							case call != at:
								return list
							case add:
								return slices.Insert(list, i, 99)
							}
							return slices.DeleteFunc(list, func(m int) bool { return m == touched })
						}}
						got, err := api.read(t, size, false)
						gone := func(m int) bool { return m == touched }
						slices.Sort(got)
						if got, want := slices.DeleteFunc(got, gone), slices.DeleteFunc(numbers(n), gone); err != nil || !slices.Equal(got, want) {
							t.Errorf("pages of %d, total %v, record %d added %v before call %d: %v, %v, want %v", size, total, touched, add, at, got, err, want)
						}
					}
				}
			}
		}
	}
}

// TestScanCalls counts the calls for lists and pages of every size.
func TestScanCalls(t *testing.T) {
	for m := range 30 {
		for size := 1; size <= 9; size++ {
			plain := &listAPI{list: numbers(m), cap: 50, total: true}
			if got, err := plain.read(t, size, true); len(got) != m || err != nil || plain.calls != max(1, (m+size-1)/size) {
				t.Errorf("plain: %d of %d records, %v, in %d calls of %d", len(got), m, err, plain.calls, size)
			}
			for _, total := range []bool{true, false} {
				api := &listAPI{list: numbers(m), cap: 50, total: total}
				bound := 2*m + 2 // pages of one are read twice
				if size > 1 {
					bound = 2 + (max(0, m-size)+size-2)/(size-1)
				}
				if got, err := api.read(t, size, false); len(got) != m || err != nil || api.calls > bound {
					t.Errorf("total %v: %d of %d records, %v, in %d calls of %d, want at most %d", total, len(got), m, err, api.calls, size, bound)
				}
			}
		}
	}
}

// TestScanRestless holds that a list without an end, or without rest, is an
// error: neither a part of it nor a loop.
func TestScanRestless(t *testing.T) {
	for _, test := range []struct {
		name string
		api  *listAPI
	}{
		{"knows no offsets", &listAPI{list: numbers(6), cap: 3, ignoreOffset: true}},
		{"knows no offsets, with a total", &listAPI{list: numbers(6), cap: 3, total: true, ignoreOffset: true}},
		{"knows no offsets, a total of three pages", &listAPI{list: numbers(9), cap: 3, total: true, ignoreOffset: true}},
		{"knows no offsets, pages of one", &listAPI{list: numbers(6), cap: 1, total: true, ignoreOffset: true}},
		{"another list each time", &listAPI{list: numbers(10), cap: 3, total: true, before: func(call int, list []int) []int {
			for i := range list {
				list[i] += 100
			}
			return list
		}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := test.api.read(t, 3, false)
			if !errors.Is(err, legacyclient.ErrUnavailable) || !errors.Is(err, errRestless) {
				t.Errorf("reading = %v after %d calls, want that the list is restless", err, test.api.calls)
			}
			if test.api.calls > 4*maxBacks {
				t.Errorf("%d calls", test.api.calls)
			}
		})
	}
}
