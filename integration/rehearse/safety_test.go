package rehearse

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// TestOnlyOwn: the client sends no change of what the run did not make.
func TestOnlyOwn(t *testing.T) {
	e := newEndpoint(t, "")
	r, err := New(Options{URL: e.URL, Token: fakeToken})
	if err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"PUT", "PATCH", "DELETE"} {
		for _, id := range []string{"fake-1", "..", ""} {
			func() {
				defer func() {
					if v, _ := recover().(string); !strings.Contains(v, "did not make") {
						t.Errorf("%s of %q panics with %q, want what it did not make", method, id, v)
					}
				}()
				r.r.client.send(t.Context(), request{step: "test", method: method, resource: users, id: id})
				t.Errorf("%s of %q was sent", method, id)
			}()
		}
	}
	if e.calls != 0 {
		t.Errorf("%d requests arrived, want none", e.calls)
	}
}

// breaker loses the answers to every n-th creation, after it was done.
type breaker struct {
	every int64
	n     atomic.Int64
}

func (b *breaker) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(req)
	if err == nil && req.Method == "POST" && b.n.Add(1)%b.every == 0 {
		res.Body.Close()
		return nil, http.ErrServerClosed
	}
	return res, err
}

// TestLostAnswers: a creation whose answer is lost is matched and not
// repeated, and what the run never hears of is removed too.
func TestLostAnswers(t *testing.T) {
	for _, every := range []int64{1, 2, 3} {
		e := newEndpoint(t, "twins") // which would show a repetition
		o := Options{Users: 6, Groups: 2, Members: 2, Dialect: "legacy", Transport: &breaker{every: every}}
		report := rehearseAt(t, e, o)
		if len(report.Left) > 0 {
			t.Errorf("every %d. answer lost: %q is left", every, report.Left)
		}
		e.check(t, report)
		for _, s := range report.Steps {
			if s.Name == "create user" && s.OK+s.Failed != 7 { // six, and one of another shape
				t.Errorf("every %d. answer lost: %d users were created, want 7", every, s.Requests)
			}
		}
	}
}

// TestForeignName: somebody who has a name of ours already is left alone.
func TestForeignName(t *testing.T) {
	e := newEndpoint(t, "")
	e.users[0]["userName"] = "taken-000001@example.com"
	report := rehearseAt(t, e, Options{Users: 2, Prefix: "taken", Dialect: "legacy"})
	if got := kinds(report); len(got) == 0 || got[0] != "foreign-name" {
		t.Errorf("the findings are %q, want foreign-name", got)
	}
	for _, id := range e.writes {
		if id == "fake-1" {
			t.Error("the resident was written to")
		}
	}
}

// TestLessons: every kind of finding that the code names has a lesson, and
// every lesson is whole.
func TestLessons(t *testing.T) {
	for kind, l := range lessons {
		for _, text := range []string{l.title, l.next, l.mend} {
			if !strings.HasSuffix(text, ".") || len(text) < 20 {
				t.Errorf("the lesson of %s says %q, want a sentence", kind, text)
			}
		}
	}
	for _, kind := range usedKinds(t) {
		if _, ok := lessons[kind]; !ok {
			t.Errorf("the code names the kind %q, which has no lesson", kind)
		}
	}
}
