package legacyclient

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// maxReference bounds a URL that an answer holds, in bytes.
const maxReference = 8 << 10

var (
	errForeign = &reason{text: "the API names a next page that is not below its base url"}
	errNoURL   = &reason{text: "the API names a next page by something that is no url"}
)

// follow returns the place that a URL in an answer leads to. It is written as
// the base URL is and keeps of the reference no more than path and query, the
// query as it is.
//
// The answer must not be able to send us, and our credential with us, to
// anywhere else: so it has to be the origin of the base URL (RFC 6454) and a
// path below that of the base URL, without climbing.
func (l *listing) follow(ref string) (place, bool, error) {
	if ref == "" {
		return place{}, false, nil
	}
	u, err := resolve(l.reply.asked, ref)
	if err != nil {
		return place{}, false, err
	}
	if !l.base.sameOrigin(u) || !l.base.above(u) {
		return place{}, false, errForeign
	}
	to := &url.URL{Scheme: l.base.scheme, Host: l.base.host, Path: u.Path, RawPath: u.RawPath, RawQuery: cleanQuery(u.RawQuery)}
	return place{offset: l.end(), url: to}, true, nil
}

// resolve reads a URL reference as seen from the URL of the request (RFC 3986,
// section 5). The error does not quote it.
func resolve(asked *url.URL, ref string) (*url.URL, error) {
	if len(ref) > maxReference {
		return nil, errNoURL
	}
	u, err := url.Parse(ref)
	if err != nil {
		return nil, &reason{text: errNoURL.text, err: err}
	}
	return asked.ResolveReference(u), nil
}

// sameOrigin says whether a URL has the scheme, host and port of the base URL.
// One with a user name has not: that would be another credential.
func (b *base) sameOrigin(u *url.URL) bool {
	own := &url.URL{Host: b.host}
	return u.Scheme == b.scheme && u.Opaque == "" && u.User == nil &&
		strings.EqualFold(u.Hostname(), own.Hostname()) && portOf(u, b.scheme) == portOf(own, b.scheme)
}

func portOf(u *url.URL, scheme string) string {
	if port := u.Port(); port != "" {
		return port
	}
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// above says whether the path of a URL lies below that of the base URL, also
// for a server that decodes it before it looks for dot segments, or takes a
// backslash for a slash.
func (b *base) above(u *url.URL) bool {
	if path := u.EscapedPath(); path != "" && !strings.HasPrefix(path, b.rawPath+"/") || path == "" && b.rawPath != "" {
		return false
	}
	for segment := range strings.FieldsFuncSeq(u.Path, func(r rune) bool { return r == '/' || r == '\\' }) {
		if segment == "." || segment == ".." {
			return false
		}
	}
	return true
}

// cleanQuery escapes what cannot stand in a request line. A query that is one
// (RFC 3986, section 3.4) stays as it is.
func cleanQuery(q string) string {
	bad := func(r byte) bool { return r <= ' ' || r >= 0x7f }
	var b strings.Builder
	for i := range len(q) {
		if bad(q[i]) {
			fmt.Fprintf(&b, "%%%02X", q[i])
		} else {
			b.WriteByte(q[i])
		}
	}
	return b.String()
}

// Location returns the last segment of the path in the Location header,
// unescaped: where the API tells the id of a created record only so (RFC 9110,
// section 10.2.2), this is it. It is empty if there is no such header, if it
// leads to another origin or back to what was asked, if what it ends in cannot
// be an id, and under status 202, where it leads to something that watches the
// work (section 15.3.3).
func (r Reply) Location() string {
	values := r.Header.Values("Location")
	if len(values) != 1 || r.asked == nil || r.Status == http.StatusAccepted {
		return ""
	}
	u, err := resolve(r.asked, values[0])
	from := base{scheme: r.asked.Scheme, host: r.asked.Host}
	if err != nil || !from.sameOrigin(u) {
		return ""
	}
	path := strings.TrimSuffix(u.EscapedPath(), "/")
	if path == strings.TrimSuffix(r.asked.EscapedPath(), "/") {
		return ""
	}
	id, err := url.PathUnescape(path[strings.LastIndexByte(path, '/')+1:])
	if err != nil || !validID(id) {
		return ""
	}
	return id
}
