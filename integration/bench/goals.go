package main

import "fmt"

// goal is a bound that was set, and what was measured.
type goal struct {
	What    string  `json:"what"`
	Unit    string  `json:"unit"`
	Most    float64 `json:"most"`
	Got     float64 `json:"got"`
	Reached bool    `json:"reached"`
}

// The bounds beside those of the CPU, which are with the operations.
const (
	mostObjects     = 250
	mostPageObjects = 2500
	mostAdded       = 0.7 // ms at 20 ms latency
	mostPageAdded   = 2
	mostPeak        = 24 << 20
	mostCrowdPeak   = 64 << 20
	mostStart       = 100 // ms
	mostScaleCPU    = 1.10
	mostListGrowth  = 16 << 20
	mostMemberBytes = 1.10
)

// goals holds what was measured against the bounds.
func goals(r *report) []goal {
	var all []goal
	add := func(what, unit string, most, got float64) {
		all = append(all, goal{what, unit, most, got, got <= most})
	}
	for _, o := range r.Operations {
		f, _ := o.of(hostscimName)
		if o.Goal > 0 {
			add("CPU of "+o.Operation, "× the floor", o.Goal, f.Ratio.Median)
			add("allocations of "+o.Operation, "", pick(o, mostObjects, mostPageObjects), f.Objects.Median)
		}
		add("legacy calls of "+o.Operation, "", float64(o.Calls)+0.01, f.Calls)
	}
	for _, o := range r.Slow {
		if f, _ := o.of(hostscimName); o.Goal > 0 && f.Added != nil {
			add("p50 added to "+o.Operation, "ms", pick(o, mostAdded, mostPageAdded), f.Added.P50.Median)
		}
	}
	for _, m := range r.Memory {
		most := float64(mostPeak)
		if m.Connections > connections {
			most = mostCrowdPeak
		}
		add(fmt.Sprintf("peak memory at %d connections", m.Connections), "MiB", mib(most), mib(float64(m.Peak[hostscimName])))
	}
	add("first answer after the start", "ms", mostStart, r.Start.Median)
	if s := r.Scale; s != nil {
		for _, op := range userOperations()[1:3] {
			add(fmt.Sprintf("CPU of %s at %d hosts", op.name, s.Hosts), fmt.Sprintf("× that at %d", s.Small), mostScaleCPU, s.CPU[op.name].Median)
		}
		add(fmt.Sprintf("memory for listing %d hosts", s.Hosts), "MiB more", mib(mostListGrowth), mib(float64(s.ListGrowth)))
		add(fmt.Sprintf("calls for a member of a group of %d", s.Group), "", 1, s.MemberCalls)
		add(fmt.Sprintf("bytes allocated for a member of a group of %d", s.Group), fmt.Sprintf("× those of a group of %d", s.Beside), mostMemberBytes, s.MemberBytes)
	}
	return all
}

// pick returns the bound for one resource or for a page.
func pick(o outcome, single, page float64) float64 {
	if o.Operation == pageName {
		return page
	}
	return single
}

func mib(bytes float64) float64 { return bytes / (1 << 20) }
