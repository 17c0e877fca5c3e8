package legacytest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"hostscim/legacyclient/legacytest"
)

func TestCreateHostPrintsWholeHost(t *testing.T) {
	c := start(t, legacytest.WithClock(newClock().Now))
	a := c.want("POST", "/hosts", `{"id":77,"username":"Tav@example.com","first_name":"Tav","last_name":"Bríndle <&> \"q\"\n","email":"t@example.com",
		"company":"","unknown":[1],"custom_fields":{"z":1.50,"a":{"k":[1, 2e3]},"n":null,"é":"\u00e9"}}`, 201, "")
	want := `{"id":1,"username":"Tav@example.com","first_name":"Tav","last_name":"Bríndle <&> \"q\"\u000a","email":"t@example.com",` +
		`"alternate_email":null,"phone_number":null,"mobile_number":null,"company":null,"department":null,"profile_pic_url":null,` +
		`"visible":true,"custom_fields":{"z":1.50,"a":{"k":[1,2e3]},"n":null,"é":"\u00e9"},` +
		`"created_at":"2024-02-29T12:00:00.123Z","updated_at":"2024-02-29T12:00:00.123Z"}`
	if a.body != want {
		t.Errorf("POST /hosts answers\n%s, want\n%s", a.body, want)
	}
	if got := a.header.Get("Content-Type"); got != "application/json; charset=utf-8" {
		t.Errorf("Content-Type = %q", got)
	}
	if got := c.call("GET", "/hosts/1", ""); got.status != 200 || got.body != want {
		t.Errorf("GET /hosts/1 = %d\n%s, want\n%s", got.status, got.body, want)
	}
	host, ok := c.Host(1)
	if !ok || !reflect.DeepEqual(host, into[legacytest.Host](t, a)) {
		t.Errorf("Host(1) = %+v, %t, want what the API printed", host, ok)
	}
}

func TestHostBodyFaults(t *testing.T) {
	const required = "host/username/blank host/first_name/blank host/last_name/blank host/email/blank"
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
		errs                     string
	}{
		{"all missing", "POST", "/hosts", `{}`, 400, required},
		{"all null or blank", "POST", "/hosts", `{"username":null,"first_name":"","last_name":" \t","email":null}`, 400, required},
		{"put all missing", "PUT", "/hosts/1", `{"visible":true}`, 400, required},
		{"patch null", "PATCH", "/hosts/1", `{"last_name":null}`, 400, "host/last_name/blank"},
		{"patch empty", "PATCH", "/hosts/1", `{"email":"","username":" "}`, 400, "host/username/blank host/email/blank"},
		{"wrong types", "PATCH", "/hosts/1", `{"visible":"no","email":5,"department":[],"custom_fields":[]}`, 400,
			"host/email/invalid host/department/invalid host/visible/invalid host/custom_fields/invalid"},
		{"visible number", "PATCH", "/hosts/1", `{"visible":1}`, 400, "host/visible/invalid"},
		{"taken", "POST", "/hosts", strings.Replace(ada, "Tav@", "tAV@", 1), 400, "host/username/taken"},
		{"taken beyond ASCII", "POST", "/hosts", strings.Replace(ada, "Tav@example.com", "STRASSE\u212A", 1), 400, "host/username/taken"},
		{"taken and others together", "POST", "/hosts", `{"username":"TAV@EXAMPLE.COM","first_name":"A","email":{},"phone_number":1}`, 400,
			"host/username/taken host/last_name/blank host/email/invalid host/phone_number/invalid"},
		{"patch to taken", "PATCH", "/hosts/2", `{"username":"tav@example.com"}`, 400, "host/username/taken"},
		{"put to taken", "PUT", "/hosts/2", ada, 400, "host/username/taken"},
		{"malformed", "POST", "/hosts", `{"username":`, 400, "global/null/malformed"},
		{"trailing", "POST", "/hosts", ada + `x`, 400, "global/null/malformed"},
		{"empty", "POST", "/hosts", ``, 400, "global/null/malformed"},
		{"array", "POST", "/hosts", `[]`, 400, "global/null/malformed"},
		{"null", "PATCH", "/hosts/1", `null`, 400, "global/null/malformed"},
		{"too large", "POST", "/hosts", `{"x":"` + strings.Repeat("a", 1<<20) + `"}`, 413, "global/null/too_large"},
		{"unknown id before body", "PATCH", "/hosts/99", `{`, 404, "host/null/not_found"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := start(t)
			c.call("POST", "/hosts", ada)
			c.call("POST", "/hosts", strings.Replace(ada, "Tav@example.com", "\u017Ftra\u017F\u017Fek", 1))
			before := c.Hosts()
			if len(before) != 2 {
				t.Fatalf("set-up has %d hosts, want 2", len(before))
			}
			c.want(tt.method, tt.path, tt.body, tt.status, tt.errs)
			if !reflect.DeepEqual(c.Hosts(), before) {
				t.Errorf("a refused call changed the hosts to %+v", c.Hosts())
			}
		})
	}
}

