package adapter_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hostscim/legacyclient/legacytest"
)

// keyless makes the shipped profile one of an API that knows no idempotency
// keys.
var keyless = []string{
	"create: {request: POST /hosts, idempotent: true, unique: legacy}", "create: {request: POST /hosts, unique: legacy}",
}

// adapterUnique makes it one of an API that would take a name twice as well.
var adapterUnique = []string{
	"create: {request: POST /hosts, idempotent: true, unique: legacy}", "create: {request: POST /hosts, unique: adapter}",
}

// TestCreateWithoutKey is law 3 where the API executes a repeated POST twice:
// after a try that may have been executed the record is looked for, and only
// what did not land is sent again.
func TestCreateWithoutKey(t *testing.T) {
	post := func(kind legacytest.Kind) legacytest.Fault {
		return legacytest.Fault{Kind: kind, Route: "POST /hosts", Count: 1}
	}
	committed := func(kind legacytest.Kind) legacytest.Fault {
		f := post(kind)
		f.Committed = true
		return f
	}
	with := func(f legacytest.Fault, change func(*legacytest.Fault)) legacytest.Fault {
		change(&f)
		return f
	}
	const create, look, read = "POST /hosts", "GET /hosts", "GET /hosts/1"
	for _, tt := range []struct {
		name   string
		faults []legacytest.Fault
		edits  []string
		before *legacytest.Host // who is there
		status int
		calls  []string
	}{
		{"the answer is lost", []legacytest.Fault{committed(legacytest.Reset)}, nil, nil, 201, []string{create, look, read}},
		{"an error for work that is done", []legacytest.Fault{committed(legacytest.Error)}, nil, nil, 201, []string{create, look, read}},
		{"a page for work that is done", []legacytest.Fault{committed(legacytest.HTML)}, nil, nil, 201, []string{create, look, read}},
		{"half an answer", []legacytest.Fault{post(legacytest.Cut)}, nil, nil, 201, []string{create, look, read}},
		{"no answer in time, but done", []legacytest.Fault{committed(legacytest.Hang)}, nil, nil, 201, []string{create, look, read}},
		{"broken off before", []legacytest.Fault{post(legacytest.Reset)}, nil, nil, 201, []string{create, look, create}},
		{"an error before", []legacytest.Fault{post(legacytest.Error)}, nil, nil, 201, []string{create, look, create}},
		{"it fails twice", []legacytest.Fault{with(post(legacytest.Error), func(f *legacytest.Fault) { f.Count = 2 })}, nil, nil, 201, []string{create, look, create, look, create}},
		{"it lands at the second try", []legacytest.Fault{with(post(legacytest.Reset), func(f *legacytest.Fault) { f.Nth = 1 }), with(committed(legacytest.Reset), func(f *legacytest.Fault) { f.Nth = 2 })}, nil, nil, 201, []string{create, look, create, look, read}},
		{"it fails for good", []legacytest.Fault{with(post(legacytest.Error), func(f *legacytest.Fault) { f.Count = 0 })}, nil, nil, 503, []string{create, look, create, look, create, look, create, look}},
		{"no answer in time", []legacytest.Fault{post(legacytest.Hang)}, nil, nil, 504, []string{create, look}}, // it may be done yet
		{"a gateway's time is over", []legacytest.Fault{with(post(legacytest.Error), func(f *legacytest.Fault) { f.Status = 504 })}, nil, nil, 503, []string{create, look}},
		{"asked to wait", []legacytest.Fault{with(post(legacytest.Error), func(f *legacytest.Fault) { f.Status, f.RetryAfter = 503, "9" })}, nil, nil, 503, []string{create, look}},
		{"the look-up fails", []legacytest.Fault{post(legacytest.Reset), {Kind: legacytest.HTML, Route: "GET /hosts"}}, nil, nil, 503, []string{create, look, look, look, look}},
		{"the search may be behind", []legacytest.Fault{post(legacytest.Reset)}, []string{"filter: userName eq, request: GET /hosts, query: {query: \"{value}\"}, returns: superset", "filter: userName eq, request: GET /hosts, query: {query: \"{value}\"}, returns: superset, lag: 5s"}, nil, 503, []string{create, look}},
		{"the name is another's", []legacytest.Fault{post(legacytest.Reset)}, nil, new(host("noa")), 409, []string{create, look, read}},
		{"refused for good", []legacytest.Fault{with(post(legacytest.Error), func(f *legacytest.Fault) { f.Status = 422 })}, nil, nil, 400, []string{create}},
		{"throttled", []legacytest.Fault{post(legacytest.Throttle)}, nil, nil, 201, []string{create, create}}, // was not executed
	} {
		t.Run(tt.name, func(t *testing.T) {
			edits := slices.Concat(keyless, []string{"  timeout: 10s", "  timeout: 150ms"}, tt.edits)
			f := start(t, setup{edits: edits, legacy: []legacytest.Option{legacytest.WithFaults(tt.faults...)}})
			if tt.before != nil {
				f.api.AddHost(*tt.before)
			}
			a := f.call("POST", "/Users", noa)
			if a.status != tt.status {
				t.Errorf("POST /Users = %d %s, want %d", a.status, a.body, tt.status)
			}
			if a.status == 201 && a.value(t).Get("id").Text() != "1" {
				t.Errorf("POST /Users = %s, want the id 1", a.body)
			}
			f.wantCalls(tt.calls...)
			if n := len(f.api.Hosts()); n > 1 {
				t.Errorf("%d hosts, want one at most", n)
			}
			f.api.ClearFaults()
			if a.status != 201 {
				return
			}
			f.want(409, "POST", "/Users", noa)
		})
	}
}

// TestLandedLate: a try that is executed after we looked is found when the
// next try is told that the name is taken.
func TestLandedLate(t *testing.T) {
	var f *fixture
	posts := 0
	f = start(t, setup{edits: keyless, before: func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != "POST" {
			return false
		}
		if posts++; posts == 1 {
			reset(w, r)
			return true
		}
		f.api.AddHost(legacytest.Host{Username: "noa@example.com", FirstName: "Noa", LastName: "Lindqvist", Email: "noa.l@example.com", Visible: true})
		return false
	}})
	if a := f.want(201, "POST", "/Users", noa); posts != 2 || a.value(t).Get("id").Text() != "1" {
		t.Errorf("POST /Users = %s after %d calls, want the id 1 after 2", a.body, posts)
	}
}

// TestNameIsGivenOnce: of creates of one name that come at the same time, one
// succeeds, also where only the adapter keeps names apart.
func TestNameIsGivenOnce(t *testing.T) {
	f := start(t, setup{edits: adapterUnique, legacy: []legacytest.Option{
		legacytest.WithLatency(2 * time.Millisecond), legacytest.WithDuplicateNames(),
	}})
	var group sync.WaitGroup
	statuses := make([]int, 8)
	for i := range statuses {
		group.Go(func() {
			name := "noa@example.com"
			if i%2 == 1 {
				name = strings.ToUpper(name)
			}
			if a, err := f.try("POST", f.url+base+"/Users", strings.Replace(noa, "noa@example.com", name, 1)); err == nil {
				statuses[i] = a.status
			}
		})
	}
	group.Wait()
	slices.Sort(statuses)
	if want := []int{201, 409, 409, 409, 409, 409, 409, 409}; !slices.Equal(statuses, want) {
		t.Errorf("statuses %v, want %v", statuses, want)
	}
	if n := len(f.api.Hosts()); n != 1 {
		t.Errorf("%d hosts, want 1", n)
	}
}
