package rehearse

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Report is what came of a rehearsal.
type Report struct {
	Endpoint string   `json:"endpoint"`
	Profile  string   `json:"profile"`
	Dialects []string `json:"dialects"`
	Suite    string   `json:"suite,omitempty"`
	Prefix   string   `json:"prefix,omitempty"` // what the names began with
	Users    int      `json:"users"`            // for each dialect, as are the next two
	Groups   int      `json:"groups"`
	Members  int      `json:"members"`
	Rate     float64  `json:"rate"` // requests a second; 0: no limit

	Began    time.Time `json:"began"`
	Took     float64   `json:"took_s"`
	Requests int       `json:"requests"`

	Steps      []Step    `json:"steps"`
	Findings   []Finding `json:"findings"`
	Tests      []Test    `json:"tests,omitempty"` // of a suite
	Moments    []Moment  `json:"moments"`
	Stopped    string    `json:"stopped,omitempty"` // why it ended early
	Quarantine string    `json:"quarantine,omitempty"`
	Left       []string  `json:"left,omitempty"` // what could not be removed
}

// Report returns what came of the run.
func (r *Rehearsal) Report() *Report {
	run := &r.r
	run.mu.Lock()
	defer run.mu.Unlock()
	rep := &Report{
		Endpoint: run.o.URL, Profile: run.o.Profile, Suite: run.o.Suite,
		Users: run.o.Users, Groups: run.o.Groups, Members: run.o.Members, Rate: run.o.Rate,
		Began: run.began, Took: run.ended.Seconds(), Findings: run.findings, Tests: run.tests,
		Moments: run.time.view(), Stopped: run.stopped, Left: run.left,
	}
	if !run.o.ReadOnly {
		rep.Prefix = run.o.Prefix
	}
	for _, st := range run.client.profile.styles {
		rep.Dialects = append(rep.Dialects, st.name)
	}
	for _, s := range run.steps {
		view := *s
		view.P50, view.P99 = milliseconds(s.took.quantile(0.5)), milliseconds(s.took.quantile(0.99))
		rep.Steps = append(rep.Steps, view)
		rep.Requests += s.Requests
	}
	if run.o.Profile == "entra" && run.o.Suite == "" && run.stopped == "" {
		rep.Quarantine = quarantine(run.objects, run.failed)
	}
	return rep
}

// quarantine says what Entra would make of the failures: it looks at their
// share from 5,000 on.
func quarantine(objects, failed int) string {
	if failed == 0 {
		return ""
	}
	share := 100 * float64(failed) / float64(objects)
	text := fmt.Sprintf("%d of %d pieces of work failed in the end (%.0f %%). ", failed, objects, share)
	switch {
	case failed > 40_000 || failed >= 5000 && share > 40:
		return text + "Entra quarantines the job."
	case share > 40:
		return text + "Entra quarantines a job with this share once there are 5,000 failures."
	}
	return text + "Entra quarantines a job from 5,000 failures on if they are more than 40 %, and at 40,000 in any case (60,000 with references)."
}

// Failed reports whether there is anything to mend: findings, tests that
// failed, or a run that ended early.
func (r *Report) Failed() bool {
	for _, t := range r.Tests {
		if t.Result == Fail {
			return true
		}
	}
	return len(r.Findings) > 0 || r.Stopped != "" || len(r.Left) > 0
}

// WriteJSON writes the report as JSON.
func (r *Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// Write writes the report as text: the table, then each finding.
func (r *Report) Write(w io.Writer) error {
	var b strings.Builder
	r.writeSteps(&b)
	r.writeTests(&b)
	for i, f := range r.Findings {
		f.write(&b, i+1)
	}
	if r.Stopped != "" {
		fmt.Fprintf(&b, "\nThe run ended early. %s\n", r.Stopped)
	}
	if r.Quarantine != "" {
		fmt.Fprintf(&b, "\n%s\n", r.Quarantine)
	}
	if len(r.Left) > 0 {
		fmt.Fprintf(&b, "\nThese could not be removed and are left behind:\n  %s\n", strings.Join(r.LeftShort(), "\n  "))
	}
	fmt.Fprintf(&b, "\n%s\n", r.verdict())
	_, err := io.WriteString(w, b.String())
	return err
}

// maxLeft bounds how much of what is left behind is printed.
const maxLeft = 20

// LeftShort returns what could not be removed, or the first of it and how
// many there are: the JSON has all of it.
func (r *Report) LeftShort() []string {
	if len(r.Left) <= maxLeft {
		return r.Left
	}
	return append(slices.Clone(r.Left[:maxLeft]), fmt.Sprintf("and %d more, which the JSON report names", len(r.Left)-maxLeft))
}

func (r *Report) verdict() string {
	what := fmt.Sprintf("%d requests in %.1f s: ", r.Requests, r.Took)
	if len(r.Tests) > 0 {
		pass, fail, skip := r.tally()
		what += fmt.Sprintf("%d tests passed, %d failed, %d skipped; ", pass, fail, skip)
	}
	switch n := len(r.Findings); {
	case n == 0 && r.Stopped != "":
		return what + "no findings so far."
	case n == 0:
		return what + "no findings."
	case n == 1:
		return what + "1 finding."
	default:
		return what + fmt.Sprintf("%d findings.", n)
	}
}

func (r *Report) writeSteps(b *strings.Builder) {
	tab := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	dialect := "\x00"
	for _, s := range r.Steps {
		if s.Dialect != dialect {
			dialect = s.Dialect
			tab.Flush()
			name := "step"
			if dialect != "" {
				name = "step, " + dialect + " dialect"
			}
			fmt.Fprintf(b, "\n")
			fmt.Fprintf(tab, "%-32s\trequests\tok\tfailed\tp50\tp99\t\n", name)
		}
		fmt.Fprintf(tab, "%-32s\t%d\t%d\t%d\t%.1f ms\t%.1f ms\t\n", s.Name, s.Requests, s.OK, s.Failed, s.P50, s.P99)
	}
	tab.Flush()
}

func (f *Finding) write(b *strings.Builder, n int) {
	fmt.Fprintf(b, "\n%d. %s", n, f.Title)
	var notes []string
	if f.Dialect != "" {
		notes = append(notes, f.Dialect+" dialect")
	}
	if f.Count > 1 {
		notes = append(notes, fmt.Sprintf("%d times", f.Count))
	}
	if len(notes) > 0 {
		fmt.Fprintf(b, " (%s)", strings.Join(notes, ", "))
	}
	fmt.Fprintf(b, "\n   %s\n", f.Seen)
	for _, part := range []struct{ name, text string }{{"Before", f.Before}, {"Request", f.Request}, {"Answer", f.Answer}, {"Next", f.Next}, {"Mend", f.Mend}} {
		if part.text != "" {
			fmt.Fprintf(b, "   %-8s %s\n", part.name, strings.ReplaceAll(part.text, "\n", "\n            "))
		}
	}
}
