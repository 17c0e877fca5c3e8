package adapter_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hostscim/adapter/scim"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestDiscovery compares the discovery documents of the shipped profile with
// the golden files in testdata.
func TestDiscovery(t *testing.T) {
	f := start(t, setup{edits: []string{"# public_url:", "public_url:"}})
	for _, path := range []string{"/ServiceProviderConfig", "/ResourceTypes", "/Schemas"} {
		a := f.want(200, "GET", path, "")
		if strings.Contains(a.body, "null") {
			t.Errorf("GET %s holds a null: %s", path, a.body)
		}
		var got bytes.Buffer
		if err := json.Indent(&got, []byte(a.body), "", "  "); err != nil {
			t.Fatalf("GET %s: %v", path, err)
		}
		file := "testdata" + path + ".json"
		if *update {
			if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got.String()); diff != "" {
			t.Errorf("GET %s (-want +got):\n%s", path, diff)
		}
	}
	f.wantCalls()
}

// TestDiscoveryOne: each document is found under its id in any letter case,
// and is the same as in the list.
func TestDiscoveryOne(t *testing.T) {
	f := start(t, setup{})
	for list, want := range map[string]string{
		"/ResourceTypes": "User Group",
		"/Schemas":       userURN + " " + enterprise + " urn:ietf:params:scim:schemas:core:2.0:Group",
	} {
		a := f.want(200, "GET", list+"?startIndex=9&count=0", "") // paging has no meaning here
		if got := strings.Join(a.ids(t), " "); got != want {
			t.Errorf("GET %s has ids %s, want %s", list, got, want)
		}
		for _, r := range a.value(t).Get("Resources").Parts() {
			id := r.Value.Get("id").Text()
			for _, spelt := range []string{id, strings.ToUpper(id), strings.ToLower(id)} {
				one := f.want(200, "GET", list+"/"+spelt, "")
				if !one.value(t).Equal(r.Value) {
					t.Errorf("GET %s/%s = %s, want what the list has: %s", list, spelt, one.body, r.Value)
				}
				if got := one.header.Get("Location"); got != f.url+base+list+"/"+id || one.value(t).Get("meta").Get("location").Text() != got {
					t.Errorf("GET %s/%s has Location %q", list, spelt, got)
				}
			}
		}
		f.wantError(404, "", "GET", list+"/urn:example:nothing", "", "read the list")
		f.wantError(403, "", "GET", list+"?filter=id+eq+%22User%22", "", "filter")
		f.want(200, "GET", list+"?filter=", "")
	}
	f.wantCalls()
}

// TestDiscoveryTellsTheTruth is law 8: a row that is taken away is gone from
// the schema, and the limit is the one of the file.
func TestDiscoveryTellsTheTruth(t *testing.T) {
	f := start(t, setup{edits: []string{
		"      'emails[type eq \"other\"].value': {legacy: alternate_email}\n", "",
		"      name.familyName: {legacy: last_name, required: true}\n", "",
		"      urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization: {legacy: company}\n", "",
		"      urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department: {legacy: department}\n", "",
		"max_results: 1000", "max_results: 55",
	}})
	user := f.want(200, "GET", "/Schemas/"+userURN, "").body
	for text, want := range map[string]bool{`"work"`: true, `"other"`: false, `"givenName"`: true, `"familyName"`: false, `"null"`: false, `"password"`: false} {
		if strings.Contains(user, text) != want {
			t.Errorf("schema of User has %s: %v, want %v", text, !want, want)
		}
	}
	f.wantError(404, "", "GET", "/Schemas/"+enterprise, "")
	if types := f.want(200, "GET", "/ResourceTypes/User", "").body; strings.Contains(types, "schemaExtensions") {
		t.Errorf("ResourceType names an extension without attributes: %s", types)
	}
	if got := f.want(200, "GET", "/ServiceProviderConfig", "").value(t).Get("filter").Get("maxResults").Text(); got != "55" {
		t.Errorf("filter.maxResults = %s, want 55", got)
	}
}

// TestWithoutGroups: Test Connection asks for groups even where none are
// provisioned (case 2).
func TestWithoutGroups(t *testing.T) {
	config := strings.Split(string(profile()), "\n  Group:\n")[0]
	f := start(t, setup{profile: config})
	for _, query := range []string{"", "?excludedAttributes=members&filter=displayName+eq+%22x%22", "?startIndex=3&count=2"} {
		a := f.want(200, "GET", "/Groups"+query, "")
		if v := a.value(t); v.Get("totalResults").Text() != "0" || v.Get("Resources").String() != "[]" {
			t.Errorf("GET /Groups%s = %s, want an empty list", query, a.body)
		}
	}
	for _, op := range []string{"POST /Groups", "GET /Groups/1", "PUT /Groups/1", "PATCH /Groups/1", "DELETE /Groups/1"} {
		method, path, _ := strings.Cut(op, " ")
		f.wantError(501, "", method, path, `{}`, "not provisioned")
	}
	if got := strings.Join(f.want(200, "GET", "/ResourceTypes", "").ids(t), " "); got != "User" {
		t.Errorf("resource types %s, want User", got)
	}
	if a := f.want(200, "GET", "/Schemas", ""); strings.Contains(a.body, "core:2.0:Group") {
		t.Errorf("schemas of a service without groups: %s", a.body)
	}
	f.wantCalls()
}

