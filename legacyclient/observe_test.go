package legacyclient

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestObserve: every attempt is told of, with what it waited and took, those
// that the client refuses included.
func TestObserve(t *testing.T) {
	type mark struct{}
	type begun struct{}
	get := compile(t, Endpoint{Method: "GET", Path: "/hosts/{id}"})
	synctest.Test(t, func(t *testing.T) {
		answers := []int{503, 429, 200}
		var got []Attempted
		o := memoryOptions(t, roundTripFunc(func(r *http.Request) (*http.Response, error) {
			if r.Context().Value(begun{}) == nil {
				t.Error("the context of the request is not that of the attempt")
			}
			time.Sleep(3 * time.Second)
			status := answers[0]
			answers = answers[1:]
			resp := answer(status, host)
			if status == 429 {
				resp.Header.Set("Retry-After", "5")
			}
			return resp, nil
		}))
		o.PerSecond, o.Burst = 0.1, 1
		o.Begin = func(ctx context.Context, op string) context.Context { return context.WithValue(ctx, begun{}, op) }
		o.Observe = func(ctx context.Context, a Attempted) {
			if ctx.Value(mark{}) != "of the call" || ctx.Value(begun{}) != a.Op {
				t.Error("the context is not that of the attempt")
			}
			got = append(got, a)
		}
		c := newClient(t, o)
		ctx := context.WithValue(t.Context(), mark{}, "of the call")
		if _, err := c.Do(ctx, get, Vars{"id": "7"}, nil); err != nil {
			t.Fatal(err)
		}
		short, cancel := context.WithTimeout(ctx, time.Nanosecond)
		defer cancel()
		if _, err := c.Do(short, get, Vars{"id": "7"}, nil); err == nil {
			t.Error("Do() within a nanosecond = nil, want an error")
		}
		op := "GET /hosts/{id}"
		want := []Attempted{
			{Op: op, Attempt: 1, Status: 503, Kind: ErrUnavailable, Took: 3 * time.Second, Made: true},
			{Op: op, Attempt: 2, Status: 429, Kind: ErrThrottled, Took: 3 * time.Second, Made: true},
			{Op: op, Attempt: 3, Status: 200, Took: 3 * time.Second, Made: true},
			{Op: op, Attempt: 1, Kind: ErrThrottled},
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateErrors(), cmpopts.IgnoreFields(Attempted{}, "Waited", "Backoff")); diff != "" {
			t.Errorf("observed (-want +got):\n%s", diff)
		}
		if got[0].Waited != 0 || got[1].Waited.Round(time.Millisecond) != 7*time.Second {
			t.Errorf("the attempts waited %v and %v, want nothing and until the next token", got[0].Waited, got[1].Waited)
		}
		if got[0].Backoff != 0 || got[2].Backoff != 5*time.Second || got[3].Backoff != 0 {
			t.Errorf("backoff before the attempts: %v, %v and %v, want none before a first, and before the third what the API asked for",
				got[0].Backoff, got[2].Backoff, got[3].Backoff)
		}
	})
}
