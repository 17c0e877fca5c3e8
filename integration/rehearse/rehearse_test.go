package rehearse

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// rehearseAt runs a rehearsal against the endpoint and cleans up.
func rehearseAt(t *testing.T, e *endpoint, o Options) *Report {
	t.Helper()
	o.URL, o.Token = e.URL, fakeToken
	o.Sleep = func(time.Duration) {}
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	r.Run(t.Context())
	r.CleanUp(t.Context())
	return r.Report()
}

func kinds(r *Report) (list []string) {
	for _, f := range r.Findings {
		if !slices.Contains(list, f.Kind) {
			list = append(list, f.Kind)
		}
	}
	return list
}

func printed(r *Report) string {
	var b strings.Builder
	r.Write(&b)
	return b.String()
}

// residents are who must be there at the end, and nobody else.
var residents = []string{"resident.one@example.com", "resident.two@example.com", "resident.three@example.com", "Residents"}

var small = Options{Users: 6, Groups: 2, Members: 4}

// TestSound: an endpoint without a flaw has no findings, for any provider.
func TestSound(t *testing.T) {
	for _, profile := range Profiles() {
		t.Run(profile, func(t *testing.T) {
			e := newEndpoint(t, "")
			o := small
			o.Profile = profile
			report := rehearseAt(t, e, o)
			if report.Failed() {
				t.Errorf("the report on a sound endpoint is\n%s\nwant no findings", printed(report))
			}
			if got := e.inhabitants(); !slices.Equal(got, residents) {
				t.Errorf("after the run there are %q, want %q", got, residents)
			}
		})
	}
}

// TestFlaws: each breakage of the field that can be seen from outside is
// found. The numbers are those of the list of breakages.
func TestFlaws(t *testing.T) {
	for _, tt := range []struct {
		number int
		flaw   string
		kind   string // which must be among the findings
	}{
		{1, "active must be boolean", "disable"},
		{1, "active text ignored", "disable"},
		{1, "active text stored", "boolean-text"},
		{2, "capital verbs", "update"},
		{3, "remove empties", "remove-empties"},
		{4, "literal keys", "update"},
		{5, "no target", "update"},
		{6, "drops types", "type-dropped"},
		{7, "manager must be complex", "manager"},
		{8, "add of active ignored", "add-active"},
		{9, "members returned", "members-returned"},
		{10, "overtaking", "members-lost"},
		{12, "no groups", "probe-group"},
		{13, "no match is 404", "probe-user"},
		{14, "filters only userName", "match-other"},
		{15, "letter case", "case"},
		{16, "media type", "media-type"},
		{16, "media parameters", "media-refused"},
		{17, "firewall", "front-door"},
		{18, "no PATCH of groups", "verb"},
		{19, "duplicate is 500", "duplicate-status"},
		{19, "twins", "twin"},
		{20, "unsupported paths", "unsupported-blocks"},
		{23, "enterprise at the root", "enterprise-elsewhere"},
		{23, "formats phones", "reformatted"},
		{24, "hides inactive from filters", "hidden-inactive"},
		{24, "hides inactive by id", "hidden-inactive"},
		{24, "must be active", "disable-twice"},
		{25, "remove sets", "clear"},
		{26, "replaces name", "siblings"},
		{27, "URN paths", "update"},
		{28, "active is a string", "schemas-active"},
		{28, "no canonical values", "schemas-types"},
		{28, "no group schema", "schemas-group"},
		{28, "no schemas", "no-schemas"},
		{29, "flag", "flag-query"},
		{30, "strict", "lenient-create"},
		{31, "filtered removal ignored", "remove-ignored"},
		{0, "open door", "open-door"},
		{0, "no id", "no-id"},
		{0, "gives a resident", "other-name"},
		{0, "takes over", "twin"},
		{0, "ignores the filter", "filter-ignored"},
		{0, "keeps what is cleared", "clear"},
		{0, "name is fixed", "rename"},
		{0, "paging", "paging"},
		{0, "cannot delete", "verb"},
	} {
		t.Run(tt.flaw, func(t *testing.T) {
			e := newEndpoint(t, tt.flaw)
			report := rehearseAt(t, e, small)
			if got := kinds(report); !slices.Contains(got, tt.kind) {
				t.Errorf("an endpoint with the flaw %q has the findings %q, want %s among them", tt.flaw, got, tt.kind)
			}
			if !report.Failed() {
				t.Error("the report does not say that it failed")
			}
			for _, f := range report.Findings {
				if f.Title == "" || f.Seen == "" || f.Request == "" || f.Answer == "" || f.Next == "" || f.Mend == "" || strings.Contains(f.Next+f.Title+f.Mend, "PROVIDER") {
					t.Errorf("the finding lacks something: %+v", f)
				}
				if strings.Contains(f.Request+f.Answer, fakeToken) {
					t.Errorf("the finding tells the token: %+v", f)
				}
			}
			e.check(t, report)
		})
	}
}

