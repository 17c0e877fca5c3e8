package adapter_test

import (
	"net/http"
	"strings"
	"testing"

	"hostscim/adapter/scim"
)

func TestUnknownPaths(t *testing.T) {
	f := seeded(t, setup{})
	before := f.state()
	for _, path := range []string{
		"/users", "/USERS", "/User", "/Users/1/name", "/Users/1/2/3", "/Schemas/a/b",
		"/../scim/v2/Users", "/Users%2F1", "%2FUsers/1",
	} {
		for _, method := range []string{"GET", "DELETE", "PATCH"} {
			f.wantError(404, "", method, path, patch(), base)
		}
	}
	// An escaped slash is part of an id, and no user has one in it.
	for _, path := range []string{
		"/Users/a%2Fb", "/Users/1%2F", "/Users/%2F1", "/Groups/%2F1", "/Users/%2F", "/Users/..%2F1", "/Users/1%2F..%2F2", "/Groups/1%2Fhosts",
	} {
		for _, method := range []string{"GET", "DELETE", "PATCH"} {
			f.wantError(404, "", method, path, patch(), "there is no")
		}
	}
	a, err := f.try("GET", f.url+"/Users", "")
	if err != nil {
		t.Fatal(err)
	}
	a.checkError(t, 404, "", base)
	f.wantCalls()
	f.untouched(before)
}

// TestTidyPaths: a tenant URL that was entered with a slash at its end, and
// Entra's feature flag (case 5).
func TestTidyPaths(t *testing.T) {
	f := seeded(t, setup{})
	for _, path := range []string{
		"//Users", "/Users/", "//Users//", "///Users", "/Users?aadOptscim062020", "//Users/?aadOptscim062020",
	} {
		if got := strings.Join(f.want(200, "GET", path, "").ids(t), " "); got != "1 2 3" {
			t.Errorf("GET %s has ids %s, want 1 2 3", path, got)
		}
	}
	for _, path := range []string{"//Users/2", "/Users//2", "/Users/2/", "/Users/2?aadOptscim062020", "/Users/%32"} {
		if a := f.want(200, "GET", path, ""); a.value(t).Get("id").Text() != "2" || a.value(t).Get("meta").Get("location").Text() != f.url+base+"/Users/2" {
			t.Errorf("GET %s = %s, want user 2", path, a.body)
		}
	}
	f.want(200, "GET", "/Users?aadOptscim062020&filter=userName+eq+%22ivo%40example.com%22", "")
	f.want(200, "PATCH", "//Users/2?aadOptscim062020", patch(`{"op":"replace","path":"active","value":false}`))
}

// TestImpossibleIDs: ids that no record can have are answered without a call,
// and none of them finds its way to another path of the legacy API.
func TestImpossibleIDs(t *testing.T) {
	f := seeded(t, setup{})
	before := f.state()
	for _, id := range []string{
		"..", ".", "%2e%2e", "%2E", "%00", "1%00", "%0A", "1%0d%0aX:y", "%20", "1%20", "%ff", "%3Fquery=x", "1%3Fa=b", "1%23", "%252e%252e",
		"007", "+1", "%2B1", "-0", "1.0", "1e0", "0x1", "0b1", "1_0", "٣", "abc", "99999999999999999999999", strings.Repeat("1", 10<<10), strings.Repeat("x", 10<<10),
	} {
		for _, resource := range []string{"/Users/", "/Groups/"} {
			f.wantError(404, "", "GET", resource+id, "", "there is no")
			f.wantError(404, "", "DELETE", resource+id, "", "there is no")
			f.wantError(404, "", "PATCH", resource+id, patch(`{"op":"add","path":"displayName","value":"x"}`, `{"op":"add","path":"userName","value":"x"}`), "there is no")
			f.wantError(404, "", "PATCH", resource+id, patch(`{"op":"remove","path":"members[value ne \"1\"]"}`, `{"op":"add","path":"emails[primary eq true].value","value":"x@example.com"}`), "there is no")
		}
		f.wantError(404, "", "PUT", "/Users/"+id, noa, "there is no")
		f.wantError(404, "", "PUT", "/Groups/"+id, `{"displayName":"x","members":[{"value":"1"}]}`, "there is no")
	}
	f.wantCalls()
	f.untouched(before)
}

// TestBadEscapes sends what no client library does.
func TestBadEscapes(t *testing.T) {
	f := seeded(t, setup{})
	for _, target := range []string{"/scim/v2/Users/%zz", "/scim/v2/Users/%", "/scim/v2/Users/%2"} {
		// net/http refuses these itself, in words of its own.
		a := f.raw("GET "+target+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "+clientToken+"\r\n\r\n", target)
		if a.status != 400 {
			t.Errorf("GET %s = %d, want 400", target, a.status)
		}
	}
	for _, q := range []string{"filter=%zz", "%", "count=1&x=%2", "filter=a;b"} {
		f.wantError(400, scim.InvalidValue, "GET", "/Users?"+q, "", "query string")
	}
	f.wantCalls()
}

func TestMethods(t *testing.T) {
	f := seeded(t, setup{})
	before := f.state()
	for _, test := range []struct{ path, allow string }{
		{"/Users", "GET POST"}, {"/Groups", "GET POST"},
		{"/Users/1", "GET PUT PATCH DELETE"}, {"/Groups/1", "GET PUT PATCH DELETE"},
		{"/Schemas", "GET"}, {"/ResourceTypes/User", "GET"}, {"/ServiceProviderConfig", "GET"},
	} {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"} {
			if strings.Contains(" "+test.allow+" ", " "+method+" ") {
				continue
			}
			a := f.wantError(405, "", method, test.path, "", "Allow")
			for allowed := range strings.FieldsSeq(test.allow) {
				if !strings.Contains(a.header.Get("Allow"), allowed) {
					t.Errorf("%s %s allows %q, want %s in it", method, test.path, a.header.Get("Allow"), allowed)
				}
			}
		}
	}
	if a := f.want(204, "OPTIONS", "/Users", ""); a.header.Get("Allow") != "GET, HEAD, OPTIONS, POST" {
		t.Errorf("OPTIONS /Users allows %q", a.header.Get("Allow"))
	}
	f.wantCalls()
	f.untouched(before)
	// HEAD is a GET without a body.
	if a := f.call("HEAD", "/Users/1", ""); a.status != http.StatusOK || a.body != "" || a.header.Get("ETag") == "" || a.header.Get("Content-Length") == "0" {
		t.Errorf("HEAD = %d %q %v, want 200, no body and the headers of GET", a.status, a.body, a.header)
	}
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		f.wantError(501, "", method, "/Me", "{}", "/Me")
	}
	for _, path := range []string{"/Bulk", "/.search"} {
		f.wantError(405, "", "GET", path, "", "Allow")
	}
}

