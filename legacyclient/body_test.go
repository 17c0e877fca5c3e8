package legacyclient

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRequestBody holds what is sent, and as what, for each format.
func TestRequestBody(t *testing.T) {
	type request struct {
		Type, Body string
		Length     int64
	}
	var got request
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got = request{r.Header.Get("Content-Type"), string(b), r.ContentLength}
		w.WriteHeader(204)
	})
	c := newClient(t, s.options(t))
	const formType = "application/x-www-form-urlencoded"
	tests := []struct {
		name string
		ep   Endpoint
		body string
		want request
	}{
		{"json", Endpoint{Format: FormatJSON}, `{"a": 1}`, request{"application/json", `{"a": 1}`, 8}},
		{"merge patch", Endpoint{Format: FormatMergePatch}, `{"a":null}`, request{"application/merge-patch+json", `{"a":null}`, 10}},
		{"wrapped", Endpoint{Wrap: "host"}, `{"a": 1.0}`, request{"application/json", `{"host":{"a": 1.0}}`, 19}},
		{"wrapped deep", Endpoint{Wrap: `data."é`, Format: FormatMergePatch}, `{}`, request{"application/merge-patch+json", `{"data":{"\"é":{}}}`, 20}},
		{"form", Endpoint{Format: FormatForm}, `{"a":"b c"}`, request{formType, "a=b+c", 5}},
		{"form wrapped", Endpoint{Format: FormatForm, Wrap: "host"}, `{"a":true}`, request{formType, "host%5Ba%5D=true", 16}},
		{"empty form", Endpoint{Format: FormatForm}, `{}`, request{formType, "", 0}},
		{"nothing to wrap", Endpoint{Wrap: "host"}, "", request{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.ep.Method, tt.ep.Path = "PUT", "/hosts"
			var in []byte
			if tt.body != "" {
				in = []byte(tt.body)
			}
			if _, err := c.Do(t.Context(), compile(t, tt.ep), nil, in); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("request differs (-want +got):\n%s", diff)
			}
		})
	}
}

var forms = []struct{ name, body, wrap, want string }{
	{"flat", `{"first_name":"Barbara","last_name":"Jensen"}`, "", "first_name=Barbara&last_name=Jensen"},
	{"order of the body", `{"b":1,"a":2,"c":3}`, "", "b=1&a=2&c=3"},
	{"scalars as spelt", `{"a":true,"b":false,"c":1.50,"d":-1e3,"e":"007"}`, "", "a=true&b=false&c=1.50&d=-1e3&e=007"},
	{"null and empty", `{"a":null,"b":"","c":{},"d":[]}`, "", "a=&b=&c=&d="},
	{"nested", `{"a":{"b":"c","d":{"e":1}}}`, "", "a[b]=c&a[d][e]=1"},
	{"list", `{"ids":[1,"2",null]}`, "", "ids[]=1&ids[]=2&ids[]="},
	{"list of objects", `{"a":[{"b":1,"c":2},{"b":3}]}`, "", "a[][b]=1&a[][c]=2&a[][b]=3"},
	{"list of lists", `{"a":[[1],[]]}`, "", "a[][]=1&a[]="},
	{"names behind nested ones", `{"a":{"b":1},"c":[2],"d":3}`, "", "a[b]=1&c[]=2&d=3"},
	{"wrapped", `{"a":1,"b":{"c":[2]}}`, "host", "host[a]=1&host[b][c][]=2"},
	{"wrapped deep", `{"a":1}`, "data.host", "data[host][a]=1"},
	{"wrapped and empty", `{}`, "host", "host="},
	{"escaping", `{"a&b=c [d]":"x&y=z+1%\n"}`, "", "a&b=c [d]=x&y=z+1%\n"},
	{"unicode", `{"name":"Zo\u00eb \ud83d\ude00"}`, "", "name=Zoë 😀"},
	{"empty name", `{"":1,"a":{"":2}}`, "", "=1&a[]=2"},
	{"duplicate name", `{"a":1,"a":2}`, "", "a=1&a=2"},
}

