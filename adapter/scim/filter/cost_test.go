package filter

import (
	"runtime"
	"strings"
	"testing"

	"hostscim/adapter/scim"
)

// TestParseCost: what a filter costs is bounded by its length, whatever it
// says. The test runs alone, so that what it measures is its own.
func TestParseCost(t *testing.T) {
	const size, perByte, base = 1 << 20, 400, 1 << 16
	user := scim.User()
	for name, text := range map[string]string{
		"conjuncts":   strings.Repeat("a pr and ", size/9) + "a pr",
		"disjuncts":   strings.Repeat(`userName eq "" or `, size/18) + "active pr",
		"parentheses": strings.Repeat("(", size),
		"nots":        strings.Repeat("not(", size/4),
		"brackets":    strings.Repeat("a[", size/2),
		"long name":   strings.Repeat("a", size) + " pr",
		"long text":   `userName eq "` + strings.Repeat(`A`, size) + `"`,
		"bad text":    `userName eq "` + strings.Repeat(`\`, size) + `"`,
		"long number": "userName eq " + strings.Repeat("9", size),
		"colons":      strings.Repeat(":", size) + " pr",
		"dots":        strings.Repeat("a.", size/2) + " pr",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if e, err := Parse(text, user.URNs()...); err == nil {
			if f, err := Compile(e, user); err == nil {
				f.Match(scim.Obj())
			}
		}
		if p, err := ParsePath(text, user.URNs()...); err == nil {
			_, _ = Resolve(p, user)
		}
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > base+perByte*uint64(len(text)) {
			t.Errorf("%s: %d bytes of filter cost %d bytes of memory, more than %d for each", name, len(text), got, perByte)
		}
	}
}
