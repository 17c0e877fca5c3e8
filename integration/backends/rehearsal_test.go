package backends

import (
	"strings"
	"testing"
	"time"

	"hostscim/integration/harness"
	"hostscim/integration/rehearse"
)

// rehearsal plays Entra in both dialects against a back end that is empty, and
// leaves it so. The stories hold what stands in the back end after each step;
// a rehearsal asks for more, and as somebody who sees SCIM alone.
func rehearsal(t *testing.T, b backend) {
	t.Helper()
	r, err := rehearse.New(rehearse.Options{
		URL: b.scim, Token: harness.Token, Users: 4, Groups: 1, Members: 3, Sleep: func(time.Duration) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Run(t.Context())
	r.CleanUp(t.Context())
	report := r.Report()
	if report.Failed() {
		var text strings.Builder
		report.Write(&text)
		t.Errorf("the rehearsal finds\n%s", text.String())
	}
	if report.Requests < 100 {
		t.Errorf("the rehearsal sent %d requests, want whole cycles", report.Requests)
	}
	b.wantHosts(t)
	b.wantGroups(t)
}