func TestForm(t *testing.T) {
	for _, tt := range forms {
		t.Run(tt.name, func(t *testing.T) {
			ep := compile(t, Endpoint{Method: "POST", Path: "/hosts", Format: FormatForm, Wrap: tt.wrap})
			got, err := ep.encode([]byte(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			if tt.name == "escaping" {
				if want := "a%26b%3Dc+%5Bd%5D=x%26y%3Dz%2B1%25%0A"; string(got) != want {
					t.Errorf("encode(%s) = %s, want %s", tt.body, got, want)
				}
				return
			}
			var pairs []string
			for pair := range strings.SplitSeq(string(got), "&") {
				text, err := url.QueryUnescape(pair)
				if err != nil {
					t.Fatal(err)
				}
				pairs = append(pairs, text)
			}
			if text := strings.Join(pairs, "&"); text != tt.want {
				t.Errorf("encode(%s) = %s, want %s", tt.body, text, tt.want)
			}
		})
	}
	c := newClient(t, memoryOptions(t, nil))
	ep := compile(t, Endpoint{Method: "POST", Path: "/hosts", Format: FormatForm})
	for _, bad := range []string{`[1]`, `"a"`, `1`, `null`, `{"a":1`, `{"a":1}{}`, `a=b`, "{\"a\":\"\xff\"}"} {
		_, err := c.Do(t.Context(), ep, nil, []byte(bad))
		if e, ok := errors.AsType[*Error](err); !ok || !errors.Is(err, ErrMisconfigured) || e.Attempts != 0 || !strings.Contains(err.Error(), errNoForm.text) {
			t.Errorf("Do(%s) = %v, want ErrMisconfigured and no attempt", bad, err)
		}
	}
}

// FuzzForm holds that every object is a form that can be read again, with as
// many pairs as it has values.
func FuzzForm(f *testing.F) {
	for _, tt := range forms {
		f.Add([]byte(tt.body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := encodeForm(body, nil)
		if err != nil {
			return
		}
		if !validJSON(body) {
			t.Errorf("encodeForm accepts %q", body)
		}
		if strings.ContainsAny(string(got), "; \"{}[]\r\n") {
			t.Errorf("encodeForm(%q) = %q", body, got)
		}
		if _, err := url.ParseQuery(string(got)); err != nil {
			t.Errorf("encodeForm(%q) = %q: %v", body, got, err)
		}
	})
}

// TestWrapIsRepeated holds that every attempt sends the whole of it.
func TestWrapIsRepeated(t *testing.T) {
	m := &memoryTransport{f: func(n int, r *http.Request) (*http.Response, error) {
		b, _ := io.ReadAll(r.Body)
		if string(b) != `{"host":{"a":1}}` || r.ContentLength != int64(len(b)) {
			t.Errorf("attempt %d sends %s, length %d", n, b, r.ContentLength)
		}
		return answer([]int{503, 200}[n-1], "{}"), nil
	}}
	ep := compile(t, Endpoint{Method: "PATCH", Path: "/hosts/{id}", Wrap: "host"})
	in := []byte(`{"a":1}`)
	if _, err := newClient(t, memoryOptions(t, m)).Do(t.Context(), ep, Vars{"id": "7"}, in); err != nil || string(in) != `{"a":1}` {
		t.Errorf("Do() = %v, body %s", err, in)
	}
}

func TestItem(t *testing.T) {
	tests := []struct {
		name, item, body, want string
		ok                     bool
	}{
		{"wrapped", "host", `{"host": {"id": 1.0} , "x":[]}`, `{"id": 1.0}`, true},
		{"deep", "data.host", "\xEF\xBB\xBF" + `{"data":{"x":{},"host":{}}}`, `{}`, true},
		{"escaped name", "host", `{"h\u006fst":{"id":1}}`, `{"id":1}`, true},
		{"first of several", "host", `{"host":{"id":1},"host":{"id":2}}`, `{"id":1}`, true},
		{"invalid UTF-8", "host", "{\"host\":{\"n\":\"\xff\"}}", "{\"n\":\"\xff\"}", true},
		{"missing", "host", `{"id":1}`, "", false},
		{"missing deep", "data.host", `{"data":null}`, "", false},
		{"null", "host", `{"host":null}`, "", false},
		{"list", "host", `{"host":[{"id":1}]}`, "", false},
		{"text", "host", `{"host":"1"}`, "", false},
		{"answer is a list", "host", `[{"host":{}}]`, "", false},
		{"answer is a text", "host", `"host"`, "", false},
		{"no JSON behind it", "host", `{"host":{"id":1}`, "", false},
	}
	for _, tt := range tests {
		for _, method := range []string{"GET", "PATCH"} {
			t.Run(tt.name+"/"+method, func(t *testing.T) {
				m := &memoryTransport{f: func(int, *http.Request) (*http.Response, error) { return answer(200, tt.body), nil }}
				o := memoryOptions(t, m)
				o.MaxAttempts = 2
				ep := compile(t, Endpoint{Method: method, Path: "/hosts/{id}", Item: tt.item})
				reply, err := newClient(t, o).Do(t.Context(), ep, Vars{"id": "7"}, nil)
				if tt.ok {
					if err != nil || string(reply.Body) != tt.want {
						t.Errorf("Do() = %s, %v, want %s", reply.Body, err, tt.want)
					}
					if cap(reply.Body) != len(reply.Body) {
						t.Error("an append to the record would write into the answer")
					}
					return
				}
				e, ok := errors.AsType[*Error](err)
				if !ok || !errors.Is(err, ErrUnavailable) || e.MayHaveHappened != (method == "PATCH") || e.Attempts != 2 {
					t.Errorf("Do() = %#v, want ErrUnavailable after two attempts", err)
				}
			})
		}
	}
}

// TestItemLeftOut holds that a write may be answered by nothing, and that
// errors have their own format.
func TestItemLeftOut(t *testing.T) {
	var reply *http.Response
	m := &memoryTransport{f: func(int, *http.Request) (*http.Response, error) { return reply, nil }}
	o := memoryOptions(t, m)
	o.MaxAttempts = 1
	c := newClient(t, o)
	do := func(method string) error {
		_, err := c.Do(t.Context(), compile(t, Endpoint{Method: method, Path: "/hosts/{id}", Item: "host", Wrap: "host"}), Vars{"id": "7"}, nil)
		return err
	}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		for _, status := range []int{200, 201, 202, 204} {
			if reply = answer(status, ""); do(method) != nil {
				t.Errorf("%s answered by an empty %d is an error", method, status)
			}
		}
	}
	if reply = answer(200, ""); !errors.Is(do("GET"), ErrUnavailable) {
		t.Error("GET answered by nothing is no error")
	}
	reply = answer(422, `{"errors":[{"attribute":"email","code":"taken"}]}`)
	e, ok := errors.AsType[*Error](do("POST"))
	if !ok || len(e.Faults) != 1 || e.Faults[0].Field != "email" {
		t.Errorf("Do() = %+v, want the fault", e)
	}
}

func TestEach(t *testing.T) {
	tests := []struct {
		name, items, each, body string
		want                    []string
		err                     *reason
	}{
		{"wrapped", "", "host", `[{"host": {"id": 1}, "x": 1}, {"host":{"id":2}}]`, []string{`{"id": 1}`, `{"id":2}`}, nil},
		{"deep", "data", "node.host", `{"data":[{"node":{"x":{},"host":{}}}]}`, []string{`{}`}, nil},
		{"empty", "", "host", `[]`, nil, nil},
		{"missing", "", "host", `[{"host":{}},{"id":2}]`, nil, errNoRecord},
		{"null", "", "host", `[{"host":null}]`, nil, errNoRecord},
		{"list", "", "host", `[{"host":[]}]`, nil, errNoRecord},
		{"text", "", "host", `[{"host":"x"}]`, nil, errNoRecord},
		{"no objects", "", "host", `["host"]`, nil, errNotObject},
		{"not wrapped deep", "", "a.b", `[{"a":1}]`, nil, errNoRecord},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &memoryTransport{f: func(int, *http.Request) (*http.Response, error) { return answer(200, tt.body), nil }}
			ep := compile(t, Endpoint{Method: "GET", Path: "/hosts", Items: tt.items, Each: tt.each})
			page, err := newClient(t, memoryOptions(t, m)).Page(t.Context(), ep, nil, 0, 0)
			if tt.err != nil {
				if !errors.Is(err, ErrUnavailable) || !errors.Is(err, tt.err) {
					t.Errorf("Page() = %v, want %v", err, tt.err)
				}
				return
			}
			var got []string
			for _, r := range page.Records {
				got = append(got, string(r))
				_ = append(r, "overwritten"...) // must not reach the next one
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("Page() differs (-want +got):\n%s%v", diff, err)
			}
		})
	}
}