func TestBodyOfJustOneMiBIsTaken(t *testing.T) {
	c := start(t)
	body := strings.TrimSuffix(ada, "}") + `,"x":"`
	c.want("POST", "/hosts", body+strings.Repeat("a", 1<<20-len(body)-2)+`"}`, 201, "")
}

func TestLenientRequiresUsernameOnly(t *testing.T) {
	c := start(t, legacytest.WithLenient())
	c.want("POST", "/hosts", `{"username":"a"}`, 201, "")
	c.want("POST", "/hosts", `{"email":"a"}`, 400, "host/username/blank")
	c.want("PATCH", "/hosts/1", `{"email":null}`, 200, "")
}

func TestPatchHost(t *testing.T) {
	clock := newClock()
	begin := `{"username":"tav","first_name":"Tav","last_name":"B","email":"t@example.com","company":"C","visible":false,
		"custom_fields":{"b":1,"a":{"x":1},"c":"2"}}`
	for _, tt := range []struct {
		name, body string
		change     func(*legacytest.Host)
		same       bool // updated_at stays
	}{
		{"one key", `{"last_name":"Brindle"}`, func(h *legacytest.Host) { h.LastName = "Brindle" }, false},
		{"clear", `{"company":null}`, func(h *legacytest.Host) { h.Company = "" }, false},
		{"visible", `{"visible":true}`, func(h *legacytest.Host) { h.Visible = true }, false},
		{"visible null is the default", `{"visible":null}`, func(h *legacytest.Host) { h.Visible = true }, false},
		{"own username, other case", `{"username":"TAV"}`, func(h *legacytest.Host) { h.Username = "TAV" }, false},
		{"merge custom fields", `{"custom_fields":{"d":1.0,"b":null,"a":{"y":2},"zz":null}}`, func(h *legacytest.Host) {
			h.CustomFields = []byte(`{"a":{"y":2},"c":"2","d":1.0}`)
		}, false},
		{"remove all custom fields", `{"custom_fields":null}`, func(h *legacytest.Host) { h.CustomFields = []byte(`{}`) }, false},
		{"nothing", `{"id":5,"created_at":"x","nope":1,"company":"C"}`, func(*legacytest.Host) {}, true},
		{"key in another case is unknown", `{"Company":"D"}`, func(*legacytest.Host) {}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := start(t, legacytest.WithClock(clock.Now))
			want := into[legacytest.Host](t, c.want("POST", "/hosts", begin, 201, ""))
			clock.Advance(time.Hour)
			tt.change(&want)
			if !tt.same {
				want.UpdatedAt = want.UpdatedAt.Add(time.Hour)
			}
			got := into[legacytest.Host](t, c.want("PATCH", "/hosts/1", tt.body, 200, ""))
			if !reflect.DeepEqual(got, want) {
				t.Errorf("PATCH %s = %+v, want %+v", tt.body, got, want)
			}
			if again := into[legacytest.Host](t, c.call("GET", "/hosts/1", "")); !reflect.DeepEqual(again, want) {
				t.Errorf("GET after PATCH = %+v, want %+v", again, want)
			}
		})
	}
}

