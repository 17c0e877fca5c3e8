package legacyclient

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// listServer answers GET /hosts with a slice of the list that hosts returns at
// each call, in pages of at most limit.
type listServer struct {
	hosts func(call int) int // the length of the list as of this call
	limit int
	total bool
}

func (l listServer) serve(t *testing.T) (*server, *[]string) {
	t.Helper()
	var queries []string
	s := newServer(t, nil)
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		queries = append(queries, r.URL.RawQuery)
		n := l.hosts(int(s.calls.Add(1)))
		offset, _ := strconv.Atoi(r.FormValue("offset"))
		limit, _ := strconv.Atoi(r.FormValue("limit"))
		var items []string
		for i := offset; i < min(n, offset+min(limit, l.limit)); i++ {
			items = append(items, fmt.Sprintf(`{"id":%d}`, i))
		}
		body := `{"hosts":[` + strings.Join(items, ",") + `]`
		if l.total {
			body += fmt.Sprintf(`,"pagination":{"total_records":%d}`, n)
		}
		writeJSON(w, 200, body+"}")
	})
	return s, &queries
}

func TestPages(t *testing.T) {
	fixed := func(n int) func(int) int { return func(int) int { return n } }
	tests := []struct {
		name   string
		list   listServer
		offset int
		want   int // records, counted from offset on without a gap
		calls  int
	}{
		{"one page", listServer{fixed(3), 100, true}, 0, 3, 1},
		{"empty", listServer{fixed(0), 100, true}, 0, 0, 1},
		{"exact pages", listServer{fixed(20), 100, true}, 0, 20, 2},
		{"last page short", listServer{fixed(25), 100, true}, 0, 25, 3},
		{"API cuts the limit", listServer{fixed(25), 4, true}, 0, 25, 7},
		{"from an offset", listServer{fixed(25), 100, true}, 12, 13, 2},
		{"from beyond the end", listServer{fixed(25), 100, true}, 99, 0, 1},
		{"no total", listServer{fixed(25), 100, false}, 0, 25, 4},
		{"no total, cut", listServer{fixed(9), 4, false}, 0, 9, 4},
		{"no total, empty", listServer{fixed(0), 100, false}, 0, 0, 1},
		{"shrinks", listServer{func(call int) int { return 40 - 10*call }, 100, true}, 0, 20, 2},
		{"shrinks below the offset", listServer{func(call int) int { return map[int]int{1: 30, 2: 5}[call] }, 100, true}, 0, 10, 2},
		{"grows", listServer{func(call int) int { return map[int]int{1: 15, 2: 25, 3: 25}[call] }, 100, true}, 0, 25, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, queries := tt.list.serve(t)
			o := s.options(t)
			ep := compile(t, Endpoint{Method: "GET", Path: "/hosts", Items: "hosts", Total: "pagination.total_records",
				Paging: Paging{Style: PagingOffset, Limit: 10}})
			n := 0
			for page, err := range newClient(t, o).Pages(t.Context(), ep, nil, tt.offset) {
				if err != nil {
					t.Fatal(err)
				}
				if page.Offset != tt.offset+n {
					t.Errorf("page at %d, want %d", page.Offset, tt.offset+n)
				}
				for _, r := range page.Records {
					if want := fmt.Sprintf(`{"id":%d}`, tt.offset+n); string(r) != want {
						t.Fatalf("record %s, want %s", r, want)
					}
					n++
				}
			}
			if n != tt.want || len(*queries) != tt.calls {
				t.Errorf("%d records in %d calls, want %d in %d: %q", n, len(*queries), tt.want, tt.calls, *queries)
			}
		})
	}
}

func TestPagesBreak(t *testing.T) {
	s, queries := listServer{func(int) int { return 50 }, 100, true}.serve(t)
	ep := compile(t, Endpoint{Method: "GET", Path: "/hosts", Items: "hosts", Paging: Paging{Style: PagingOffset, Limit: 10}})
	for range newClient(t, s.options(t)).Pages(t.Context(), ep, nil, 0) {
		break
	}
	if len(*queries) != 1 {
		t.Errorf("%d calls after break, want 1", len(*queries))
	}
}

