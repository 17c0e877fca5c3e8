package adapter

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// TestLately plays writes and looks, each at a time in seconds, with a lag of
// ten.
func TestLately(t *testing.T) {
	kai, sam := name{"userName", fold("kai@example.com")}, name{"userName", fold("sam@example.com")}
	mail := name{`emails[type eq "work"].value`, fold("kai@example.com")}
	type event struct {
		at    int
		id    string // of a write; "" for a look
		names []name
	}
	for _, test := range []struct {
		name   string
		lag    int
		events []event
		at     int
		of     name
		want   []string // the ids for the name
		known  []string // the ids that were written lately
	}{
		{"nothing was written", 10, nil, 0, kai, nil, nil},
		{"just written", 10, []event{{0, "1", []name{kai}}}, 0, kai, []string{"1"}, []string{"1"}},
		{"at the end of the lag", 10, []event{{0, "1", []name{kai}}}, 10, kai, []string{"1"}, []string{"1"}},
		{"after the lag", 10, []event{{0, "1", []name{kai}}}, 11, kai, nil, nil},
		{"no lag", 0, []event{{0, "1", []name{kai}}}, 0, kai, nil, nil},
		{"another name", 10, []event{{0, "1", []name{kai}}}, 1, sam, nil, []string{"1"}},
		{"the same value of another attribute", 10, []event{{0, "1", []name{mail}}}, 1, kai, nil, []string{"1"}},
		{"of several names", 10, []event{{0, "1", []name{mail, kai}}}, 1, kai, []string{"1"}, []string{"1"}},
		{"two of one name", 10, []event{{0, "1", []name{kai}}, {5, "2", []name{kai}}}, 6, kai, []string{"1", "2"}, []string{"1", "2"}},
		{"the first of two is over", 10, []event{{0, "1", []name{kai}}, {5, "2", []name{kai}}}, 12, kai, []string{"2"}, []string{"2"}},
		{"renamed: a hint at the old name stays", 10, []event{{0, "1", []name{kai}}, {5, "1", []name{sam}}}, 6, kai, []string{"1"}, []string{"1"}},
		{"renamed: the old name ends first", 10, []event{{0, "1", []name{kai}}, {5, "1", []name{sam}}}, 12, kai, nil, []string{"1"}},
		{"renamed: the new name stays", 10, []event{{0, "1", []name{kai}}, {5, "1", []name{sam}}}, 12, sam, []string{"1"}, []string{"1"}},
		{"written twice", 10, []event{{0, "1", []name{kai}}, {5, "1", []name{kai}}}, 12, kai, []string{"1"}, []string{"1"}},
		{"written twice, both over", 10, []event{{0, "1", []name{kai}}, {5, "1", []name{kai}}}, 16, kai, nil, nil},
		{"deleted", 10, []event{{0, "1", nil}}, 5, kai, nil, []string{"1"}},
		{"deleted, over", 10, []event{{0, "1", nil}}, 11, kai, nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			start := time.Unix(1_700_000_000, 0)
			now := start
			l := newLately(time.Duration(test.lag) * time.Second)
			l.now = func() time.Time { return now }
			for _, e := range test.events {
				now = start.Add(time.Duration(e.at) * time.Second)
				l.wrote(e.id, e.names)
			}
			now = start.Add(time.Duration(test.at) * time.Second)
			got := l.ids(test.of)
			slices.Sort(got)
			if got = slices.Compact(got); !slices.Equal(got, test.want) {
				t.Errorf("ids(%v) = %q, want %q", test.of, got, test.want)
			}
			for _, id := range []string{"1", "2", "3"} {
				if got, want := l.knows(id), slices.Contains(test.known, id); got != want {
					t.Errorf("knows(%s) = %v, want %v", id, got, want)
				}
			}
		})
	}
}

// TestLatelyForgets holds that nothing is left of what is over, and that what
// is kept is bounded.
func TestLatelyForgets(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	l := newLately(time.Minute)
	l.now = func() time.Time { return now }
	for i := range 2*maxLately + 5 {
		l.wrote(fmt.Sprint(i), []name{{"userName", fmt.Sprint("n", i)}, {"displayName", "same"}})
	}
	if len(l.writes) > maxLately || len(l.records) > maxLately || len(l.named) > maxLately+1 {
		t.Errorf("%d writes of %d records and %d names are kept, want at most %d", len(l.writes), len(l.records), len(l.named), maxLately)
	}
	newest := fmt.Sprint(2*maxLately + 4)
	if !l.knows(newest) || l.knows("0") || !slices.Contains(l.ids(name{"displayName", "same"}), newest) {
		t.Errorf("knows(newest) = %v, knows(oldest) = %v, want the newest to stay", l.knows(newest), l.knows("0"))
	}
	now = now.Add(time.Hour)
	if l.knows(newest); len(l.writes)+len(l.records)+len(l.named) > 0 {
		t.Errorf("after the lag %d writes, %d records, %d names are kept", len(l.writes), len(l.records), len(l.named))
	}
}

// TestLatelyNames holds that a record can be found by what the changes set,
// in any letter case, where there is a search for it.
func TestLatelyNames(t *testing.T) {
	e := newTestServer(t, &listAPI{}).tenants[0].users
	body := `{"userName":"\u212aAI@Example.com","displayName":"Kai","emails":[{"type":"work","value":"K@example.com"}]}`
	changes, err := e.table.Create(parse(t, body))
	if err != nil {
		t.Fatal(err)
	}
	want := []name{{"userName", fold("kai@example.com")}, {`emails[type eq "work"].value`, fold("k@example.com")}}
	if got := e.names(&changes); !slices.Equal(got, want) {
		t.Errorf("names() = %q, want %q", got, want)
	}
	if lag := time.Duration(e.lately.lag.Load()); lag != 7*time.Second {
		t.Errorf("lag = %s, want the longest of the searches", lag)
	}
}
