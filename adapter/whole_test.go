package adapter_test

import (
	"fmt"
	"sync"
	"testing"
)

// TestWholeRecords: before an API that replaces whole records, nothing that
// the table does not know is lost, and of two changes at once both stand.
func TestWholeRecords(t *testing.T) {
	f := seeded(t, setup{edits: []string{
		`{request: "PATCH /hosts/{id}", body: changed}`, `{request: "PUT /hosts/{id}", body: whole}`,
	}})
	host, _ := f.api.Host(1)
	f.api.TakeCalls()
	f.want(200, "PATCH", "/Users/1", patch(`{"op":"replace","path":"phoneNumbers[type eq \"mobile\"].value","value":"555"}`))
	f.wantCalls("GET /hosts/1", "PUT /hosts/1")
	now, _ := f.api.Host(1)
	host.MobileNumber, host.UpdatedAt = "555", now.UpdatedAt
	if fmt.Sprintf("%+v", now) != fmt.Sprintf("%+v", host) {
		t.Errorf("the host is\n%+v, want\n%+v", now, host)
	}
	var wg sync.WaitGroup
	for _, path := range []string{"name.givenName", "name.familyName", `emails[type eq \"other\"].value`, `phoneNumbers[type eq \"work\"].value`} {
		for range 8 {
			wg.Go(func() {
				f.want(200, "PATCH", "/Users/1", patch(`{"op":"replace","path":"`+path+`","value":"new@example.com"}`))
			})
		}
	}
	wg.Wait()
	now, _ = f.api.Host(1)
	for _, got := range []string{now.FirstName, now.LastName, now.AlternateEmail, now.PhoneNumber} {
		if got != "new@example.com" {
			t.Errorf("after changes side by side the host is %+v, want all of them", now)
		}
	}
	f.wantError(404, "", "PATCH", "/Users/99", patch(`{"op":"replace","path":"active","value":false}`), "no User")
}

// TestWholeRecordAfterMembers: what was read before the members changed is not
// what is written back, since a record may hold its members.
func TestWholeRecordAfterMembers(t *testing.T) {
	f := start(t, setup{edits: []string{
		`{request: "PATCH /host_groups/{id}", body: changed}`, `{request: "PATCH /host_groups/{id}", body: whole}`,
	}})
	f.api.AddHost(host("ada"))
	f.api.AddGroup(group("Front desk"))
	f.api.TakeCalls()
	f.want(204, "PATCH", "/Groups/1", patch(`{"op":"replace","path":"displayName","value":"Kitchen"}`, `{"op":"add","path":"members","value":[{"value":"1"}]}`), "If-Match", "*")
	f.wantCalls("GET /host_groups/1", "POST /host_groups/1/hosts", "GET /host_groups/1", "PATCH /host_groups/1")
	f.want(204, "PATCH", "/Groups/1", patch(`{"op":"replace","path":"displayName","value":"Desk"}`), "If-Match", "*")
	f.wantCalls("GET /host_groups/1", "PATCH /host_groups/1")
}
