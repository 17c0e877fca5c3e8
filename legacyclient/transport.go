package legacyclient

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

const (
	// idleConnections is how many connections to the one host are kept alive.
	idleConnections = 64
	// maxErrorBody bounds what is read of an error answer. Faults beyond it
	// are lost, the status is not.
	maxErrorBody = 64 << 10
	// maxDrain bounds what is thrown away to keep a connection alive.
	maxDrain = 256 << 10
)

// newTransport returns the standard transport, sized for one host. A nil proxy
// is the one of the environment, if any. Connecting may take half of an
// attempt at most: a connection that fails on its own is known not to have
// carried the request, one that is cut off by the attempt's end is not.
func newTransport(attempt time.Duration, trust *tls.Config, proxy *url.URL) http.RoundTripper {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	if std, ok := http.DefaultTransport.(*http.Transport); ok {
		t = std.Clone()
	}
	if trust != nil {
		t.TLSClientConfig = trust
	}
	if proxy != nil {
		t.Proxy = http.ProxyURL(proxy)
	}
	connect := min(attempt/2, 5*time.Second)
	t.DialContext = (&net.Dialer{Timeout: connect, KeepAlive: 30 * time.Second}).DialContext
	t.TLSHandshakeTimeout = connect
	t.MaxIdleConns = idleConnections
	t.MaxIdleConnsPerHost = idleConnections
	t.MaxResponseHeaderBytes = 256 << 10
	return t
}

var (
	errTooLarge    = &reason{text: "answer is too large"}
	errWrongType   = &reason{text: "answer has another content type than JSON"}
	errEmptyAnswer = &reason{text: "answer is empty"}
)

// readAnswer reads a body to its end, so that the connection can be used again,
// and closes it. It returns errTooLarge for a body above limit.
func readAnswer(resp *http.Response, limit int64) ([]byte, error) {
	defer resp.Body.Close()
	switch n := resp.ContentLength; {
	case n == 0 || resp.Body == http.NoBody: // to HEAD, ContentLength is that of a GET
		return nil, nil
	case n > limit:
		return nil, errTooLarge
	case n > 0:
		body := make([]byte, n)
		_, err := io.ReadFull(resp.Body, body)
		return body, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err == nil && int64(len(body)) > limit {
		return nil, errTooLarge
	}
	return body, err
}

// readError reads what it can of the body of an error answer, and reports
// whether it came as it was sent. A body that is too large only loses its faults.
func readError(resp *http.Response) (body []byte, whole bool) {
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody+1))
	if err != nil {
		return nil, false
	}
	if len(body) > maxErrorBody {
		_, _ = io.CopyN(io.Discard, resp.Body, maxDrain)
		return nil, true
	}
	body = trimMark(body)
	promised := resp.Header.Get("Content-Type") != "" && saysJSON(resp.Header)
	return body, len(body) == 0 || !promised || validJSON(body)
}

// saysJSON says whether a Content-Type may be that of JSON. An absent one may:
// then the body has to prove it.
func saysJSON(h http.Header) bool {
	v := h.Get("Content-Type")
	if v == "" || v == "application/json" || v == "application/json; charset=utf-8" {
		return true
	}
	t, _, err := mime.ParseMediaType(v)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return false
	}
	return t == "application/json" || t == "text/json" || strings.HasSuffix(t, "+json")
}

// saysHTML says whether an answer is a page for people: it comes from something
// in front of the API, which does not know what exists.
func saysHTML(h http.Header, body []byte) bool {
	t, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return t == "text/html" || t == "application/xhtml+xml" || bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
}

// neverSent says whether the transport failed before the request could have
// left: there was no connection to send it on.
func neverSent(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "dial" || op.Op == "proxyconnect") {
		return true
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	return certificateRefused(err)
}

func certificateRefused(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}

func isTimeout(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	t, ok := errors.AsType[net.Error](err)
	return ok && t.Timeout()
}

// describe puts a text from a fixed vocabulary around a failure of the
// transport, whose own text may quote an answer or a URL.
func describe(err error) error {
	if r, ok := errors.AsType[*reason](err); ok {
		return r
	}
	text := "connection failed"
	prefix := ""
	if neverSent(err) {
		text, prefix = "cannot connect", "cannot connect: "
	}
	switch errno, isErrno := errors.AsType[syscall.Errno](err); {
	case errors.Is(err, context.Canceled):
		text = "the caller went away"
	case certificateRefused(err):
		text = "the certificate of the API is not accepted"
	case isErrno:
		text = prefix + errno.Error()
	case isTimeout(err):
		text = prefix + "no answer in time"
	case isDNS(err):
		text = "host name of the API is not known"
	case errors.Is(err, io.ErrUnexpectedEOF):
		text = "answer is cut short"
	case errors.Is(err, io.EOF):
		text = "connection closed without an answer"
	}
	return &reason{text: text, err: err}
}

func isDNS(err error) bool {
	_, ok := errors.AsType[*net.DNSError](err)
	return ok
}

// base is the compiled base URL. Paths have no trailing slash.
type base struct {
	scheme, host  string
	path, rawPath string // decoded and escaped
}

func newBase(u *url.URL) (base, error) {
	switch {
	case u == nil:
		return base{}, errors.New("base url is missing")
	case u.Scheme != "http" && u.Scheme != "https":
		return base{}, errors.New("base url must begin with http:// or https://")
	case u.Host == "":
		return base{}, errors.New("base url has no host")
	case u.User != nil:
		return base{}, errors.New("base url holds a user name or password; these belong into the credential")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return base{}, errors.New("base url has a query or a fragment")
	}
	return base{
		scheme: u.Scheme, host: u.Host,
		path:    strings.TrimRight(u.Path, "/"),
		rawPath: strings.TrimRight(u.EscapedPath(), "/"),
	}, nil
}
