package harness_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"hostscim/integration/harness"
	"hostscim/legacyclient/legacytest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	harness.Cleanup()
	os.Exit(code)
}

// TestKill: a process that was killed is gone at once, and that is no fault.
func TestKill(t *testing.T) {
	legacy := legacytest.NewServer(legacytest.WithToken(harness.LegacyToken))
	t.Cleanup(legacy.Close)
	config, env := harness.Profile(t, legacy.URL)
	p := harness.Start(t, harness.Options{Config: config, Env: env})
	p.Kill(t)
	select {
	case <-p.Exited():
	default:
		t.Error("the process is still there")
	}
	p.Stop(t)
}

func TestStart(t *testing.T) {
	legacy := legacytest.NewServer(legacytest.WithToken(harness.LegacyToken))
	t.Cleanup(legacy.Close)
	config, env := harness.Profile(t, legacy.URL)
	p := harness.Start(t, harness.Options{Config: config, Env: env})

	req, err := http.NewRequestWithContext(t.Context(), "GET", p.URL+"/Users?count=0", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+harness.Token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("GET /Users = %s, want 200", res.Status)
	}
	res, err = http.Get(p.AdminURL + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("GET /readyz = %s, want 200", res.Status)
	}
	http.DefaultClient.CloseIdleConnections()
	p.Stop(t)
	if !strings.Contains(p.Log(), `"msg":"serving"`) {
		t.Errorf("Log() = %q, want the line that says serving", p.Log())
	}
}
