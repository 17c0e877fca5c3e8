package legacytest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"hostscim/legacyclient/legacytest"
)

// control calls the control endpoint.
func (c *client) control(method, body, token string) answer {
	c.t.Helper()
	url := strings.TrimSuffix(c.URL, legacytest.Prefix) + "/_control/faults"
	req, err := http.NewRequestWithContext(c.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	w, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer w.Body.Close()
	var b strings.Builder
	if err := json.NewDecoder(w.Body).Decode((*raw)(&b)); err != nil && w.StatusCode != 204 {
		c.t.Fatalf("%s control = %d, which is no JSON: %v", method, w.StatusCode, err)
	}
	return answer{w.StatusCode, w.Header, b.String()}
}

// raw keeps JSON as it came.
type raw strings.Builder

func (r *raw) UnmarshalJSON(b []byte) error {
	_, err := (*strings.Builder)(r).Write(b)
	return err
}

func TestControl(t *testing.T) {
	c := start(t, legacytest.WithToken("api"), legacytest.WithControl("secret"), legacytest.WithHosts(1))
	if a := c.control("POST", `{"kind":"error","route":"GET /hosts/{id}","status":503,"retry_after":"3","count":1}`, "secret"); a.status != 200 {
		t.Fatalf("POST one fault = %d %s, want 200", a.status, a.body)
	}
	c.control("POST", `{"faults":[{"kind":"hang","nth":99,"delay":1500,"committed":true},{"kind":"headers","header":{"RateLimit":"x"}}]}`, "secret")
	a := c.call("GET", "/hosts/1", "", "Authorization", "Bearer api")
	if a.status != 503 || a.header.Get("Retry-After") != "3" {
		t.Errorf("GET under the fault = %d %v, want 503 with a wait", a.status, a.header)
	}
	want := `{"faults":[` +
		`{"kind":"error","route":"GET /hosts/{id}","count":1,"status":503,"retry_after":"3","seen":1,"applied":1},` +
		`{"kind":"hang","nth":99,"committed":true,"delay":1500,"seen":1,"applied":0},` +
		`{"kind":"headers","header":{"RateLimit":"x"},"seen":1,"applied":0}]}`
	if a := c.control("GET", "", "secret"); a.status != 200 || a.body != want {
		t.Errorf("GET faults = %d %s, want %s", a.status, a.body, want)
	}
	if got := c.Faults()[1].Delay; got != 1500*time.Millisecond {
		t.Errorf("delay = %v, want 1.5s", got)
	}
	if a := c.control("DELETE", "", "secret"); a.status != 204 || len(c.Faults()) != 0 {
		t.Errorf("DELETE faults = %d with %d left, want 204 and none", a.status, len(c.Faults()))
	}
	if n := c.TotalCalls(); n != 1 {
		t.Errorf("%d calls counted, want the one of the API", n)
	}
}

func TestControlRefuses(t *testing.T) {
	c := start(t, legacytest.WithToken("api"), legacytest.WithControl("secret"))
	for _, token := range []string{"", "api", "secre"} {
		if a := c.control("GET", "", token); a.status != 401 {
			t.Errorf("GET faults with token %q = %d, want 401", token, a.status)
		}
	}
	for body, want := range map[string]string{
		`{"kind":"nope"}`: `kind \"nope\" is unknown`, `{"kind":"reset","nht":1}`: `unknown field \"nht\"`, `[]`: "cannot unmarshal",
		`{"faults":[{"kind":"reset"},{"kind":"stale"}]}`: "fault 2: stale: needs", `{"kind":"hang","delay":99999999999}`: "at most a day", ``: "end of JSON",
	} {
		if a := c.control("POST", body, "secret"); a.status != 400 || !strings.Contains(a.body, want) {
			t.Errorf("POST %s = %d %s, want 400 with %s", body, a.status, a.body, want)
		}
	}
	if n := len(c.Faults()); n != 0 {
		t.Errorf("%d faults were taken in part", n)
	}
}

// TestControlIsOff without a token, and is no part of the API.
func TestControlIsOff(t *testing.T) {
	c := start(t, legacytest.WithControl(""))
	if a := c.control("GET", "", ""); a.status != 404 {
		t.Errorf("GET faults without control = %d, want 404", a.status)
	}
	on := start(t, legacytest.WithControl("secret"))
	on.want("GET", "/_control/faults", "", 404, "global/null/not_found")
}
