package adapter

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"hostscim/legacyclient"
	"hostscim/mapping"
)

// How much a finding of [Probe] matters.
const (
	Breaking = "fault"   // provisioning goes wrong
	Warning  = "warning" // it works and is likely not what was meant
	Note     = "note"    // it works, and is good to know
)

// Finding is something that the legacy API does otherwise than the
// configuration says, at the place in the file that says it. It names ids and
// fields, and no value of a record.
type Finding struct {
	Level string `json:"level"`
	mapping.Fault
}

// Probed is what [Probe] found out.
type Probed struct {
	Calls    int       `json:"calls"`  // that were made, all of them GET
	Agrees   []string  `json:"agrees"` // what is as the configuration says
	Findings []Finding `json:"findings"`
}

// Broken reports whether a finding breaks provisioning.
func (p *Probed) Broken() bool {
	for _, f := range p.Findings {
		if f.Level == Breaking {
			return true
		}
	}
	return false
}

// Probe asks the legacy API, by reading alone, whether it is as the
// configuration describes it. It makes the calls that the adapter would make,
// at most [maxProbeCalls] of them, under the configured rate limit; what is not
// a GET is not let through. Of a file with tenants, o.Config is one of
// [mapping.Config.Each]. The error is one of the configuration or of ctx;
// what the API does is in the result.
func Probe(ctx context.Context, o Options) (*Probed, error) {
	var w *watcher
	o.around = func(next http.RoundTripper) http.RoundTripper {
		w = &watcher{next: next}
		return w
	}
	s, err := New(o)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	of := s.tenants[0]
	p := &probe{config: o.Config, watcher: w, result: &Probed{Agrees: []string{}, Findings: []Finding{}}}
	var people []string
	for _, e := range of.endpoints() {
		if p.over {
			continue
		}
		t := &tableProbe{probe: p, endpoint: e, path: "resources." + e.table.Type.Name}
		t.run(ctx)
		if e == of.users {
			people = t.ids
			t.groupsOf(ctx, people)
		} else {
			t.membersOf(ctx)
		}
	}
	p.aside()
	p.result.Calls = w.calls
	return p.result, ctx.Err()
}

// probe collects what is found.
type probe struct {
	config  *mapping.Config
	watcher *watcher
	result  *Probed
	over    bool // nothing more can be found out
}

func (p *probe) tell(level, path, format string, args ...any) {
	p.result.Findings = append(p.result.Findings, Finding{level, p.config.Remark(path, format, args...)})
}

func (p *probe) agrees(format string, args ...any) {
	p.result.Agrees = append(p.result.Agrees, fmt.Sprintf(format, args...))
}

// maxSkew is by how much the clock of the API may differ from ours.
const maxSkew = time.Minute

// aside tells what was seen beside the answers.
func (p *probe) aside() {
	if w := p.watcher; w.dated && w.ahead.Abs() > maxSkew {
		p.tell(Warning, "legacy.base_url", "the clock of the API differs from ours by %s; meta.lastModified and Retry-After dates mislead; set the clocks", w.ahead.Abs().Round(time.Minute))
	} else if w.dated {
		p.agrees("the clock of the API is ours")
	}
	if limits := p.watcher.limitLines(); limits != nil {
		p.tell(Note, "legacy.rate_limit", "the API tells of a rate limit (%s); keep per_second below it", strings.Join(limits, ", "))
	}
}

// failed tells of a call at that path of the file that had no good answer.
// Where nothing else can have one either, the probe is over. It returns false
// if the answer was one of success, in another shape than is described: that
// is for the caller to tell.
func (p *probe) failed(path string, err error) bool {
	status, html, _ := p.watcher.last()
	base := url.URL(p.config.Legacy.BaseURL)
	var e *legacyclient.Error
	if !errors.As(err, &e) {
		return false
	}
	switch {
	case errors.Is(err, errProbeCalls):
		p.over = true
		p.tell(Warning, path, "the probe ends here: it makes at most %d calls", maxProbeCalls)
	case status == http.StatusUnauthorized:
		p.over = true
		p.tell(Breaking, "legacy.auth", "the API refuses the credential (status 401): check the secret and the kind of credential")
	case status == http.StatusForbidden:
		p.tell(Breaking, path+".request", "the credential may not do this (status 403): give it the right to, or another credential under legacy.auth")
	case errors.Is(err, legacyclient.ErrThrottled):
		p.over = true
		p.tell(Breaking, "legacy.rate_limit", "the API throttles (%s): write a lower per_second", e)
	case errors.Is(err, legacyclient.ErrTimeout):
		p.over = true
		p.tell(Breaking, "legacy.timeout", "there is no answer in time: raise it, or check legacy.base_url")
	case status == 0:
		p.over = true
		p.tell(Breaking, "legacy.base_url", "the API cannot be reached (%s): check scheme, host and port", e)
	case html:
		p.over = true
		p.tell(Breaking, "legacy.base_url", "the answer is a page for people, not JSON (status %d): it is the address of a web site, a proxy or a login", status)
	case status == http.StatusNotFound:
		p.tell(Breaking, path+".request", "the API has no such path below %s (status 404): check both", base.EscapedPath())
	case status/100 == 3:
		p.tell(Breaking, path+".request", "the API redirects (status %d), which is not followed: write the path or the base_url that it leads to", status)
	case status/100 == 2:
		return false
	default:
		p.tell(Breaking, path+".request", "the API answers with status %d (%s)", status, e)
	}
	return true
}
