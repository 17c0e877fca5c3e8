package adapter

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"hostscim/adapter/scim"
	"hostscim/mapping"
)

// newTestServer returns a server whose users are the numbers of the API.
func newTestServer(t testing.TB, api *listAPI) *Server {
	t.Helper()
	config, err := mapping.Load("test.yaml", []byte(`
auth: {bearer: [{name: test, token: t}]}
legacy: {base_url: "http://legacy.example.com", retry: {max_attempts: 1}}
resources:
  User:
    id: id
    operations:
      list: {request: GET /users, items: items, total: total, paging: {style: offset, limit: 4}}
      search:
        - {filter: userName eq, request: GET /users, query: {q: "{value}"}, returns: superset, lag: 3s}
        - {filter: 'emails[type eq "work"].value eq', request: GET /users, query: {q: "{value}"}, returns: superset, lag: 7s}
      get: {request: "GET /users/{id}"}
      create: {request: POST /users, unique: legacy}
    attributes:
      userName: {legacy: name}
      displayName: {legacy: nick}
      name.familyName: {legacy: last}
      'emails[type eq "work"].value': {legacy: mail, primary: true}
      meta.created: {legacy: created}
      `+scim.EnterpriseUserURN+`:department: {legacy: dept}
`), mapping.Sources{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Options{Config: config, Transport: api})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func testCursorKey(tokens []mapping.BearerToken) cursorKey {
	return newCursorKey(&mapping.Config{Auth: mapping.Auth{Bearer: tokens}})
}

var (
	testKey   = testCursorKey([]mapping.BearerToken{{Name: "test", Token: "one"}})
	testQuery = query{"resource": "User", "filter": `userName pr`, "sortby": "userName", "sortorder": "descending"}
	testTime  = time.Unix(1_700_000_000, 0)
)

func TestCursorOpens(t *testing.T) {
	for _, c := range []cursor{
		{offset: 1, last: "1"}, {offset: 12345, last: "a b/ü%"}, {offset: math.MaxInt, last: "x"}, {offset: 7, last: strings.Repeat("x", 256)},
	} {
		text := testKey.seal(c, testQuery, testTime)
		for _, now := range []time.Time{testTime.Add(-time.Hour), testTime} {
			if got, err := testKey.open(text, testQuery, now); err != nil || got != c {
				t.Errorf("open(seal(%v)) = %v, %v", c, got, err)
			}
		}
		if url.QueryEscape(text) != text {
			t.Errorf("%q has to be escaped in a URL", text)
		}
	}
	if got, err := testKey.open("", testQuery, testTime); err != nil || got != (cursor{}) {
		t.Errorf("open of no text = %v, %v, want the beginning", got, err)
	}
	again := query{"resource": "User", "filter": `userName pr`, "sortby": "userName", "sortorder": "DESCENDING", "count": "7", "attributes": "id"}
	if _, err := testKey.open(testKey.seal(cursor{1, "1"}, testQuery, testTime), again, testTime); err != nil {
		t.Errorf("open for the same list, seen otherwise = %v", err)
	}
}

func TestCursorRefused(t *testing.T) {
	text := testKey.seal(cursor{offset: 3, last: "41"}, testQuery, testTime)
	sealed, _ := base64.RawURLEncoding.DecodeString(text)
	other := func(change func(query)) query {
		q := query{}
		for k, v := range testQuery {
			q[k] = v
		}
		change(q)
		return q
	}
	resealed := func(change func([]byte)) string {
		b := slices.Clone(sealed[:len(sealed)-macSize])
		change(b)
		return base64.RawURLEncoding.EncodeToString(append(b, testKey.mac(b)...))
	}
	for _, test := range []struct {
		name, text string
		query      query
		key        cursorKey
	}{
		{"another filter", text, other(func(q query) { q["filter"] = "userName PR" }), testKey},
		{"no filter", text, other(func(q query) { delete(q, "filter") }), testKey},
		{"another order", text, other(func(q query) { q["sortby"] = "displayName" }), testKey},
		{"the other way round", text, other(func(q query) { q["sortorder"] = "ascending" }), testKey},
		{"another type", text, other(func(q query) { q["resource"] = "Group" }), testKey},
		{"a parameter that ends where another begins", text, other(func(q query) { q["filter"], q["sortby"] = `userName pr`+"\x00userName", "" }), testKey},
		{"another key", text, testQuery, testCursorKey([]mapping.BearerToken{{Name: "test", Token: "two"}})},
		{"another key for more tokens", text, testQuery, testCursorKey([]mapping.BearerToken{{Name: "a", Token: "one"}, {Name: "b", Token: "two"}})},
		{"a later version", resealed(func(b []byte) { b[0] = 2 }), testQuery, testKey},
		{"version zero", resealed(func(b []byte) { b[0] = 0 }), testQuery, testKey},
		{"shorter", text[:len(text)-2], testQuery, testKey},
		{"longer", text + "AA", testQuery, testKey},
		{"twice", text + text, testQuery, testKey},
		{"padded", text + "=", testQuery, testKey},
		{"a line end in it", text[:9] + "\n" + text[9:], testQuery, testKey},
		{"white space", " ", testQuery, testKey},
		{"a number", "100", testQuery, testKey},
		{"huge", strings.Repeat("A", 1<<20), testQuery, testKey},
		{"nothing but a code", base64.RawURLEncoding.EncodeToString(testKey.mac(nil)), testQuery, testKey},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, err := test.key.open(test.text, test.query, testTime); !errors.Is(err, errCursor) || got != (cursor{}) {
				t.Errorf("open = %v, %v, want %v", got, err, errCursor)
			}
		})
	}
	for i := range sealed {
		for bit := range 8 {
			b := slices.Clone(sealed)
			b[i] ^= 1 << bit
			if _, err := testKey.open(base64.RawURLEncoding.EncodeToString(b), testQuery, testTime); !errors.Is(err, errCursor) {
				t.Errorf("bit %d of byte %d changed: %v, want %v", bit, i, err, errCursor)
			}
		}
	}
	for i := range text {
		for c := range 256 {
			if changed := text[:i] + string([]byte{byte(c)}) + text[i+1:]; changed != text {
				if _, err := testKey.open(changed, testQuery, testTime); !errors.Is(err, errCursor) {
					t.Errorf("character %d is %q: %v, want %v", i, rune(c), err, errCursor)
				}
			}
		}
	}
}

