package legacyclient

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"
)

// fixedHeader is a header with values that all requests share.
type fixedHeader struct {
	name   string // canonical
	values []string
}

// ownHeaders are the names that a description cannot set: the credential and
// what belongs to the body, to the connection (RFC 9110, section 7.6.1) and to
// the reading of the answer. An idempotency key that never changes would make
// one call of all, and the standard transport would repeat a POST under it.
var ownHeaders = []string{
	"Accept-Encoding", "Authorization", "Connection", "Content-Length", "Content-Type", "Expect", "Host",
	"Idempotency-Key", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade", "User-Agent", "X-Idempotency-Key",
}

// compileHeaders checks fixed headers. The error names everything that is wrong
// and quotes no value, which may be a secret. key is the header of the
// idempotency key, if there is one.
func compileHeaders(params []Param, key string) ([]fixedHeader, error) {
	var headers []fixedHeader
	var faults []error
	for _, p := range params {
		name := http.CanonicalHeaderKey(p.Name)
		same := func(h fixedHeader) bool { return h.name == name }
		switch {
		case p.Name == "" || strings.ContainsFunc(p.Name, notInName):
			faults = append(faults, fmt.Errorf("header %q is no header name", p.Name))
		case slices.Contains(ownHeaders, name), key != "" && name == http.CanonicalHeaderKey(key):
			faults = append(faults, fmt.Errorf("header %s is set by the client itself", name))
		case slices.ContainsFunc(headers, same):
			faults = append(faults, fmt.Errorf("header %s is given twice", name))
		case strings.ContainsFunc(p.Value, func(r rune) bool { return r != '\t' && unicode.IsControl(r) }):
			faults = append(faults, fmt.Errorf("header %s: the value holds a control character", name))
		default:
			headers = append(headers, fixedHeader{name, []string{strings.Trim(p.Value, " \t")}})
		}
	}
	return headers, errors.Join(faults...)
}

// setHeaders sets fixed headers.
func setHeaders(h http.Header, fixed []fixedHeader) {
	for _, f := range fixed {
		// Shared by all requests: its capacity is full, so an Add copies it.
		h[f.name] = f.values
	}
}
