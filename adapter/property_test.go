package adapter_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hostscim/adapter"
	"hostscim/mapping"
)

var (
	propertySeed  = flag.Uint64("property.seed", 1, "seed of the property test; 0: another one each time")
	propertyCases = flag.Int("property.cases", 0, "filters of the property test; 0: 20,000, with -short or -race 2,000")
)

// world is one run: a legacy API and what is asked of the adapter before it.
type world struct {
	shape         shape
	users, groups []record
	members       map[string][]string
	steps         []step
}

// step is one query, or one write.
type step struct {
	do     string // query, create, rename, remove, wait, or behind the adapter's back change and oust
	kind   string // User or Group
	filter *expr
	// of a query
	only, except    []string
	sortBy, order   string
	start, count    int    // of the window beside the whole; 0: none
	cursor          int    // the page size of a walk by cursor; 0: none
	membership      bool   // the filter asks whether a user is in a group
	post            bool   // ask by POST .search
	shifts          uint64 // the seed of what changes between two calls; 0: nothing
	name, attribute string // of a write: the new value
	target          int    // of a write: which record
	wait            time.Duration
}

// tally counts what came of the filters.
type tally struct {
	sync.Mutex
	cases, exact, refused, shifted, calls int
}

// TestPropertyFilters holds that the answer to a filter is what matches, all
// of it and nothing else, or a refusal.
func TestPropertyFilters(t *testing.T) {
	t.Parallel()
	seed, cases := *propertySeed, *propertyCases
	if seed == 0 {
		seed = rand.Uint64()
	}
	if cases == 0 {
		cases = 20_000
		if testing.Short() || withRace() {
			cases = 2_000
		}
	}
	t.Logf("go test ./adapter -run TestPropertyFilters -property.seed=%d", seed)
	var sum tally
	var wait sync.WaitGroup
	var next sync.Mutex
	n := uint64(0)
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for {
				next.Lock()
				n++
				i := n
				next.Unlock()
				sum.Lock()
				done := sum.cases >= cases
				sum.Unlock()
				if done || t.Failed() {
					return
				}
				w := newWorld(rand.New(rand.NewPCG(seed, i)))
				if fault := w.run(&sum); fault != "" {
					fault = shrink(w, fault)
					t.Errorf("world %d of seed %d:\n%s", i, seed, fault)
				}
			}
		})
	}
	wait.Wait()
	t.Logf("%d filters: %d answered exactly (%d of them while the list was shifting), %d refused (%.1f %%), %.1f legacy calls on average",
		sum.cases, sum.exact, sum.shifted, sum.refused, 100*float64(sum.refused)/float64(sum.cases), float64(sum.calls)/float64(sum.cases))
	if !t.Failed() && 5*sum.refused > sum.cases {
		t.Errorf("%d of %d filters were refused, which proves little", sum.refused, sum.cases)
	}
}

// session is a world at work.
type session struct {
	*world
	d       *directory
	handler http.Handler
	sum     *tally
}

// run plays the world and returns what is wrong, or "".
func (w *world) run(sum *tally) string {
	d := &directory{shape: w.shape, members: maps.Clone(w.members), clock: time.Unix(1_700_000_000, 0), next: 1000}
	d.users = store{now: slices.Clone(w.users), index: slices.Clone(w.users)}
	d.groups = store{now: slices.Clone(w.groups), index: slices.Clone(w.groups)}
	config, err := mapping.Load("world.yaml", []byte(w.shape.profile()), mapping.Sources{})
	if err != nil {
		return err.Error() + w.shape.profile()
	}
	server, err := adapter.New(adapter.Options{Config: config, Transport: d})
	if err != nil {
		return err.Error()
	}
	server.SetClock(func() time.Time { return d.clock })
	s := session{w, d, server.Handler(), sum}
	for i := range w.steps {
		d.calls = nil
		if fault := s.step(&w.steps[i]); fault != "" {
			return fmt.Sprintf("step %d: %s\n%s", i+1, fault, s.describe(i))
		}
	}
	return ""
}

func (s *session) step(p *step) string {
	if p.do == "query" {
		return s.query(p)
	}
	return s.write(p)
}

// call makes one request of the adapter.
func (s *session) call(method, path string, body any) (int, map[string]any) {
	text, _ := json.Marshal(body)
	req := httptest.NewRequest(method, scimBase+path, strings.NewReader(string(text)))
	req.Header.Set("Authorization", "Bearer t")
	if body != nil {
		req.Header.Set("Content-Type", "application/scim+json")
	}
	rec := httptest.NewRecorder()
	s.handler.ServeHTTP(rec, req)
	var answer map[string]any
	if err := json.Unmarshal(rec.Body.Bytes(), &answer); err != nil && rec.Body.Len() > 0 {
		return rec.Code, map[string]any{"detail": "no JSON: " + rec.Body.String()}
	}
	return rec.Code, answer
}

// ask makes the query with some more parameters.
func (s *session) ask(p *step, more ...string) (int, map[string]any) {
	q := url.Values{}
	body := map[string]any{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
			body[name] = value
		}
	}
	if p.filter != nil {
		set("filter", p.filter.String())
	}
	set("attributes", strings.Join(p.only, ","))
	set("excludedAttributes", strings.Join(p.except, ","))
	set("sortBy", p.sortBy)
	set("sortOrder", p.order)
	for i := 0; i < len(more); i += 2 {
		q.Set(more[i], more[i+1])
		body[more[i]] = more[i+1]
	}
	if p.post {
		return s.call("POST", "/"+p.kind+"s/.search", body)
	}
	return s.call("GET", "/"+p.kind+"s?"+q.Encode(), nil)
}

