package rehearse

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Finding is something that the identity provider will stumble over, or will
// not notice although data is lost.
type Finding struct {
	Kind    string `json:"kind"` // a stable word, such as members-returned
	Dialect string `json:"dialect,omitempty"`
	Step    string `json:"step"`
	Title   string `json:"title"` // what is wrong, in a sentence
	Seen    string `json:"seen"`  // what was seen this time
	// Before is the change of the same resource before the request, if that
	// only read, with its answer.
	Before  string `json:"before,omitempty"`
	Request string `json:"request"`
	Answer  string `json:"answer"`
	Next    string `json:"next"`  // what the identity provider does then
	Mend    string `json:"mend"`  // what the endpoint must do
	Count   int    `json:"count"` // how often it was seen; the rest is of the first time
}

// maxExcerpt bounds what of a body is kept.
const maxExcerpt = 2 << 10

// find records a finding about an answer. Findings of a kind and dialect are
// one, that is counted.
func (r *rehearsal) find(kind string, a *answer, seen string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.findings {
		if f := &r.findings[i]; f.Kind == kind && f.Dialect == r.dialect {
			f.Count++
			return
		}
	}
	l, ok := lessons[kind]
	if !ok {
		panic("rehearse: no lesson for " + kind)
	}
	name := func(text string) string { return strings.ReplaceAll(text, "PROVIDER", r.client.profile.title) }
	before := ""
	if w := r.recent.before(a); w != nil {
		before = w.requestText() + "\n" + w.answerText()
	}
	r.findings = append(r.findings, Finding{
		Kind: kind, Dialect: r.dialect, Step: a.step, Title: name(l.title), Seen: r.redact(fmt.Sprintf(seen, args...)),
		Before: r.redact(before), Request: r.redact(a.requestText()), Answer: r.redact(a.answerText()), Next: name(l.next), Mend: name(l.mend), Count: 1,
	})
}

// redact takes tokens and secrets out of what is shown: an endpoint may answer
// with them.
func (r *rehearsal) redact(text string) string {
	for _, secret := range r.secrets {
		text = strings.ReplaceAll(text, secret, masked)
	}
	return text
}

// hide makes what is no secret yet one, as it is and as forms spell it.
func (r *rehearsal) hide(secrets ...string) {
	for _, s := range secrets {
		if s != "" {
			r.secrets = append(r.secrets, s, url.QueryEscape(s))
		}
	}
}

func (a *answer) requestText() string {
	text := a.method + " " + a.path()
	if len(a.sent) > 0 {
		text += "\n" + excerpt(a.sent)
	}
	return text
}

func (a *answer) answerText() string {
	if a.err != nil {
		// The text of net/http's errors holds the URL, which stands above.
		return "no answer: " + cmp.Or(innermost(a.err), "the connection failed")
	}
	text := fmt.Sprintf("%d %s", a.status, http.StatusText(a.status))
	if media := a.header.Get("Content-Type"); media != "" {
		text += ", " + media
	}
	if len(a.body) > 0 {
		text += "\n" + excerpt(a.body)
	}
	return text
}

func innermost(err error) string {
	for {
		inner, ok := err.(interface{ Unwrap() error })
		if !ok || inner.Unwrap() == nil {
			return err.Error()
		}
		err = inner.Unwrap()
	}
}

func excerpt(body []byte) string {
	body = bytes.TrimSpace(body)
	if len(body) > maxExcerpt {
		return strings.ToValidUTF8(string(body[:maxExcerpt]), "") + " ..."
	}
	return strings.ToValidUTF8(string(body), "?")
}

// outcome is what became of a piece of work. The zero value is success.
type outcome struct {
	kind  string // of the finding, "" for success
	a     *answer
	seen  string
	later bool // a creation that the provider would try again, and so is this
}

func (o outcome) failed() bool { return o.kind != "" }

// judge returns the outcome of an answer: success, or a finding of the
// general kind that the status tells, or else of this kind.
func (r *rehearsal) judge(a *answer, kind string) outcome {
	if a.ok() {
		return outcome{}
	}
	return outcome{kind: a.general(kind), a: a, seen: a.describe(), later: a.transient() && a.method == http.MethodPost}
}

func (a *answer) describe() string {
	if a.err != nil {
		return "There was no answer."
	}
	seen := fmt.Sprintf("The answer was %d.", a.status)
	if detail := cmp.Or(text(a.object, "detail"), text(a.object, "error_description")); detail != "" {
		seen += " It says: " + detail
	}
	return seen
}

// general returns the kind that an answer is by itself, otherwise that kind.
func (a *answer) general(kind string) string {
	switch {
	case a.err != nil:
		return "unreachable"
	case a.html():
		return "front-door"
	case a.status == http.StatusUnauthorized:
		return "credentials"
	case a.status == http.StatusForbidden:
		return "forbidden"
	case a.status == http.StatusMethodNotAllowed || a.status == http.StatusNotImplemented:
		return "verb"
	case a.status == http.StatusUnsupportedMediaType || a.status == http.StatusNotAcceptable:
		return "media-refused"
	case a.status == http.StatusTooManyRequests:
		return "throttled"
	case a.status >= 500:
		return cmp.Or(serverErrors[kind], "server-error")
	}
	return kind
}

// serverErrors are the kinds for which a 5xx is a wrong answer to a question
// that has one, and no outage.
var serverErrors = map[string]string{"duplicate-status": "duplicate-status", "probe-user": "probe-user", "probe-group": "probe-group"}

// html reports whether a web page came, which is of something in front.
func (a *answer) html() bool {
	return strings.Contains(strings.ToLower(a.header.Get("Content-Type")), "html")
}

// recent are the last changes, so that what is read back wrong can be shown
// with the change that should have made it right.
type recent struct {
	ring [256]*answer
	next int
}

func (w *recent) add(a *answer) {
	if a.method == http.MethodPut || a.method == http.MethodPatch {
		kept := *a
		kept.object = nil
		kept.sent, kept.body = clip(a.sent), clip(a.body)
		w.ring[w.next%len(w.ring)] = &kept
		w.next++
	}
}

// clip returns a copy of what an excerpt needs: bodies may be large.
func clip(body []byte) []byte { return bytes.Clone(body[:min(len(body), maxExcerpt+1)]) }

// before returns the last change of the resource that was read, nil if it is
// not known.
func (w *recent) before(read *answer) *answer {
	if read.method != http.MethodGet || read.id == "" {
		return nil
	}
	for k := range w.ring {
		a := w.ring[(w.next+len(w.ring)-1-k)%len(w.ring)]
		if a != nil && a.resource == read.resource && a.id == read.id {
			return a
		}
	}
	return nil
}