func TestPutReplacesHost(t *testing.T) {
	clock := newClock()
	c := start(t, legacytest.WithClock(clock.Now))
	created := into[legacytest.Host](t, c.call("POST", "/hosts",
		`{"username":"tav","first_name":"Tav","last_name":"B","email":"t@example.com","company":"C","visible":false,"custom_fields":{"a":1,"b":2}}`))
	clock.Advance(time.Second)
	got := into[legacytest.Host](t, c.want("PUT", "/hosts/1",
		`{"username":"new","first_name":"N","last_name":"B","email":"n@example.com","custom_fields":{"b":null}}`, 200, ""))
	want := legacytest.Host{
		ID: 1, Username: "new", FirstName: "N", LastName: "B", Email: "n@example.com", Visible: true,
		CustomFields: []byte(`{"b":null}`), CreatedAt: created.CreatedAt, UpdatedAt: created.CreatedAt.Add(time.Second),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("PUT = %+v, want %+v", got, want)
	}
	// The old username is free, the new one is not.
	c.want("POST", "/hosts", ada[:len(ada)-1]+`,"username":"TAV"}`, 201, "")
	c.want("POST", "/hosts", ada[:len(ada)-1]+`,"username":"New"}`, 400, "host/username/taken")
}

func TestDeleteHost(t *testing.T) {
	c := start(t, legacytest.WithHosts(3))
	inside, outside := c.AddGroup(legacytest.Group{Name: "in"}, 1, 2, 3), c.AddGroup(legacytest.Group{Name: "out"}, 1)
	gone, _ := c.Host(3)
	if a := c.want("DELETE", "/hosts/3", "", 204, ""); a.body != "" {
		t.Errorf("DELETE answers %q, want nothing", a.body)
	}
	c.want("GET", "/hosts/3", "", 404, "host/null/not_found")
	c.want("DELETE", "/hosts/3", "", 404, "host/null/not_found")
	if got := c.Members(inside.ID); !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("members = %v, want [1 2]", got)
	}
	if g := into[legacytest.Group](t, c.call("GET", "/host_groups/1", "")); g.HostsCount != 2 {
		t.Errorf("hosts_count = %d, want 2", g.HostsCount)
	}
	if g, _ := c.Group(outside.ID); !reflect.DeepEqual(g, outside) {
		t.Errorf("the group without the host became %+v, want %+v", g, outside)
	}
	// The username is free again, the id is not.
	again := into[legacytest.Host](t, c.call("POST", "/hosts", strings.Replace(ada, "Tav@example.com", gone.Username, 1)))
	if again.ID != 4 {
		t.Errorf("id after a delete = %d, want 4", again.ID)
	}
}

func TestUnknownHosts(t *testing.T) {
	c := start(t, legacytest.WithHosts(1))
	for _, id := range []string{"2", "0", "-1", "x", "1.0", "%31x", "19999999999999999999", "%2e%2e"} {
		for _, method := range []string{"GET", "PATCH", "PUT", "DELETE"} {
			c.want(method, "/hosts/"+id, ada, 404, "host/null/not_found")
		}
	}
	if len(c.Hosts()) != 1 {
		t.Errorf("%d hosts left, want 1", len(c.Hosts()))
	}
}

