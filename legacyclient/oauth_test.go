package legacyclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const clientSecret = "client-SECRET"

// authServer is a token endpoint and the API behind it, in memory.
type authServer struct {
	life    int // of a token, in seconds; 0: not told
	token   func(n int, r *http.Request) (*http.Response, error)
	refused atomic.Int64 // tokens up to this number are not accepted by the API

	tokens, calls atomic.Int64
	after         time.Duration // what a token takes
}

func (s *authServer) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host == "id.example.com" {
		n := int(s.tokens.Add(1))
		if s.after > 0 {
			select {
			case <-time.After(s.after):
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		}
		if s.token != nil {
			return s.token(n, r)
		}
		return issue(n, s.life), nil
	}
	s.calls.Add(1)
	var n int64
	if _, err := fmt.Sscanf(r.Header.Get("Authorization"), "Bearer token-%d", &n); err != nil || n <= s.refused.Load() {
		return answer(401, ""), nil
	}
	return answer(200, fmt.Sprintf(`{"token":%d}`, n)), nil
}

// issue is the answer with the n-th token.
func issue(n, life int) *http.Response {
	if life == 0 {
		return answer(200, fmt.Sprintf(`{"access_token":"token-%d","token_type":"Bearer"}`, n))
	}
	return answer(200, fmt.Sprintf(`{"access_token":"token-%d","token_type":"bearer","expires_in":%d}`, n, life))
}

func oauthOptions(t testing.TB, s *authServer) Options {
	o := memoryOptions(t, s)
	o.Authorize = nil
	o.OAuth2 = &OAuth2{
		TokenURL: &url.URL{Scheme: "https", Host: "id.example.com", Path: "/oauth/token"},
		ClientID: "hostscim", ClientSecret: clientSecret,
	}
	return o
}

// wantToken makes a call and checks with which token it was made.
func wantToken(t *testing.T, c *Client, ep *Endpoint, want int) {
	t.Helper()
	reply, err := c.Do(t.Context(), ep, nil, nil)
	if err != nil || string(reply.Body) != fmt.Sprintf(`{"token":%d}`, want) {
		t.Errorf("Do() = %s, %v, want a call with token %d", reply.Body, err, want)
	}
}

// TestOAuth2Life holds for how long a token is used, and that the next one is
// fetched beside the calls before its end.
func TestOAuth2Life(t *testing.T) {
	ep := compile(t, Endpoint{Method: "POST", Path: "/hosts"})
	synctest.Test(t, func(t *testing.T) {
		s := &authServer{life: 100, after: time.Second}
		c := newClient(t, oauthOptions(t, s))
		start := time.Now()
		at := func(seconds int) { time.Sleep(time.Until(start.Add(time.Duration(seconds) * time.Second))) }
		wantToken(t, c, ep, 1)
		at(80)
		wantToken(t, c, ep, 1)
		at(90) // stale from 85s on
		for range 5 {
			wantToken(t, c, ep, 1)
		}
		synctest.Wait()
		if got := s.tokens.Load(); got != 2 {
			t.Errorf("%d tokens were asked for, want 2", got)
		}
		at(92)
		wantToken(t, c, ep, 2)
		at(300)
		wantToken(t, c, ep, 3) // nobody called in time
	})
	synctest.Test(t, func(t *testing.T) {
		s := &authServer{}
		c := newClient(t, oauthOptions(t, s))
		wantToken(t, c, ep, 1)
		time.Sleep(1000 * time.Hour)
		wantToken(t, c, ep, 1) // it does not say when it ends
	})
}

// TestOAuth2StaleSurvives holds that a token which cannot be replaced is used to
// its end, and that the failing endpoint is not asked with every call.
func TestOAuth2StaleSurvives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &authServer{life: 100}
		s.token = func(n int, r *http.Request) (*http.Response, error) {
			if n == 1 {
				return issue(1, 100), nil
			}
			return answer(503, ""), nil
		}
		o := oauthOptions(t, s)
		o.MaxAttempts = 1
		c := newClient(t, o)
		ep := compile(t, Endpoint{Method: "POST", Path: "/hosts"})
		wantToken(t, c, ep, 1)
		time.Sleep(90 * time.Second)
		for range 20 {
			wantToken(t, c, ep, 1)
			synctest.Wait()
			time.Sleep(100 * time.Millisecond)
		}
		if got := s.tokens.Load(); got != 2 {
			t.Errorf("%d tokens were asked for, want 2: one that failed, and rest after it", got)
		}
		time.Sleep(20 * time.Second)
		if _, err := c.Do(t.Context(), ep, nil, nil); !errors.Is(err, ErrUnavailable) {
			t.Errorf("without a token: Do() = %v, want ErrUnavailable", err)
		}
	})
}

