package legacytest_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hostscim/legacyclient/legacytest"
)

func TestGroupLifecycle(t *testing.T) {
	clock := newClock()
	c := start(t, legacytest.WithHosts(2), legacytest.WithClock(clock.Now))
	a := c.want("POST", "/host_groups", `{"name":"Front <desk>","hosts_count":9,"x":1}`, 201, "")
	want := `{"id":1,"name":"Front <desk>","description":null,"hosts_count":0,"custom_fields":{},` +
		`"created_at":"2024-02-29T12:00:00.123Z","updated_at":"2024-02-29T12:00:00.123Z"}`
	if a.body != want {
		t.Errorf("POST /host_groups answers\n%s, want\n%s", a.body, want)
	}
	if got := c.call("GET", "/host_groups/1", ""); got.body != want {
		t.Errorf("GET answers\n%s, want\n%s", got.body, want)
	}
	clock.Advance(time.Minute)
	if got := c.want("PATCH", "/host_groups/1", `{"name":"Front <desk>"}`, 200, ""); got.body != want {
		t.Errorf("PATCH that changes nothing answers\n%s, want\n%s", got.body, want)
	}
	got := into[legacytest.Group](t, c.want("PATCH", "/host_groups/1", `{"description":"d","name":"FRONT <DESK>"}`, 200, ""))
	g := into[legacytest.Group](t, a)
	g.Description, g.Name, g.UpdatedAt = "d", "FRONT <DESK>", g.UpdatedAt.Add(time.Minute)
	if stored, ok := c.Group(1); !sameGroup(got, g) || !sameGroup(stored, g) || !ok {
		t.Errorf("PATCH = %+v, stored %+v, want %+v", got, stored, g)
	}
	c.want("PATCH", "/host_groups/1", `{"custom_fields":{"floor":1.0,"sites":["a"]}}`, 200, "")
	clock.Advance(time.Minute)
	c.want("PATCH", "/host_groups/1", `{"custom_fields":{"sites":null,"z":true}}`, 200, "")
	c.want("PATCH", "/host_groups/1", `{"custom_fields":[]}`, 400, "host_group/custom_fields/invalid")
	g.CustomFields, g.UpdatedAt = []byte(`{"floor":1.0,"z":true}`), g.UpdatedAt.Add(time.Minute)
	if stored, _ := c.Group(1); !sameGroup(stored, g) {
		t.Errorf("after PATCHes of custom_fields the group is %+v, want %+v", stored, g)
	}
	c.want("PATCH", "/host_groups/1", `{"custom_fields":null}`, 200, "")
	if stored, _ := c.Group(1); stored.CustomFields != nil {
		t.Errorf("custom_fields = %s, want none", stored.CustomFields)
	}
	c.want("PATCH", "/host_groups/1", `{"description":null,"name":"Other"}`, 200, "")
	c.want("POST", "/host_groups", `{"name":"front <desk>","description":"two"}`, 201, "")
	c.want("POST", "/host_groups/1/hosts", `{"host_ids":[1,2]}`, 204, "")
	c.want("DELETE", "/host_groups/1", "", 204, "")
	c.want("DELETE", "/host_groups/1", "", 404, "host_group/null/not_found")
	c.want("POST", "/host_groups", `{"name":"Other"}`, 201, "")
	if groups := c.Groups(); len(groups) != 2 || groups[1].ID != 3 || groups[1].HostsCount != 0 || len(c.Hosts()) != 2 {
		t.Errorf("after DELETE: groups %+v, %d hosts, want ids 2 and 3 and both hosts", groups, len(c.Hosts()))
	}
	if _, ok := c.Group(1); ok || c.Members(1) != nil {
		t.Error("a deleted group is still there")
	}
}

// sameGroup reports whether two groups are equal; no custom fields are {}.
func sameGroup(a, b legacytest.Group) bool {
	for _, g := range []*legacytest.Group{&a, &b} {
		if g.CustomFields == nil {
			g.CustomFields = []byte(`{}`)
		}
	}
	return reflect.DeepEqual(a, b)
}

