package main

import (
	"bytes"
	"fmt"
	"html"
	"math"
)

// The chart's measures, in pixels.
const (
	chartLeft  = 430 // for the names
	chartWidth = 900
	chartBand  = 40 // of an operation
	chartTop   = 58
)

// chart draws the CPU of the proxy and of hostscim as times that of the
// floor, as an SVG that needs nothing else.
func chart(all []outcome) []byte {
	most := 1.5
	for _, o := range all {
		for _, f := range o.Contestants {
			most = max(most, f.Ratio.Most)
		}
	}
	most = math.Ceil(most*4) / 4
	at := func(ratio float64) float64 { return chartLeft + ratio/most*(chartWidth-chartLeft-20) }
	bottom := chartTop + chartBand*len(all)
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">
<rect width="100%%" height="100%%" fill="white"/>
<text x="10" y="20" font-size="15">CPU of one operation, as times that of the floor</text>
<rect x="10" y="30" width="12" height="12" fill="#9aa5b1"/><text x="28" y="40">httputil.ReverseProxy</text>
<rect x="180" y="30" width="12" height="12" fill="#2b6cb0"/><text x="198" y="40">hostscim</text>
<text x="280" y="40" fill="#c53030">| goal</text>
`, chartWidth, bottom+30)
	for tick := 0.0; tick <= most; tick += 0.5 {
		fmt.Fprintf(&b, `<line x1="%.1[1]f" y1="%[2]d" x2="%.1[1]f" y2="%[3]d" stroke="#ddd"/><text x="%.1[1]f" y="%[4]d" text-anchor="middle">%.1[5]f</text>`+"\n",
			at(tick), chartTop, bottom, bottom+16, tick)
	}
	fmt.Fprintf(&b, `<line x1="%.1[1]f" y1="%[2]d" x2="%.1[1]f" y2="%[3]d" stroke="black"/>`+"\n", at(1), chartTop, bottom)
	for i, o := range all {
		y := chartTop + i*chartBand
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`+"\n", chartLeft-8, y+24, html.EscapeString(o.Operation))
		for j, bar := range []struct{ name, color string }{{proxyName, "#9aa5b1"}, {hostscimName, "#2b6cb0"}} {
			f, ok := o.of(bar.name)
			if !ok {
				continue
			}
			top := y + 6 + j*14
			fmt.Fprintf(&b, `<rect x="%[1]d" y="%[2]d" width="%.1[3]f" height="12" fill="%[4]s"/><line x1="%.1[5]f" y1="%[6]d" x2="%.1[7]f" y2="%[6]d" stroke="black"/>`+"\n",
				chartLeft, top, at(f.Ratio.Median)-chartLeft, bar.color, at(f.Ratio.Least), top+6, at(f.Ratio.Most))
		}
		if o.Goal > 0 {
			fmt.Fprintf(&b, `<line x1="%.1[1]f" y1="%[2]d" x2="%.1[1]f" y2="%[3]d" stroke="#c53030" stroke-width="2"/>`+"\n", at(o.Goal), y+4, y+chartBand-6)
		}
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}
