package mapping

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func loadTenants(t *testing.T) []*Config {
	t.Helper()
	src, err := os.ReadFile("testdata/tenants.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Load("tenants.yaml", src, sources())
	if err != nil {
		t.Fatal(err)
	}
	if got := len(c.Each()); got != 2 {
		t.Fatalf("Each() has %d tenants, want 2", got)
	}
	return c.Each()
}

// TestTenants: a tenant has what the file says for all, but for what it says
// of its own.
func TestTenants(t *testing.T) {
	t.Parallel()
	all := loadTenants(t)
	acme, globex := all[0], all[1]
	if acme.Name != "acme" || globex.Name != "globex" {
		t.Errorf("names = %s, %s", acme.Name, globex.Name)
	}
	for _, c := range all {
		if c.Legacy.Timeout != Duration(5*time.Second) {
			t.Errorf("%s: timeout = %v, want that of the file", c.Name, time.Duration(c.Legacy.Timeout))
		}
	}
	if acme.Legacy.BaseURL.Host != "acme.example.com" || globex.Legacy.BaseURL.Host != "globex.example.com" {
		t.Errorf("base URLs = %s, %s", acme.Legacy.BaseURL.Host, globex.Legacy.BaseURL.Host)
	}
	// A credential is replaced whole, or there would be two.
	if acme.Legacy.Auth.Bearer == "" || globex.Legacy.Auth.Bearer != "" || globex.Legacy.Auth.Basic == nil {
		t.Errorf("credentials: acme has bearer %t; globex has bearer %t and basic %t",
			acme.Legacy.Auth.Bearer != "", globex.Legacy.Auth.Bearer != "", globex.Legacy.Auth.Basic != nil)
	}
	if acme.Pause != nil || globex.Pause == nil || globex.Pause.Requests != "writes" || globex.Pause.RetryAfter != Duration(10*time.Minute) {
		t.Errorf("pauses: acme has %+v, globex %+v; want globex's alone", acme.Pause, globex.Pause)
	}
	if acme.Group != nil || globex.Group == nil {
		t.Errorf("groups: acme has %t, globex %t, want only globex's", acme.Group != nil, globex.Group != nil)
	}
	rows := func(c *Config) map[string]string {
		all := make(map[string]string)
		for _, r := range c.User.Rows {
			all[r.Path] = r.Legacy
		}
		return all
	}
	if diff := cmp.Diff(map[string]string{"userName": "username", "title": "job_title"}, rows(acme)); diff != "" {
		t.Errorf("rows of acme (-want +got):\n%s", diff)
	}
	// title has no value there, which takes it away.
	if diff := cmp.Diff(map[string]string{"userName": "login", "nickName": "alias"}, rows(globex)); diff != "" {
		t.Errorf("rows of globex (-want +got):\n%s", diff)
	}
	list := globex.User.Operations.List
	if list.Request.Path != "/people" || *list.Items != "people" || list.Paging.Limit != 50 {
		t.Errorf("list of globex = %+v, want its own path and the file's paging", list)
	}
	if acme.User.Operations.Update == nil || globex.User.Operations.Update != nil {
		t.Error("update: want the file's for acme, and none for globex, which has the key without a value")
	}
}

// TestOneTenant: a file without tenants is its own only one.
func TestOneTenant(t *testing.T) {
	t.Parallel()
	c := &Config{Name: DefaultTenant}
	if got := c.Each(); len(got) != 1 || got[0] != c {
		t.Errorf("Each() = %v, want the configuration itself", got)
	}
}
