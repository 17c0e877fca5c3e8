package mapping

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hostscim/configs"
)

// TestWarnings makes the shipped profile questionable in one way after the
// other: the place and the text of what is said, and that nothing else is.
func TestWarnings(t *testing.T) {
	const list = "paging: {style: offset, limit: 100}"
	for _, tt := range []struct {
		name  string
		edits []string // old text, new text, and so on
		want  []string // path: message; a part of it
		line  string   // the line that it points at; "" where it holds a credential
	}{
		{"nothing", nil, nil, ""},
		{"admin over IPv6", []string{"admin_listen: 127.0.0.1:9090", `admin_listen: "[::1]:9090"`}, nil, ""},
		{"public URL", []string{"# public_url: https:", "public_url: http:"}, []string{"server.public_url: is not https; Entra calls no other"}, "public_url: http://scim.example.com/scim/v2"},
		{"local public URL", []string{"# public_url: https://scim.example.com", "public_url: http://localhost:8080"}, nil, ""},
		{"any proxy", []string{`[127.0.0.0/8, "::1"]`, `[127.0.0.0/8, "::/0"]`}, []string{"server.trusted_proxies[1]: trusts everybody"}, `trusted_proxies: [127.0.0.0/8, "::/0"]`},
		{"short token", []string{"${HOSTSCIM_TOKEN}", "fifteen-letters"}, []string{"auth.bearer[0].token: has fewer than 16 characters"}, ""},
		{"token of 16", []string{"${HOSTSCIM_TOKEN}", "sixteen-letters-"}, nil, ""},
		{"clear text", []string{"${LEGACY_URL}", "http://api.example.com"}, []string{"legacy.base_url: is not https"}, `base_url: "http://api.example.com"`},
		{"clear text at home", []string{"${LEGACY_URL}", "http://[::1]:8080"}, nil, ""},
		{"call longer than request", []string{"  timeout: 10s", "  timeout: 26s"}, []string{"legacy.timeout: is longer than server.request_timeout (25s)"}, "timeout: 26s"},
		{"no second try", []string{"  timeout: 10s", "  timeout: 25s"}, []string{"server.request_timeout: leaves no time for a second attempt when a call takes the whole legacy.timeout (25s)"}, "request_timeout: 25s"},
		{"no time for a second try", []string{"  timeout: 10s", "  timeout: 24800ms"}, []string{"server.request_timeout: leaves no time for a second attempt when a call takes the whole legacy.timeout (24.8s)"}, "request_timeout: 25s"},
		{"a little time for a second try", []string{"  timeout: 10s", "  timeout: 24799ms"}, nil, ""},
		{"no second try wanted", []string{"  timeout: 10s", "  timeout: 25s", "max_attempts: 4", "max_attempts: 1"}, nil, ""},
		{"slow scans", []string{"{per_second: 50, burst: 50}", "{per_second: 5}"}, []string{
			"legacy.rate_limit: allows 130 calls within server.request_timeout, and looking through legacy.scan_limit records of User takes 203",
			"legacy.rate_limit: allows 130 calls within server.request_timeout, and looking through legacy.scan_limit records of Group takes 203",
		}, "rate_limit: {per_second: 5}"},
		{"small scan", []string{"scan_limit: 20000", "scan_limit: 99"}, []string{"legacy.scan_limit: is less than one page of User (100", "legacy.scan_limit: is less than one page of Group (100"}, "scan_limit: 99"},
		{"scan of a page", []string{"scan_limit: 20000", "scan_limit: 100"}, nil, ""},
		{"no search", []string{"        - {filter: displayName eq, request: GET /host_groups, query: {query: \"{value}\"}, returns: superset}\n", "", "      search:\n      get: {request: \"GET /host_groups", "      get: {request: \"GET /host_groups"}, []string{"resources.Group.operations: no search finds a displayName, by which clients match: every match reads"}, "operations:"},
		{"exact", []string{"query: {query: \"{value}\"}, returns: superset}", "query: {query: \"{value}\"}, returns: exact}"}, []string{"resources.User.operations.search[0].returns: SCIM compares userName without letter case"}, `- {filter: userName eq, request: GET /hosts, query: {query: "{value}"}, returns: exact}`},
		{"exact in lower case", []string{"query: {query: \"{value}\"}, returns: superset}", "query: {query: \"{value}\"}, returns: exact}", "userName: {legacy: username, required: true}", "userName: {legacy: username, required: true, case: lower, lossy: accepted}"}, nil, ""},
		{"looks first", []string{"idempotent: true, unique: legacy}", "idempotent: true, unique: adapter}"}, []string{"resources.User.operations.create.unique: the adapter looks for the userName first"}, "create: {request: POST /hosts, idempotent: true, unique: adapter}"},
		{"looks first and late", []string{"idempotent: true, unique: legacy}", "unique: adapter}", "returns: superset}", "returns: superset, lag: 3s}"}, []string{"resources.User.operations.create: a repeated create can make a second record: the search finds a new one only after 3s"}, "create: {request: POST /hosts, unique: adapter}"},
		{"no rule for a name that is taken", []string{"    - {status: [400, 422], code: taken, scim: uniqueness}\n", ""}, []string{"legacy.errors: no rule says which answer means that a userName is taken; unless the API answers 409, Entra gets 400"}, "errors:"},
		{"a rule for a status alone", []string{"    - {status: [400, 422], code: taken, scim: uniqueness}\n", "    - {status: 409, scim: uniqueness}\n"}, nil, ""},
		{"no list", []string{"      list:\n        request: GET /host_groups\n        items: host_groups\n        total: pagination.total_records\n        " + list + "\n", "", `        - {filter: displayName eq, request: GET /host_groups, query: {query: "{value}"}, returns: superset}`, `        - {filter: displayName eq, request: GET /host_groups, query: {query: "{value}"}, returns: superset, items: host_groups, ` + list + `}`, "items: hosts, value: id}", "items: hosts, value: id, " + list + "}"}, []string{"resources.Group.operations: has no list"}, "operations:"},
		{"no get", []string{"      get: {request: \"GET /host_groups/{id}\"}\n", ""}, []string{"resources.Group.operations: has no get"}, "operations:"},
		{"no create", []string{"      create: {request: POST /host_groups, idempotent: true, unique: legacy}\n", ""}, []string{"resources.Group.operations: has no create"}, "operations:"},
		{"no update", []string{"      update: {request: \"PATCH /host_groups/{id}\", body: changed}\n", ""}, []string{"resources.Group.operations: has no update"}, "operations:"},
		{"no delete", []string{"      delete: {request: \"DELETE /host_groups/{id}\"}\n", ""}, []string{"resources.Group.operations: has no delete: a group"}, "operations:"},
		{"no delete of users", []string{"      delete: {request: \"DELETE /hosts/{id}\"}\n", ""}, []string{"resources.User.operations: has no delete: a user"}, "operations:"},
		{"members stay", []string{"      add: {request: \"POST /host_groups/{id}/hosts\", body: {host_ids: \"{values}\"}, max_per_call: 100, idempotent: true}\n", "", "      remove: {request: \"DELETE /host_groups/{id}/hosts/{value}\"}\n", ""}, []string{"resources.Group.members: has no call that changes members"}, "members:"},
		{"refuses", []string{"    attributes:\n      displayName", "    unmapped: {externalId: reject}\n    attributes:\n      displayName"}, []string{"resources.Group.unmapped: rejects what Entra sends by default, and with it the whole request: externalId;"}, "unmapped: {externalId: reject}"},
		{"refuses what nobody sends", []string{"    attributes:\n      displayName", "    unmapped: {meta.version: reject}\n    attributes:\n      displayName"}, nil, ""},
		{"required and not sent", []string{"userName: {legacy: username, required: true}", "userName: {legacy: username, required: true}\n      nickname: {legacy: nick, required: true}"}, []string{"resources.User.attributes.nickname: is required, and Entra does not send it"}, "nickname: {legacy: nick, required: true}"},
		{"active is shown only", []string{"active: {legacy: visible, default: true}", "active: {legacy: visible, read_only: true}"}, []string{"resources.User.attributes.active: is read only"}, "active: {legacy: visible, read_only: true}"},
		{"no active", []string{"      active: {legacy: visible, default: true}\n", ""}, []string{"resources.User.attributes: has no row for active"}, "attributes:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src := strings.Replace(string(configs.SignInEnterprise), "${HOSTSCIM_TOKEN}", "a-token-of-25-characters-", 1)
			if tt.name == "short token" || tt.name == "token of 16" {
				src = string(configs.SignInEnterprise)
			}
			for i := 0; i < len(tt.edits); i += 2 {
				if !strings.Contains(src, tt.edits[i]) {
					t.Fatalf("the profile has no text %q", tt.edits[i])
				}
				src = strings.Replace(src, tt.edits[i], tt.edits[i+1], 1)
			}
			got := load(t, src).Warnings()
			if len(got) != len(tt.want) {
				t.Fatalf("Warnings() =\n%v\nwant %d", got, len(tt.want))
			}
			for i, w := range got {
				if text := w.Path + ": " + w.Msg; !strings.Contains(text, tt.want[i]) || w.Source != tt.line {
					t.Errorf("Warnings()[%d] = %v\nwant %s\n    %s", i, w, tt.want[i], tt.line)
				}
				if line := strings.Split(src, "\n")[w.Line-1]; tt.line != "" && strings.TrimSpace(line) != tt.line {
					t.Errorf("it points at line %d, %s", w.Line, line)
				}
			}
		})
	}
}

