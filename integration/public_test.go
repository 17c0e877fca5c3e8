package integration

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"hostscim/configs"
	"hostscim/integration/harness"
	"hostscim/legacyclient/legacytest"
)

// published are the fields of a host that the vendor has published.
var published = []string{"id", "email", "first_name", "last_name", "department", "mobile_number", "profile_pic_url"}

// publicAPI is the host API cut down to what the vendor has published: the
// routes, and the fields of a host. Any other call is noted, and answered as a
// path that is not there.
type publicAPI struct {
	full   *legacytest.Handler
	strays []string
}

// ServeHTTP answers GET /hosts and POST /hosts.
func (p *publicAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != legacytest.Prefix+"/hosts" || r.Method != http.MethodGet && r.Method != http.MethodPost {
		p.strays = append(p.strays, r.Method+" "+r.URL.Path)
		http.NotFound(w, r)
		return
	}
	if r.Method == http.MethodPost {
		var host map[string]any
		if err := json.NewDecoder(r.Body).Decode(&host); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		for field := range host {
			if !slices.Contains(published, field) {
				p.strays = append(p.strays, "field "+field)
			}
		}
		host["username"] = host["email"] // the full API's own name for it
		body, _ := json.Marshal(host)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	rec := httptest.NewRecorder()
	p.full.ServeHTTP(rec, r)
	var v any
	if err := json.Unmarshal(rec.Body.Bytes(), &v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(rec.Code)
	json.NewEncoder(w).Encode(cutHosts(v))
}

// cutHosts takes what is not published out of the hosts in an answer.
func cutHosts(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = cutHosts(v[i])
		}
	case map[string]any:
		if _, isHost := v["first_name"]; isHost {
			for field := range v {
				if !slices.Contains(published, field) {
					delete(v, field)
				}
			}
		}
		for field := range v {
			v[field] = cutHosts(v[field])
		}
	}
	return v
}

// TestPublicAPI: before the part of the API that the vendor has published,
// people are created and matched, and what that part has no call for is said
// to be missing, by discovery too.
func TestPublicAPI(t *testing.T) {
	api := &publicAPI{full: legacytest.NewHandler(legacytest.WithToken(harness.LegacyToken))}
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	s := startAt(t, harness.Loopback(t, configs.SignInEnterprisePublic), server.URL+legacytest.Prefix)

	const match = "/Users?filter=userName+eq+%22"
	if n := s.want(200, "GET", match+"noa@example.com%22", "").object(t).int("totalResults"); n != 0 {
		t.Fatalf("there are %d users at the beginning", n)
	}
	if n := s.want(200, "GET", "/Groups?filter=displayName+eq+%22none%22", "").object(t).int("totalResults"); n != 0 {
		t.Errorf("Test Connection finds %d groups, want an empty list", n)
	}
	body := `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"noa@example.com","active":true,
		"emails":[{"primary":true,"type":"work","value":"noa@example.com"}],"name":{"givenName":"Noa","familyName":"Example"}}`
	created := s.want(201, "POST", "/Users", body).object(t)
	if created.text("emails", 0, "value") != "noa@example.com" || created.at("active") != nil {
		t.Errorf("the created user is %v, want the email and no active, which is not stored", created)
	}
	for _, name := range []string{"noa@example.com", "NOA@Example.com"} {
		found := s.want(200, "GET", match+name+"%22", "").object(t)
		if found.int("totalResults") != 1 || found.text("Resources", 0, "id") != created.text("id") {
			t.Errorf("the match of %s finds %v", name, found)
		}
	}
	if n := s.want(200, "GET", match+"noa@example%22", "").object(t).int("totalResults"); n != 0 {
		t.Errorf("the match of a fragment finds %d users", n)
	}
	s.want(409, "POST", "/Users", body)

	for _, r := range [][3]string{
		{"GET", "/Users/1", "operations.get"},
		{"PATCH", "/Users/1", "operations.update"},
		{"PUT", "/Users/1", "operations.update"},
		{"DELETE", "/Users/1", "operations.delete"},
		{"POST", "/Groups", "does not describe"},
	} {
		content := map[string]string{"PATCH": patch(op("Replace", "name.givenName", "N")), "PUT": body, "POST": `{"displayName":"G"}`}[r[0]]
		if a := s.want(501, r[0], r[1], content); !strings.Contains(string(a.body), r[2]) {
			t.Errorf("%s %s = %s, want it to say %s", r[0], r[1], a.body, r[2])
		}
	}
	if a := s.want(200, "GET", "/ServiceProviderConfig", "").object(t); a.at("patch", "supported") != false {
		t.Errorf("/ServiceProviderConfig promises PATCH: %v", a.at("patch"))
	}
	if strings.Contains(string(s.want(200, "GET", "/Schemas", "").body), `"name":"active"`) {
		t.Error("/Schemas has active")
	}
	if len(api.strays) > 0 {
		t.Errorf("calls and fields that are not published were used: %q", api.strays)
	}
	checkLog(t, s.process.Log())
}
