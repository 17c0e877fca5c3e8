package mapping

import (
	"runtime"
	"strings"
	"testing"

	"hostscim/adapter/scim"
)

// TestBodyCost: what a body costs is bounded by its length, whatever it says.
// The test runs alone, so that what it measures is its own.
func TestBodyCost(t *testing.T) {
	const size, perByte, base = 1 << 20, 200, 1 << 18
	c, lists := rich(t), shapes(t)
	repeat := func(before, part, after string) string {
		return before + strings.TrimSuffix(strings.Repeat(part+",", size/(len(part)+1)), ",") + after
	}
	for name, text := range map[string]string{
		"operations":     repeat(`{"Operations":[`, `{"op":"add","path":"active","value":true}`, `]}`),
		"filters":        repeat(`{"Operations":[`, `{"op":"add","path":"emails[type eq \"work\" and value pr].value","value":"a"}`, `]}`),
		"members":        repeat(`{"Operations":[{"op":"add","path":"members","value":[`, `{"value":"1"}`, `]}]}`),
		"emails":         repeat(`{"userName":"a","emails":[`, `{"value":"a"}`, `]}`),
		"names":          names(size),
		"a list":         repeat(`{"userName":"a","ims":[`, `{"value":"a","display":"b"}`, `]}`),
		"another list":   `{"userName":"a","ims":[` + numbered(size/28, `{"value":"%","type":"b"}`) + `]}`,
		"list changes":   `{"Operations":[{"op":"remove","path":"ims"},` + numbered(size/64, `{"op":"add","path":"ims","value":"%"}`) + `]}`,
		"list filters":   `{"Operations":[{"op":"remove","path":"ims"},` + numbered(size/80, `{"op":"add","path":"ims[type eq "%"].value","value":"a"}`) + `]}`,
		"unknown":        repeat(`{"userName":"a","xs":[`, `{"a":[]}`, `]}`),
		"brackets":       strings.Repeat("[", size),
		"long name":      `{"` + strings.Repeat("a", size) + `":1}`,
		"long path":      `{"Operations":[{"op":"remove","path":"` + strings.Repeat("a.", size/2) + `"}]}`,
		"long condition": `{"Operations":[{"op":"remove","path":"members[value eq \"1\"` + strings.Repeat(` or value eq \"1\"`, size/18) + `]"}]}`,
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if v, err := scim.Parse([]byte(text)); err == nil {
			for _, table := range []*Table{c.User, c.Group, lists} {
				for _, work := range []func(scim.Value) (Changes, error){table.Create, table.Replace,
					func(v scim.Value) (Changes, error) { return table.Patch(v, nil) }} {
					if changes, err := work(v); err == nil {
						changes.Body()
					}
				}
			}
		}
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > base+perByte*uint64(len(text)) {
			t.Errorf("%s: %d bytes of body cost %d bytes of memory, more than %d for each", name, len(text), got, perByte)
		}
	}
}

// numbered returns the part n times, with a number in place of each percent
// sign.
func numbered(n int, part string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = strings.ReplaceAll(part, "%", scim.Int(i).Text())
	}
	return strings.Join(parts, ",")
}

// names returns a resource with as many unknown attributes as fit.
func names(size int) string {
	var b strings.Builder
	b.WriteString(`{"userName":"a"`)
	for i := 0; b.Len() < size; i++ {
		b.WriteString(`,"x` + scim.Int(i).Text() + `":1`)
	}
	return b.String() + "}"
}

// FuzzResource: no resource body makes Create or Replace panic or answer
// with anything but a SCIM error.
func FuzzResource(f *testing.F) {
	for _, body := range []string{
		`{"schemas":["` + scim.UserURN + `","` + enterpriseURN + `"],"externalId":"x","userName":"b","active":"True","emails":[{"primary":true,"type":"work","value":"b@example.com"}],"meta":{"resourceType":"User"},"name":{"formatted":"a b","familyName":"b","givenName":"a"},"roles":[]}`,
		`{"userName":"b","addresses":null,"phoneNumbers":null,"` + enterpriseURN + `":{"manager":"7","department":null}}`,
		`{"userName":"b","emails":[{"value":"a"},"b",{"type":"home","value":"c"}],"roles":[{"primary":"True","value":"x","display":"y"}]}`,
		`{"displayName":"g","members":[{"$ref":null,"value":"1"},2,"3"]}`,
		`{"urn:ietf:params:scim:schemas:core:2.0:User":{"userName":"b"},"name.givenName":"a"}`,
	} {
		f.Add([]byte(body))
	}
	f.Add([]byte(`{"userName":"b","name":{"familyName":"c"},"ims":["a",{"type":"b"}],"ims[value eq "a"].type":"c","entitlements":[{"value":"x"}],"roles":"y; z","emails[value eq "a"].value":"b"}`))
	c, lists := rich(f), shapes(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := scim.Parse(data)
		if err != nil {
			return
		}
		for _, table := range []*Table{c.User, c.Group, lists} {
			for _, work := range []func(scim.Value) (Changes, error){table.Create, table.Replace} {
				changes, err := work(v)
				if _, isSCIM := err.(*scim.Error); err != nil && !isSCIM {
					t.Errorf("%s: error %v is no SCIM error", data, err)
				}
				if err == nil {
					if _, err := scim.Parse(changes.Body()); err != nil {
						t.Errorf("%s: the body for the legacy API is no JSON: %v", data, err)
					}
				}
			}
		}
	})
}
