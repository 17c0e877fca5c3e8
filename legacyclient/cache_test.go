package legacyclient

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"
)

func newCache(t testing.TB, ttl time.Duration, max int) *IDCache {
	t.Helper()
	c, err := NewIDCache(ttl, max)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNewIDCacheErrors(t *testing.T) {
	for _, tt := range []struct {
		ttl time.Duration
		max int
	}{{0, 1}, {-1, 1}, {1, 0}, {1, -1}} {
		if _, err := NewIDCache(tt.ttl, tt.max); err == nil {
			t.Errorf("NewIDCache(%v, %d) = nil, want an error", tt.ttl, tt.max)
		}
	}
}

// TestIDCacheKeepsTheIDAlone: a text of which the id is a part does not stay in
// memory for it.
func TestIDCacheKeepsTheIDAlone(t *testing.T) {
	c := newCache(t, time.Hour, 100)
	record := strings.Repeat("7", 500)
	c.Put("a", "User", "x", record[:1])
	if id, _ := c.Get("a", "User", "x"); id != "7" || unsafe.StringData(id) == unsafe.StringData(record) {
		t.Errorf("the id is %q, and a part of the record: %t", id, unsafe.StringData(id) == unsafe.StringData(record))
	}
}

// TestIDCacheTenants holds that tenants, kinds and keys never run together.
func TestIDCacheTenants(t *testing.T) {
	c := newCache(t, time.Hour, 100)
	triples := [][3]string{
		{"a", "User", "x"}, {"b", "User", "x"}, {"a", "Group", "x"}, {"a", "User", "y"},
		{"a4:User", "", "x"}, {"a\x00User", "", "x"}, {"", "aUser", "x"}, {"", "", "aUserx"}, {"1:a", "User", "x"}, {"a", "", "4:Userx"},
	}
	for i, k := range triples {
		c.Put(k[0], k[1], k[2], fmt.Sprint("id-", i))
	}
	for i, k := range triples {
		if got, ok := c.Get(k[0], k[1], k[2]); !ok || got != fmt.Sprint("id-", i) {
			t.Errorf("Get(%q) = %q, %t, want id-%d", k, got, ok, i)
		}
	}
	c.Delete("a", "User", "x")
	if _, ok := c.Get("a", "User", "x"); ok || c.Len() != len(triples)-1 {
		t.Errorf("after Delete: found %t, Len() = %d", ok, c.Len())
	}
	c.Put("a", "User", "empty", "")
	if _, ok := c.Get("a", "User", "empty"); ok {
		t.Error("an empty id was kept")
	}
}

func TestIDCacheExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, time.Minute, 10)
		c.Put("t", "User", "old", "1")
		time.Sleep(50 * time.Second)
		c.Put("t", "User", "new", "2")
		time.Sleep(11 * time.Second)
		if _, ok := c.Get("t", "User", "old"); ok {
			t.Error("an expired entry was found")
		}
		if _, ok := c.Get("t", "User", "new"); !ok {
			t.Error("a live entry was lost")
		}
		for i := range 9 { // fills the cache; the expired one makes room
			c.Put("t", "User", fmt.Sprint(i), "3")
		}
		if _, ok := c.Get("t", "User", "new"); !ok || c.Len() != 10 {
			t.Errorf("live entry kept %t, Len() = %d, want it among 10", ok, c.Len())
		}
	})
}

func TestIDCacheBound(t *testing.T) {
	c := newCache(t, time.Hour, 64)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 500 {
				c.Put("t", "User", fmt.Sprint(g, "-", i), "id")
				c.Get("t", "User", fmt.Sprint(g, "-", i))
				if n := c.Len(); n > 64 {
					t.Errorf("Len() = %d, want at most 64", n)
				}
			}
		})
	}
	wg.Wait()
	c.Put("t", "User", "last", "id")
	if _, ok := c.Get("t", "User", "last"); !ok {
		t.Error("the entry that was put last is gone")
	}
}

func TestNilIDCache(t *testing.T) {
	var c *IDCache
	c.Put("t", "User", "x", "1")
	c.Delete("t", "User", "x")
	if _, ok := c.Get("t", "User", "x"); ok || c.Len() != 0 {
		t.Error("a nil cache keeps entries")
	}
}