// TestOAuth2Refused holds that a 401 costs one new token and one more call, also
// for a POST without a key, and no more than that.
func TestOAuth2Refused(t *testing.T) {
	ep := compile(t, Endpoint{Method: "POST", Path: "/hosts"})
	s := new(authServer)
	o := oauthOptions(t, s)
	o.MaxAttempts = 1
	c := newClient(t, o)
	wantToken(t, c, ep, 1)
	s.refused.Store(1)
	var trace Trace
	reply, err := c.Do(WithTrace(t.Context(), &trace), ep, nil, nil)
	if err != nil || string(reply.Body) != `{"token":2}` || reply.Attempts != 2 || reply.Repeated || trace.Attempts() != 2 {
		t.Errorf("Do() = %+v, %v, want success at the second attempt", reply, err)
	}
	s.refused.Store(1000)
	calls, tokens := s.calls.Load(), s.tokens.Load()
	_, err = c.Do(t.Context(), ep, nil, nil)
	e, _ := errors.AsType[*Error](err)
	if e == nil || e.Kind != ErrDenied || e.Status != 401 || e.Attempts != 2 || e.MayHaveHappened || e.Passed {
		t.Errorf("Do() = %#v, want ErrDenied after 2 attempts", err)
	}
	if calls, tokens = s.calls.Load()-calls, s.tokens.Load()-tokens; calls != 2 || tokens != 1 {
		t.Errorf("%d calls and %d tokens, want 2 and 1", calls, tokens)
	}
}

// TestOAuth2RefusedOnce holds that attempts which fail otherwise in between do not
// make a call give up another token.
func TestOAuth2RefusedOnce(t *testing.T) {
	s := new(authServer)
	calls := 0
	o := oauthOptions(t, s)
	o.Transport = roundTripFunc(func(r *http.Request) (*http.Response, error) {
		if r.URL.Host == "id.example.com" {
			return s.RoundTrip(r)
		}
		if calls++; calls%2 == 0 {
			return answer(503, ""), nil
		}
		return answer(401, ""), nil
	})
	_, err := newClient(t, o).Do(t.Context(), compile(t, Endpoint{Method: "GET", Path: "/hosts"}), nil, nil)
	if !errors.Is(err, ErrDenied) || calls != 3 || s.tokens.Load() != 2 {
		t.Errorf("Do() = %v after %d calls with %d tokens, want ErrDenied after 3 with 2", err, calls, s.tokens.Load())
	}
}

// TestOAuth2OneAtATime holds that callers who need a token share one request for
// it, and its failure; one who goes away fails nobody.
func TestOAuth2OneAtATime(t *testing.T) {
	ep := compile(t, Endpoint{Method: "POST", Path: "/hosts"})
	for _, fails := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := &authServer{after: time.Second}
			if fails {
				s.token = func(int, *http.Request) (*http.Response, error) {
					return answer(401, `{"error":"invalid_client"}`), nil
				}
			}
			c := newClient(t, oauthOptions(t, s))
			gone, leave := context.WithCancel(t.Context())
			time.AfterFunc(500*time.Millisecond, leave)
			first := ask(gone, c, ep, "")
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() {
					if _, err := c.Do(t.Context(), ep, nil, nil); (err != nil) != fails {
						t.Errorf("Do() = %v, want a failure: %t", err, fails)
					}
				})
			}
			wg.Wait()
			synctest.Wait()
			if got := s.tokens.Load(); got != 2 {
				t.Errorf("%d tokens were asked for, want 2: one by who went away, one for all", got)
			}
			if !errors.Is(first.err, ErrCanceled) {
				t.Errorf("who went away: %v, want ErrCanceled", first.err)
			}
		})
	}
}