func TestTotalHeader(t *testing.T) {
	tests := []struct {
		name, total, header string
		want                int
	}{
		{"header", `null`, "7", 7},
		{"spaces", `null`, " 7 ", 7},
		{"absent", `null`, "", -1},
		{"no number", `null`, "many", -1},
		{"below zero", `null`, "-7", -1},
		{"both", `5`, "7", 5},
		{"body alone", `5`, "", 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &memoryTransport{f: func(int, *http.Request) (*http.Response, error) {
				a := answer(200, `{"h":[{}],"t":`+tt.total+`}`)
				if tt.header != "" {
					a.Header.Set("X-Total-Count", tt.header)
				}
				return a, nil
			}}
			c := newClient(t, memoryOptions(t, m))
			ep := compile(t, Endpoint{Method: "GET", Path: "/hosts", Items: "h", Total: "t", TotalHeader: "x-total-count", Paging: Paging{Style: PagingOffset}})
			if page, err := c.Page(t.Context(), ep, nil, 0, 0); err != nil || page.Total != tt.want {
				t.Errorf("Page() = total %d, %v, want %d", page.Total, err, tt.want)
			}
		})
	}
	m := &memoryTransport{f: func(int, *http.Request) (*http.Response, error) {
		return answer(200, `[{}]`, "X-Total-Count", "3"), nil
	}}
	ep := compile(t, Endpoint{Method: "GET", Path: "/hosts", TotalHeader: "X-Total-Count"})
	if _, err := newClient(t, memoryOptions(t, m)).Page(t.Context(), ep, nil, 0, 0); !errors.Is(err, errShortList) {
		t.Errorf("Page() of a list that is paged after all = %v, want %v", err, errShortList)
	}
}