func TestGroupFaults(t *testing.T) {
	c := start(t, legacytest.WithHosts(120))
	c.AddGroup(legacytest.Group{Name: "Straße"}, 5)
	c.AddGroup(legacytest.Group{Name: "Kitchen"})
	before := c.Groups()
	many := strings.TrimSuffix(strings.Repeat("1,", 101), ",")
	for _, tt := range []struct {
		method, path, body string
		status             int
		errs               string
	}{
		{"POST", "/host_groups", `{}`, 400, "host_group/name/blank"},
		{"POST", "/host_groups", `{"name":" ","description":5}`, 400, "host_group/name/blank host_group/description/invalid"},
		{"POST", "/host_groups", `{"name":5}`, 400, "host_group/name/invalid"},
		{"POST", "/host_groups", `{"name":"\u212AITCHEN","description":{}}`, 400, "host_group/name/taken host_group/description/invalid"},
		{"PATCH", "/host_groups/1", `{"name":"kitchen"}`, 400, "host_group/name/taken"},
		{"PATCH", "/host_groups/1", `{"name":null}`, 400, "host_group/name/blank"},
		{"PATCH", "/host_groups/1", `"x"`, 400, "global/null/malformed"},
		{"PATCH", "/host_groups/9", `{"name":"x"}`, 404, "host_group/null/not_found"},
		{"GET", "/host_groups/x", ``, 404, "host_group/null/not_found"},
		{"GET", "/host_groups/9/hosts", ``, 404, "host_group/null/not_found"},
		{"GET", "/host_groups/1/hosts?limit=0", ``, 400, "global/limit/invalid"},
		{"GET", "/host_groups?offset=-2", ``, 400, "global/offset/invalid"},
		{"POST", "/host_groups/9/hosts", `{"host_ids":["x"]}`, 404, "host_group/null/not_found"},
		{"POST", "/host_groups/1/hosts", `{}`, 400, "host_group/host_ids/blank"},
		{"POST", "/host_groups/1/hosts", `{"host_ids":null}`, 400, "host_group/host_ids/blank"},
		{"POST", "/host_groups/1/hosts", `{"host_ids":1}`, 400, "host_group/host_ids/invalid"},
		{"POST", "/host_groups/1/hosts", `{"host_ids":[1,"2"]}`, 400, "host_group/host_ids/invalid"},
		{"POST", "/host_groups/1/hosts", `{"host_ids":[1,2.0]}`, 400, "host_group/host_ids/invalid"},
		{"POST", "/host_groups/1/hosts", `{"host_ids":[null]}`, 400, "host_group/host_ids/invalid"},
		{"POST", "/host_groups/1/hosts", `{"host_ids":[` + many + `]}`, 400, "host_group/host_ids/too_many"},
		{"POST", "/host_groups/1/hosts", `{"host_ids":[1,777,2,-8,777]}`, 422, "host/host_ids/not_found host/host_ids/not_found"},
		{"DELETE", "/host_groups/1/hosts/6", ``, 404, "host/null/not_found"},
		{"DELETE", "/host_groups/1/hosts/x", ``, 404, "host/null/not_found"},
		{"DELETE", "/host_groups/9/hosts/5", ``, 404, "host_group/null/not_found"},
		{"DELETE", "/host_groups/9", ``, 404, "host_group/null/not_found"},
	} {
		c.want(tt.method, tt.path, tt.body, tt.status, tt.errs)
	}
	if !reflect.DeepEqual(c.Groups(), before) || !slices.Equal(c.Members(1), []int64{5}) {
		t.Errorf("refused calls left %+v with members %v", c.Groups(), c.Members(1))
	}
	a := c.call("POST", "/host_groups/1/hosts", `{"host_ids":[777,-8]}`)
	if !strings.Contains(a.body, "777") || !strings.Contains(a.body, "-8") {
		t.Errorf("the errors do not name the ids: %s", a.body)
	}
}