// TestMixedMembers: an endpoint that does a part of Okta's requests about
// members is found out, though each operation alone would work.
func TestMixedMembers(t *testing.T) {
	e := newEndpoint(t, "one operation")
	o := small
	o.Profile = "okta"
	report := rehearseAt(t, e, o)
	if got := kinds(report); !slices.Contains(got, "mixed-members") {
		t.Errorf("the findings are %q, want mixed-members among them\n%s", got, printed(report))
	}
	e.check(t, report)
}

// check holds the endpoint to having no more than its residents, untouched,
// but for what the report names as left behind.
func (e *endpoint) check(t *testing.T, report *Report) {
	t.Helper()
	got := e.inhabitants()
	for _, name := range residents {
		if !slices.Contains(got, name) {
			t.Errorf("the resident %q is gone", name)
		}
	}
	if extra := len(got) - len(residents); extra != len(report.Left) {
		t.Errorf("%d are left behind (%q), and the report names %q", extra, got, report.Left)
	}
	for _, id := range e.writes {
		if slices.Contains([]string{"fake-1", "fake-2", "fake-3", "fake-4"}, id) {
			t.Errorf("the resident %s was written to", id)
		}
	}
}

// TestLargeFlaws: flaws that show in a large directory only.
func TestLargeFlaws(t *testing.T) {
	e := newEndpoint(t, "first 1000")
	for i := range 1000 {
		e.users = append(e.users, object{"id": e.id(), "userName": fmt.Sprintf("resident%d@example.com", i), "active": true})
	}
	report := rehearseAt(t, e, Options{Users: 2, Dialect: "legacy"})
	if got := kinds(report); !slices.Contains(got, "match-lost") {
		t.Errorf("an endpoint that searches its first page has the findings %q, want match-lost", got)
	}
	e = newEndpoint(t, "first 100 members")
	report = rehearseAt(t, e, Options{Users: 120, Groups: 1, Members: 120, Dialect: "compliant", InFlight: 1})
	if got := kinds(report); !slices.Contains(got, "members-lost") {
		t.Errorf("an endpoint that changes the first page of members has the findings %q, want members-lost", got)
	}
}

// TestThrottled: 429 is tried again, and found where it comes too early.
func TestThrottled(t *testing.T) {
	e := newEndpoint(t, "throttles")
	if report := rehearseAt(t, e, small); report.Failed() {
		t.Errorf("without a rate the report is\n%s\nwant no findings: what was refused is tried again", printed(report))
	}
	e = newEndpoint(t, "throttles")
	report := rehearseAt(t, e, Options{Users: 2, Rate: 25, Dialect: "legacy"})
	if got := kinds(report); !slices.Equal(got, []string{"throttled"}) {
		t.Errorf("at 25 requests a second the findings are %q, want throttled", got)
	}
}

// TestReadOnly: nothing is written.
func TestReadOnly(t *testing.T) {
	e := newEndpoint(t, "")
	report := rehearseAt(t, e, Options{Users: 6, Groups: 2, Members: 4, ReadOnly: true})
	if report.Failed() || len(e.writes) != 0 || report.Requests < 5 {
		t.Errorf("read-only: %d requests, writes %q, report\n%s", report.Requests, e.writes, printed(report))
	}
}

// TestInterrupted: what was made goes away when the run is cut off in the
// middle.
func TestInterrupted(t *testing.T) {
	for _, after := range []int{9, 40, 90, 200} {
		e := newEndpoint(t, "")
		o := small
		o.URL, o.Token = e.URL, fakeToken
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		o.Progress = func(Progress) {
			e.mu.Lock()
			defer e.mu.Unlock()
			if e.calls > after {
				cancel()
			}
		}
		r, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		r.Run(ctx)
		r.CleanUp(t.Context())
		report := r.Report()
		if report.Stopped == "" || len(report.Findings) > 0 || len(report.Left) > 0 {
			t.Errorf("cut off after %d requests, the report is\n%s\nwant no findings and nothing left", after, printed(report))
		}
		if got := e.inhabitants(); !slices.Equal(got, residents) {
			t.Errorf("cut off after %d requests, there are %q, want %q", after, got, residents)
		}
	}
}

// TestLeftBehind: what a clean-up that was cut off did not remove is named.
func TestLeftBehind(t *testing.T) {
	e := newEndpoint(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	o := small
	o.URL, o.Token = e.URL, fakeToken
	o.Progress = func(p Progress) {
		if p.Step == "match users again" {
			cancel()
		}
	}
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	r.Run(ctx)
	r.CleanUp(ctx)
	report := r.Report()
	if len(report.Left) != small.Users || !report.Failed() {
		t.Errorf("%q is named as left behind, want %d users", report.Left, small.Users)
	}
	e.check(t, report)
	for range 30 {
		report.Left = append(report.Left, "/Users/more")
	}
	if short := report.LeftShort(); len(short) != maxLeft+1 || short[maxLeft] != "and 16 more, which the JSON report names" {
		t.Errorf("LeftShort() = %q, want %d and how many more", short, maxLeft)
	}
}