// TestMissingOperations: what the legacy API has no call for is 501, and the
// error names the key that is missing.
func TestMissingOperations(t *testing.T) {
	const little = `
auth: {bearer: [{name: entra, token: "${HOSTSCIM_TOKEN}"}]}
legacy: {base_url: "${LEGACY_URL}", auth: {bearer: "${LEGACY_TOKEN}"}, retry: {max_attempts: 1, min_wait: 1ms, max_wait: 1ms}}
resources:
  User:
    id: {legacy: id, type: integer}
    operations:
      OPERATIONS
    attributes:
      userName: {legacy: username, required: true}
      ROW
  Group:
    id: {legacy: id, type: integer}
    operations:
      get: {request: "GET /host_groups/{id}"}
      create: {request: POST /host_groups, unique: legacy}
    members:
      list: {request: "GET /host_groups/{id}/hosts", items: hosts, value: id, total: "", paging: {style: none}}
      add: {request: "POST /host_groups/{id}/hosts", body: {host_ids: "{values}"}}
      remove: {request: "DELETE /host_groups/{id}/hosts/{value}"}
    attributes:
      displayName: {legacy: name, required: true}
`
	const create, get = `create: {request: POST /hosts, unique: legacy}`, `get: {request: "GET /hosts/{id}"}`
	f := start(t, setup{profile: little, edits: []string{"OPERATIONS", create, "ROW", "active: {legacy: visible}"}})
	f.wantError(501, "", "GET", "/Users", "", "resources.User.operations.list")
	f.wantError(400, "invalidFilter", "GET", "/Users?filter=userName+eq+%22x%22", "", "no search")
	f.wantError(501, "", "GET", "/Users/1", "", "resources.User.operations.get")
	f.wantError(501, "", "PUT", "/Users/1", `{"userName":"x"}`, "resources.User.operations.update")
	f.wantError(501, "", "PATCH", "/Users/1", patch(`{"op":"replace","path":"active","value":false}`), "resources.User.operations.update")
	f.wantError(501, "", "DELETE", "/Users/1", "", "resources.User.operations.delete")
	f.wantCalls()

	f = start(t, setup{profile: little, edits: []string{"OPERATIONS", get, "ROW", "active: {legacy: visible, read_only: true}", "legacy: username, required: true", "legacy: username, read_only: true"}})
	f.wantError(501, "", "POST", "/Users", `{"userName":"x"}`, "resources.User.operations.create")
	f.wantCalls()

	// A rename that cannot be made must not leave half of its request behind.
	f = start(t, setup{profile: little, edits: []string{"OPERATIONS", create, "ROW", "active: {legacy: visible}"}})
	f.api.AddHost(host("noa"))
	f.api.AddGroup(group("Reception"))
	f.wantError(501, "", "PATCH", "/Groups/1", patch(member("add", 1), `{"op":"replace","path":"displayName","value":"x"}`), "resources.Group.operations.update")
	f.wantError(501, "", "PUT", "/Groups/1", `{"displayName":"x","members":[{"value":"1"}]}`, "resources.Group.operations.update")
	f.wantMembers()
	f.wantCalls()
	f.want(204, "PATCH", "/Groups/1", patch(member("add", 1)))
	f.wantMembers(1)
}

// TestNoNulls: what has no value is left out (RFC 7643 section 2.5).
func TestNoNulls(t *testing.T) {
	f := start(t, setup{})
	h := host("noa")
	h.AlternateEmail, h.MobileNumber, h.PhoneNumber, h.Company, h.Department = "", "", "", "", ""
	f.api.AddHost(h)
	for _, path := range []string{"/Users", "/Users/1", "/Groups", "/Users?filter=userName+eq+%22x%22", "/Users?attributes=phoneNumbers.value"} {
		if a := f.want(200, "GET", path, ""); strings.Contains(a.body, "null") || strings.Contains(a.body, "{}") {
			t.Errorf("GET %s = %s, want no null and nothing empty", path, a.body)
		}
	}
	a := f.want(200, "GET", "/Users/1", "")
	if got := names(a.value(t)); got != "schemas id userName active name emails meta" || a.value(t).Get("schemas").String() != scim.Strings(userURN).String() {
		t.Errorf("a user with few values has %s and schemas %s", got, a.value(t).Get("schemas"))
	}
}