// TestWarningsOfMuch holds that a profile with groups alone, and one without
// members or a name, is warned of.
func TestWarningsOfMuch(t *testing.T) {
	var got []string
	for _, w := range load(t, `
auth: {bearer: [{name: entra, sha256: `+strings.Repeat("0a", 32)+`}]}
legacy: {base_url: "https://api.example.com"}
resources:
  User:
    id: id
    operations:
      get: {request: "GET /hosts/{id}"}
    attributes:
      name.givenName: {legacy: first, read_only: true}
  Group:
    id: id
    operations:
      list: {request: GET /teams, items: teams, paging: {style: none}}
    attributes:
      displayName: {legacy: name, read_only: true}
`).Warnings() {
		what, _, _ := strings.Cut(w.Msg, ":")
		got = append(got, w.Path+": "+what)
	}
	want := []string{
		"resources.User.operations: has no list",
		"resources.User.operations: has no create",
		"resources.User.operations: has no update",
		"resources.User.operations: has no delete",
		"resources.User.attributes: has no row for userName, by which clients match; they cannot find what is there",
		"resources.User.attributes: has no row for active",
		"resources.Group: has no members",
		"resources.Group.operations: has no get",
		"resources.Group.operations: has no create",
		"resources.Group.operations: has no update",
		"resources.Group.operations: has no delete",
		"resources.Group.operations: no search finds a displayName, by which clients match",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Warnings() (-want +got)\n%s", diff)
	}
}

