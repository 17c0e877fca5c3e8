package mapping

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"hostscim/adapter/scim"
)

// versionPath is the row that gives a resource its version, if there is one.
const versionPath = "meta.version"

// Version returns the entity tag of the values (RFC 7644 section 3.14): that
// of the legacy version field where the table maps one, else a digest of
// every value that is mapped. It is weak: what is not mapped may have changed.
func (t *Table) Version(v Values) string {
	for i := range t.Rows {
		if t.Rows[i].Path == versionPath {
			if text := v.rows[i].Text(); plainTag(text) {
				return `W/"` + text + `"`
			}
			sum := sha256.Sum256([]byte(v.rows[i].Text()))
			return weak(sum[:])
		}
	}
	buf := make([]byte, 0, 512)
	buf = scim.AppendString(buf, v.ID)
	for i := range v.rows {
		buf = v.rows[i].Append(buf)
		buf = append(buf, 0)
	}
	sum := sha256.Sum256(buf)
	return weak(sum[:])
}

// plainTag reports whether the text can stand in an entity tag as it is (RFC
// 9110 section 8.8.3).
func plainTag(text string) bool {
	return text != "" && len(text) <= 64 && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == '"' || r == ',' || r > '~' })
}

func weak(sum []byte) string {
	return `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}
