package rehearse

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
)

//go:embed report.html
var page string

var pageTemplate = template.Must(template.New("report").Parse(page))

// WriteHTML writes the report as one page that needs nothing from elsewhere.
func (r *Report) WriteHTML(w io.Writer) error {
	pass, fail, skip := r.tally()
	return pageTemplate.Execute(w, struct {
		*Report
		Verdict           string
		Pass, Fail, Skip  int
		Latency, Requests chart
		ByDialect         []section
	}{r, r.verdict(), pass, fail, skip, latencyChart(r.Moments), mixChart(r.Moments), r.sections()})
}

// section is the table of a dialect.
type section struct {
	Dialect string
	Steps   []Step
}

func (r *Report) sections() (list []section) {
	for i, s := range r.Steps {
		if i == 0 || list[len(list)-1].Dialect != s.Dialect {
			list = append(list, section{Dialect: s.Dialect})
		}
		last := &list[len(list)-1]
		last.Steps = append(last.Steps, s)
	}
	return list
}

// The size of a chart, and of the part of it that is not axis.
const (
	chartWidth, chartHeight = 780, 200
	plotLeft, plotRight     = 56, 750
	plotTop, plotBottom     = 10, 172
)

// chart is a chart over time in the coordinates of its picture.
type chart struct {
	Width, Height int
	Lines         []line
	Bars          []bar
	YTicks        []tick
	XTicks        []tick
	Legend        []string // names of classes
}

type line struct{ Class, Points string }

type bar struct {
	Class      string
	X, Y, W, H float64
	Tip        string
}

type tick struct {
	At   float64
	Text string
}

// frame returns a chart with its axes for values up to top.
func frame(moments []Moment, top float64, unit string, legend ...string) chart {
	c := chart{Width: chartWidth, Height: chartHeight, Legend: legend}
	for i := range 5 {
		v := top * float64(i) / 4
		c.YTicks = append(c.YTicks, tick{yOf(v, top), fmt.Sprintf("%.4g%s", v, unit)})
	}
	if len(moments) > 0 {
		width := widthOf(moments)
		end := moments[len(moments)-1].Start + width
		for i := range 5 {
			c.XTicks = append(c.XTicks, tick{plotLeft + (plotRight-plotLeft)*float64(i)/4, fmt.Sprintf("%.3g s", end*float64(i)/4)})
		}
	}
	return c
}

// widthOf returns how long a moment is.
func widthOf(moments []Moment) float64 {
	if len(moments) > 1 {
		return moments[1].Start - moments[0].Start
	}
	return firstWidth.Seconds()
}

func yOf(v, top float64) float64 { return plotBottom - (plotBottom-plotTop)*v/top }

// xOf returns where the i-th of n moments begins.
func xOf(i, n int) float64 { return plotLeft + (plotRight-plotLeft)*float64(i)/float64(n) }

// nice returns a round number that is not below v.
func nice(v float64) float64 {
	step := 1.0
	for step*10 < v {
		step *= 10
	}
	for step > v && step > 1e-3 {
		step /= 10
	}
	for _, f := range []float64{1, 2, 4, 8, 10} {
		if f*step >= v {
			return f * step
		}
	}
	return 10 * step
}

// latencyChart shows the mean and the longest answer of each moment.
func latencyChart(moments []Moment) chart {
	top := 0.0
	for _, m := range moments {
		top = max(top, m.Max)
	}
	top = nice(max(top, 1))
	c := frame(moments, top, " ms", "mean", "longest")
	var mean, longest strings.Builder
	for i, m := range moments {
		if m.requests() == 0 {
			continue
		}
		x := xOf(i, len(moments))
		fmt.Fprintf(&mean, "%.1f,%.1f ", x, yOf(m.Mean, top))
		fmt.Fprintf(&longest, "%.1f,%.1f ", x, yOf(m.Max, top))
	}
	c.Lines = []line{{"longest", longest.String()}, {"mean", mean.String()}}
	return c
}

// mixChart shows what was sent in each moment, by method.
func mixChart(moments []Moment) chart {
	width := widthOf(moments)
	top := 0.0
	for _, m := range moments {
		top = max(top, float64(m.requests())/width)
	}
	top = nice(max(top, 1))
	c := frame(moments, top, " /s", "get", "post", "patch", "delete", "failed")
	for i, m := range moments {
		below := 0.0
		x := xOf(i, len(moments))
		w := xOf(i+1, len(moments)) - x
		for _, part := range []struct {
			class string
			n     int
		}{{"get", m.Get}, {"post", m.Post}, {"patch", m.Patch}, {"delete", m.Delete}} {
			if part.n == 0 {
				continue
			}
			share := float64(part.n) / width
			c.Bars = append(c.Bars, bar{
				part.class, x, yOf(below+share, top), w, yOf(0, top) - yOf(share, top),
				fmt.Sprintf("%.3g s: %d %s", m.Start, part.n, strings.ToUpper(part.class)),
			})
			below += share
		}
		if m.Failed > 0 {
			c.Bars = append(c.Bars, bar{"failed", x, plotTop - 6, max(w, 2), 4, fmt.Sprintf("%.3g s: %d failed", m.Start, m.Failed)})
		}
	}
	return c
}
