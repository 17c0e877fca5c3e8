package adapter_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"hostscim/adapter"
	"hostscim/adapter/scim/filter"
	"hostscim/configs"
	"hostscim/mapping"
)

const benchRecord = `{"id":%d,"username":"host%[1]d@example.com","first_name":"Noa","last_name":"Lindqvist","email":"host%[1]d@mail.example.com",` +
	`"alternate_email":null,"phone_number":"+1 555 0100","mobile_number":"","company":"Example","department":"Reception","visible":true,` +
	`"created_at":"2024-01-01T00:00:00Z","updated_at":"2024-06-01T12:00:00Z","notes":"not mapped","tags":["a","b"]}`

// pages is a legacy API with n hosts that are all found by every search.
type pages struct {
	n    int
	seen func() // is called before each answer
}

func (p *pages) RoundTrip(req *http.Request) (*http.Response, error) {
	if p.seen != nil {
		p.seen()
	}
	offset, _ := strconv.Atoi(req.URL.Query().Get("offset"))
	limit, _ := strconv.Atoi(req.URL.Query().Get("limit"))
	var b bytes.Buffer
	if id, ok := strings.CutPrefix(req.URL.Path, "/api/hosts/"); ok {
		n, _ := strconv.Atoi(id)
		fmt.Fprintf(&b, benchRecord, n)
		return reply(req, &b), nil
	}
	b.WriteString(`{"hosts":[`)
	for i := offset; i < min(p.n, offset+limit); i++ {
		if i > offset {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, benchRecord, i+1)
	}
	fmt.Fprintf(&b, `],"pagination":{"total_records":%d}}`, p.n)
	return reply(req, &b), nil
}

func reply(req *http.Request, b *bytes.Buffer) *http.Response {
	return &http.Response{
		StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: int64(b.Len()), Body: io.NopCloser(b), Request: req,
	}
}

// benchConfig is the shipped profile without its rate limit. unique says who
// refuses a second name: only if the legacy API does, names are remembered.
func benchConfig(b *testing.B, unique string) *mapping.Config {
	b.Helper()
	profile := bytes.Replace([]byte(configs.SignInEnterprise), []byte("rate_limit: {per_second: 50, burst: 50}"), nil, 1)
	profile = bytes.ReplaceAll(profile, []byte("unique: legacy"), []byte("unique: "+unique))
	env := map[string]string{"HOSTSCIM_TOKEN": clientToken, "LEGACY_TOKEN": legacyToken, "LEGACY_URL": "http://legacy.example.com/api"}
	config, err := mapping.Load("bench.yaml", profile, mapping.Sources{Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }})
	if err != nil {
		b.Fatal(err)
	}
	return config
}

// list returns what asks the adapter before the API for the users that match.
func (p *pages) list(b *testing.B, unique, filter string, want int) func() {
	b.Helper()
	server, err := adapter.New(adapter.Options{Config: benchConfig(b, unique), Transport: p})
	if err != nil {
		b.Fatal(err)
	}
	handler := server.Handler()
	return func() {
		req := httptest.NewRequest("GET", base+"/Users?filter="+url.QueryEscape(filter), nil)
		req.Header.Set("Authorization", "Bearer "+clientToken)
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, req)
		if rec.Code != 200 || !bytes.Contains(rec.Body.Bytes(), fmt.Appendf(nil, `"totalResults":%d,`, want)) {
			b.Fatalf("answer %d %.300s, want %d users", rec.Code, rec.Body, want)
		}
	}
}

// BenchmarkFind is the look-up of one user by name: through the handler with
// an API that costs nothing, the part of it that is not HTTP, and beside them
// what encoding/json needs for the record alone.
func BenchmarkFind(b *testing.B) {
	const find = `userName eq "HOST1@example.com"`
	for name, unique := range map[string]string{"searched": "adapter", "remembered": "legacy"} {
		b.Run(name, func(b *testing.B) {
			ask := (&pages{n: 1}).list(b, unique, find, 1)
			b.ReportAllocs()
			for b.Loop() {
				ask()
			}
		})
	}
	record := fmt.Appendf(nil, benchRecord, 1)
	b.Run("pure", func(b *testing.B) {
		table := benchConfig(b, "legacy").User
		urns := table.Type.URNs()
		var out []byte
		b.ReportAllocs()
		for b.Loop() {
			expr, err := filter.Parse(find, urns...)
			if err != nil {
				b.Fatal(err)
			}
			f, err := filter.Compile(expr, table.Type)
			if err != nil {
				b.Fatal(err)
			}
			plan := table.Plan(f)
			values, err := table.Read(record)
			if err != nil || len(plan.Steps) != 1 {
				b.Fatal(err, plan)
			}
			resource := table.Resource(values, mapping.Whole{Location: scimBase + "/Users/1", Base: scimBase})
			if !f.Match(resource) {
				b.Fatal("no match")
			}
			out = resource.Append(out[:0])
		}
	})
	b.Run("encoding_json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var v map[string]any
			if err := json.Unmarshal(record, &v); err != nil {
				b.Fatal(err)
			}
			if _, err := json.Marshal(v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkScan looks through 50 pages for a user that no search can find,
// and reports the most memory that is held meanwhile.
func BenchmarkScan(b *testing.B) {
	api := &pages{n: 50*99 + 1} // pages of 100 overlap
	calls := 0
	ask := api.list(b, "legacy", `name.familyName eq "Nobody"`, 0)
	held := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, most := held(), uint64(0)
	api.seen = func() {
		calls++
		most = max(most, held())
	}
	ask()
	if api.seen = nil; calls != 50 {
		b.Fatalf("%d calls, want 50", calls)
	}
	b.ReportAllocs()
	for b.Loop() {
		ask()
	}
	b.ReportMetric(float64(most-min(before, most)), "held-B")
	b.ReportMetric(float64(api.n), "records/op")
}