func TestListHostsPages(t *testing.T) {
	c := start(t, legacytest.WithHosts(120))
	c.call("DELETE", "/hosts/2", "")
	ptr := func(n int) *int { return &n }
	for _, tt := range []struct {
		query               string
		first, count        int
		offset, limit, last int
		next                *int
	}{
		{"", 1, 50, 0, 50, 51, ptr(50)},
		{"?limit=2&include=x", 1, 2, 0, 2, 3, ptr(2)},
		{"?limit=2&offset=1", 3, 2, 1, 2, 4, ptr(3)},
		{"?limit=100000", 1, 100, 0, 100, 101, ptr(100)},
		{"?limit=100&offset=100", 102, 19, 100, 100, 120, nil},
		{"?limit=19&offset=100", 102, 19, 100, 19, 120, nil},
		{"?offset=119", 0, 0, 119, 50, 0, nil},
		{"?offset=9223372036854775807", 0, 0, 9223372036854775807, 50, 0, nil},
	} {
		got := into[list](t, c.want("GET", "/hosts"+tt.query, "", 200, ""))
		p := got.Pagination
		if got.Hosts == nil || len(got.Hosts) != tt.count || tt.count > 0 && int(got.Hosts[0].ID) != tt.first {
			t.Errorf("GET /hosts%s has %d hosts from %v, want %d from %d", tt.query, len(got.Hosts), got.Hosts, tt.count, tt.first)
		}
		if p.Total != 119 || p.Offset != tt.offset || p.Limit != tt.limit || !reflect.DeepEqual(p.Next, tt.next) {
			t.Errorf("GET /hosts%s pagination = %+v, want %+v", tt.query, p, tt)
		}
		if tt.last == 0 && p.LastID != nil || tt.last > 0 && (p.LastID == nil || *p.LastID != int64(tt.last)) {
			t.Errorf("GET /hosts%s last_id = %v, want %d", tt.query, p.LastID, tt.last)
		}
	}
	for query, errs := range map[string]string{
		"?limit=0": "global/limit/invalid", "?limit=-1": "global/limit/invalid", "?limit=x": "global/limit/invalid",
		"?limit=": "global/limit/invalid", "?offset=-1": "global/offset/invalid", "?offset=1.5": "global/offset/invalid",
		"?limit=a&offset=b": "global/limit/invalid global/offset/invalid", "?limit=%zz": "global/null/malformed",
	} {
		c.want("GET", "/hosts"+query, "", 400, errs)
	}
}

func TestPageCap(t *testing.T) {
	c := start(t, legacytest.WithHosts(9), legacytest.WithPageCap(3))
	for _, query := range []string{"", "?limit=4"} {
		if got := into[list](t, c.call("GET", "/hosts"+query, "")); len(got.Hosts) != 3 || got.Pagination.Limit != 3 {
			t.Errorf("GET /hosts%s under a cap of 3 = %d hosts, limit %d", query, len(got.Hosts), got.Pagination.Limit)
		}
	}
}

func TestFuzzyQuery(t *testing.T) {
	c := start(t)
	for i, h := range []legacytest.Host{
		{Username: "u1", FirstName: "Belara", LastName: "Oakwell", Email: "x@example.com", Department: "Secret"},
		{Username: "u2", FirstName: "Novian", LastName: "Øakström", Email: "nov@sample.example"},
		{Username: "BELARA.2", FirstName: "Kel", LastName: "Moss", Email: "k@example.com", Visible: true},
		{Username: "a%b_c", FirstName: "Mir", LastName: "Pine", Email: "mp@example.com"},
	} {
		if got := c.AddHost(h); got.ID != int64(i+1) {
			t.Fatalf("AddHost gave id %d, want %d", got.ID, i+1)
		}
	}
	for _, tt := range []struct {
		query string
		want  []int64
	}{
		{"", []int64{1, 2, 3, 4}},
		{"+%09+", []int64{1, 2, 3, 4}},
		{"belara", []int64{1, 3}},
		{"LAR", []int64{1, 3}},
		{"pine+belara", []int64{1, 3, 4}},
		{"nobody+moss", []int64{3}},
		{"%C3%B8AKSTR%C3%96M", []int64{2}},
		{"sample.example", []int64{2}},
		{"secret", nil},
		{"%25", []int64{4}},
		{"kelmoss", nil},
		{"kel%00moss", nil},
	} {
		got := into[list](t, c.want("GET", "/hosts?query="+tt.query, "", 200, ""))
		if ids := idsOf(got.Hosts); !slices.Equal(ids, tt.want) || got.Pagination.Total != len(tt.want) {
			t.Errorf("query=%s lists %v of %d, want %v", tt.query, ids, got.Pagination.Total, tt.want)
		}
	}
	got := into[list](t, c.call("GET", "/hosts?query=pine+belara&limit=1&offset=1", ""))
	if !slices.Equal(idsOf(got.Hosts), []int64{3}) || got.Pagination.Total != 3 || *got.Pagination.Next != 2 {
		t.Errorf("second match = %v, %+v, want [3] of 3, next 2", idsOf(got.Hosts), got.Pagination)
	}
	c.want("PATCH", "/hosts/4", `{"last_name":"Zimridge"}`, 200, "")
	c.want("DELETE", "/hosts/2", "", 204, "")
	for query, want := range map[string][]int64{"pine": nil, "zimridge": {4}, "moss": {3}, "novian": nil} {
		if got := into[list](t, c.call("GET", "/hosts?query="+query, "")); !slices.Equal(idsOf(got.Hosts), want) {
			t.Errorf("query=%s after PATCH and DELETE lists %v, want %v", query, idsOf(got.Hosts), want)
		}
	}
}

