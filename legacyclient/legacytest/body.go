package legacytest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
)

const (
	// maxBody is the largest body that is taken.
	maxBody = 1 << 20
	// maxDrain is how much more is read and thrown away to keep the connection.
	maxDrain = 16 << 20
)

// body is a request's body, read already. It is an io.ReadCloser, so that it can take
// the body's place in the request.
type body struct {
	bytes.Reader

	data     []byte
	tooLarge bool
	err      error
}

// Close does nothing: the connection's body has been read.
func (b *body) Close() error { return nil }

func readBody(r *http.Request) *body {
	b := &body{}
	if r.Body == nil || r.Body == http.NoBody {
		return b
	}
	size := min(max(r.ContentLength, 0), maxBody) + bytes.MinRead // spares the buffer a growth at its end
	buf := bytes.NewBuffer(make([]byte, 0, size))
	_, b.err = buf.ReadFrom(io.LimitReader(r.Body, maxBody+1))
	b.data = buf.Bytes()
	if len(b.data) > maxBody {
		b.tooLarge = true
		_, _ = io.CopyN(io.Discard, r.Body, maxDrain) // it is refused in any case
	}
	b.Reset(b.data)
	return b
}

// object is a JSON object, each value as it was sent.
type object map[string]json.RawMessage

// decodeObject returns the body of r as a JSON object.
func decodeObject(r *http.Request) (object, error) {
	b, ok := r.Body.(*body)
	if !ok {
		b = readBody(r)
	}
	if b.tooLarge {
		return nil, refuse(http.StatusRequestEntityTooLarge,
			entry{Domain: "global", Code: "too_large", Message: "the body is larger than 1 MiB"})
	}
	var o object
	if err := json.Unmarshal(b.data, &o); err != nil || b.err != nil || o == nil {
		return nil, refuse(http.StatusBadRequest,
			entry{Domain: "global", Code: "malformed", Message: "the body is not a JSON object"})
	}
	return o, nil
}

// isNull reports whether a value of an object is null. Values have no space around.
func isNull(raw json.RawMessage) bool {
	return string(raw) == "null"
}

// stringValue returns a JSON string, or false for any other type.
func stringValue(raw json.RawMessage) (string, bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}
