package mapping

import (
	"testing"
	"time"
)

// TestLimits: what follows from other limits, unless it is written.
func TestLimits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		server        string
		header, write time.Duration
	}{
		{"max_results: 10", 10 * time.Second, 90 * time.Second},
		{"request_timeout: 2m", 10 * time.Second, 185 * time.Second},
		{"limits: {read_timeout: 4s}", 4 * time.Second, 34 * time.Second},
		{"limits: {read_timeout: 4s, header_timeout: 1s, write_timeout: 26s}", time.Second, 26 * time.Second},
	} {
		l := load(t, "server:\n  "+tt.server+"\n"+profile("")).Server.Limits
		if time.Duration(l.HeaderTimeout) != tt.header || time.Duration(l.WriteTimeout) != tt.write {
			t.Errorf("%s: header_timeout %v, write_timeout %v, want %v, %v", tt.server, time.Duration(l.HeaderTimeout), time.Duration(l.WriteTimeout), tt.header, tt.write)
		}
	}
}
