package mapping

import (
	"fmt"
	"math"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// warner collects what of a configuration is legal and likely to be wrong.
type warner struct {
	*Config
	found Faults
}

// Warnings returns what of the configuration is legal and likely to be wrong,
// in the order of the file. The adapter runs with all of it.
func (c *Config) Warnings() Faults {
	w := &warner{Config: c}
	w.server()
	w.credentials()
	w.legacy()
	for _, t := range []*Table{c.User, c.Group} {
		if t == nil {
			continue
		}
		r := resourceWarner{w, t, "resources." + t.Type.Name}
		r.operations()
		r.create()
		r.matching()
		r.searches()
		r.scans()
		r.attributes()
	}
	w.people()
	w.duplicates()
	w.found.sort()
	return w.found
}

func (w *warner) add(path, format string, args ...any) {
	w.found = append(w.found, w.Remark(path, format, args...))
}

const minToken = 16

// server looks at what strangers can reach.
func (w *warner) server() {
	s := &w.Server
	if u := url.URL(s.PublicURL); u.Scheme == "http" && !isLoopback(u.Hostname()) {
		w.add("server.public_url", "is not https; Entra calls no other URL, and tokens would travel in clear")
	}
	for i, p := range s.TrustedProxies {
		if p.Network.Bits() == 0 {
			w.add(fmt.Sprintf("server.trusted_proxies[%d]", i), "trusts everybody to say under which URL we are seen; write the addresses of the proxies")
		}
	}
}

// isLoopback reports whether the host is this machine.
func isLoopback(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

func (w *warner) credentials() {
	weak := func(path string, secret Secret) {
		if secret != "" && len(secret) < minToken {
			w.add(path, "has fewer than %d characters and can be guessed; make one with: openssl rand -hex 32", minToken)
		}
	}
	for i, b := range w.Auth.Bearer {
		weak(fmt.Sprintf("auth.bearer[%d].token", i), b.Token)
	}
	for i, j := range w.Auth.JWT {
		if len(j.Claims) == 0 {
			w.add(fmt.Sprintf("auth.jwt[%d]", i), "lets in every token of the issuer for this audience; name in claims what tells your own application apart, such as appid")
		}
	}
	if w.Auth.OAuth == nil {
		return
	}
	for i, c := range w.Auth.OAuth.Clients {
		for j, s := range c.Secrets {
			weak(fmt.Sprintf("auth.oauth.clients[%d].secrets[%d].secret", i, j), s.Secret)
		}
	}
}

func (w *warner) legacy() {
	l := &w.Legacy
	if u := url.URL(l.BaseURL); u.Scheme == "http" && !isLoopback(u.Hostname()) {
		w.add("legacy.base_url", "is not https; the credential and the data of people travel in clear")
	}
	budget, once := time.Duration(w.Server.RequestTimeout), time.Duration(l.Timeout)
	switch {
	case budget < once:
		w.add("legacy.timeout", "is longer than server.request_timeout (%s), which ends the call first; write less here or more there", budget)
	case l.Retry.MaxAttempts > 1 && budget <= once+time.Duration(l.Retry.MinWait):
		w.add("server.request_timeout", "leaves no time for a second attempt when a call takes the whole legacy.timeout (%s); write more here or less there", once)
	}
}

// affordable returns how many calls the rate limit allows within the time of
// one request.
func (w *warner) affordable() int {
	r := w.Legacy.RateLimit
	if r.PerSecond == 0 {
		return math.MaxInt
	}
	burst := r.Burst
	if burst == 0 {
		burst = int(math.Ceil(r.PerSecond))
	}
	return burst + int(r.PerSecond*time.Duration(w.Server.RequestTimeout).Seconds())
}

// people warns of groups whose members are not provisioned.
func (w *warner) people() {
	if w.Group != nil && w.Group.Members != nil && w.User == nil {
		w.add("resources.Group.members", "name users that the adapter does not provision; describe resources.User as well")
	}
}

// duplicates warns of a name that is taken and is not known for it: identity
// providers match again after 409, and after 400 they do not.
func (w *warner) duplicates() {
	if slices.ContainsFunc(w.Legacy.Errors, func(r ErrorRule) bool { return r.SCIM == "uniqueness" }) {
		return
	}
	for _, t := range []*Table{w.User, w.Group} {
		if t == nil || t.Operations.Create == nil || t.Operations.Create.Unique != "legacy" {
			continue
		}
		w.add("legacy.errors", "no rule says which answer means that a %s is taken; unless the API answers 409, Entra gets 400, does not match again and fails in every cycle; "+
			"write for example {status: [400, 422], code: taken, scim: uniqueness}, or {status: 409, scim: uniqueness} if that is what it answers", t.UniquePath())
		return
	}
}

// resourceWarner looks at one kind of record.
type resourceWarner struct {
	*warner
	table *Table
	path  string // resources.User
}

// operations warns of what clients do and the API is not described to do.
func (r *resourceWarner) operations() {
	ops, path := &r.table.Operations, r.path+".operations"
	if ops.List == nil {
		r.add(path, "has no list: what no search finds is refused, and no client can import what is there")
	}
	if ops.Get == nil {
		r.add(path, "has no get: Entra reads every record that it knows before it changes it, and gets 501")
	}
	if ops.Create == nil {
		r.add(path, "has no create: Entra can only match what is there, and gets 501 for everybody else")
	}
	if ops.Update == nil && len(r.table.calls) == 0 {
		r.add(path, "has no update: a change, and disabling, gets 501")
	}
	if ops.Delete == nil && r.table.Type.Name == groupType {
		r.add(path, "has no delete: a group that is unassigned in Entra stays, and its deletion gets 501")
	}
	if ops.Delete == nil && r.table.Type.Name == userType {
		r.add(path, "has no delete: a user who is deleted in Entra for good stays as a disabled one, and the deletion gets 501")
	}
	if r.table.Type.Name != groupType {
		return
	}
	switch m := r.table.Members; {
	case m == nil:
		r.add(r.path, "has no members: groups are provisioned empty")
	case !m.Writable():
		r.add(r.path+".members", "has no call that changes members: they are shown and cannot be changed")
	}
}

// create warns of a create that can make two records of one name.
func (r *resourceWarner) create() {
	o := r.table.Operations.Create
	if o == nil || o.Unique != "adapter" {
		return
	}
	name, path := r.table.UniquePath(), r.path+".operations.create"
	for _, s := range r.table.Operations.Search {
		if s.Lag > 0 && !o.Idempotent {
			r.add(path, "a repeated create can make a second record: the search finds a new one only after %s, and nothing tells the API that it is the same call; write idempotent: true if the API honours an idempotency key", time.Duration(s.Lag))
			return
		}
	}
	r.add(path+".unique", "the adapter looks for the %s first, and two creates at the same moment both find it free; write legacy if the API refuses a second one", name)
}

// matching warns of a name that only a scan finds: clients look for it before
// every create.
func (r *resourceWarner) matching() {
	name, ops := r.table.UniquePath(), r.path+".operations"
	plan, ok := r.table.planFor(name)
	switch {
	case name == "":
		r.add(r.path+".attributes", "has no row for %s, by which clients match; they cannot find what is there", r.table.uniqueName())
	case ok && plan.Scan && r.table.Operations.List == nil:
		r.add(ops, "no search and no list finds a %s, by which clients match; add operations.search with filter: %s eq", name, name)
	case ok && plan.Scan:
		r.add(ops, "no search finds a %s, by which clients match: every match reads the whole list; add operations.search with filter: %s eq", name, name)
	}
}

// searches warns of a search that may not find what SCIM takes for equal.
func (r *resourceWarner) searches() {
	for i, s := range r.table.Operations.Search {
		if s.Returns != "exact" || i >= len(r.table.searches) {
			continue
		}
		path := r.table.searches[i].Text
		for _, row := range r.table.Rows {
			if row.Path == path && row.attr.Type == "string" && !row.attr.CaseExact && row.transform.letters == "" {
				r.add(searchPath(r.path, i)+".returns", "SCIM compares %s without letter case; if the API does not, it misses what a client spells in another one, and a second record is made; hostscim check --connect tries it", path)
			}
		}
	}
}

// scans warns of limits that a scan cannot keep.
func (r *resourceWarner) scans() {
	list := r.table.Operations.List
	if list == nil {
		return
	}
	if p := list.Paging; p.Style != "none" && r.Legacy.ScanLimit < p.Limit {
		r.add("legacy.scan_limit", "is less than one page of %s (%d records), so that a filter is refused which one call could answer; write at least that", r.table.Type.Name, p.Limit)
		return
	}
	most := r.affordable()
	if need := list.carefully().For(r.Legacy.ScanLimit); need > most {
		r.add("legacy.rate_limit", "allows %d calls within server.request_timeout, and looking through legacy.scan_limit records of %s takes %d; write a lower scan_limit, and such a filter is refused at once, or allow more", most, r.table.Type.Name, need)
	}
}

// attributes warns of rows that do not fit what Entra sends.
func (r *resourceWarner) attributes() {
	path := r.path + ".attributes"
	var refused []string
	covered := r.table.Coverage()
	for _, c := range covered {
		if c.Sent() && c.State == Rejected {
			refused = append(refused, c.Path)
		}
	}
	if refused != nil {
		r.add(r.path+".unmapped", "rejects what Entra sends by default, and with it the whole request: %s; write ignore or warn, or remove these rows in Entra", strings.Join(refused, ", "))
	}
	active := r.table.Type.Name != userType
	for _, row := range r.table.Rows {
		if row.Path == "active" {
			active = true
			if row.ReadOnly {
				r.add(join(path, row.Path), "is read only: a user who is disabled in Entra stays visible")
			}
		}
		sent := slices.ContainsFunc(covered, func(c Covered) bool { return c.Sent() && c.holds(row.Path) })
		if row.Required && !sent {
			r.add(r.AttributePath(r.table.Type.Name, row.Path), "is required, and Entra does not send it unless a row is added there: every create is refused")
		}
	}
	if !active {
		r.add(path, "has no row for active: a user who is disabled in Entra stays visible")
	}
}