func TestCursorExpires(t *testing.T) {
	text := testKey.seal(cursor{offset: 3, last: "41"}, testQuery, testTime)
	_, err := testKey.open(text, testQuery, testTime.Add(time.Second))
	var refused *scim.Error
	if !errors.As(err, &refused) || refused.Status != 400 || refused.Type != scim.ExpiredCursor {
		t.Errorf("open after the time = %v, want 400 expiredCursor", err)
	}
	if b, _ := base64.RawURLEncoding.DecodeString(text); int64(binary.BigEndian.Uint64(b[1:])) != testTime.Unix() {
		t.Errorf("the cursor %x does not hold its time", b)
	}
}

// TestCursorErrors holds the answers to RFC 9865 section 2.1.
func TestCursorErrors(t *testing.T) {
	s := newTestServer(t, &listAPI{list: numbers(9), cap: 4, total: true})
	list := query{"resource": "User"}
	soon, past := time.Now().Add(time.Minute), time.Now().Add(-time.Minute)
	good := s.tenants[0].cursors.seal(cursor{offset: 3, last: "3"}, list, soon)
	for _, test := range []struct {
		name, cursor, more string
		status             int
		scimType           string
	}{
		{"good", good, "", 200, ""},
		{"a window of nothing", good, "&count=0", 200, ""},
		{"count below zero", good, "&count=-5", 200, ""},
		{"no number", good, "&count=many", 400, scim.InvalidCount},
		{"no cursor of ours", "3", "", 400, scim.InvalidCursor},
		{"of another list", good, "&filter=userName+pr", 400, scim.InvalidCursor},
		{"of another order", good, "&sortBy=userName", 400, scim.InvalidCursor},
		{"expired", s.tenants[0].cursors.seal(cursor{offset: 3, last: "3"}, list, past), "", 400, scim.ExpiredCursor},
		{"its record is gone", s.tenants[0].cursors.seal(cursor{offset: 3, last: "77"}, list, soon), "", 400, scim.ExpiredCursor},
		{"behind the end", s.tenants[0].cursors.seal(cursor{offset: 5000, last: "3"}, list, soon), "", 400, scim.ExpiredCursor},
	} {
		t.Run(test.name, func(t *testing.T) {
			req := httptest.NewRequest("GET", "http://scim.example.com/scim/v2/Users?cursor="+url.QueryEscape(test.cursor)+test.more, nil)
			req.Header.Set("Authorization", "Bearer t")
			rec := httptest.NewRecorder()
			s.Handler().ServeHTTP(rec, req)
			answer := parse(t, rec.Body.String())
			if rec.Code != test.status || answer.Get("scimType").Text() != test.scimType {
				t.Errorf("answer %d %s, want %d %q", rec.Code, answer, test.status, test.scimType)
			}
		})
	}
}

// TestCursorMoves walks a list of which the part before the cursor shrinks
// or grows: nobody who stays is left out, or shown twice.
func TestCursorMoves(t *testing.T) {
	for _, test := range []struct {
		name   string
		before func(page int, list []int) []int
	}{
		{"stays", func(_ int, list []int) []int { return list }},
		{"one goes before each page", func(page int, list []int) []int { return list[1:] }},
		{"one comes before each page", func(page int, list []int) []int { return slices.Insert(list, 0, 100+page) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			api := &listAPI{list: numbers(20), cap: 4, total: true}
			s := newTestServer(t, api)
			var got []string
			next := ""
			for page := range 20 {
				if page > 0 {
					api.list = test.before(page, slices.Clone(api.list))
				}
				req := httptest.NewRequest("GET", "http://scim.example.com/scim/v2/Users?count=3&cursor="+next, nil)
				req.Header.Set("Authorization", "Bearer t")
				rec := httptest.NewRecorder()
				s.Handler().ServeHTTP(rec, req)
				answer := parse(t, rec.Body.String())
				for _, r := range answer.Get("Resources").Parts() {
					got = append(got, r.Value.Get("id").Text())
				}
				if next = answer.Get("nextCursor").Text(); next == "" || rec.Code != 200 {
					break
				}
			}
			var want []string
			for n := range 20 {
				want = append(want, fmt.Sprint(n+1))
			}
			if !slices.Equal(got, want) {
				t.Errorf("pages %v, want %v", got, want)
			}
		})
	}
}

// FuzzCursor holds that no text opens but what was sealed for the query.
func FuzzCursor(f *testing.F) {
	text := testKey.seal(cursor{offset: 3, last: "41"}, testQuery, testTime)
	for _, s := range []string{"100", "=", text[1:], text[:50], strings.ToUpper(text), "AQAAAAAAAAAA", strings.Repeat("A", 56), "\n", "\xff", text + "\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if s == "" || s == text {
			return
		}
		if c, err := testKey.open(s, testQuery, testTime); err == nil || c != (cursor{}) {
			t.Errorf("open(%q) = %v, %v, want a refusal", s, c, err)
		}
	})
}
