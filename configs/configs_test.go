package configs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hostscim/configs"
	"hostscim/mapping"
)

// shipped are the embedded profiles, by their file.
var shipped = map[string][]byte{
	"signinenterprise.yaml":           configs.SignInEnterprise,
	"signinenterprise-public-v3.yaml": configs.SignInEnterprisePublic,
	"complete.yaml":                   configs.Complete,
	"json-server.yaml":                configs.JSONServer,
	"pocketbase.yaml":                 configs.PocketBase,
}

// TestProfiles: each profile is embedded, loads, proves, and tells an editor
// where its schema is.
func TestProfiles(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.yaml")
	if err != nil || len(files) != len(shipped) {
		t.Fatalf("the directory has %q, %v; want the %d files that are embedded", files, err, len(shipped))
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(src) != string(shipped[file]) {
			t.Errorf("%s is not what is embedded", file)
		}
		if !strings.HasPrefix(string(src), "# yaml-language-server: $schema=schema.json\n") {
			t.Errorf("%s does not begin with the line that names its schema", file)
		}
		c, err := mapping.Load(file, src, mapping.Sources{Env: func(string) (string, bool) { return "https://example.com", true }})
		if err != nil {
			t.Errorf("Load: %v", err)
			continue
		}
		for _, table := range []*mapping.Table{c.User, c.Group} {
			if table == nil {
				continue
			}
			if broken := table.Prove().Broken; len(broken) > 0 {
				t.Errorf("%s: %s: %s", file, table.Type.Name, strings.Join(broken, "\n"))
			}
		}
	}
}