// query asks for the whole, compares it, and then for parts of it.
func (s *session) query(p *step) string {
	before := s.d.total
	want := s.expect(p)
	var shifted *shifting
	if p.shifts != 0 {
		shifted = newShifting(s.d, p)
	}
	s.d.shown = map[string]bool{}
	status, answer := s.ask(p, "count", "1000")
	s.d.before = nil
	refused := status == 400 && (answer["scimType"] == "tooMany" || answer["scimType"] == "invalidFilter")
	s.sum.Lock()
	s.sum.cases++
	s.sum.calls += s.d.total - before
	if refused {
		s.sum.refused++
	} else if s.sum.exact++; shifted != nil && shifted.n > 0 {
		s.sum.shifted++
	}
	s.sum.Unlock()
	switch {
	case refused && (s.shape.NoList || s.shape.ScanLimit < 1000):
		return ""
	case status != 200:
		return fmt.Sprintf("status %d %v, want 200", status, answer)
	case p.filter != nil && len(s.d.shown) > s.shape.ScanLimit:
		return fmt.Sprintf("%d records were read, want a refusal above %d", len(s.d.shown), s.shape.ScanLimit)
	}
	list, _ := answer["Resources"].([]any)
	if total := answer["totalResults"]; total != float64(len(list)) {
		return fmt.Sprintf("totalResults %v of %d resources", total, len(list))
	}
	if shifted != nil {
		return shifted.check(list, want)
	}
	if fault := s.compare(p, list, want); fault != "" {
		return fault
	}
	if fault := s.window(p, list); fault != "" {
		return fault
	}
	return s.walk(p, list)
}

// expect returns the resources that match, whole, in the order of the list.
func (s *session) expect(p *step) []map[string]any {
	var want []map[string]any
	for _, r := range s.d.storeOf(p.kind).now {
		if whole := s.d.resource(p.kind, r); p.filter == nil || p.filter.matches(whole) {
			want = append(want, whole)
		}
	}
	return want
}

func (s *session) compare(p *step, list []any, want []map[string]any) string {
	whole := map[string]map[string]any{}
	for _, w := range want {
		whole[w["id"].(string)] = w
	}
	for i, got := range list {
		id, _ := got.(map[string]any)["id"].(string)
		w := whole[id]
		if w == nil {
			return fmt.Sprintf("extra or doubled resource %q in %s", id, idsOf(list))
		}
		delete(whole, id)
		if got, want := tidy(got), project(w, p.only, p.except); !reflect.DeepEqual(got, any(want)) {
			return fmt.Sprintf("resource %v,\nwant %v", got, want)
		}
		if i > 0 && p.sortBy != "" {
			last := want[slices.IndexFunc(want, func(w map[string]any) bool { return w["id"] == list[i-1].(map[string]any)["id"] })]
			c := compareBy(p.sortBy, last, w)
			if p.order == "descending" {
				c = -c
			}
			if c > 0 {
				return fmt.Sprintf("%v before %v in the order of %s", last, w, p.sortBy)
			}
		}
	}
	for id := range whole {
		return fmt.Sprintf("resource %q is missing from %s", id, idsOf(list))
	}
	return ""
}

func idsOf(list []any) string {
	var ids []string
	for _, r := range list {
		ids = append(ids, fmt.Sprint(r.(map[string]any)["id"]))
	}
	return "[" + strings.Join(ids, " ") + "]"
}

// window asks for a part by startIndex and count.
func (s *session) window(p *step, list []any) string {
	if p.start == 0 {
		return ""
	}
	status, answer := s.ask(p, "startIndex", strconv.Itoa(p.start), "count", strconv.Itoa(p.count))
	part, _ := answer["Resources"].([]any)
	from := min(p.start-1, len(list))
	want := list[from:min(from+p.count, len(list))]
	if status != 200 || answer["totalResults"] != float64(len(list)) || len(part) != len(want) || len(want) > 0 && !reflect.DeepEqual(part, want) {
		return fmt.Sprintf("window %d+%d = %d %v, want %s of %s", p.start, p.count, status, answer, idsOf(want), idsOf(list))
	}
	return ""
}

// walk reads the list by cursor, page by page.
func (s *session) walk(p *step, list []any) string {
	if p.cursor == 0 {
		return ""
	}
	var all []any
	for cursor := ""; ; {
		status, answer := s.ask(p, "cursor", cursor, "count", strconv.Itoa(p.cursor))
		part, _ := answer["Resources"].([]any)
		if all = append(all, part...); status != 200 || len(part) > p.cursor || len(all) > len(list) {
			return fmt.Sprintf("cursor %q = %d %v after %s", cursor, status, answer, idsOf(all))
		}
		if cursor, _ = answer["nextCursor"].(string); cursor == "" {
			break
		}
	}
	if len(all) != len(list) || len(all) > 0 && !reflect.DeepEqual(all, list) {
		return fmt.Sprintf("by cursor %s, want %s", idsOf(all), idsOf(list))
	}
	return ""
}

// withRace reports whether the race detector is at work.
func withRace() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}
