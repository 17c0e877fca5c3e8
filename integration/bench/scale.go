package main

import (
	"fmt"
	"time"
)

// scale is hostscim in front of a large directory, beside a small one.
type scale struct {
	Hosts       int                `json:"hosts"`
	Small       int                `json:"beside"`
	CPU         map[string]spread  `json:"cpu_to_small"`      // of match and get
	Allocations map[string]float64 `json:"allocations_small"` // to the small one
	ListedIn    float64            `json:"listed_in_s"`
	ListPages   int                `json:"list_pages"`
	ListGrowth  int64              `json:"list_growth_bytes"` // of the peak
	Group       int                `json:"group"`
	Beside      int                `json:"group_beside"`
	MemberCalls float64            `json:"member_calls"`
	MemberBytes float64            `json:"member_bytes_to_small"`
	MemberPeak  int64              `json:"member_growth_bytes"`
}

const smallGroup = 10

// atScale measures in front of that many hosts, and a group of a tenth of
// them.
func (b *bench) atScale(hosts, rounds int, d time.Duration) (*scale, error) {
	s := &scale{Hosts: hosts, Small: smallDirectory, Group: hosts / 10, Beside: smallGroup, CPU: make(map[string]spread), Allocations: make(map[string]float64)}
	b.say("inventing %d hosts", hosts)
	large, err := newField(b, directory{hosts: hosts, groups: []int{smallGroup, s.Group}}, hostscimName)
	if err != nil {
		return nil, err
	}
	defer large.stop()
	small, err := newField(b, directory{hosts: smallDirectory, groups: []int{smallGroup}}, hostscimName)
	if err != nil {
		return nil, err
	}
	defer small.stop()
	if err := s.compare(b, large, small, rounds, d); err != nil {
		return nil, err
	}
	if err := s.members(large); err != nil {
		return nil, err
	}
	return s, s.list(b, large)
}

// compare measures match and get in front of both, in turn.
func (s *scale) compare(b *bench, large, small *field, rounds int, d time.Duration) error {
	for _, op := range userOperations()[1:3] {
		var cpu, objects []float64
		for round := -1; round < rounds; round++ {
			b.say("%d hosts: %s, round %d of %d", s.Hosts, op.name, round+1, rounds)
			of := make(map[*field]sample)
			order := []*field{small, large}
			if round%2 != 0 {
				order = []*field{large, small}
			}
			for _, f := range order {
				var err error
				if of[f], err = f.measure(f.contestants[0], op, connections, limit{d: d}); err != nil {
					return err
				}
			}
			if l, s := of[large], of[small]; round >= 0 {
				cpu = append(cpu, l.each(l.cpu.Seconds())/max(s.each(s.cpu.Seconds()), 1e-9))
				objects = append(objects, l.each(l.objects)/s.each(s.objects))
			}
		}
		s.CPU[op.name], s.Allocations[op.name] = spreadOf(cpu), spreadOf(objects).Median
	}
	return nil
}

// memberOps is how many members are added in a run.
const memberOps = 500

// members measures the PATCH of one member of a small group and of a large one.
func (s *scale) members(f *field) error {
	c := f.contestants[0]
	var bytes [2]float64
	for i, group := range []int{bigGroups + 1, bigGroups + 2} {
		op := &operation{name: fmt.Sprintf("PATCH members of group %d", group), scim: func(f *field, _ *contestant, i int) request {
			return memberRequest(group, 1+i%f.hosts, "Add")
		}}
		before, err := c.peak()
		if err != nil {
			return err
		}
		run, err := f.measure(c, op, 1, limit{ops: memberOps})
		if err != nil {
			return err
		}
		after, err := c.peak()
		if err != nil {
			return err
		}
		bytes[i] = run.each(run.bytes)
		s.MemberCalls, s.MemberPeak = run.each(float64(run.calls)), after-before
	}
	s.MemberBytes = bytes[1] / bytes[0]
	return nil
}

// list reads all pages, after as many as it takes to be warm.
func (s *scale) list(b *bench, f *field) error {
	b.say("listing %d hosts", s.Hosts)
	c, op := f.contestants[0], userOperations()[len(userOperations())-1]
	s.ListPages = s.Hosts / 100
	if _, err := f.measure(c, op, connections, limit{ops: 200}); err != nil {
		return err
	}
	before, err := c.peak()
	if err != nil {
		return err
	}
	run, err := f.measure(c, op, connections, limit{ops: s.ListPages})
	if err != nil {
		return err
	}
	after, err := c.peak()
	s.ListedIn, s.ListGrowth = run.wall.Seconds(), after-before
	return err
}
