package mapping

import (
	"fmt"
	"net/url"
	"strings"
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

// Server says where and how the adapter itself listens.
type Server struct {
	Listen          Address  `yaml:"listen"`                    // default 127.0.0.1:8080
	BasePath        string   `yaml:"base_path"`                 // default /scim/v2; "" or "/" for the root
	PublicURL       URL      `yaml:"public_url"`                // zero: from the request
	TrustedProxies  []Prefix `yaml:"trusted_proxies"`           // peers whose forwarding headers count; none by default
	AdminListen     Address  `yaml:"admin_listen"`              // default 127.0.0.1:9090
	AdminPublic     bool     `yaml:"admin_public"`              // admin_listen may be where other machines reach it, without a token
	SocketMode      FileMode `yaml:"socket_mode"`               // who may use a Unix socket of listen and admin_listen; default 0660
	TokenPath       string   `yaml:"token_path"`                // of the OAuth token endpoint; default /oauth/token
	RequestTimeout  Duration `yaml:"request_timeout"`           // the budget of one request; default 25s
	ShutdownTimeout Duration `yaml:"shutdown_timeout"`          // how long requests may finish after SIGTERM; default 30s
	ShutdownDelay   Duration `yaml:"shutdown_delay"`            // between SIGTERM and the last new connection, for those who route to us to look away; zero: none
	MaxBodyBytes    int      `yaml:"max_body_bytes" min:"1024"` // the largest request body; default 1 MiB
	MaxResults      int      `yaml:"max_results" min:"1"`       // the most resources of one page; default 1000
	CacheTTL        Duration `yaml:"cache_ttl"`                 // how long a name is remembered; default 1h
	CacheEntries    int      `yaml:"cache_entries" min:"1"`     // how many names are remembered; default 100000
	Limits          Limits   `yaml:"limits"`

	TLS *ServerTLS `yaml:"tls"` // nil: listen speaks plain HTTP
}

// Legacy says where the legacy API is and how it wants to be called.
type Legacy struct {
	BaseURL           URL        `yaml:"base_url" need:"https://api.example.com/api/v3"` // what the path of every call is put behind
	Auth              LegacyAuth `yaml:"auth"`
	Timeout           Duration   `yaml:"timeout"` // of one call; default 10s
	TLS               TLS        `yaml:"tls"`
	Proxy             Secret     `yaml:"proxy"` // a URL; "": that of the environment
	RateLimit         RateLimit  `yaml:"rate_limit"`
	MaxInFlight       int        `yaml:"max_in_flight" min:"1"` // calls at once; default 64
	MaxQueue          int        `yaml:"max_queue" min:"1"`     // calls that wait for their turn; default 1000
	Retry             Retry      `yaml:"retry"`
	Breaker           Breaker    `yaml:"breaker"`
	IdempotencyHeader string     `yaml:"idempotency_header"` // "" where the API has none
	// Headers are sent with every call, such as a version of the API.
	Headers     Ordered[string] `yaml:"headers"`
	ErrorFormat ErrorFormat     `yaml:"error_format"`
	Errors      []ErrorRule     `yaml:"errors"`
	ScanLimit   int             `yaml:"scan_limit" min:"1"` // the most records one filter may read; default 20000
}

// LegacyAuth is the credential of the adapter at the legacy API; at most one.
type LegacyAuth struct {
	Bearer Secret  `yaml:"bearer"`
	Basic  *Basic  `yaml:"basic"`
	Header *Header `yaml:"header"`
	OAuth2 *OAuth2 `yaml:"oauth2_client_credentials"`
	// Passthrough: the legacy API gets the token that the client sent. The
	// adapter itself then lets every token in, and remembers no names.
	Passthrough bool `yaml:"passthrough"`
}

// Basic is a user name and password (RFC 7617).
type Basic struct {
	Username string `yaml:"username" need:"hostscim"` // of the adapter
	Password Secret `yaml:"password" need:"\"${LEGACY_PASSWORD}\""`
}

// Header is a credential in a header of its own, such as X-Api-Key.
type Header struct {
	Name  string `yaml:"name" need:"X-Api-Key"` // of the header
	Value Secret `yaml:"value" need:"\"${LEGACY_KEY}\""`
}

// RateLimit bounds the calls to the legacy API, every attempt counted. The rate
// falls by itself for a while when the API says that it is called too often.
type RateLimit struct {
	PerSecond float64 `yaml:"per_second" min:"0.01"` // zero: not limited
	Burst     int     `yaml:"burst" min:"1"`         // zero: per_second, rounded up
}

// Retry bounds the attempts of one call. Waits between them are random from
// zero to a bound, which doubles: the first is MinWait in the middle, and none
// is longer than MaxWait, unless the API asks for it.
type Retry struct {
	MaxAttempts int      `yaml:"max_attempts" min:"1"` // how often a call is tried; default 4
	MinWait     Duration `yaml:"min_wait"`             // before the second attempt, where the API says nothing; default 200ms
	MaxWait     Duration `yaml:"max_wait"`             // between two attempts; default 5s
}

// ErrorFormat says where an error answer of the legacy API keeps its parts;
// paths are dotted. The default is the vendor's: a list under errors, of
// objects with domain, attribute, code and message.
type ErrorFormat struct {
	Items string `yaml:"items"` // dotted path of the list of errors
	// Keyed says that items is an object with a name for each field at fault,
	// as in {"errors": {"email": ["is taken"]}}. What stands under a name is an
	// error, or a list of them, each with a code and a message or a text alone.
	Keyed   bool   `yaml:"keyed"`
	Field   string `yaml:"field"`   // of an error: the field that it is about
	Code    string `yaml:"code"`    // of an error: what is wrong, for programs
	Message string `yaml:"message"` // of an error: what is wrong, for people
	Domain  string `yaml:"domain"`  // of an error: the part of the API that it comes from
}

// ErrorRule gives a meaning to answers of the legacy API. What is left out
// matches everything; the first rule that matches counts.
type ErrorRule struct {
	Status []int  `yaml:"status"`                                                                               // between 400 and 599
	Code   string `yaml:"code"`                                                                                 // as the answer has it at error_format.code
	Field  string `yaml:"field"`                                                                                // as the answer has it at error_format.field
	SCIM   string `yaml:"scim" need:"uniqueness" enum:"uniqueness,invalidValue,notFound,throttled,unavailable"` // what it means
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

// Operations are the calls of the legacy API on one kind of record. A nil
// operation is one that the API does not have.
type Operations struct {
	List   *ListOp    `yaml:"list"`
	Search []SearchOp `yaml:"search"`
	Get    *Op        `yaml:"get"`
	Create *CreateOp  `yaml:"create"`
	Update *UpdateOp  `yaml:"update"`
	Delete *WriteOp   `yaml:"delete"`
}

// Op is one call.
type Op struct {
	Request Request `yaml:"request" need:"GET /hosts/{id}"`
	// Query are the query parameters.
	Query Ordered[string] `yaml:"query"`
	// Idempotent: the API executes the call once however often it is
	// repeated, by the idempotency header.
	Idempotent bool `yaml:"idempotent"`
	Envelope
}

// WriteOp is a call that writes with a body of its own: what deletes a record,
// or what writes one attribute. In the path, the query and the body {id} stands
// for the record; of an attribute, {value} for the value as its legacy field
// spells it. In the body they keep their JSON type.
type WriteOp struct {
	Request    Request         `yaml:"request" need:"POST /hosts/{id}/archive"`
	Query      Ordered[string] `yaml:"query"`
	Body       Template        `yaml:"body"` // none where it is left out
	Idempotent bool            `yaml:"idempotent"`
	Envelope
}

// ListOp is a call that answers a page of records.
type ListOp struct {
	Request Request         `yaml:"request" need:"GET /hosts"`
	Query   Ordered[string] `yaml:"query"`
	ListShape
}

// ListShape says how an answer that lists records looks. What a search or a
// list of members leaves out of it is that of the list operation.
type ListShape struct {
	Items       *string `yaml:"items"`        // dotted path; "" for a bare array
	Each        *string `yaml:"each"`         // dotted path of the record in each item; "" where the item is it
	Total       *string `yaml:"total"`        // dotted path; "" where the API tells none
	TotalHeader *string `yaml:"total_header"` // the header that tells it, such as X-Total-Count
	Paging      *Paging `yaml:"paging"`
}

// Envelope says how the bodies of a call look.
type Envelope struct {
	// Item is the dotted path of the record in the answer; "" where the
	// answer is the record.
	Item string `yaml:"item"`
	// Wrap is the dotted path under which the body is sent; "" sends it as
	// it is.
	Wrap string `yaml:"wrap"`
	// Format is json (the default), merge-patch (RFC 7396), or form.
	Format string `yaml:"format" enum:"json,merge-patch,form"`
}

// SearchOp is a list call that answers one filter. Items, total and paging
// that are left out are those of the list operation.
type SearchOp struct {
	Filter  string          `yaml:"filter" need:"userName eq"` // a SCIM path and eq
	Request Request         `yaml:"request" need:"GET /hosts"`
	Query   Ordered[string] `yaml:"query"`
	// Returns says what is found: a superset of the matches, or exactly them.
	Returns string `yaml:"returns" need:"superset" enum:"superset,exact"`
	// Lag is how long the API may need until a search finds what was
	// written; zero: it finds it at once. Where a search lags, each record that it
	// finds is read before it is believed, which costs a call.
	Lag Duration `yaml:"lag"`
	ListShape
}

// CreateOp is the call that makes a record.
type CreateOp struct {
	Request    Request         `yaml:"request" need:"POST /hosts"`
	Query      Ordered[string] `yaml:"query"`
	Idempotent bool            `yaml:"idempotent"`
	// Unique says who refuses a second record of the same userName or
	// displayName: the legacy API, or the adapter, which looks first.
	Unique string `yaml:"unique" need:"legacy" enum:"legacy,adapter"`
	// Constants are fields that every body has beside those of the rows, as
	// {source: scim, settings: {notify: false}}.
	Constants Template `yaml:"constants"`
	Envelope
}

// UpdateOp is the call that changes a record.
type UpdateOp struct {
	Request    Request         `yaml:"request" need:"PATCH /hosts/{id}"`
	Query      Ordered[string] `yaml:"query"`
	Idempotent bool            `yaml:"idempotent"`
	// Body says which fields the body holds: changed (the default), or whole,
	// for an API that replaces records: the record is read first, and every
	// field that does not change is sent as it is.
	Body string `yaml:"body" enum:"changed,whole"`
	// Constants are those of every body, as of create.
	Constants Template `yaml:"constants"`
	// Version is what an update that is made of the record sends along, so
	// that the API refuses it if somebody else has changed the record since.
	Version *VersionCheck `yaml:"version"`
	Envelope
}

// VersionCheck says how the legacy API is told which version of a record a
// change was made of. Where that is not the present one, it answers 409 or
// 412, and the change is made anew.
type VersionCheck struct {
	// Field is the field of the record with its version; "": the version is in
	// the header ETag of the answer to get.
	Field string `yaml:"field"`
	// Header is the header in which it is sent back, as it stands, such as
	// If-Match; "": it is sent in the body, under Field.
	Header string `yaml:"header"`
}

// Paging says how a list is read page by page.
//
//	offset  how many records to skip, and how many to answer
//	page    the number of the page, and how many records a page has
//	cursor  a token that the last page told
//	link    the Link header of the last page (RFC 8288)
//	next    a URL in the last page
//	none    the whole list at once
//
// The last four are read from the beginning: what startIndex passes over is
// read all the same.
type Paging struct {
	Style       string `yaml:"style" need:"offset" enum:"offset,page,cursor,link,next,none"` // one of these
	Limit       int    `yaml:"limit" min:"1"`                                                // records of one page; default 100
	LimitParam  string `yaml:"limit_param"`                                                  // default limit; per_page for the style page
	OffsetParam string `yaml:"offset_param"`                                                 // default offset
	PageParam   string `yaml:"page_param"`                                                   // default page
	FirstPage   *int   `yaml:"first_page"`                                                   // the number of the first page, 0 or 1; default 1
	CursorParam string `yaml:"cursor_param"`                                                 // default cursor
	Next        string `yaml:"next"`                                                         // dotted path of the token or URL of the next page
}

// Members says how the legacy API keeps who is in a group, in one of these
// ways:
//
//	list        under the group, or as records of their own: it is listed, and
//	            changed by the calls add and remove
//	field       as a list of ids in the group's record: it is changed by add
//	            and remove where the API has such calls, else by the update
//	            of the group
//	user_field  as a list of the ids of groups in the user's record: it is
//	            changed by the update of the users
type Members struct {
	List   *MemberList `yaml:"list"`
	Add    *MemberOp   `yaml:"add"`
	Remove *MemberOp   `yaml:"remove"`
	// Find is the call that tells whether one user is a member. Without it the
	// list is read for that.
	Find *MemberFind `yaml:"find"`
	// Field is the dotted path of the list of ids in the record of the group.
	// A record that leaves it out has no members.
	Field string `yaml:"field"`
	// UserField is the dotted path of the list of group ids in the record of
	// the user. The groups of a user are then known from it too. Who is in a
	// group is found by a search on users with the filter groups.value eq; by
	// looking through all users, where there is none. To clear the lists when a
	// group is deleted is up to the legacy API.
	UserField string `yaml:"user_field"`
	// Value is the dotted path of the id in each element of Field or
	// UserField; "" where the elements are the ids.
	Value string `yaml:"value"`
	// Known says who refuses a member that is no user: the legacy API (the
	// default), or the adapter, which reads each user first.
	Known string `yaml:"known" enum:"legacy,adapter"`

	writable bool // worked out at load
}

// MemberList is the call that lists the members of a group. Items, total and
// paging that are left out are those of the group's list operation.
type MemberList struct {
	Request Request         `yaml:"request" need:"GET /host_groups/{id}/hosts"`
	Query   Ordered[string] `yaml:"query"`
	Value   string          `yaml:"value" need:"id"` // the field with the member's id
	// Key is the field with the id of the membership itself, where it has
	// one; {key} in the call that removes is that.
	Key string `yaml:"key"`
	ListShape
}

// MemberFind is the call that answers the membership of one user, {value}, in
// one group, {id}: a list with one record, or none. The records are those of
// the list of members. Items, total and paging that are left out are its too.
type MemberFind struct {
	Request Request         `yaml:"request" need:"GET /memberships"`
	Query   Ordered[string] `yaml:"query"`
	ListShape
}

// GroupList is the call that lists the groups of a user. They are shown when
// a client asks for the attribute groups, and cannot be written: that is done
// at the group. Total and paging that are left out are those of the user's
// list operation.
type GroupList struct {
	Request Request         `yaml:"request" need:"GET /hosts/{id}/host_groups"`
	Query   Ordered[string] `yaml:"query"`
	Value   string          `yaml:"value" need:"id"` // the field with the group's id
	ListShape
}

// MemberOp is a call that adds or removes members: one at a time with {value}
// in the path or the body, several at once with {values} in the body. {id} is
// the group, and {key}, in remove alone, the id of the membership.
type MemberOp struct {
	Request    Request         `yaml:"request" need:"POST /host_groups/{id}/hosts"`
	Query      Ordered[string] `yaml:"query"`
	Body       Template        `yaml:"body"`
	MaxPerCall int             `yaml:"max_per_call" min:"1"` // default 1, with {values} 100
	Idempotent bool            `yaml:"idempotent"`
	// Unique says, of add alone, who sees to it that nobody is a member
	// twice: the legacy API (the default), or the adapter, which looks first.
	Unique string `yaml:"unique" enum:"legacy,adapter"`
	Envelope
}

// RowSpec is one row as it is written.
type RowSpec struct {
	// Legacy is the dotted path of the legacy field; needed, unless there is
	// expr. Where it stands in an element of an array, a selector names the
	// element, as in emails[kind eq "work"].address.
	Legacy   string `yaml:"legacy"`
	Type     string `yaml:"type" enum:"string,boolean,integer,number,datetime,date,unix,unix_ms"` // how the legacy field spells it; default: as the attribute does
	Required bool   `yaml:"required"`                                                             // it must have a value
	Primary  bool   `yaml:"primary"`                                                              // the element is the one with primary: true
	ReadOnly bool   `yaml:"read_only"`                                                            // it is read and never written
	Default  *Plain `yaml:"default"`                                                              // of a new record that names none
	// Layout is how a datetime field that is not RFC 3339 is spelt: Go's
	// reference time, 2006-01-02 15:04:05.999Z07:00. Without a zone it is UTC.
	Layout string `yaml:"layout"`
	// Expr computes the value from the fields of the record, in place of
	// legacy: first_name + " " + last_name. It is only read. A text in quotes
	// inside is a constant: '"Host"'.
	Expr Expression `yaml:"expr"`

	// How the value is written where that is not by the body of the update:
	// by one call that sends it, or by a call for each value. The row is read
	// from its field all the same. Clear is the call that takes the value
	// away; without it call sends null, and a value of calls stays. A new
	// record is made without the field and the call follows, unless it has the
	// value by itself or InCreate puts the field into the body of the create.
	Call     *WriteOp         `yaml:"call"`      // that sends the value, in place of the update
	Calls    Ordered[WriteOp] `yaml:"calls"`     // one for each value, in place of the update
	Clear    *WriteOp         `yaml:"clear"`     // that takes the value away
	InCreate bool             `yaml:"in_create"` // the body that creates a record has the field all the same

	// How the value is changed on its way. Values gives for each SCIM value
	// the legacy value that is written, or a list of those that are read, of
	// which the first is written. The others are for texts, and are applied
	// in this order.
	Values Ordered[Plains] `yaml:"values"`
	Trim   bool            `yaml:"trim"`                    // white space around it is dropped
	Case   string          `yaml:"case" enum:"lower,upper"` // the letter case that it is written in
	Prefix string          `yaml:"prefix"`                  // stands in front of it in the legacy field
	Suffix string          `yaml:"suffix"`                  // stands behind it in the legacy field
	// Lossy accepts that trim or case lose something of a matching or
	// required attribute.
	Lossy string `yaml:"lossy" enum:"accepted"`

	// Split makes the value one part of the legacy text.
	Split *Split `yaml:"split"`
	// Each says how an element of a whole list is kept, of a row for a
	// multi-valued attribute such as emails; left out, its fields have the
	// names of the sub-attributes. Join stands between the values of a list
	// that is one text.
	Each *Each  `yaml:"each"`
	Join string `yaml:"join"` // what stands between the values of a list that is one text

	// What a value must satisfy, or it is refused before anything is sent.

	MaxLength int      `yaml:"max_length" min:"1"` // in characters
	Pattern   string   `yaml:"pattern"`            // a regular expression for the whole value
	OneOf     []string `yaml:"one_of"`             // the only values
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

func (s *Server) check(d *decoder) {
	if s.BasePath == "/" {
		s.BasePath = ""
	}
	if p := s.BasePath; p != "" && (p[0] != '/' || p[len(p)-1] == '/') {
		d.add("server.base_path", "must begin with / and not end with it; write for example /scim/v2")
	}
	if p := s.TokenPath; p == "" || p[0] != '/' || p[len(p)-1] == '/' || strings.ContainsAny(p, "?#%{} ") {
		d.add("server.token_path", "must begin with / and be a plain path; write for example /oauth/token")
	}
	s.checkSocketMode(d)
	s.checkAdmin(d)
	s.checkLimits(d)
}

func (l *Legacy) check(d *decoder) {
	l.Auth.check(d)
	l.TLS.check(d)
	l.checkProxy(d)
	if u := url.URL(l.BaseURL); u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		d.add("legacy.base_url", "must be scheme, host and path only; put credentials under legacy.auth")
	}
	if l.Retry.MinWait > l.Retry.MaxWait {
		d.add("legacy.retry.min_wait", "is longer than max_wait")
	}
	for i, r := range l.Errors {
		for _, s := range r.Status {
			if s < 400 || s > 599 {
				d.add(fmt.Sprintf("legacy.errors[%d].status", i), "must be between 400 and 599; other answers are no errors")
			}
		}
	}
}