// TestOAuth2Failures holds what a token endpoint that gives no token makes of a
// call, and that no error has a secret.
func TestOAuth2Failures(t *testing.T) {
	reply := func(status int, body string, header ...string) func(int, *http.Request) (*http.Response, error) {
		return func(int, *http.Request) (*http.Response, error) { return answer(status, body, header...), nil }
	}
	quoting := `{"error":"invalid_client","error_description":"no ` + clientSecret + `"}`
	tests := []struct {
		name     string
		token    func(int, *http.Request) (*http.Response, error)
		kind     error
		requests int64
		text     string
	}{
		{"client refused", reply(401, quoting), ErrDenied, 1, "token endpoint: refuses the client"},
		{"client refused as RFC 6749 says", reply(400, quoting), ErrDenied, 1, "token endpoint: refuses the client"},
		{"client refused by a 200", reply(200, quoting), ErrDenied, 1, "token endpoint: refuses the client"},
		{"scope refused", reply(400, `{"error":"invalid_scope"}`), ErrDenied, 1, "token endpoint: refuses the scopes"},
		{"no such path", reply(404, ""), ErrMisconfigured, 1, "token endpoint: status 404"},
		{"redirect", reply(302, "", "Location", "https://elsewhere.example.com/"), ErrMisconfigured, 1, "token endpoint: status 302"},
		{"another type", reply(200, `{"access_token":"x","token_type":"mac"}`), ErrMisconfigured, 1, "the token is of another type than bearer"},
		{"down", reply(503, quoting), ErrUnavailable, 3, "token endpoint: status 503"},
		{"throttled", reply(429, ""), ErrThrottled, 3, "token endpoint: too many requests"},
		{"no token", reply(200, `{}`), ErrUnavailable, 3, "token endpoint: answer holds no token"},
		{"no JSON", reply(200, `<html>`+clientSecret), ErrUnavailable, 3, "token endpoint: answer holds no token"},
		{"broken", func(int, *http.Request) (*http.Response, error) { return nil, errors.New("broken " + clientSecret) }, ErrUnavailable, 3, "token endpoint: connection failed"},
		{"slow", func(_ int, r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}, ErrTimeout, 3, "token endpoint: no answer in time"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &authServer{token: tt.token}
				o := oauthOptions(t, s)
				o.MaxAttempts = 3
				ep := compile(t, Endpoint{Method: "POST", Path: "/hosts"})
				_, err := newClient(t, o).Do(t.Context(), ep, nil, nil)
				e, _ := errors.AsType[*Error](err)
				if e == nil || e.Kind != tt.kind || e.MayHaveHappened || e.Attempts != 0 || s.calls.Load() != 0 {
					t.Fatalf("Do() = %#v with %d calls, want %v without a call", err, s.calls.Load(), tt.kind)
				}
				if want := "POST /hosts: " + tt.kind.Error() + ": cannot obtain the credential: " + tt.text; err.Error() != want {
					t.Errorf("Do() = %v, want %s", err, want)
				}
				if got := s.tokens.Load(); got != tt.requests {
					t.Errorf("%d requests for a token, want %d", got, tt.requests)
				}
				if strings.Contains(err.Error(), clientSecret) {
					t.Errorf("the error has the secret: %v", err)
				}
			})
		})
	}
}

// TestOAuth2Request holds what is sent to the token endpoint, over sockets.
func TestOAuth2Request(t *testing.T) {
	type request struct{ Method, Auth, Form string }
	for style, want := range map[OAuth2Style]request{
		"":          {"POST", "hostscim client-SECRET", "audience=https%3A%2F%2Fapi.example.com&grant_type=client_credentials&scope=hosts%3Aread+hosts%3Awrite"},
		OAuth2Basic: {"POST", "hostscim client-SECRET", "audience=https%3A%2F%2Fapi.example.com&grant_type=client_credentials&scope=hosts%3Aread+hosts%3Awrite"},
		OAuth2Post:  {"POST", "", "audience=https%3A%2F%2Fapi.example.com&client_id=hostscim&client_secret=client-SECRET&grant_type=client_credentials&scope=hosts%3Aread+hosts%3Awrite"},
	} {
		var got request
		id := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			user, password, ok := r.BasicAuth()
			if got = (request{Method: r.Method}); ok {
				got.Auth = user + " " + password
			}
			_ = r.ParseForm()
			got.Form = r.PostForm.Encode()
			writeJSON(w, 200, `{"access_token":"abc","token_type":"Bearer","expires_in":3600}`)
		}))
		defer id.Close()
		var sent string
		api := newServer(t, func(w http.ResponseWriter, r *http.Request) {
			sent = r.Header.Get("Authorization")
			writeJSON(w, 200, "{}")
		})
		o := api.options(t)
		tokenURL, _ := url.Parse(id.URL)
		o.Authorize = nil
		o.OAuth2 = &OAuth2{TokenURL: tokenURL, ClientID: "hostscim", ClientSecret: clientSecret, Style: style,
			Scopes: []string{"hosts:read", "hosts:write"}, Params: []Param{{"audience", "https://api.example.com"}}}
		if _, err := newClient(t, o).Do(t.Context(), compile(t, Endpoint{Method: "GET", Path: "/hosts"}), nil, nil); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" || sent != "Bearer abc" {
			t.Errorf("style %q: sent %q; request differs (-want +got):\n%s", style, sent, diff)
		}
	}
}
