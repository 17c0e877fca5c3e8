package legacytest_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"hostscim/legacyclient/legacytest"
)

// partOf reports whether the word is part of s without case, by looking at every
// part of s that is as long.
func partOf(s, word string) bool {
	n := utf8.RuneCountInString(word)
	runes := []rune(s)
	for i := 0; i+n <= len(runes); i++ {
		if strings.EqualFold(string(runes[i:i+n]), word) {
			return true
		}
	}
	return false
}

// idsFound returns which hosts a fuzzy query must find.
func idsFound(hosts []legacytest.Host, query string) (ids []int64) {
	fields := strings.Fields(query)
	for _, h := range hosts {
		match := len(fields) == 0
		for _, word := range fields {
			for _, s := range []string{h.FirstName, h.LastName, h.Email, h.Username} {
				match = match || partOf(s, word)
			}
		}
		if match {
			ids = append(ids, h.ID)
		}
	}
	return ids
}

// TestQueryFindsWhatThereIs: after any writes a query finds each host of which a word
// of it is a part, in any letter case and any alphabet, and no other.
func TestQueryFindsWhatThereIs(t *testing.T) {
	names := []string{"Ada", "ADA B", "Zoë", "ZOË", "Straße", "Kelvin", "Kurz", "ſala", "Çelik", "Ωmega", "ωhm", "Ж", "é", "ab", "x", "日本"}
	for seed := range uint64(3) {
		rng := rand.New(rand.NewPCG(seed, 7))
		pick := func() string { return names[rng.IntN(len(names))] }
		h := legacytest.NewHandler(legacytest.WithLenient())
		next := 0
		body := func() string {
			next++
			return fmt.Sprintf(`{"username":"%s%d","first_name":"%s","last_name":"%s","email":"%s.%d@example.com"}`,
				pick(), next, pick(), pick()+pick(), pick(), rng.IntN(900))
		}
		for range 1_500 {
			path := fmt.Sprintf("/hosts/%d", 1+rng.IntN(max(next, 1)))
			switch rng.IntN(8) {
			case 0:
				serve(h, "DELETE", path, "")
			case 1:
				serve(h, "PATCH", path, `{"last_name":"`+pick()+`"}`)
			case 2:
				serve(h, "PUT", path, body())
			default:
				serve(h, "POST", "/hosts", body())
			}
		}
		hosts := h.Hosts()
		for n := range 150 {
			query := pick()
			switch n % 5 {
			case 0: // a part of something that there is
				of := hosts[rng.IntN(len(hosts))]
				runes := []rune([]string{of.Email, of.Username, of.LastName, of.FirstName}[rng.IntN(4)])
				from := rng.IntN(len(runes))
				query = string(runes[from : from+1+rng.IntN(len(runes)-from)])
			case 1:
				query = strings.ToUpper(query) + " " + strings.ToLower(pick())
			case 2: // too short for an index
				query = string([]rune("aKſßΩω1.@é")[rng.IntN(10)])
			case 3:
				query = fmt.Sprintf("%s.%d@EXAMPLE", query, rng.IntN(900))
			}
			offset := rng.IntN(3) * rng.IntN(20)
			got := into[list](t, serve(h, "GET", fmt.Sprintf("/hosts?limit=30&offset=%d&query=%s", offset, url.QueryEscape(query)), ""))
			all := idsFound(hosts, query)
			page := all[min(offset, len(all)):]
			page = page[:min(30, len(page))]
			if !slices.Equal(idsOf(got.Hosts), page) || got.Pagination.Total != len(all) {
				t.Fatalf("seed %d: query %q from %d finds %v of %d, want %v of %d", seed, query, offset, idsOf(got.Hosts), got.Pagination.Total, page, len(all))
			}
		}
	}
}

// TestDeletedHostLeavesItsGroups: and no other host does, however groups came to
// their members.
func TestDeletedHostLeavesItsGroups(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 7))
	h := legacytest.NewHandler(legacytest.WithHosts(60))
	want := make(map[int64]map[int64]bool) // by group
	for n := range 20 {
		g := h.AddGroup(legacytest.Group{Name: fmt.Sprint("g", n)}, 1+rng.Int64N(20), 21)
		want[g.ID] = make(map[int64]bool)
		for _, id := range h.Members(g.ID) {
			want[g.ID][id] = true
		}
	}
	there := make(map[int64]bool)
	for id := range int64(60) {
		there[id+1] = true
	}
	for range 3_000 {
		group, host := 1+rng.Int64N(20), 1+rng.Int64N(60)
		path := fmt.Sprintf("/host_groups/%d/hosts", group)
		switch rng.IntN(60) {
		case 0:
			serve(h, "DELETE", fmt.Sprintf("/hosts/%d", host), "")
			delete(there, host)
			for _, members := range want {
				delete(members, host)
			}
		case 1:
			if len(want) > 5 {
				serve(h, "DELETE", fmt.Sprintf("/host_groups/%d", group), "")
				delete(want, group)
			}
		default:
			if rng.IntN(3) == 0 {
				serve(h, "DELETE", fmt.Sprintf("%s/%d", path, host), "")
				delete(want[group], host)
			} else if serve(h, "POST", path, fmt.Sprintf(`{"host_ids":[%d,%d]}`, host, host)); there[host] && want[group] != nil {
				want[group][host] = true
			}
		}
	}
	for _, g := range h.Groups() {
		var members []int64
		for id := range want[g.ID] {
			members = append(members, id)
		}
		slices.Sort(members)
		if got := h.Members(g.ID); !slices.Equal(got, members) || g.HostsCount != len(members) {
			t.Errorf("group %d has %v (hosts_count %d), want %v", g.ID, got, g.HostsCount, members)
		}
	}
	if len(h.Groups()) != len(want) || len(there) == 60 || len(want) == 20 {
		t.Errorf("%d groups, want %d; nothing was deleted: %t", len(h.Groups()), len(want), len(there) == 60)
	}
}
