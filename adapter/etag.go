package adapter

import (
	"context"
	"net/http"
	"strings"

	"hostscim/adapter/scim"
)

// matches reports whether a list of entity tags, as If-Match and
// If-None-Match have it, holds the version. Tags are compared weakly (RFC
// 9110 section 8.8.3.2): all of ours are weak.
func matches(list, version string) bool {
	for tag := range strings.SplitSeq(list, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(version, "W/") {
			return true
		}
	}
	return false
}

// precondition holds a write to its If-Match header. Where there is one, the
// record is read, unless now holds what was read of it already. What is known
// of the record afterwards is returned. The legacy API may change it between
// the reading and the writing; it offers nothing against that.
func (e *endpoint) precondition(ctx context.Context, r *http.Request, id string, now *stored) (*stored, error) {
	tags := strings.Join(r.Header.Values("If-Match"), ",")
	if tags == "" {
		return now, nil
	}
	if now == nil {
		read, err := e.fetch(ctx, id)
		if err != nil {
			return nil, err
		}
		now = &read
	}
	if !matches(tags, e.table.Version(now.values)) {
		return nil, &scim.Error{Status: http.StatusPreconditionFailed,
			Detail: "the resource has changed since the version in If-Match; read it again and repeat the change"}
	}
	return now, nil
}