// TestWarningOfStrangers holds that members who are nobody here are named.
func TestWarningOfStrangers(t *testing.T) {
	src := string(configs.SignInEnterprise)
	users, groups := strings.Index(src, "\n  User:\n"), strings.Index(src, "\n  Group:\n")
	src = strings.Replace(src[:users]+src[groups:], "${HOSTSCIM_TOKEN}", "a-token-of-25-characters-", 1)
	got := load(t, src).Warnings()
	if len(got) != 1 || got[0].Path != "resources.Group.members" || got[0].Source != "members:" {
		t.Errorf("Warnings() = %v, want one at resources.Group.members", got)
	}
}

// TestDuplicateWarning: it names what nobody but the API keeps unique, and
// says nothing where the adapter looks first.
func TestDuplicateWarning(t *testing.T) {
	src := strings.Replace(string(configs.SignInEnterprise), "    - {status: [400, 422], code: taken, scim: uniqueness}\n", "", 1)
	const user, group = "POST /hosts, idempotent: true, unique: ", "POST /host_groups, idempotent: true, unique: "
	for _, tt := range []struct{ user, group, want string }{
		{"legacy", "legacy", "a userName is taken"},
		{"legacy", "adapter", "a userName is taken"},
		{"adapter", "legacy", "a displayName is taken"},
		{"adapter", "adapter", ""},
	} {
		edited := strings.NewReplacer(user+"legacy", user+tt.user, group+"legacy", group+tt.group).Replace(src)
		got := ""
		for _, w := range load(t, edited).Warnings() {
			if w.Path == "legacy.errors" {
				got += w.Msg
			}
		}
		if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("users %s, groups %s: %q, want %q in it", tt.user, tt.group, got, tt.want)
		}
	}
}