// TestBadQueries: whatever is asked for, it is a 4xx or a 200, and it costs
// nothing but reading.
func TestBadQueries(t *testing.T) {
	f := seeded(t, setup{})
	before := f.state()
	long := strings.Repeat("a", 10<<10)
	for _, test := range []struct {
		query    string
		status   int
		scimType string
	}{
		{"count=abc", 400, scim.InvalidValue},
		{"count=1.5", 400, scim.InvalidValue},
		{"count=99999999999999999999", 400, scim.InvalidValue},
		{"startIndex=x", 400, scim.InvalidValue},
		{"startIndex=0", 200, ""},
		{"startIndex=-1", 200, ""},
		{"startIndex=9223372036854775807", 200, ""},
		{"count=-9223372036854775808", 200, ""},
		{"count=9223372036854775807&startIndex=9223372036854775807", 200, ""},
		{"count=", 200, ""},
		{"attributes=" + long, 200, ""},
		{"attributes=%22%5B%5D,,,%00", 200, ""},
		{"sortBy=nothing", 400, scim.InvalidValue},
		{"sortBy=meta.created&sortOrder=sideways", 400, scim.InvalidValue},
		{"sortBy=(", 400, scim.InvalidValue},
		{"cursor=x", 400, scim.InvalidCursor},
		{"cursor=&count=x", 400, scim.InvalidCount},
		{"filter=", 400, scim.InvalidFilter},
		{"filter=+", 400, scim.InvalidFilter},
		{"filter=userName", 400, scim.InvalidFilter},
		{"filter=userName+eq", 400, scim.InvalidFilter},
		{"filter=" + long, 400, scim.InvalidFilter},
		{"filter=" + strings.Repeat("(", 10_000), 400, scim.InvalidFilter},
		{"filter=" + strings.Repeat("not+(", 5_000), 400, scim.InvalidFilter},
		{"filter=shoeSize+eq+%2242%22", 400, scim.InvalidFilter},
		{"filter=password+eq+%22x%22", 400, scim.InvalidFilter},
		{"filter=userName+regex+%22x%22", 400, scim.InvalidFilter},
		{"filter=active+gt+true", 400, scim.InvalidFilter},
		{"filter=userName+eq+%22" + long + "%22", 200, ""},
		{"filter=userName+eq+%22%00%22", 400, scim.InvalidFilter},
		{"filter=userName+eq+%22o%27neil+%C3%BCml%C3%A4ut+%5C%22q%5C%22+%5C%5C+%2525+%2B+%26%22", 200, ""},
		{"filter=userName+eq+%22%22", 200, ""},
		{"filter=id+eq+%22..%22", 200, ""},
		{"filter=id+eq+%22007%22", 200, ""},
		{"filter=id+eq+%221/hosts%22", 200, ""},
	} {
		for _, resource := range []string{"/Users", "/Groups"} {
			query := test.query
			if resource == "/Groups" {
				query = strings.ReplaceAll(strings.ReplaceAll(query, "userName", "displayName"), "active+gt+true", "members+gt+true")
			}
			a := f.call("GET", resource+"?"+query, "")
			if test.status == 200 && a.status == 200 {
				continue
			}
			a.checkError(t, test.status, test.scimType)
		}
	}
	f.untouched(before)
}

// TestFilterDecoding: one name, written as clients write it.
func TestFilterDecoding(t *testing.T) {
	f := seeded(t, setup{})
	h := host("o'neil+front desk")
	h.Username = "O'Neil+1 \"Ü\\"
	f.api.AddHost(h)
	for _, filter := range []string{
		`userName+eq+%22O'Neil%2B1+%5C%22%C3%9C%5C%5C%22`,
		`userName%20eq%20%22o%27neil%2b1%20%5c%22%c3%bc%5c%5c%22`,
		`username%20EQ%20%22O%27NEIL%2B1%20%5c%22%C3%BC%5c%5c%22`,
		`urn:ietf:params:scim:schemas:core:2.0:User:userName+eq+%22O'Neil%2B1+%5C%22%C3%9C%5C%5C%22`,
	} {
		if got := strings.Join(f.want(200, "GET", "/Users?filter="+filter, "").ids(t), " "); got != "4" {
			t.Errorf("filter=%s finds %q, want 4", filter, got)
		}
	}
}