func TestListGroups(t *testing.T) {
	c := start(t)
	for _, name := range []string{"Front desk", "Kitchen", "Back desk"} {
		c.AddGroup(legacytest.Group{Name: name, Description: "kitchen"})
	}
	for query, want := range map[string]string{
		"":                     "[1 2 3] of 3 next <nil>",
		"?query=DESK":          "[1 3] of 2 next <nil>",
		"?query=kitchen+front": "[1 2] of 2 next <nil>",
		"?query=none":          "[] of 0 next <nil>",
		"?limit=2":             "[1 2] of 3 next 2",
		"?limit=2&offset=2":    "[3] of 3 next <nil>",
		"?query=desk&limit=1":  "[1] of 2 next 1",
		"?offset=9":            "[] of 3 next <nil>",
		"?query=desk&offset=1": "[3] of 2 next <nil>",
	} {
		got := into[list](t, c.want("GET", "/host_groups"+query, "", 200, ""))
		ids := []int64{}
		for _, g := range got.HostGroups {
			ids = append(ids, g.ID)
		}
		next := "<nil>"
		if got.Pagination.Next != nil {
			next = fmt.Sprint(*got.Pagination.Next)
		}
		if s := fmt.Sprintf("%v of %d next %s", ids, got.Pagination.Total, next); s != want || got.HostGroups == nil {
			t.Errorf("GET /host_groups%s = %s, want %s", query, s, want)
		}
	}
}

func TestMembers(t *testing.T) {
	clock := newClock()
	c := start(t, legacytest.WithHosts(120), legacytest.WithClock(clock.Now))
	g := c.AddGroup(legacytest.Group{Name: "g"}, 50, 10)
	clock.Advance(time.Hour)
	if a := c.want("POST", "/host_groups/1/hosts", `{"host_ids":[50,50,10]}`, 204, ""); a.body != "" {
		t.Errorf("adding answers %q, want nothing", a.body)
	}
	c.want("POST", "/host_groups/1/hosts", `{"host_ids":[]}`, 204, "")
	if got, _ := c.Group(1); !sameGroup(got, g) {
		t.Errorf("adding nobody changed the group to %+v, want %+v", got, g)
	}
	c.want("POST", "/host_groups/1/hosts", `{"host_ids":[60,7,60,30,10]}`, 204, "")
	if got := c.Members(1); !slices.Equal(got, []int64{7, 10, 30, 50, 60}) {
		t.Errorf("members = %v, want [7 10 30 50 60]", got)
	}
	c.want("DELETE", "/host_groups/1/hosts/10", "", 204, "")
	c.want("DELETE", "/host_groups/1/hosts/10", "", 404, "host/null/not_found")
	got, _ := c.Group(1)
	g.HostsCount, g.UpdatedAt = 4, g.UpdatedAt.Add(time.Hour)
	if !sameGroup(got, g) {
		t.Errorf("group = %+v, want %+v", got, g)
	}
	page := into[list](t, c.want("GET", "/host_groups/1/hosts?limit=2&offset=1", "", 200, ""))
	if !slices.Equal(idsOf(page.Hosts), []int64{30, 50}) || page.Pagination.Total != 4 || *page.Pagination.Next != 3 || *page.Pagination.LastID != 50 {
		t.Errorf("page = %v %+v, want [30 50] of 4, next 3", idsOf(page.Hosts), page.Pagination)
	}
	if host, _ := c.Host(30); !reflect.DeepEqual(page.Hosts[0], withEmptyFields(host)) {
		t.Errorf("member = %+v, want the whole host %+v", page.Hosts[0], host)
	}
	hundred := strings.TrimSuffix(strings.Repeat("1,", 99)+"2,", ",")
	c.want("POST", "/host_groups/1/hosts", `{"host_ids":[`+hundred+`]}`, 204, "")
}

