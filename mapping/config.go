package mapping

import (
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Config is a whole configuration file: where the adapter listens, who may
// come in, where the legacy API is, and how its resources map to SCIM.
type Config struct {
	// Name is that of the tenant; [DefaultTenant] where the file has none.
	Name string

	Server    Server    `yaml:"server"`
	Auth      Auth      `yaml:"auth"` // needed, unless legacy.auth is passthrough
	Legacy    Legacy    `yaml:"legacy" need:"{base_url: https://api.example.com}"`
	Resources Resources `yaml:"resources" need:"{User: {...}, Group: {...}}"`
	// Pause answers requests by 503 for now; left out: none.
	Pause *Pause `yaml:"pause"`

	// User and Group are the compiled resources; nil where the file has none.
	User, Group *Table

	// Tenants are the configurations of a file with tenants, see
	// [TenantSpec], all with the same Server. Of the file as a whole there is
	// only Server then; [Config.Each] is for those who serve every tenant.
	Tenants []*Config `yaml:"tenants"`

	places *decoder // where everything stands in the file; see Remark
}

// Resources are the resources that the legacy API has.
type Resources struct {
	User  *Resource `yaml:"User"`
	Group *Resource `yaml:"Group"`
}

// Resource describes one kind of record of the legacy API and its rows.
type Resource struct {
	ID         IDField    `yaml:"id" need:"id"`
	Operations Operations `yaml:"operations" need:"{list: {...}, get: {...}, create: {...}}"`
	Members    *Members   `yaml:"members"`
	// Unmapped says what becomes of attributes that have no row.
	Unmapped Unmapped `yaml:"unmapped"`
	// PatchResponse says what a PATCH answers: auto (the resource where the
	// legacy API tells it, and 204 for a group), resource, or none (204).
	PatchResponse string `yaml:"patch_response" enum:"auto,resource,none"`
	// Groups is the call that tells the groups of a user, where there is one.
	Groups *GroupList `yaml:"groups"`
	// Gone is true of a record that SCIM takes for deleted, such as
	// "deleted == true", for an API whose delete only marks records. No list
	// shows it, so lists are read through to be counted, within scan_limit.
	Gone Expression `yaml:"gone"`
	// Attributes are the rows, by SCIM path.
	Attributes Ordered[RowSpec] `yaml:"attributes" need:"{userName: {legacy: username}}"`
}

// IDField is the legacy field that identifies a record. It is written as a
// field name alone, or as a mapping with the type.
type IDField struct {
	Legacy string `yaml:"legacy" need:"id"` // dotted path of the legacy field
	// Type says how ids stand in request bodies and which ids can exist:
	// "integer", "string", or "any" (the default), which sends an id that is
	// spelt as an integer as a number.
	Type string `yaml:"type" enum:"any,integer,string"`
}

// defaults returns what holds for keys that the file leaves out.
func defaults() *Config {
	return &Config{
		Name: DefaultTenant,
		Server: Server{
			Listen: "127.0.0.1:8080", AdminListen: "127.0.0.1:9090", SocketMode: 0o660, BasePath: "/scim/v2", TokenPath: "/oauth/token",
			RequestTimeout: Duration(25 * time.Second), ShutdownTimeout: Duration(30 * time.Second),
			MaxBodyBytes: 1 << 20, MaxResults: 1000,
			CacheTTL: Duration(time.Hour), CacheEntries: 100_000,
			Limits: Limits{
				MaxHeaderBytes: 64 << 10, MaxConnections: 4096,
				HeaderTimeout: Duration(10 * time.Second), ReadTimeout: Duration(time.Minute), WriteTimeout: Duration(90 * time.Second), IdleTimeout: Duration(3 * time.Minute),
			},
		},
		Legacy: Legacy{
			Timeout: Duration(10 * time.Second), ScanLimit: 20_000, MaxInFlight: 64, MaxQueue: 1000,
			Breaker:     Breaker{Failures: 20, Window: Duration(time.Minute), Open: Duration(5 * time.Second)},
			Retry:       Retry{MaxAttempts: 4, MinWait: Duration(200 * time.Millisecond), MaxWait: Duration(5 * time.Second)},
			ErrorFormat: ErrorFormat{Items: "errors", Field: "attribute", Code: "code", Message: "message", Domain: "domain"},
		},
	}
}

// Option changes how a configuration is read.
type Option func(*decoder)

// Lenient takes the required mark from every row but that of the name, for
// clients and test suites that make minimal users.
func Lenient() Option { return func(d *decoder) { d.lenient = true } }

// Load reads a configuration file: its syntax, every value, and the tables
// it describes. file is the name that faults are reported under. The error
// is [Faults], with every fault of the file; the configuration is nil then.
func Load(file string, src []byte, sources Sources, options ...Option) (*Config, error) {
	d := newDecoder(file, sources)
	for _, o := range options {
		o(d)
	}
	c := defaults()
	c.places = d
	switch root := d.parse(src); {
	case root == nil: // reported
	case hasTenants(root):
		c = d.tenants(root.(*ast.MappingNode))
	default:
		d.value(root, reflectElem(c), "")
		c.check(d)
	}
	if len(d.faults) > 0 {
		d.faults.sort()
		return nil, d.faults
	}
	return c, nil
}

func (c *Config) check(d *decoder) {
	c.Server.check(d)
	c.Auth.check(d, c.Legacy.Auth.Passthrough)
	c.checkInbound(d)
	c.Legacy.check(d)
	if _, given := d.at["resources"]; given && c.Resources.User == nil && c.Resources.Group == nil {
		d.add("resources", "describes no resource; add User, Group or both")
	}
	c.User = compile(d, userType, c.Resources.User, c)
	c.Group = compile(d, groupType, c.Resources.Group, c)
	c.checkMembership(d)
}
