package legacyclient

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// Fault is one thing the API found wrong with a request, in its words. Texts
// are stripped of control characters and capped.
type Fault struct {
	// Field is the API's name of the attribute at fault; empty: none named.
	Field string
	// Code is the API's name of what is wrong with it, such as "taken".
	Code string
	// Message is for people. It may quote values of the request: it must not
	// be logged.
	Message string
	// Domain is the part of the API that complains, such as "host".
	Domain string
}

// ErrorFormat says where the faults are in an error answer. An empty field
// takes the vendor's name, given in brackets. All are dotted paths.
type ErrorFormat struct {
	// Items leads to the list of faults ["errors"]. In an answer without it,
	// the answer itself is read as the one fault.
	Items string
	// Keyed says that Items leads to an object instead, with a name for each
	// field at fault. What stands under a name is a fault, or a list of them;
	// Field is not looked for. An answer that names none is read as the one
	// fault.
	Keyed bool
	// Field ["attribute"], Code ["code"], Message ["message"] and Domain
	// ["domain"] lead from one fault to its parts.
	Field, Code, Message, Domain string
}

// ErrorRule gives error answers another kind than the built-in table does:
//
//	404, 410 on a path with {name} ErrNotFound      408, 5xx    ErrUnavailable
//	409                            ErrConflict      401, 403    ErrDenied
//	400, 422                       ErrInvalid       all others  ErrMisconfigured
//	429                            ErrThrottled
//
// 400, 404, 409 and 422 as an HTML page are ErrUnavailable. The first rule that matches wins. A rule matches if its Status list is empty
// or holds the status, and some fault has its Code and its Field, of which an
// empty one matches anything.
type ErrorRule struct {
	Status      []int
	Code, Field string
	// Mandatory. One of this package's kinds, without ErrCanceled and ErrBadID.
	Kind error
}

const (
	maxFaults  = 32
	maxMessage = 200 // in characters
	maxName    = 100
)

func (r *ErrorRule) validate() error {
	if !isKind(r.Kind) {
		return errors.New("kind is missing or cannot be given to an answer")
	}
	for _, s := range r.Status {
		if s < 400 || s > 599 {
			return fmt.Errorf("status %d is no error status", s)
		}
	}
	return nil
}

func (r *ErrorRule) match(status int, faults []Fault) bool {
	if len(r.Status) > 0 && !slices.Contains(r.Status, status) {
		return false
	}
	if r.Code == "" && r.Field == "" {
		return true
	}
	return slices.ContainsFunc(faults, func(f Fault) bool {
		return (r.Code == "" || r.Code == f.Code) && (r.Field == "" || r.Field == f.Field)
	})
}

// classify returns the kind of an answer that is not 2xx; foreign says that its
// body is not what the API wrote. Rules speak of error statuses only: a redirect
// is never followed, whatever a rule says.
func classify(rules []ErrorRule, status int, faults []Fault, hasID, foreign bool) error {
	if status >= 400 {
		for i := range rules {
			if rules[i].match(status, faults) {
				return rules[i].Kind
			}
		}
	}
	switch {
	case foreign && slices.Contains(sayings, status):
		return ErrUnavailable
	case (status == http.StatusNotFound || status == http.StatusGone) && hasID:
		return ErrNotFound
	case status == http.StatusConflict:
		return ErrConflict
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		return ErrInvalid
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return ErrDenied
	case status == http.StatusTooManyRequests:
		return ErrThrottled
	case status == http.StatusRequestTimeout, status >= 500:
		return ErrUnavailable
	}
	// 404 on a collection, 3xx, 405, 406, 415 and their like: no request of
	// ours can be answered until the description is put right.
	return ErrMisconfigured
}

// sayings are the statuses by which an API says something of a record. As a
// page for people they are not its words: the default page of a load balancer
// must not make a host look deleted. Nor are they when the body was broken off:
// it may have said that a name is taken, or that it is none of all that. An API
// that does answer so has a rule.
var sayings = []int{http.StatusNotFound, http.StatusConflict, http.StatusBadRequest, http.StatusUnprocessableEntity}

