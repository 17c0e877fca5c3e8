package mapping

import (
	"strconv"
	"time"

	"hostscim/adapter/scim"
)

// The spellings of a point in time in a legacy field.
const (
	kindDatetime = "datetime" // RFC 3339, or what the layout of the row says
	kindDate     = "date"     // 2006-01-02
	kindUnix     = "unix"     // seconds since 1970
	kindUnixMS   = "unix_ms"  // milliseconds since 1970
)

// coarse reports whether the row shows a time in another spelling than its
// field has, so that what was written would not come back as it was.
func (r *Row) coarse() bool {
	return r.layout != "" || r.kind == kindDate || r.kind == kindUnix || r.kind == kindUnixMS
}

// layout checks the layout of a row of that kind and returns it.
func (c *compiler) layout(path string, spec RowSpec, kind string) string {
	if spec.Layout == "" {
		return ""
	}
	if kind != kindDatetime {
		c.add(path+".layout", "is for the type datetime only; this row holds %s", kind)
		return ""
	}
	when := time.Date(2019, time.November, 23, 14, 35, 46, 0, time.UTC)
	if back, err := time.Parse(spec.Layout, when.Format(spec.Layout)); err != nil || back.Format(time.DateOnly) != when.Format(time.DateOnly) {
		c.add(path+".layout", "must spell a date as Go spells its reference time; write for example \"2006-01-02 15:04:05.999Z07:00\"")
		return ""
	}
	return spec.Layout
}

// time decodes the spellings of a point in time. RFC 3339 comes back as it
// was spelt, sub-seconds and offset included.
func (r *Row) time(v scim.Value) (scim.Value, bool) {
	var t time.Time
	var err error
	kind := scim.String
	switch r.kind {
	case kindDatetime:
		if r.layout == "" {
			_, err = time.Parse(time.RFC3339, v.Text())
			return v, err == nil && v.Kind() == scim.String
		}
		t, err = time.Parse(r.layout, v.Text())
	case kindDate:
		t, err = time.Parse(time.DateOnly, v.Text())
	default:
		var n int64
		kind = scim.Number
		if n, err = strconv.ParseInt(v.Text(), 10, 64); r.kind == kindUnix {
			t = time.Unix(n, 0).UTC()
		} else {
			t = time.UnixMilli(n).UTC()
		}
	}
	// RFC 3339 has four digits for the year.
	return scim.Text(t.Format(time.RFC3339Nano)), err == nil && v.Kind() == kind && t.Year() >= 0 && t.Year() <= 9999
}