func TestSeedIsDeterministic(t *testing.T) {
	clock := newClock()
	make := func(opts ...legacytest.Option) []legacytest.Host {
		return legacytest.NewHandler(append(opts, legacytest.WithHosts(200), legacytest.WithClock(clock.Now))...).Hosts()
	}
	a := make()
	if !reflect.DeepEqual(a, make()) || reflect.DeepEqual(a, make(legacytest.WithSeed(2))) {
		t.Error("the seed does not decide the hosts")
	}
	invisible, gaps := 0, 0
	for _, h := range a {
		if !strings.HasSuffix(h.Email, "@example.com") || h.Username == "" || h.FirstName == "" || h.LastName == "" {
			t.Errorf("seeded host lacks something or is not at example.com: %+v", h)
		}
		if !h.Visible {
			invisible++
		}
		if h.Department == "" {
			gaps++
		}
	}
	if invisible == 0 || invisible > 100 || gaps == 0 || gaps > 100 {
		t.Errorf("of 200 hosts %d are invisible and %d lack a department, want a few", invisible, gaps)
	}
}

func TestMarshalJSONIsWhatTheAPIPrints(t *testing.T) {
	c := start(t, legacytest.WithHosts(11))
	c.AddGroup(legacytest.Group{Name: "g"}, 1)
	host, _ := c.Host(11)
	group, _ := c.Group(1)
	for path, v := range map[string]json.Marshaler{"/hosts/11": host, "/host_groups/1": group} {
		b, err := v.MarshalJSON() // json.Marshal would escape "&" as well
		if want := c.call("GET", path, "").body; err != nil || string(b) != want {
			t.Errorf("MarshalJSON() = %s, %v, want %s", b, err, want)
		}
	}
}

func TestInsideViewIsACopy(t *testing.T) {
	h := legacytest.NewHandler()
	fields := []byte(`{"a":1}`)
	added := h.AddHost(legacytest.Host{ID: 9, Username: "a", CustomFields: fields})
	h.AddGroup(legacytest.Group{Name: "g"}, 1)
	one, _ := h.Host(1)
	for _, b := range [][]byte{fields, added.CustomFields, one.CustomFields, h.Hosts()[0].CustomFields} {
		b[2] = 'X'
	}
	h.Members(1)[0] = 7
	if got := serve(h, "GET", "/hosts/1", ""); !strings.Contains(got.body, `{"a":1}`) || h.Members(1)[0] != 1 {
		t.Errorf("stored data changed through a copy: %s, members %v", got.body, h.Members(1))
	}
	if got, _ := h.Host(1); string(got.CustomFields) != `{"a":1}` {
		t.Errorf("custom fields changed through a copy to %s", got.CustomFields)
	}
}

func TestAddGroupPanics(t *testing.T) {
	h := legacytest.NewHandler(legacytest.WithHosts(1))
	h.AddGroup(legacytest.Group{Name: "a"})
	for name, add := range map[string]func(){
		"taken":   func() { h.AddGroup(legacytest.Group{Name: "A"}) },
		"no host": func() { h.AddGroup(legacytest.Group{Name: "b"}, 2) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil || len(h.Groups()) != 1 {
					t.Errorf("AddGroup did not panic or left %d groups", len(h.Groups()))
				}
			}()
			add()
		})
	}
}