// TestPagesEnd holds that a list without an end is an error and not a loop.
func TestPagesEnd(t *testing.T) {
	ep := compile(t, Endpoint{Method: "GET", Path: "/hosts", Items: "", Paging: Paging{Style: PagingOffset}})
	tests := []struct {
		name string
		api  memory
		want error
	}{
		{"ignores the offset", func(int, *http.Request) (*http.Response, error) { return answer(200, `[{"id":1},{"id":2}]`), nil }, errSamePage},
		{"goes on for ever", func(n int, _ *http.Request) (*http.Response, error) {
			return answer(200, fmt.Sprintf(`[{"id":%d}]`, n)), nil
		}, errNoEnd},
		{"breaks down", func(n int, _ *http.Request) (*http.Response, error) {
			if n > 3 {
				return answer(200, `<html>`), nil
			}
			return answer(200, fmt.Sprintf(`[{"id":%d}]`, n)), nil
		}, errNotJSON},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newClient(t, memoryOptions(t, &memoryTransport{f: tt.api}))
			c.maxPages = 20
			var last error
			for _, err := range c.Pages(t.Context(), ep, nil, 0) {
				if last != nil {
					t.Fatal("Pages() goes on after an error")
				}
				last = err
			}
			if last == nil || !strings.Contains(last.Error(), tt.want.Error()) {
				t.Errorf("Pages() = %v, want %v", last, tt.want)
			}
		})
	}
}

