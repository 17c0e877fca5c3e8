package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestMain lets the test binary be the processes that a measurement starts.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		if serve, ok := roles[os.Args[1]]; ok {
			exit(serve(os.Args[2:]))
		}
	}
	os.Exit(m.Run())
}

// TestMeasure runs everything once, as briefly as it can be, and holds that
// all of it is in what comes out.
func TestMeasure(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("CPU and memory of other processes are read from /proc")
	}
	if testing.Short() {
		t.Skip("starts a dozen processes")
	}
	var out, progress bytes.Buffer
	svg := t.TempDir() + "/chart.svg"
	if err := measure([]string{"--json", "--rounds", "1", "--run", "5ms", "--hosts", "10000", "--svg", svg}, &out, &progress); err != nil {
		t.Fatalf("%v\n%s", err, progress.String())
	}
	var r report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if got, want := len(r.Operations), len(operations()); got != want || len(r.Slow) != want {
		t.Errorf("%d and %d operations are in the report, want %d", got, len(r.Slow), want)
	}
	if over := overBudget(r.Operations); over != nil {
		t.Errorf("over the call budget: %q", over)
	}
	for _, o := range r.Operations {
		f, ok := o.of(hostscimName)
		if !ok || f.Objects.Median < 20 || f.P50.Median <= 0 || f.P99.Median < f.P50.Median || f.PerSecond.Median <= 0 {
			t.Errorf("%s: figures of hostscim are %+v", o.Operation, f)
		}
	}
	for _, o := range r.Slow {
		f, _ := o.of(hostscimName)
		if f.P50.Median < float64(o.Calls)*20 {
			t.Errorf("%s: p50 is %v ms, and the host API alone takes %d times 20", o.Operation, f.P50.Median, o.Calls)
		}
		if _, asked := o.of(directName); asked != (f.Added != nil) || !asked && o.Goal > 0 {
			t.Errorf("%s: the host API was asked directly: %v, and what hostscim adds is %v", o.Operation, asked, f.Added)
		}
	}
	if s := r.Scale; s == nil || s.ListPages != 100 || s.MemberCalls != 1 || s.Hosts != 10000 || s.MemberBytes <= 0 {
		t.Errorf("scale is %+v", s)
	}
	if len(r.Memory) != 2 || r.Memory[0].Peak[hostscimName] < 1<<20 || r.Memory[1].Peak[hostscimName] < 1<<20 || r.Start.Median <= 0 {
		t.Errorf("memory is %+v, start %+v", r.Memory, r.Start)
	}
	drawn, err := os.ReadFile(svg)
	if err != nil || !strings.Contains(string(drawn), "PATCH members: add 1") {
		t.Errorf("the chart is %.100q, %v", drawn, err)
	}
}

