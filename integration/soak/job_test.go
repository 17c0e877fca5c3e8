package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestAsk holds that each way in which an adapter could fail a client is seen.
func TestAsk(t *testing.T) {
	answer := func(status int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
		}
	}
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		foul   bool
		want   string // "": nothing is wrong
	}{
		{"good", answer(200), false, ""},
		{"no answer", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, true, "dropped: GET /Users: "},
		{"half an answer", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10")
			w.Write([]byte("half"))
		}, true, "dropped: GET /Users: after 4 bytes"},
		{"too late in fair weather", answer(504), false, "while the host API was well"},
		{"unavailable in fair weather", answer(503, "Retry-After", "1"), false, "while the host API was well"},
		{"unavailable", answer(503, "Retry-After", "1"), true, ""},
		{"unavailable until nobody knows when", answer(503), true, "without Retry-After"},
		{"throttled until nobody knows when", answer(429), true, "without Retry-After"},
		{"too late", answer(504), true, ""},
		{"a fault of the adapter", answer(500), true, "GET /Users = 500"},
		{"a gateway", answer(502), true, "GET /Users = 502"},
		{"absent", answer(404), true, "GET /Users = 404"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(tt.answer)
			defer server.Close()
			tally, weather := newTally(), new(weather)
			if tt.foul {
				weather.spans = []span{{begin: time.Now().Add(-time.Second)}}
			}
			c := client{addr: server.Listener.Addr().String()}
			defer c.close()
			ask(&c, tally, weather, "GET", "/Users", "", http.StatusOK)
			got := tally.complaints()
			if tt.want == "" && len(got) > 0 || tt.want != "" && (len(got) != 1 || !strings.Contains(got[0], tt.want)) {
				t.Errorf("complaints are %q, want one with %q", got, tt.want)
			}
			if got, want := tally.count().Dropped, strings.Count(tt.want, "dropped: "); got != want {
				t.Errorf("%d were dropped, want %d", got, want)
			}
		})
	}
}

// TestComplaints: of too many the first are printed and the rest counted.
func TestComplaints(t *testing.T) {
	tally := newTally()
	for range kept + 2 {
		tally.blame("wrong")
	}
	if got := tally.complaints(); len(got) != kept+1 || got[kept] != "and 2 more complaints" {
		t.Errorf("complaints are %q", got)
	}
}

func TestFoul(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	w := &weather{spans: []span{{at(10), at(20)}, {begin: at(30)}}}
	for _, tt := range []struct {
		begin, end int
		want       bool
	}{{1, 9, false}, {9, 10, true}, {5, 25, true}, {12, 13, true}, {19, 22, true}, {20, 22, false}, {21, 29, false}, {25, 31, true}, {40, 41, true}} {
		if got := w.foul(at(tt.begin), at(tt.end)); got != tt.want {
			t.Errorf("foul(%d, %d) = %t, want %t", tt.begin, tt.end, got, tt.want)
		}
	}
}
