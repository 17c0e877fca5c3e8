package adapter

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hostscim/legacyclient"
	"hostscim/mapping"
)

// statusView is what the status page shows.
type statusView struct {
	Version   string
	Reloaded  Reload // the last configuration that was to be used
	Ready     bool
	TenantURL string
	Public    bool // TenantURL is the one that clients use; else it has to be completed
	Several   bool // tenants have to be told apart
	Tenants   []tenantView
	Legacy    legacyList
	Findings  findingList
	Filter    operationFilter
	Routes    []string // by which operations are filtered
	Rows      rowsView
	Last      uint64 // the number of the newest operation, shown or not
}

// rowsView are rows of the list of operations.
type rowsView struct {
	Several    bool
	Operations []operation
}

// tenantView is what the page shows of a tenant besides its legacy API.
type tenantView struct {
	Name        string
	TokenPath   string // of the OAuth token endpoint; "" where the tenant has no clients of it
	Credentials []credentialView
	Tables      []tableView
}

// credentialView is one credential that is let in; never its secret.
type credentialView struct {
	Name, Kind string
	Expires    string // the first day on which it is refused; "" never
	ReadOnly   bool
}

// tableView is an attribute table.
type tableView struct {
	Name string
	Rows []mapping.Description
	// Sent is what becomes of the attributes that Entra sends.
	Sent []mapping.Covered
}

// findingList is what there is to look at.
type findingList struct {
	Several  bool
	Findings []finding
}

// legacyList is the state of the legacy APIs.
type legacyList struct {
	Several bool
	APIs    []legacyView
}

// legacyView is the state of a legacy API.
type legacyView struct {
	Tenant string
	URL    string
	Health string // ok, trouble or unknown; a class of the style sheet
	Text   string // Health in words
	Why    string // of trouble
	Paused string // which requests are; "" none
	legacyclient.Stats
	Answered, Failed time.Time // last; zero: not since the start
}

func (s *Server) statusView(f operationFilter) *statusView {
	v := &statusView{
		Version: s.status.version, Reloaded: *s.reloaded.Load(), Ready: s.ready.Load(), Several: s.several(), Legacy: s.legacyAPIs(), Filter: f,
	}
	v.TenantURL, v.Public = s.tenantURL()
	for _, t := range s.tenants {
		v.Tenants = append(v.Tenants, t.view(s.config.TokenPath))
	}
	for _, r := range s.routes() {
		v.Routes = append(v.Routes, operationName(r.method+" "+r.path))
	}
	all, last := s.status.operations.since(0)
	v.Findings, v.Last = findingList{s.several(), s.findings(all)}, last
	v.Rows = s.rows(f.apply(all))
	return v
}

func (s *Server) several() bool { return len(s.tenants) > 1 }

func (s *Server) rows(list []operation) rowsView { return rowsView{s.several(), list} }

// tenantURL returns what is entered in Entra as the tenant URL, and whether
// that is known: what a proxy makes of it is not, unless the file says so.
func (s *Server) tenantURL() (tenantURL string, known bool) {
	if public := url.URL(s.config.PublicURL); public.Host != "" {
		return strings.TrimSuffix(public.String(), "/"), true
	}
	network, at := s.config.Listen.Split()
	if addr, err := netip.ParseAddrPort(at); network != mapping.NetworkTCP || err != nil || addr.Addr().IsUnspecified() || addr.Port() == 0 {
		return "https://YOUR-HOST" + s.config.BasePath, false
	}
	scheme := "http"
	if s.config.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + at + s.config.BasePath, false
}

func (t *tenant) view(tokenPath string) tenantView {
	v := tenantView{Name: t.name, Credentials: credentialViews(t.config)}
	if t.config.Auth.OAuth != nil {
		v.TokenPath = tokenPath
	}
	for _, e := range t.endpoints() {
		var sent []mapping.Covered
		for _, c := range e.table.Coverage() {
			if c.Sent() {
				sent = append(sent, c)
			}
		}
		v.Tables = append(v.Tables, tableView{e.table.Type.Name, e.table.Describe(), sent})
	}
	return v
}

func credentialViews(c *mapping.Config) (list []credentialView) {
	for _, b := range c.Auth.Bearer {
		list = append(list, credentialView{Name: b.Name, Kind: "secret token", Expires: day(b.Expires), ReadOnly: b.ReadOnly})
	}
	for _, j := range c.Auth.JWT {
		list = append(list, credentialView{Name: j.Name, Kind: "tokens signed by " + j.Issuer, ReadOnly: j.ReadOnly})
	}
	if c.Auth.OAuth != nil {
		for _, o := range c.Auth.OAuth.Clients {
			list = append(list, credentialView{Name: o.ID, Kind: "OAuth2 client credentials", ReadOnly: o.ReadOnly})
		}
	}
	if c.Legacy.Auth.Passthrough {
		list = append(list, credentialView{Name: "passthrough", Kind: "tokens of the legacy API, which judges them"})
	}
	return list
}

func day(d mapping.Date) string {
	if t := time.Time(d); !t.IsZero() {
		return t.Format(time.DateOnly)
	}
	return ""
}

// legacyAPIs returns the state of the legacy API of each tenant.
func (s *Server) legacyAPIs() legacyList {
	list := legacyList{Several: s.several()}
	for _, t := range s.tenants {
		c := t.contact.get()
		base := url.URL(t.config.Legacy.BaseURL)
		v := legacyView{
			Tenant: t.name, URL: base.Scheme + "://" + base.Host + base.Path,
			Paused: s.pauseOf(t).requests, Stats: t.client.Stats(), Answered: c.answered, Failed: c.failed,
		}
		v.judge(c)
		list.APIs = append(list.APIs, v)
	}
	return list
}

// judge says how the legacy API is. The breaker knows of attempts that are
// still being repeated; else the last request that needed the API counts.
func (v *legacyView) judge(c heard) {
	switch {
	case v.Breaker == "open":
		v.Health, v.Text, v.Why = "trouble", "down", "calls fail at once until a probe finds it up again"
	case v.Breaker == "half-open":
		v.Health, v.Text, v.Why = "trouble", "down, being tried", "one call at a time is sent as a probe"
	case c.failed.After(c.answered):
		v.Health, v.Text, v.Why = "trouble", "in trouble", c.reason
	case c.answered.IsZero():
		v.Health, v.Text = "unknown", "not called yet"
	default:
		v.Health, v.Text = "ok", "answers"
	}
}

// Pace returns the rate limit in words.
func (v *legacyView) Pace() string {
	if v.Rate == 0 {
		return "not limited"
	}
	text := strconv.FormatFloat(v.Rate, 'f', 1, 64) + " calls a second"
	if v.Learned {
		text += ", lowered because the API said that it is called too often"
	}
	return text
}
