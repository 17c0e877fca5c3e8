package mapping

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"sync"

	"hostscim/adapter/scim"
)

// versionPath is the row that gives a resource its version, if there is one.
const versionPath = "meta.version"

// Version returns the entity tag of the values (RFC 7644 section 3.14): that
// of the legacy version field where the table maps one, else a digest of
// every value that is mapped. It is weak: what is not mapped may have changed.
func (t *Table) Version(v Values) string {
	if v.tag != "" {
		return v.tag
	}
	for i := range t.Rows {
		if t.Rows[i].Path == versionPath {
			if text := v.rows[i].Text(); plainTag(text) {
				return `W/"` + text + `"`
			}
			sum := sha256.Sum256([]byte(v.rows[i].Text()))
			return weak(sum[:])
		}
	}
	scratch := versionBuffers.Get().(*[]byte)
	defer versionBuffers.Put(scratch)
	buf := append((*scratch)[:0], v.ID...)
	for i := range v.rows {
		// The kind and a mark that ends every value: no two records with
		// other values have the same bytes.
		buf = append(append(buf, 0xff, byte(v.rows[i].Kind())), v.rows[i].Text()...)
		if v.rows[i].Kind() == scim.Array {
			buf = v.rows[i].Append(buf)
		}
	}
	for _, id := range v.Linked {
		buf = append(append(buf, 0xfe), id...)
	}
	*scratch = buf
	sum := sha256.Sum256(buf)
	return weak(sum[:])
}

// WithVersion returns the values with their version, which is then not worked
// out again: an answer has it in a header and in its body.
func (t *Table) WithVersion(v Values) (Values, string) {
	v.tag = t.Version(v)
	return v, v.tag
}

var versionBuffers = sync.Pool{New: func() any { return new([]byte) }}

// plainTag reports whether the text can stand in an entity tag as it is (RFC
// 9110 section 8.8.3).
func plainTag(text string) bool {
	return text != "" && len(text) <= 64 && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == '"' || r == ',' || r > '~' })
}

func weak(sum []byte) string {
	tag := [20]byte{0: 'W', 1: '/', 2: '"', 19: '"'}
	base64.RawURLEncoding.Encode(tag[3:19], sum[:12])
	return string(tag[:])
}