// withEmptyFields makes up for JSON's {} where the inside view has nil.
func withEmptyFields(h legacytest.Host) legacytest.Host {
	if h.CustomFields == nil {
		h.CustomFields = []byte(`{}`)
	}
	return h
}

func TestMembersAgainstModel(t *testing.T) {
	const hosts = 60
	h := legacytest.NewHandler(legacytest.WithHosts(hosts))
	h.AddGroup(legacytest.Group{Name: "g"})
	rng := rand.New(rand.NewPCG(1, 2))
	model := map[int64]bool{}
	for range 500 {
		if rng.IntN(2) == 0 {
			id := 1 + rng.Int64N(hosts)
			want := 404
			if model[id] {
				want = 204
			}
			if a := serve(h, "DELETE", fmt.Sprintf("/host_groups/1/hosts/%d", id), ""); a.status != want {
				t.Fatalf("removing %d = %d, want %d", id, a.status, want)
			}
			delete(model, id)
			continue
		}
		var ids []string
		for range rng.IntN(6) {
			id := 1 + rng.Int64N(hosts)
			model[id] = true
			ids = append(ids, fmt.Sprint(id))
		}
		serve(h, "POST", "/host_groups/1/hosts", `{"host_ids":[`+strings.Join(ids, ",")+`]}`)
		want := []int64{}
		for id := range model {
			want = append(want, id)
		}
		slices.Sort(want)
		g, _ := h.Group(1)
		if got := h.Members(1); !slices.Equal(got, want) || g.HostsCount != len(want) {
			t.Fatalf("members = %v, hosts_count %d, want %v", got, g.HostsCount, want)
		}
	}
}

func TestConcurrentMembers(t *testing.T) {
	const workers, each = 8, 40
	c := start(t, legacytest.WithHosts(workers*each))
	c.AddGroup(legacytest.Group{Name: "g"})
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				id := i*workers + w + 1
				for _, call := range [][3]string{
					{"POST", "/host_groups/1/hosts", fmt.Sprintf(`{"host_ids":[%d]}`, id)},
					{"GET", "/host_groups/1/hosts", ""},
					{"PATCH", fmt.Sprintf("/hosts/%d", id), fmt.Sprintf(`{"department":"D%d"}`, i)},
				} {
					if a, err := c.try(call[0], call[1], call[2]); err != nil || a.status >= 300 {
						t.Errorf("%s %s = %d, %v", call[0], call[1], a.status, err)
					}
				}
				if i%2 == 1 {
					if a, err := c.try("DELETE", fmt.Sprintf("/host_groups/1/hosts/%d", id), ""); err != nil || a.status != 204 {
						t.Errorf("removing %d = %d, %v", id, a.status, err)
					}
				}
			}
		})
	}
	wg.Wait()
	var want []int64
	for id := range int64(workers * each) {
		if (id/workers)%2 == 0 {
			want = append(want, id+1)
		}
	}
	g, _ := c.Group(1)
	if got := c.Members(1); !slices.Equal(got, want) || g.HostsCount != len(want) {
		t.Errorf("members = %v, hosts_count %d, want %v", got, g.HostsCount, want)
	}
	if got, want := c.TotalCalls(), workers*each*3+workers*each/2; got != want {
		t.Errorf("TotalCalls() = %d, want %d", got, want)
	}
}

func TestConcurrentCreatesOfOneUsername(t *testing.T) {
	c := start(t)
	var wg sync.WaitGroup
	created := make(chan int, 16)
	for range 16 {
		wg.Go(func() {
			a, err := c.try("POST", "/hosts", ada)
			if err != nil {
				t.Error(err)
			}
			created <- a.status
		})
	}
	wg.Wait()
	close(created)
	n := 0
	for status := range created {
		if status == 201 {
			n++
		}
	}
	if n != 1 || len(c.Hosts()) != 1 {
		t.Errorf("%d creates of one username succeeded and left %d hosts, want 1", n, len(c.Hosts()))
	}
}
