package legacytest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"hostscim/legacyclient/legacytest"
)

// sink is a ResponseWriter that costs nothing, so that a benchmark measures the Handler.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }
func (s *sink) WriteHeader(int)             {}

func BenchmarkSeed(b *testing.B) {
	for b.Loop() {
		legacytest.NewHandler(legacytest.WithHosts(10_000))
	}
}

func BenchmarkHandler(b *testing.B) {
	h := legacytest.NewHandler(legacytest.WithHosts(100_000))
	ids := make([]int64, 100_000)
	for i := range ids {
		ids[i] = int64(i + 1)
	}
	h.AddGroup(legacytest.Group{Name: "all"}, ids...)
	for _, bb := range []struct{ name, path string }{
		{"get", "/hosts/50000"},
		{"list", "/hosts?limit=100&offset=90000"},
		{"members", "/host_groups/1/hosts?limit=100&offset=90000"},
		{"query", "/hosts?query=.99999@example.com"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			call := httptest.NewRequest(http.MethodGet, legacytest.Prefix+bb.path, http.NoBody)
			b.ReportAllocs()
			for b.Loop() {
				r := *call
				h.ServeHTTP(&sink{make(http.Header)}, &r)
			}
		})
	}
}
