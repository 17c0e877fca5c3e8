package rehearse

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// TestReportText holds the text of a report to a golden file.
func TestReportText(t *testing.T) {
	e := newEndpoint(t, "remove empties")
	report := rehearseAt(t, e, Options{Users: 3, Groups: 1, Members: 3, Dialect: "legacy", Prefix: "golden", InFlight: 1})
	got := regexp.MustCompile(`\d+\.\d (ms|s)`).ReplaceAllString(printed(report), "# $1")
	got = regexp.MustCompile(` {2,}`).ReplaceAllString(got, "  ")
	const file = "testdata/report.golden.txt"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the report differs from %s (-want +got):\n%s", file, diff)
	}
}

// TestReportFiles: the page is self-contained and well-formed, and the JSON
// says the same as the report.
func TestReportFiles(t *testing.T) {
	e := newEndpoint(t, "members returned")
	report := rehearseAt(t, e, Options{Users: 4, Groups: 1, Members: 3, Dialect: "legacy", Prefix: "page<script>"})
	var page, data bytes.Buffer
	if err := errors.Join(report.WriteHTML(&page), report.WriteJSON(&data)); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{"<script", "<link", "<img", "@import", "url(", "src="} {
		if strings.Contains(page.String(), from) {
			t.Errorf("the page has %q, and must need nothing from elsewhere", from)
		}
	}
	for _, want := range []string{"Members are returned although they were excluded.", "page&lt;script&gt;", "<polyline class=\"mean\"", "<rect class=\"patch\"", "1 finding"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	charts := regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(page.String(), -1)
	if len(charts) != 2 {
		t.Errorf("the page has %d charts, want 2", len(charts))
	}
	for _, c := range charts {
		checkChart(t, c)
	}
	var back Report
	if err := json.Unmarshal(data.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if back.Requests != report.Requests || len(back.Findings) != len(report.Findings) || len(back.Steps) != len(report.Steps) || back.Findings[0].Kind != "members-returned" {
		t.Errorf("the JSON says %+v, and the report %+v", back, report)
	}
	sent := 0
	for _, m := range back.Moments {
		sent += m.requests()
	}
	if sent != report.Requests {
		t.Errorf("the moments have %d requests, and there were %d", sent, report.Requests)
	}
}

// checkChart holds a chart to being XML with all of it in the picture.
func checkChart(t *testing.T, chart string) {
	t.Helper()
	dec := xml.NewDecoder(strings.NewReader(chart))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("the chart is no XML: %v\n%s", err, chart)
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "rect" {
			continue
		}
		at := make(map[string]float64)
		for _, a := range start.Attr {
			var v float64
			fmt.Sscan(a.Value, &v)
			at[a.Name.Local] = v
		}
		if at["x"] < plotLeft-1 || at["x"]+at["width"] > plotRight+3 || at["y"] < 0 || at["y"]+at["height"] > plotBottom+1 {
			t.Errorf("a bar lies outside of the picture: %v", at)
		}
	}
}

// TestTimeline: any length of time needs a bounded number of moments, and
// nothing is lost.
func TestTimeline(t *testing.T) {
	var line timeline
	const n = 5000
	for i := range n {
		a := &answer{request: request{method: []string{"GET", "POST", "PATCH", "PUT", "DELETE"}[i%5], want: []int{200}}, status: 200 + i%2}
		a.took = time.Duration(i) * time.Millisecond
		line.add(time.Duration(i)*time.Second, a)
	}
	view := line.view()
	if len(view) > maxMoments || len(view) < maxMoments/3 {
		t.Errorf("%d moments, want at most %d", len(view), maxMoments)
	}
	var sum Moment
	longest := 0.0
	for _, m := range view {
		sum.Get, sum.Post, sum.Patch, sum.Delete, sum.Failed = sum.Get+m.Get, sum.Post+m.Post, sum.Patch+m.Patch, sum.Delete+m.Delete, sum.Failed+m.Failed
		longest = max(longest, m.Max)
	}
	if sum.Get != n/5 || sum.Post != n/5 || sum.Patch != 2*n/5 || sum.Delete != n/5 || sum.Failed != n/2 {
		t.Errorf("the moments have %+v in all", sum)
	}
	if longest != n-1 {
		t.Errorf("the longest answer took %v ms, want %d", longest, n-1)
	}
}

// TestHistogram: quantiles are within 5 %.
func TestHistogram(t *testing.T) {
	var h histogram
	for i := 1; i <= 10000; i++ {
		h.add(time.Duration(i) * 10 * time.Microsecond)
	}
	for q, want := range map[float64]float64{0.5: 50, 0.99: 99, 0.01: 1, 1: 100} {
		if got := milliseconds(h.quantile(q)); got < want*0.95 || got > want*1.05 {
			t.Errorf("quantile(%v) = %v ms, want %v", q, got, want)
		}
	}
	h.add(time.Hour)
	h.add(-1)
	if got := (&histogram{}).quantile(0.5); got != 0 {
		t.Errorf("the quantile of nothing is %v", got)
	}
}

func TestNice(t *testing.T) {
	for in, want := range map[float64]float64{1: 1, 1.5: 2, 7: 8, 9: 10, 10: 10, 11: 20, 99: 100, 250: 400, 0.03: 0.04} {
		if got := nice(in); got < want*0.999 || got > want*1.001 {
			t.Errorf("nice(%v) = %v, want %v", in, got, want)
		}
	}
}

// TestQuarantine: the thresholds are Entra's.
func TestQuarantine(t *testing.T) {
	for _, tt := range []struct {
		objects, failed int
		want            string
	}{
		{100, 0, ""},
		{100, 10, "10 of 100 pieces of work failed in the end (10 %). Entra quarantines a job from 5,000 failures on"},
		{100, 41, "once there are 5,000 failures."},
		{10000, 5000, "Entra quarantines the job."},
		{1000000, 39999, "at 40,000 in any case"},
		{1000000, 40001, "Entra quarantines the job."},
	} {
		if got := quarantine(tt.objects, tt.failed); !strings.Contains(got, tt.want) || (tt.want == "") != (got == "") {
			t.Errorf("quarantine(%d, %d) = %q, want %q in it", tt.objects, tt.failed, got, tt.want)
		}
	}
}
