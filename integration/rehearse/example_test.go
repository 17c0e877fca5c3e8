package rehearse_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"hostscim/integration/rehearse"
)

// An endpoint that answers 404 where nobody matches is found out by the
// connection test.
func ExampleNew() {
	endpoint := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/scim+json")
		w.WriteHeader(http.StatusNotFound) // to every question: Entra does not take that for "nobody"
	})
	server := httptest.NewServer(endpoint)
	defer server.Close()

	ctx := context.Background()
	r, err := rehearse.New(rehearse.Options{URL: server.URL, Users: 10, Groups: 2, Members: 5, Dialect: "legacy"})
	if err != nil {
		fmt.Println(err)
		return
	}
	r.Run(ctx)
	r.CleanUp(ctx)
	for _, f := range r.Report().Findings {
		fmt.Println(f.Kind+":", f.Mend)
	}
	// Output:
	// probe-user: Answer 200 with a ListResponse, totalResults 0 and Resources [].
}
