package adapter

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"

	"hostscim/adapter/scim"
)

// readBody returns the JSON body of a request.
func (s *Server) readBody(r *http.Request) (scim.Value, error) {
	if err := checkContentType(r.Header); err != nil {
		return scim.Value{}, err
	}
	data, err := readAll(r, int64(s.config.MaxBodyBytes))
	if err != nil {
		return scim.Value{}, err
	}
	v, err := scim.Parse(data)
	if err != nil {
		return scim.Value{}, scim.Bad(scim.InvalidSyntax, "the body cannot be read: %s", err)
	}
	if v.Kind() != scim.Object {
		return scim.Value{}, scim.Bad(scim.InvalidSyntax, "the body must be an object; got %s", v.Kind())
	}
	return v, nil
}

// checkContentType accepts the SCIM media type and plain JSON, with
// parameters and in any case: Google cannot be made to send the former. A
// body without a type is read as JSON.
func checkContentType(h http.Header) error {
	if encoding := h.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return &scim.Error{Status: http.StatusUnsupportedMediaType, Detail: "a compressed body is not supported; send it without Content-Encoding"}
	}
	given := h.Get("Content-Type")
	switch given { // as clients spell it, so that it need not be parsed
	case "", scim.MediaType, scim.MediaType + "; charset=utf-8", "application/json":
		return nil
	}
	media, params, err := mime.ParseMediaType(given)
	charset := params["charset"]
	if err == nil && (media == scim.MediaType || media == "application/json") &&
		(charset == "" || strings.EqualFold(charset, "utf-8")) {
		return nil
	}
	return &scim.Error{Status: http.StatusUnsupportedMediaType, Detail: "the body must be " + scim.MediaType + " or application/json, in UTF-8"}
}

// readAll reads the body of r, at most limit bytes.
func readAll(r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	size := max(r.ContentLength, 512)
	buf := make([]byte, 0, size+1)
	body := io.LimitReader(r.Body, limit+1)
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > limit {
			return nil, tooLarge(limit)
		}
		if errors.Is(err, io.EOF) {
			return buf, nil
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return nil, &scim.Error{Status: http.StatusRequestTimeout, Detail: "the body did not arrive in time; send the request again, with fewer members if the line is slow"}
		}
		if err != nil {
			return nil, scim.Bad(scim.InvalidSyntax, "the body ended early")
		}
	}
}

func tooLarge(limit int64) error {
	return &scim.Error{Status: http.StatusRequestEntityTooLarge, Detail: fmt.Sprintf("the body is larger than %d bytes; send fewer members in one request", limit)}
}
