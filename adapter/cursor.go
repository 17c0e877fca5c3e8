package adapter

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"hostscim/adapter/scim"
	"hostscim/mapping"
)

// cursor is a place in a list (RFC 9865). It carries everything that is
// needed to go on, so any replica can: how far the list was read, which
// resource came last, and a digest of the query that it belongs to.
type cursor struct {
	offset int    // how many resources came before
	last   string // the id of the last of them; "" at the beginning
}

// cursorLife is how long a cursor may be used.
const cursorLife = time.Hour

const (
	macSize     = 16
	digestSize  = 8
	cursorFixed = 1 + 8 + 8 + digestSize // version, expiry, offset, digest
)

// cursorKey is what cursors are signed with: made of every secret that the
// configuration has. All replicas have the same one, so they have the same
// key; when a secret changes, cursors that are on their way become invalid,
// and the client begins anew. Under passthrough there may be none and the key is
// known: a cursor that somebody makes up leads to what the token lets its owner
// read anyway.
type cursorKey [sha256.Size]byte

func newCursorKey(c *mapping.Config) cursorKey {
	h := sha256.New()
	part := func(s string) { fmt.Fprintf(h, "%d:%s", len(s), s) }
	part("hostscim cursor 1")
	part(c.Name)
	for _, b := range c.Auth.Bearer {
		part(b.Sum())
	}
	if o := c.Auth.OAuth; o != nil {
		for _, k := range o.SigningKey {
			part(string(k))
		}
	}
	legacy := c.Legacy.Auth
	part(string(legacy.Bearer))
	if legacy.Basic != nil {
		part(string(legacy.Basic.Password))
	}
	if legacy.Header != nil {
		part(string(legacy.Header.Value))
	}
	if legacy.OAuth2 != nil {
		part(string(legacy.OAuth2.ClientSecret))
	}
	return cursorKey(h.Sum(nil))
}

// seal returns the cursor as text, for the query and until the time.
func (k cursorKey) seal(c cursor, q query, expires time.Time) string {
	b := make([]byte, 1, cursorFixed+len(c.last)+macSize)
	b[0] = 1
	b = binary.BigEndian.AppendUint64(b, uint64(expires.Unix()))
	b = binary.BigEndian.AppendUint64(b, uint64(c.offset))
	b = append(b, digest(q)...)
	b = append(b, c.last...)
	return base64.RawURLEncoding.EncodeToString(append(b, k.mac(b)...))
}

func (k cursorKey) mac(b []byte) []byte {
	m := hmac.New(sha256.New, k[:])
	m.Write(b)
	return m.Sum(nil)[:macSize]
}

// open returns the cursor that the text is, if it was sealed by us for this
// query and has not expired. The text "" is the beginning.
func (k cursorKey) open(text string, q query, now time.Time) (cursor, error) {
	if text == "" {
		return cursor{}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) < cursorFixed+macSize || base64.RawURLEncoding.EncodeToString(b) != text {
		return cursor{}, errCursor
	}
	b, mac := b[:len(b)-macSize], b[len(b)-macSize:]
	if !hmac.Equal(mac, k.mac(b)) || b[0] != 1 || string(b[17:cursorFixed]) != string(digest(q)) {
		return cursor{}, errCursor
	}
	if now.Unix() > int64(binary.BigEndian.Uint64(b[1:])) {
		return cursor{}, scim.Bad(scim.ExpiredCursor, "the cursor has expired; begin again without one")
	}
	return cursor{offset: int(binary.BigEndian.Uint64(b[9:])), last: string(b[cursorFixed:])}, nil
}

var errCursor = errors.New("no cursor")

// digest tells queries apart: a cursor means nothing in another list.
func digest(q query) []byte {
	parts := []string{q["resource"], q["filter"], q["sortby"], strings.ToLower(q["sortorder"])}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return sum[:digestSize]
}
