package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// parseRequest reads a request as it stands in an HTTP message, or in a note
// about one: a line with method and path, header lines if there are any, an
// empty line, and the body. The version may be left out, and spaces and quotes
// in the query need not be escaped. Headers that say how a message was carried
// or who sent it have no meaning here and are dropped.
func parseRequest(src []byte) (*http.Request, error) {
	head, body := cutHead(bytes.TrimLeft(bytes.TrimPrefix(src, []byte("\xEF\xBB\xBF")), "\r\n"))
	if !utf8.Valid(head) {
		return nil, errors.New("is no request: it begins with something that is no text")
	}
	lines := strings.Split(strings.ReplaceAll(string(head), "\r\n", "\n"), "\n")
	method, target, err := requestLine(lines[0])
	if err != nil {
		return nil, err
	}
	r := &http.Request{
		Method: method, URL: target, Host: target.Host, Header: make(http.Header),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(bytes.NewReader(bytes.TrimSpace(body))),
	}
	r.URL = &url.URL{Path: target.Path, RawPath: target.RawPath, RawQuery: target.RawQuery}
	for i, line := range lines[1:] {
		name, value, ok := strings.Cut(line, ":")
		if !ok || strings.ContainsAny(name, " \t\"{}") || name == "" {
			return nil, fmt.Errorf("line %d is no header; write an empty line before the body", i+2)
		}
		r.Header.Add(name, strings.TrimSpace(value))
	}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	for _, name := range []string{"Host", "Authorization", "Content-Length", "Transfer-Encoding", "Connection"} {
		r.Header.Del(name)
	}
	return r, nil
}

// cutHead cuts a request at its first empty line.
func cutHead(src []byte) (head, body []byte) {
	for end := 0; end < len(src); {
		length := bytes.IndexByte(src[end:], '\n')
		if length < 0 {
			break
		}
		if end > 0 && len(bytes.TrimRight(src[end:end+length], "\r")) == 0 {
			return bytes.TrimRight(src[:end], "\r\n"), src[end+length+1:]
		}
		end += length + 1
	}
	return bytes.TrimRight(src, "\r\n"), nil
}

var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}

// requestLine reads the method and the URL of a request line.
func requestLine(line string) (method string, target *url.URL, err error) {
	method, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	for _, m := range methods {
		if strings.EqualFold(m, method) {
			method = m
			err = nil
			break
		}
		err = errors.New("is no request: it must begin with a method and a path, such as GET /Users/1")
	}
	if err != nil {
		return "", nil, err
	}
	rest = strings.TrimSpace(rest)
	if at := strings.LastIndex(rest, " HTTP/"); at >= 0 {
		rest = strings.TrimSpace(rest[:at])
	}
	target, err = url.ParseRequestURI(escapeSpaces(rest))
	if err != nil || target.Opaque != "" || !strings.HasPrefix(target.Path, "/") {
		return "", nil, errors.New("is no request: behind the method there must be a path, such as /Users/1")
	}
	return method, target, nil
}

// escapeSpaces escapes what a URL cannot hold and people write in a filter.
func escapeSpaces(target string) string {
	var b strings.Builder
	for _, c := range []byte(target) {
		if c <= ' ' || c == '"' || c == '<' || c == '>' || c == '\\' || c == '^' || c == '`' || c == '#' || c >= 0x7f {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