// TestProfile: what --profile writes is a profile of what serves requests.
func TestProfile(t *testing.T) {
	if runtime.GOOS != "linux" || testing.Short() {
		t.Skip("starts processes, and reads from /proc")
	}
	file := t.TempDir() + "/cpu"
	var out bytes.Buffer
	if err := measure([]string{"--profile", file, "--rounds", "1", "--run", "50ms"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command("go", "tool", "pprof", "-raw", file).CombinedOutput()
	if err != nil || !strings.Contains(string(text), "hostscim/adapter.") || out.Len() > 0 {
		t.Errorf("pprof of the file: %v, printed %q\n%.2000s", err, out.String(), text)
	}
}

// overBudget names the operations for which hostscim made more calls than it
// may.
func overBudget(all []outcome) []string {
	var over []string
	for _, o := range all {
		if f, ok := o.of(hostscimName); ok && f.Calls > float64(o.Calls)+0.01 {
			over = append(over, fmt.Sprintf("%s: %.2f calls, want %d", o.Operation, f.Calls, o.Calls))
		}
	}
	return over
}

func TestSpread(t *testing.T) {
	for _, tt := range []struct {
		in   []float64
		want spread
	}{
		{nil, spread{}},
		{[]float64{3}, spread{3, 3, 3}},
		{[]float64{9, 1, 2}, spread{2, 1, 9}},
		{[]float64{4, 1, 2, 9}, spread{3, 1, 9}},
	} {
		if got := spreadOf(tt.in); got != tt.want {
			t.Errorf("spreadOf(%v) = %v, want %v", tt.in, got, tt.want)
		}
	}
}

// TestSummarize: ratios are those of one round, and then the median.
func TestSummarize(t *testing.T) {
	ms := time.Millisecond
	run := func(ops int, cpu time.Duration) sample {
		return sample{ops: ops, cpu: cpu, wall: 100 * ms, calls: 2 * ops, objects: 300, bytes: 1000, took: []time.Duration{ms, 2 * ms, 9 * ms}}
	}
	floor := []sample{run(10, 10*ms), run(10, 20*ms), run(20, 10*ms)}
	own := []sample{run(10, 20*ms), run(5, 20*ms), run(10, 20*ms)}
	got := summarize("own", own, floor, nil)
	want := figures{
		Name: "own", CPU: spread{2000, 2000, 4000}, Ratio: spread{2, 2, 4}, PerSecond: spread{100, 50, 100},
		P50: spread{2, 2, 2}, P99: spread{9, 9, 9}, Calls: 2, Objects: spread{30, 30, 60}, Bytes: spread{100, 100, 200},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("summarize (-want +got):\n%s", diff)
	}
	if alone := summarize("own", own, nil, nil); alone.Ratio != (spread{}) || alone.Added != nil {
		t.Errorf("without a floor the ratio is %v, and %v is added to nothing, want none", alone.Ratio, alone.Added)
	}
	later := func(d time.Duration) sample { return sample{ops: 3, took: []time.Duration{ms, 2*ms - d, 9*ms - 2*d}} }
	direct := []sample{later(ms), later(ms / 2), later(ms / 4)}
	if got, want := summarize("own", own, floor, direct).Added, (&added{spread{0.5, 0.25, 1}, spread{1, 0.5, 2}}); !cmp.Equal(got, want) {
		t.Errorf("added = %+v, want %+v", got, want)
	}
}

func TestParseStat(t *testing.T) {
	got, err := parseStat("7 (a (b) c) R 1 1 1 0 -1 4194304 103 0 0 0 12 30 0 0 20 0 1 0")
	if err != nil || got != 420*time.Millisecond {
		t.Errorf("parseStat = %v, %v, want 420ms", got, err)
	}
	for _, bad := range []string{"", "7 (x) R 1 2", "7 (x) R 1 1 1 0 -1 4194304 103 0 0 0 a 30 0"} {
		if got, err := parseStat(bad); err == nil {
			t.Errorf("parseStat(%q) = %v, want an error", bad, got)
		}
	}
}

func TestIDOf(t *testing.T) {
	for in, want := range map[string]int{`{"id":12,"a":1}`: 12, `{"schemas":[],"id":"7"}`: 7, `{"id": 5}`: 5} {
		if got, err := idOf([]byte(in)); err != nil || got != want {
			t.Errorf("idOf(%s) = %d, %v, want %d", in, got, err, want)
		}
	}
	for _, in := range []string{``, `{"id":"x"}`, `{"id":`} {
		if got, err := idOf([]byte(in)); err == nil {
			t.Errorf("idOf(%s) = %d, want an error", in, got)
		}
	}
}

// TestGoals: a bound is held against what was measured, and a page has others.
func TestGoals(t *testing.T) {
	of := func(name string, ratio, objects, later float64) outcome {
		f := figures{Name: hostscimName, Ratio: spread{Median: ratio}, Objects: spread{Median: objects}, Calls: 1, Added: &added{P50: spread{Median: later}}}
		return outcome{Operation: name, Goal: 1.25, Calls: 1, Contestants: []figures{f}}
	}
	r := &report{Start: spread{Median: 99}, Memory: []memory{{16, map[string]int64{hostscimName: 25 << 20}}, {256, map[string]int64{hostscimName: 25 << 20}}}}
	r.Operations = []outcome{of("one", 1.26, 250, 0), of(pageName, 1.25, 2500, 0)}
	r.Slow = []outcome{of("one", 0, 0, 0.71), of(pageName, 0, 0, 1.9)}
	var missed []string
	for _, g := range goals(r) {
		if !g.Reached {
			missed = append(missed, g.What)
		}
	}
	want := []string{"CPU of one", "p50 added to one", "peak memory at 16 connections"}
	if diff := cmp.Diff(want, missed); diff != "" {
		t.Errorf("missed (-want +got):\n%s", diff)
	}
}

// TestChart: the picture is XML, whatever an operation is called.
func TestChart(t *testing.T) {
	o := outcome{Operation: "a<b", Goal: 1.25, Contestants: []figures{
		{Name: proxyName, Ratio: spread{1.2, 1, 1.4}}, {Name: hostscimName, Ratio: spread{2.1, 2, 2.3}},
	}}
	got := chart([]outcome{o, {Operation: "two calls"}})
	for dec := xml.NewDecoder(bytes.NewReader(got)); ; {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, got)
		}
	}
	if strings.Contains(string(got), "%!") {
		t.Errorf("the chart is wrongly written:\n%s", got)
	}
	if n := strings.Count(string(got), `height="12" fill="#2b6cb0"`); n != 2 { // one is the legend's
		t.Errorf("%d bars of hostscim, want the legend and one\n%s", n, got)
	}
}
