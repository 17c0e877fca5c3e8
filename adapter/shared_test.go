package adapter_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"hostscim/configs"
	"hostscim/legacyclient/legacytest"
)

// complete is an adapter with the profile that maps every attribute.
func complete(t *testing.T) *fixture {
	return start(t, setup{profile: string(configs.Complete), legacy: []legacytest.Option{legacytest.WithLenient()}})
}

// TestSharedFields: lists, and elements of arrays, of a record: what is
// written comes back, and the record is read only where a change depends on it.
func TestSharedFields(t *testing.T) {
	f := complete(t)
	f.want(201, "POST", "/Users", `{"userName":"ada","name":{"givenName":"Ada","familyName":"King"},"emails":[{"type":"work","value":"a@example.com"}],
		"roles":[{"value":"r"}],"`+enterprise+`":{"costCenter":"9","division":"D"}}`)
	f.wantCalls("POST /hosts")
	custom := func(want string) {
		t.Helper()
		if host, _ := f.api.Host(1); string(host.CustomFields) != want {
			t.Errorf("custom_fields =\n%s, want\n%s", host.CustomFields, want)
		}
	}
	custom(`{"emails":[{"address":"a@example.com","kind":"work"}],"roles":[{"value":"r"}],"enterprise":[{"key":"cost_center","value":"9"},{"key":"division","value":"D"}]}`)
	edit := func(calls []string, operations ...string) {
		t.Helper()
		f.want(200, "PATCH", "/Users/1", patch(operations...))
		f.wantCalls(calls...)
	}
	depends := []string{"GET /hosts/1", "PATCH /hosts/1"}
	edit(depends, `{"op":"add","path":"emails","value":[{"type":"home","value":"h@example.com","primary":true}]}`,
		`{"op":"replace","path":"emails[type eq \"work\"].value","value":"w@example.com"}`)
	edit(depends, `{"op":"remove","path":"`+enterprise+`:costCenter"}`)
	edit([]string{"PATCH /hosts/1"}, `{"op":"replace","path":"roles","value":[{"value":"s"}]}`, `{"op":"replace","path":"title","value":"Host"}`)
	custom(`{"emails":[{"address":"w@example.com","kind":"work"},{"address":"h@example.com","kind":"home","main":true}],"roles":[{"value":"s"}],"enterprise":[{"key":"division","value":"D"}],"title":"Host"}`)

	// What is there already needs no writing.
	edit([]string{"GET /hosts/1"}, `{"op":"add","path":"roles","value":{"value":"s"}}`)
	f.wantError(400, "noTarget", "PATCH", "/Users/1", patch(`{"op":"replace","path":"emails[value eq \"x@example.com\"].type","value":"work"}`), "emails")
	f.wantError(404, "", "PATCH", "/Users/9", patch(`{"op":"add","path":"roles","value":"s"}`), "no User")
	f.calls()

	for filter, want := range map[string]string{
		`emails.value eq "H@example.com"`:                                  "1",
		`emails[type eq "home" and value sw "h"]`:                          "1",
		`emails[type eq "work" and value sw "h"]`:                          "",
		`roles eq "s" and ` + enterprise + `:division eq "D" and title pr`: "1",
	} {
		a := f.want(200, "GET", "/Users?filter="+url.QueryEscape(filter), "")
		if got := strings.Join(a.ids(t), ","); got != want {
			t.Errorf("filter %s finds %q, want %q", filter, got, want)
		}
	}
	f.calls()
	f.want(200, "PUT", "/Users/1", `{"userName":"ada","name":{"givenName":"Ada","familyName":"King"},"ims":[{"value":"a"}]}`)
	f.wantCalls(depends...)
	custom(`{"emails":[],"roles":[],"enterprise":[],"phones":[],"ims":[{"value":"a"}],"photos":[],"addresses":[],"entitlements":[],"certificates":[]}`)
}

// TestSharedFieldsSideBySide: of changes at once that depend on one record
// all stand, and so does one that replaces what the others add to.
func TestSharedFieldsSideBySide(t *testing.T) {
	f := complete(t)
	f.want(201, "POST", "/Users", `{"userName":"ada","name":{"givenName":"Ada","familyName":"King"}}`)
	const n = 16
	var wg sync.WaitGroup
	change := func(operation string) {
		wg.Go(func() { f.want(200, "PATCH", "/Users/1", patch(operation)) })
	}
	for i := range n {
		change(fmt.Sprintf(`{"op":"add","path":"emails","value":{"value":"%d@example.com"}}`, i))
		change(fmt.Sprintf(`{"op":"add","path":"roles[type eq \"%d\"].value","value":"r"}`, i))
	}
	change(`{"op":"add","path":"` + enterprise + `:costCenter","value":"9"}`)
	change(`{"op":"add","path":"` + enterprise + `:division","value":"D"}`)
	change(`{"op":"add","path":"` + enterprise + `:employeeNumber","value":"7"}`)
	wg.Wait()
	user := f.want(200, "GET", "/Users/1", "").value(t)
	if emails, roles := user.Get("emails").Len(), user.Get("roles").Len(); emails != n || roles != n || user.Get(enterprise).Len() != 3 {
		t.Errorf("after changes side by side the user has %d emails, %d roles, want %d of both: %s", emails, roles, n, user)
	}
}

// TestSharedFieldsElsewhere: where the API checks versions, a change that was
// worked out on a record that somebody else has changed since is worked out
// anew, and one with If-Match is refused.
func TestSharedFieldsElsewhere(t *testing.T) {
	var f *fixture
	elsewhere, changes := 0, 0 // how often somebody else is faster, and was
	f = start(t, setup{
		profile: string(configs.Complete), legacy: []legacytest.Option{legacytest.WithLenient()},
		edits: []string{`update: {request: "PATCH /hosts/{id}", body: changed}`, `update: {request: "PATCH /hosts/{id}", body: changed, version: {field: department, header: If-Match}}`},
		before: func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != "PATCH" || elsewhere == 0 {
				return false
			}
			elsewhere, changes = elsewhere-1, changes+1
			f.behind("PATCH", "/hosts/1", fmt.Sprintf(`{"department":"%[1]d","custom_fields":{"emails":[{"address":"%[1]d@example.com"}]}}`, changes))
			w.WriteHeader(http.StatusPreconditionFailed)
			return true
		},
	})
	f.want(201, "POST", "/Users", `{"userName":"ada","name":{"givenName":"Ada","familyName":"King"},"`+enterprise+`":{"department":"D"}}`)
	add := patch(`{"op":"add","path":"emails","value":{"value":"a@example.com"}}`)
	tag := f.tag("/Users/1")
	elsewhere = 2
	user := f.want(200, "PATCH", "/Users/1", add).value(t)
	if got, want := user.Get("emails").String(), `[{"value":"2@example.com"},{"value":"a@example.com"}]`; got != want {
		t.Errorf("emails = %s, want %s", got, want)
	}
	f.call("PATCH", "/Users/1", add, "If-Match", tag).checkError(t, 412, "")
	elsewhere = 1
	f.call("PATCH", "/Users/1", patch(`{"op":"add","path":"emails","value":{"value":"b@example.com"}}`), "If-Match", f.tag("/Users/1")).checkError(t, 412, "")
	elsewhere = 100
	f.wantError(503, "", "PATCH", "/Users/1", patch(`{"op":"add","path":"emails","value":{"value":"b@example.com"}}`), "faster")
}
