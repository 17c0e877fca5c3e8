package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// markdown writes the report as it stands in the README.
func (r *report) markdown(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d rounds on %d CPUs, %s, %d connections: median (least to most). CPU and allocations are those of one operation.\n\n", r.Rounds, r.CPUs, r.Go, connections)
	r.costs(&b)
	r.delays(&b)
	r.sizes(&b)
	if r.Scale != nil {
		r.Scale.markdown(&b)
	}
	r.missed(&b)
	_, err := w.Write(b.Bytes())
	return err
}

func row(b *bytes.Buffer, cells ...string) { fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | ")) }

func (r *report) costs(b *bytes.Buffer) {
	row(b, "Operation", "Legacy calls", "CPU of the floor", "ReverseProxy", "hostscim", "Goal", "Allocations (floor)", "Bytes (floor)", "Per second: floor, proxy, hostscim")
	b.WriteString("|---|---|---|---|---|---|---|---|---|\n")
	for _, o := range r.Operations {
		floor, _ := o.of(floorName)
		proxy, proxied := o.of(proxyName)
		own, _ := o.of(hostscimName)
		ratio, rate := "", ""
		if proxied {
			ratio, rate = times(proxy.Ratio), fmt.Sprintf("%.0f", proxy.PerSecond.Median)
		}
		goal := ""
		if o.Goal > 0 {
			goal = fmt.Sprintf("%.2f", o.Goal)
		}
		row(b, o.Operation, fmt.Sprintf("%.3g", own.Calls), fmt.Sprintf("%.0f µs", floor.CPU.Median), ratio, times(own.Ratio), goal,
			fmt.Sprintf("%.0f (%.0f)", own.Objects.Median, floor.Objects.Median),
			fmt.Sprintf("%.1f kB (%.1f kB)", own.Bytes.Median/1e3, floor.Bytes.Median/1e3),
			fmt.Sprintf("%.0f, %s, %.0f", floor.PerSecond.Median, rate, own.PerSecond.Median))
	}
}

func times(s spread) string {
	return fmt.Sprintf("× %.2f (%.2f to %.2f)", s.Median, s.Least, s.Most)
}

func (r *report) delays(b *bytes.Buffer) {
	fmt.Fprintf(b, "\nHow many milliseconds later the answer comes than from the host API itself, at a latency of %v:\n\n", slowLegacy)
	row(b, "Operation", "p50: floor", "ReverseProxy", "hostscim", "p99: floor", "ReverseProxy", "hostscim")
	b.WriteString("|---|---|---|---|---|---|---|\n")
	for _, o := range r.Slow {
		cells := []string{o.Operation}
		for _, percentile := range []func(*added) spread{
			func(a *added) spread { return a.P50 }, func(a *added) spread { return a.P99 },
		} {
			for _, name := range []string{floorName, proxyName, hostscimName} {
				f, ok := o.of(name)
				if !ok || f.Added == nil { // more than one call: nobody asks so directly
					cells = append(cells, "")
					continue
				}
				s := percentile(f.Added)
				cells = append(cells, fmt.Sprintf("%.2f (%.2f to %.2f)", s.Median, s.Least, s.Most))
			}
		}
		row(b, cells...)
	}
}

func (r *report) sizes(b *bytes.Buffer) {
	b.WriteString("\n")
	row(b, "Peak memory", "floor", "ReverseProxy", "hostscim")
	b.WriteString("|---|---|---|---|\n")
	for _, m := range r.Memory {
		cells := []string{fmt.Sprintf("%d in flight", m.Connections)}
		for _, name := range []string{floorName, proxyName, hostscimName} {
			cell := ""
			if peak, ok := m.Peak[name]; ok {
				cell = fmt.Sprintf("%.1f MiB", mib(float64(peak)))
			}
			cells = append(cells, cell)
		}
		row(b, cells...)
	}
	fmt.Fprintf(b, "\nThe first answer comes %.0f ms (%.0f to %.0f) after the start of the process.\n", r.Start.Median, r.Start.Least, r.Start.Most)
}

func (s *scale) markdown(b *bytes.Buffer) {
	b.WriteString("\n")
	row(b, fmt.Sprintf("%d hosts", s.Hosts), "")
	b.WriteString("|---|---|\n")
	for _, op := range userOperations()[1:3] {
		row(b, "CPU of "+op.name+fmt.Sprintf(", to that at %d hosts", s.Small), times(s.CPU[op.name]))
	}
	row(b, "listing all", fmt.Sprintf("%d pages in %.0f s; peak memory grows by %.1f MiB", s.ListPages, s.ListedIn, mib(float64(s.ListGrowth))))
	row(b, fmt.Sprintf("PATCH of a member of a group of %d", s.Group), fmt.Sprintf("%.3g calls; × %.2f the bytes allocated at a group of %d; peak memory grows by %.1f MiB",
		s.MemberCalls, s.MemberBytes, s.Beside, mib(float64(s.MemberPeak))))
}

// missed says which goals were not reached.
func (r *report) missed(b *bytes.Buffer) {
	var missed []goal
	for _, g := range r.Goals {
		if !g.Reached {
			missed = append(missed, g)
		}
	}
	fmt.Fprintf(b, "\n%d of %d goals were reached.\n", len(r.Goals)-len(missed), len(r.Goals))
	for _, g := range missed {
		fmt.Fprintf(b, "- missed: %s: %.4g %s, at most %.4g\n", g.What, g.Got, g.Unit, g.Most)
	}
}