// faultPaths is a compiled ErrorFormat.
type faultPaths struct {
	keyed                               bool
	items, field, code, message, domain []string

	mark []byte // what a body with items holds
}

func (f ErrorFormat) compile() (p faultPaths, err error) {
	var faults []error
	split := func(s, vendors string) []string {
		if s == "" {
			s = vendors
		}
		names, err := splitPath(s)
		if err != nil {
			faults = append(faults, fmt.Errorf("error format: %w", err))
		}
		return names
	}
	p = faultPaths{
		keyed:   f.Keyed,
		items:   split(f.Items, "errors"),
		field:   split(f.Field, "attribute"),
		code:    split(f.Code, "code"),
		message: split(f.Message, "message"),
		domain:  split(f.Domain, "domain"),
	}
	if n := len(p.items); n > 0 {
		p.mark = []byte(p.items[n-1])
	}
	return p, errors.Join(faults...)
}

// in says whether an answer holds faults although it says success. Of most
// answers one look for the mark tells that it does not.
func (p *faultPaths) in(body []byte) bool {
	if !bytes.Contains(body, p.mark) {
		return false
	}
	items, ok := lookup(body, p.items)
	if !ok || items.Kind() != '[' {
		return false
	}
	for item := range elements(items) {
		if len(p.appendFault(nil, item)) > 0 {
			return true
		}
	}
	return false
}

// read returns the faults in the body of an error answer; a body that is not
// as described has none.
func (p *faultPaths) read(body []byte) []Fault {
	if !validJSON(body) {
		return nil
	}
	items, ok := lookup(body, p.items)
	if ok && p.keyed && items.Kind() == '{' {
		if faults := p.readKeyed(items); faults != nil {
			return faults
		}
		ok = false
	}
	if !ok || items.Kind() == 'n' {
		items = body
	}
	return p.appendFaults(nil, items)
}

// readKeyed returns the faults in an object of fields.
func (p *faultPaths) readKeyed(fields jsontext.Value) []Fault {
	var faults []Fault
	for name, value := range members(fields) {
		before := len(faults)
		if value.Kind() != '{' && value.Kind() != '[' && value.Kind() != '"' {
			continue
		}
		faults = p.appendFaults(faults, value)
		for i := before; i < len(faults); i++ {
			faults[i].Field = clean(name, maxName)
		}
	}
	return faults
}

// appendFaults adds the faults that are in a list, or in one alone.
func (p *faultPaths) appendFaults(faults []Fault, items jsontext.Value) []Fault {
	if items.Kind() != '[' {
		return p.appendFault(faults, items)
	}
	for item := range elements(items) {
		if len(faults) >= maxFaults {
			break
		}
		faults = p.appendFault(faults, item)
	}
	return faults
}

// appendFault adds the fault that is in one object, or in a bare message.
func (p *faultPaths) appendFault(faults []Fault, item jsontext.Value) []Fault {
	var f Fault
	switch item.Kind() {
	case '"':
		f.Message = clean(item, maxMessage)
	case '{':
		get := func(path []string, limit int) string {
			v, _ := lookup(item, path)
			return clean(v, limit)
		}
		f = Fault{
			Field:   get(p.field, maxName),
			Code:    get(p.code, maxName),
			Message: get(p.message, maxMessage),
			Domain:  get(p.domain, maxName),
		}
	}
	if f == (Fault{}) {
		return faults
	}
	return append(faults, f)
}

// clean returns a scalar as a text of at most limit characters without control
// characters; anything else is empty.
func clean(v jsontext.Value, limit int) string {
	var s string
	switch v.Kind() {
	case '"':
		// The error is about invalid UTF-8, in place of which there is U+FFFD.
		b, _ := jsontext.AppendUnquote(nil, v)
		s = string(b)
	case '0', 't', 'f':
		s = string(v)
	}
	n := 0
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || n >= limit {
			return -1
		}
		n++
		return r
	}, s)
}