func TestAddHostPanics(t *testing.T) {
	h := legacytest.NewHandler()
	h.AddHost(legacytest.Host{Username: "a"})
	h.AddHost(legacytest.Host{})
	h.AddHost(legacytest.Host{}) // no username is no conflict
	for name, host := range map[string]legacytest.Host{
		"taken": {Username: "A"}, "no object": {CustomFields: []byte(`[1]`)},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Errorf("AddHost(%+v) did not panic", host)
				}
			}()
			h.AddHost(host)
		})
	}
}

func TestDuplicateNames(t *testing.T) {
	c := start(t, legacytest.WithDuplicateNames())
	for range 2 {
		c.want("POST", "/hosts", ada, 201, "")
		c.want("POST", "/host_groups", `{"name":"g"}`, 201, "")
		c.AddHost(legacytest.Host{Username: "Tav@example.com"})
		c.AddGroup(legacytest.Group{Name: "G"})
	}
	c.want("DELETE", "/hosts/1", "", 204, "")
	c.want("PATCH", "/hosts/2", `{"username":"tav@example.com"}`, 200, "")
	if hosts, groups := len(c.Hosts()), len(c.Groups()); hosts != 3 || groups != 4 {
		t.Errorf("%d hosts and %d groups, want 3 and 4", hosts, groups)
	}
}

func TestBatch(t *testing.T) {
	c := start(t, legacytest.WithHosts(1))
	a := c.want("POST", "/hosts/batch", `{"hosts":[`+ada+`,`+ada+`,5,{}]}`, 202, "")
	type batch struct {
		BID, Status                string
		TotalRecords               int `json:"total_records"`
		Pending, Completed, Failed int
	}
	got := into[batch](t, a)
	if want := (batch{got.BID, "pending", 4, 4, 0, 0}); got.BID == "" || got != want {
		t.Errorf("POST /hosts/batch = %+v, want %+v", got, want)
	}
	end := into[batch](t, c.want("GET", "/batches/"+got.BID, "", 200, ""))
	if want := (batch{got.BID, "completed", 4, 0, 1, 3}); end != want {
		t.Errorf("GET /batches = %+v, want %+v", end, want)
	}
	if _, ok := c.Host(2); !ok || len(c.Hosts()) != 2 {
		t.Errorf("hosts after the batch = %v, want ids 1 and 2", idsOf(c.Hosts()))
	}
	c.want("GET", "/batches/nope", "", 404, "batch/null/not_found")
	c.want("POST", "/hosts/batch", `{}`, 400, "batch/hosts/blank")
	c.want("POST", "/hosts/batch", `{"hosts":{}}`, 400, "batch/hosts/invalid")
	c.want("GET", "/hosts/batch", "", 404, "host/null/not_found")
}

func idsOf(hosts []legacytest.Host) []int64 {
	var ids []int64
	for _, h := range hosts {
		ids = append(ids, h.ID)
	}
	return ids
}

func TestManyHosts(t *testing.T) {
	if testing.Short() {
		t.Skip("stores 20,000 hosts")
	}
	h := legacytest.NewHandler(legacytest.WithHosts(20_000))
	ids := make([]int64, 20_000)
	for i := range ids {
		ids[i] = int64(i + 1)
	}
	g := h.AddGroup(legacytest.Group{Name: "all"}, ids...)
	if g.HostsCount != 20_000 || !slices.Equal(h.Members(g.ID), ids) {
		t.Fatalf("group has %d hosts, want 20000", g.HostsCount)
	}
	for _, path := range []string{"/hosts", "/host_groups/1/hosts"} {
		a := serve(h, http.MethodGet, path+"?limit=1&offset=19999", "")
		if got := into[list](t, a); !slices.Equal(idsOf(got.Hosts), []int64{20_000}) || got.Pagination.Next != nil {
			t.Errorf("last page of %s = %s", path, fmt.Sprint(idsOf(got.Hosts)))
		}
	}
}