func TestPageEnvelope(t *testing.T) {
	tests := []struct {
		name, items, total, body string
		want                     []string
		wantTotal                int
		wantErr                  error
	}{
		{"vendor", "hosts", "pagination.total_records", `{"hosts":[{"id":1},{"id":2}],"pagination":{"total_records":2,"next_offset":null}}`, []string{`{"id":1}`, `{"id":2}`}, 2, nil},
		{"total first", "hosts", "meta.total", `{"meta":{"total":7},"hosts":[{"id":1}]}`, []string{`{"id":1}`}, 7, nil},
		{"bare array", "", "", ` [ {"id": 1} , {} ] `, []string{`{"id": 1}`, `{}`}, -1, nil},
		{"nested, shared way", "data.items", "data.total", `{"x":[1],"data":{"y":{},"items":[{}],"total":1}}`, []string{`{}`}, 1, nil},
		{"escaped name", "hosts", "", `{"h\u006fsts":[{"id":1}]}`, []string{`{"id":1}`}, -1, nil},
		{"byte order mark", "", "", "\xEF\xBB\xBF[{}]", []string{`{}`}, -1, nil},
		{"duplicate names", "hosts", "", `{"hosts":[{"id":1}],"hosts":[{"id":2,"id":3}]}`, []string{`{"id":2,"id":3}`}, -1, nil},
		{"invalid UTF-8", "hosts", "", "{\"hosts\":[{\"n\":\"\xff\"}]}", []string{"{\"n\":\"\xff\"}"}, -1, nil},
		{"total as text", "h", "t", `{"h":[{}],"t":"12"}`, []string{"{}"}, 12, nil},
		{"total with point", "h", "t", `{"h":[{}],"t":12.0}`, []string{"{}"}, 12, nil},
		{"nothing, but the total says otherwise", "h", "t", `{"h":[],"t":5}`, nil, 0, errNoRecords},
		{"total null", "h", "t", `{"h":[],"t":null}`, nil, -1, nil},
		{"total negative", "h", "t", `{"h":[],"t":-3}`, nil, -1, nil},
		{"total huge", "h", "t", `{"h":[],"t":1e300}`, nil, -1, nil},
		{"total missing", "h", "t", `{"h":[]}`, nil, -1, nil},
		{"null is empty if the total agrees", "h", "t", `{"h":null,"t":0}`, nil, 0, nil},
		{"null is not empty", "h", "t", `{"h":null,"t":3}`, nil, 0, errNoList},
		{"null without total", "h", "", `{"h":null}`, nil, 0, errNoList},
		{"no list", "hosts", "", `{"error":"maintenance"}`, nil, 0, errNoList},
		{"no list, total zero", "hosts", "t", `{"t":0}`, nil, 0, errNoList},
		{"object for list", "hosts", "", `{"hosts":{"id":1}}`, nil, 0, errNoList},
		{"array for envelope", "hosts", "", `[{"id":1}]`, nil, 0, errNoList},
		{"envelope for array", "", "", `{"hosts":[]}`, nil, 0, errNoList},
		{"scalar record", "", "", `[{"id":1},2]`, nil, 0, errNotObject},
		{"null record", "", "", `[null]`, nil, 0, errNotObject},
		{"truncated", "hosts", "", `{"hosts":[{"id":1}`, nil, 0, errors.New("answer is cut short")},
		{"missing comma", "hosts", "", `{"hosts":[{} {}]}`, nil, 0, errNotJSON},
		{"trailing bytes", "hosts", "", `{"hosts":[]} x`, nil, 0, errNotJSON},
		{"html", "hosts", "", `<html>`, nil, 0, errNotJSON},
		{"empty", "hosts", "", ``, nil, 0, errEmptyAnswer},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &memoryTransport{f: func(int, *http.Request) (*http.Response, error) { return answer(200, tt.body), nil }}
			ep := compile(t, Endpoint{Method: "GET", Path: "/hosts", Items: tt.items, Total: tt.total, Paging: Paging{Style: PagingOffset}})
			got, err := newClient(t, memoryOptions(t, m)).Page(t.Context(), ep, nil, 0, 0)
			if tt.wantErr != nil {
				if !errors.Is(err, ErrUnavailable) || !strings.HasSuffix(err.Error(), ": "+tt.wantErr.Error()) {
					t.Errorf("Page() = %v, want ErrUnavailable: %v", err, tt.wantErr)
				}
				return
			}
			if err != nil || got.Total != tt.wantTotal {
				t.Fatalf("Page() = total %d, %v, want %d", got.Total, err, tt.wantTotal)
			}
			var records []string
			for _, r := range got.Records {
				records = append(records, string(r))
			}
			if diff := cmp.Diff(tt.want, records); diff != "" {
				t.Errorf("Page() differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPageWithoutPaging(t *testing.T) {
	m := &memoryTransport{f: func(int, *http.Request) (*http.Response, error) {
		return answer(200, `{"h":[{"id":0},{"id":1},{"id":2}],"t":3,"short":9}`), nil
	}}
	c := newClient(t, memoryOptions(t, m))
	ep := compile(t, Endpoint{Method: "GET", Path: "/hosts", Items: "h", Total: "t"})
	for _, tt := range []struct{ offset, limit, first, n int }{
		{0, 0, 0, 3}, {1, 0, 1, 2}, {1, 1, 1, 1}, {3, 0, 0, 0}, {9, 9, 0, 0}, {-4, 2, 0, 2},
	} {
		got, err := c.Page(t.Context(), ep, nil, tt.offset, tt.limit)
		if err != nil || len(got.Records) != tt.n || got.Total != 3 {
			t.Errorf("Page(%d, %d) = %d records of %d, %v, want %d of 3", tt.offset, tt.limit, len(got.Records), got.Total, err, tt.n)
		}
		if tt.n > 0 && string(got.Records[0]) != fmt.Sprintf(`{"id":%d}`, tt.first) {
			t.Errorf("Page(%d, %d) begins with %s", tt.offset, tt.limit, got.Records[0])
		}
	}
	n := 0
	for _, err := range c.Pages(t.Context(), ep, nil, 1) {
		if n++; err != nil {
			t.Error(err)
		}
	}
	if n != 1 {
		t.Errorf("Pages() = %d pages, want 1", n)
	}
	ep = compile(t, Endpoint{Method: "GET", Path: "/hosts", Items: "h", Total: "short"})
	if _, err := c.Page(t.Context(), ep, nil, 0, 0); !errors.Is(err, ErrMisconfigured) {
		t.Errorf("Page() of a list that is paged after all = %v, want ErrMisconfigured", err)
	}
}

// FuzzPage holds that any answer is either refused or split into valid objects
// that lie in it.
func FuzzPage(f *testing.F) {
	for _, s := range []string{
		`{"hosts":[{"id":1},{"id":2}],"pagination":{"total_records":2}}`, `[]`, `[{}]`, `{"hosts":null,"pagination":{"total_records":0}}`,
		`{"hosts":[{"id":1}`, `{"hosts":[1]}`, `{"hosts":[],"hosts":[{}]}`, "{\"hosts\":[{\"a\":\"\xff\"}]}", `{"pagination":{"total_records":"9"},"hosts":[]}`,
		`<html>`, "\xEF\xBB\xBF[]", ``, `{"hosts":{"hosts":[{}]}}`, `{"pagination":[{"total_records":1}],"hosts":[{ }]}`,
		`{"hosts":[{"host":{"id":1}}],"pagination":{"next":"x"}}`,
	} {
		f.Add([]byte(s))
	}
	shapes := []shape{
		{items: []string{"hosts"}, total: []string{"pagination", "total_records"}, next: []string{"pagination", "next"}},
		{},
		{items: []string{"hosts", "hosts"}},
		{items: []string{"hosts"}, total: []string{"hosts"}},
		{items: []string{"hosts"}, each: []string{"host"}},
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, s := range shapes {
			page, err := parseList(body, &s)
			if err != nil {
				if len(page.records) > 0 {
					t.Error("records beside an error")
				}
				continue
			}
			if !validJSON(body) {
				t.Errorf("parseList accepts invalid JSON %q", body)
			}
			if page.total < -1 {
				t.Errorf("total = %d", page.total)
			}
			for _, r := range page.records {
				if len(r) < 2 || r[0] != '{' || !validJSON(r) {
					t.Errorf("record %q is no object", r)
				}
			}
		}
		format, _ := ErrorFormat{}.compile()
		for _, fault := range format.read(body) {
			if len([]rune(fault.Message)) > maxMessage {
				t.Errorf("message of %d bytes", len(fault.Message))
			}
		}
	})
}
