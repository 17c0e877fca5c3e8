package mapping

import (
	"errors"
	"testing"
)

// TestDates: times in the spellings of legacy APIs, as RFC 3339.
func TestDates(t *testing.T) {
	t.Parallel()
	const space = `layout: "2006-01-02 15:04:05.999Z07:00"`
	for _, tt := range []struct{ spelt, value, want string }{
		{space, `"2026-01-31 12:30:00.125Z"`, "2026-01-31T12:30:00.125Z"},
		{space, `"2026-01-31 12:30:00Z"`, "2026-01-31T12:30:00Z"},
		{space, `"2026-01-31 12:30:00+02:00"`, "2026-01-31T12:30:00+02:00"},
		{space, `"2026-01-31T12:30:00Z"`, ""},
		{space, `null`, "nothing"},
		{space, `1769862600`, ""},
		{`type: datetime, layout: "02.01.2006 15:04"`, `"31.01.2026 12:30"`, "2026-01-31T12:30:00Z"},
		{`layout: "2006-01-02 15:04:05 -0700"`, `"2026-01-31 12:30:00 -0530"`, "2026-01-31T12:30:00-05:30"},
		{`type: unix_ms`, `1769862600125`, "2026-01-31T12:30:00.125Z"},
		{`type: unix_ms`, `"1769862600125"`, ""},
		{`type: unix_ms`, `253402300800000`, ""}, // the year 10000, which RFC 3339 cannot say
		{`type: unix`, `1769862600`, "2026-01-31T12:30:00Z"},
		{`type: unix`, `999999999999`, ""},
		{`type: date`, `"2026-01-31"`, "2026-01-31T00:00:00Z"},
		{`type: datetime`, `"2026-01-31T12:30:00.50+02:00"`, "2026-01-31T12:30:00.50+02:00"},
	} {
		table := tableOf(t, `userName: {legacy: login}`, `meta.created: {legacy: made, `+tt.spelt+`}`)
		v, err := table.Read([]byte(`{"id":1,"made":` + tt.value + `}`))
		var shape *ShapeError
		switch {
		case tt.want == "":
			if !errors.As(err, &shape) {
				t.Errorf("%s: %s is read as %v, %v, want a shape error", tt.spelt, tt.value, v, err)
			}
		case err != nil:
			t.Errorf("%s: %s: %v", tt.spelt, tt.value, err)
		default:
			got := table.Value(v, "meta.created").Text()
			if got == "" {
				got = "nothing"
			}
			if got != tt.want {
				t.Errorf("%s: %s is %s, want %s", tt.spelt, tt.value, got, tt.want)
			}
		}
	}
}
