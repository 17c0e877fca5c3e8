package legacyclient

import (
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	gocache "github.com/patrickmn/go-cache"
)

// IDCache remembers which id a key (a user name, a group name) was last found
// under. It keeps positive look-ups only, and an entry is a hint: the caller
// proves it by using the id, and calls Delete when it proves wrong.
//
// Losing entries is therefore always safe, which keeps the bound simple: a full
// cache first drops what has expired, and if that frees too little, everything.
//
// A nil IDCache is an empty one that keeps nothing. All methods may be called
// by many goroutines at once.
type IDCache struct {
	mu      sync.Mutex // held while adding, so that max is exact
	entries *gocache.Cache
	max     int

	hits, misses atomic.Int64
}

// NewIDCache returns a cache of at most max entries that live for ttl each.
// Both must be above zero: go-cache would take a ttl of zero for "for ever".
func NewIDCache(ttl time.Duration, max int) (*IDCache, error) {
	if ttl <= 0 {
		return nil, errors.New("id cache: ttl must be above zero")
	}
	if max <= 0 {
		return nil, errors.New("id cache: max must be above zero")
	}
	// A cleanup interval of zero starts no janitor goroutine.
	return &IDCache{entries: gocache.New(ttl, 0), max: max}, nil
}

// Get returns the id that was put under the key for this tenant and kind of
// object, unless it has expired or was dropped.
func (c *IDCache) Get(tenant, kind, key string) (id string, ok bool) {
	if c == nil {
		return "", false
	}
	v, ok := c.entries.Get(cacheKey(tenant, kind, key))
	if !ok {
		c.misses.Add(1)
		return "", false
	}
	c.hits.Add(1)
	return v.(string), true
}

// Put remembers the id. An empty id is no look-up result and is not kept.
func (c *IDCache) Put(tenant, kind, key, id string) {
	if c == nil || id == "" {
		return
	}
	k := cacheKey(tenant, kind, key)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries.ItemCount() >= c.max {
		c.makeRoom()
	}
	// An id that was read is a part of its record, of which nothing else is to stay.
	c.entries.SetDefault(k, strings.Clone(id))
}

// makeRoom frees at least an eighth, so that its cost, which grows with the
// cache, is spread over many calls of Put.
func (c *IDCache) makeRoom() {
	c.entries.DeleteExpired()
	if n := c.entries.ItemCount(); n >= c.max || n > c.max-c.max/8 {
		c.entries.Flush()
	}
}

// Delete forgets the entry, if there is one.
func (c *IDCache) Delete(tenant, kind, key string) {
	if c != nil {
		c.entries.Delete(cacheKey(tenant, kind, key))
	}
}

// LookUps returns how many calls of Get found an entry, and how many did not.
func (c *IDCache) LookUps() (hits, misses int64) {
	if c == nil {
		return 0, 0
	}
	return c.hits.Load(), c.misses.Load()
}

// Len returns the number of entries, those expired but not yet dropped included.
func (c *IDCache) Len() int {
	if c == nil {
		return 0
	}
	return c.entries.ItemCount()
}

// cacheKey joins the parts under their lengths: no choice of values, whatever
// separators they hold, makes two different triples meet.
func cacheKey(tenant, kind, key string) string {
	return strconv.Itoa(len(tenant)) + ":" + tenant + strconv.Itoa(len(kind)) + ":" + kind + key
}
