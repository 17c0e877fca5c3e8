package legacyclient

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// BenchmarkPage measures a page of the offset style and its envelope on our
// side of the socket, of one record and of a hundred.
func BenchmarkPage(b *testing.B) {
	for _, n := range []int{1, 100} {
		list := `{"hosts":[` + strings.Repeat(host+",", n-1) + host + `],"pagination":{"total_records":100}}`
		rt := roundTripFunc(func(*http.Request) (*http.Response, error) { return answer(200, list), nil })
		c := newClient(b, memoryOptions(b, rt))
		ep := compile(b, Endpoint{Method: "GET", Path: "/hosts", Items: "hosts", Total: "pagination.total_records", Paging: Paging{Style: PagingOffset}})
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Page(b.Context(), ep, nil, 200, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
