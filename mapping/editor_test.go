package mapping

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestSchemaAgrees: an editor that knows configs/schema.json marks nothing in
// a file that the loader takes. Of the faults it sees all but those that
// testdata/unseen.txt lists: they are about what the keys mean together.
func TestSchemaAgrees(t *testing.T) {
	t.Parallel()
	schema := compiledSchema(t)
	for _, pattern := range []string{"testdata/*.yaml", "../configs/*.yaml", "../integration/testdata/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no file, %v", pattern, err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, ".bad.yaml") {
				if err := seen(t, schema, file); err != nil {
					t.Errorf("the schema refuses %s, which the loader takes: %v", file, err)
				}
			}
		}
	}
	var unseen strings.Builder
	for _, file := range badFiles(t) {
		if seen(t, schema, file) == nil {
			unseen.WriteString(strings.TrimSuffix(filepath.Base(file), ".bad.yaml") + "\n")
		}
	}
	golden(t, "testdata/unseen.txt", unseen.String())
}

// TestSchemaValues: a value of each kind in every way that the loader takes
// it, and in some that it refuses.
func TestSchemaValues(t *testing.T) {
	t.Parallel()
	schema := compiledSchema(t)
	const file = `
auth: {bearer: [{name: entra, token: example-token}]}
legacy: {base_url: "https://api.example.com"}
server:
  KEY: VALUE
resources:
  User:
    id: id
    operations: {get: {request: "GET /hosts/{id}"}, create: {request: POST /hosts, unique: legacy}}
    attributes: {userName: {legacy: username}}
`
	env := Sources{Env: func(name string) (string, bool) {
		value, ok := map[string]string{"N": "2048", "T": "30s", "U": "https://scim.example.com", "P": "10.0.0.0/8", "PATH": "/scim"}[name]
		return value, ok
	}}
	for _, tt := range []struct {
		key, value string
		ok         bool
	}{
		{"max_body_bytes", "2048", true},
		{"max_body_bytes", `"2048"`, true},
		{"max_body_bytes", `"${N}"`, true},
		{"max_body_bytes", "${N}", true},
		{"max_body_bytes", "1", false},
		{"max_body_bytes", "2048.5", false},
		{"max_body_bytes", "many", false},
		{"max_body_bytes", "[2048]", false},
		{"max_body_bytes", "null", false},
		{"shutdown_timeout", "1m30s", true},
		{"shutdown_timeout", "1.5h", true},
		{"shutdown_timeout", "250ms", true},
		{"shutdown_timeout", "${T}", true},
		{"shutdown_timeout", "30", false},
		{"shutdown_timeout", "soon", false},
		{"public_url", "HTTPS://scim.example.com:8443/x", true},
		{"public_url", "${U}/x", true},
		{"public_url", "scim.example.com", false},
		{"public_url", "ftp://scim.example.com", false},
		{"public_url", "https:///x", false},
		{"trusted_proxies", "10.0.0.0/8", true},
		{"trusted_proxies", `["::1", fe80::/10, "${P}"]`, true},
		{"trusted_proxies", "[]", true},
		{"trusted_proxies", "[proxy.example.com]", false},
		{"trusted_proxies", "{a: b}", false},
		{"base_path", "${PATH}", true},
		{"base_path", `""`, true},
		{"base_path", "{}", false},
	} {
		src := strings.NewReplacer("KEY", tt.key, "VALUE", tt.value).Replace(file)
		if _, err := Load("f.yaml", []byte(src), env); (err == nil) != tt.ok {
			t.Errorf("Load with %s: %s = %v, want ok %v", tt.key, tt.value, err, tt.ok)
		}
		document, err := plainYAML([]byte(src))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(document); (err == nil) != tt.ok {
			t.Errorf("the schema with %s: %s = %v, want ok %v", tt.key, tt.value, err, tt.ok)
		}
	}
}

// compiledSchema returns the schema, which TestSchemaFile holds to be shipped.
func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(jsonSchema(t)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// seen returns what an editor says of a file: that it is no YAML, or what the
// schema refuses.
func seen(t *testing.T, schema *jsonschema.Schema, file string) error {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	document, err := plainYAML(src)
	if err != nil {
		return err
	}
	return schema.Validate(document)
}

// plainYAML returns a document as an editor sees it: plain data.
func plainYAML(src []byte) (any, error) {
	var document any
	if err := yaml.Unmarshal(src, &document); err != nil {
		return nil, err
	}
	return document, plainKeys(document)
}

// plainKeys holds that every key is a text, as it is in JSON.
func plainKeys(v any) error {
	switch v := v.(type) {
	case map[any]any:
		return errors.New("a key that is no text")
	case map[string]any:
		for _, part := range v {
			if err := plainKeys(part); err != nil {
				return err
			}
		}
	case []any:
		for _, part := range v {
			if err := plainKeys(part); err != nil {
				return err
			}
		}
	}
	return nil
}
