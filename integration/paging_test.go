package integration

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"hostscim/integration/harness"
	"hostscim/legacyclient/legacytest"
)

// page reads one page of users and returns their ids.
func (s *system) page(startIndex, count int) (ids []string, o object) {
	s.t.Helper()
	o = s.want(200, "GET", fmt.Sprintf("/Users?attributes=id&startIndex=%d&count=%d", startIndex, count), "").object(s.t)
	for i := range o.list("Resources") {
		ids = append(ids, o.text("Resources", i, "id"))
	}
	return ids, o
}

// TestPages pages as the gallery's test and Account Discovery do, and past
// the edges.
//
// cases: 62
func TestPages(t *testing.T) {
	legacy := newLegacy(t)
	for n := range 13 {
		legacy.AddHost(legacytest.Host{Username: fmt.Sprintf("page%02d@example.com", n), Visible: n%3 != 0})
	}
	s := start(t, config(t, "shipped"), legacy)
	for _, tt := range []struct {
		query               string
		first, last         int // ids; 0: none
		startIndex, perPage int
	}{
		{"startIndex=1&count=5", 1, 5, 1, 5},
		{"startIndex=6&count=5", 6, 10, 6, 5},
		{"startIndex=11&count=5", 11, 13, 11, 3},
		{"startIndex=13&count=5", 13, 13, 13, 1},
		{"startIndex=14&count=5", 0, 0, 14, 0},
		{"startIndex=1000000&count=5", 0, 0, 1000000, 0},
		{"count=0", 0, 0, 1, 0},
		{"startIndex=5&count=0", 0, 0, 5, 0},
		{"count=1&startIndex=1", 1, 1, 1, 1},
		// RFC 7644 section 3.4.2.4: below 1 is 1, and a negative count is 0.
		{"startIndex=0&count=2", 1, 2, 1, 2},
		{"startIndex=-7&count=2", 1, 2, 1, 2},
		{"startIndex=3&count=-1", 0, 0, 3, 0},
		{"startIndex=12", 12, 13, 12, 2},
		{"", 1, 13, 1, 13},
		{"count=100000", 1, 13, 1, 13},
		// A filter is paged too.
		{"filter=userName+sw+%22page%22&startIndex=6&count=5", 6, 10, 6, 5},
		{"filter=userName+sw+%22page%22&startIndex=99&count=5", 0, 0, 99, 0},
	} {
		o := s.want(200, "GET", "/Users?attributes=active&"+tt.query, "").object(t)
		if got := o.int("totalResults"); got != 13 {
			t.Errorf("%s: totalResults = %d, want 13", tt.query, got)
		}
		if got := o.int("startIndex"); got != tt.startIndex {
			t.Errorf("%s: startIndex = %d, want %d", tt.query, got, tt.startIndex)
		}
		if got := o.int("itemsPerPage"); got != tt.perPage {
			t.Errorf("%s: itemsPerPage = %d, want %d", tt.query, got, tt.perPage)
		}
		var want []string
		for id := tt.first; id > 0 && id <= tt.last; id++ {
			want = append(want, strconv.Itoa(id))
		}
		var got []string
		for i := range o.list("Resources") {
			got = append(got, o.text("Resources", i, "id"))
			if active, _ := o.at("Resources", i, "active").(bool); active != (len(got) > 0 && (tt.first+i-1)%3 != 0) {
				t.Errorf("%s: %s has active %v", tt.query, got[i], active)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: ids %q, want %q", tt.query, got, want)
		}
	}
	for _, query := range []string{"startIndex=one", "count=few", "count=1e3", "startIndex=99999999999999999999"} {
		if a := s.send("GET", "/Users?"+query, ""); a.status != 400 {
			t.Errorf("GET /Users?%s = %d %s, want 400", query, a.status, a.body)
		}
	}
}

// TestTenThousand lists a large directory twice, in small pages and in large
// ones: every id once, in one order, and in memory that does not grow with
// the directory.
func TestTenThousand(t *testing.T) {
	const hosts = 10000
	s := start(t, quick(t), newLegacy(t, legacytest.WithHosts(hosts)))
	list := func(count int) []string {
		var all []string
		for {
			ids, o := s.page(len(all)+1, count)
			if total := o.int("totalResults"); total != hosts {
				t.Fatalf("totalResults = %d, want %d", total, hosts)
			}
			if len(ids) == 0 {
				t.Fatalf("the page from %d on is empty", len(all)+1)
			}
			if all = append(all, ids...); len(all) >= hosts {
				return all
			}
		}
	}
	for range 20 {
		s.page(1, 100) // until the process has what it works with
	}
	before := memory(t, s.process)
	small := list(100)
	after := memory(t, s.process)
	large := list(1000)

	seen := make(map[string]bool, hosts)
	for _, id := range small {
		if seen[id] {
			t.Fatalf("id %s is listed twice", id)
		}
		seen[id] = true
	}
	if len(small) != hosts {
		t.Errorf("%d ids are listed, want %d", len(small), hosts)
	}
	if !slices.Equal(small, large) {
		t.Error("pages of 100 and of 1000 list the ids in different orders")
	}
	bound := 32 << 10
	if harness.Race() {
		bound *= 8
	}
	t.Logf("resident memory in kB: %v before, %v after", before, after)
	if grown := after["VmHWM"] - before["VmRSS"]; grown > bound {
		t.Errorf("memory grew by %d kB over %d hosts, want at most %d", grown, hosts, bound)
	}
}

var statusLine = regexp.MustCompile(`(?m)^(VmHWM|VmRSS):\s+(\d+) kB$`)

// memory returns what the system says of the memory of the process, in kB.
func memory(t *testing.T, p *harness.Process) map[string]int {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the memory of a process is read from /proc, which is Linux")
	}
	src, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID))
	if err != nil {
		t.Fatal(err)
	}
	sizes := make(map[string]int)
	for _, m := range statusLine.FindAllSubmatch(src, -1) {
		sizes[string(m[1])], err = strconv.Atoi(string(m[2]))
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(sizes) != 2 {
		t.Fatalf("/proc/%d/status does not tell VmHWM and VmRSS", p.PID)
	}
	return sizes
}
