package legacytest

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// entry is one error of the vendor's envelope.
type entry struct {
	Domain    string // the model at fault ("host", "host_group", "batch") or "global"
	Attribute string // empty is printed as null
	Code      string
	Message   string // for people; empty is printed as null
}

// refusal is a status and what the errors envelope says.
type refusal struct {
	status int
	errs   []entry
}

// Error tells the status and the first code; the answer itself has all of them.
func (f *refusal) Error() string {
	return fmt.Sprintf("refused with %d: %s", f.status, f.errs[0].Code)
}

func refuse(status int, errs ...entry) error {
	return &refusal{status: status, errs: errs}
}

func notFound(domain string) error {
	return refuse(http.StatusNotFound, entry{Domain: domain, Code: "not_found", Message: "does not exist"})
}

func invalid(domain, attribute, message string) entry {
	return entry{Domain: domain, Attribute: attribute, Code: "invalid", Message: message}
}

func blank(domain, attribute string) entry {
	return entry{Domain: domain, Attribute: attribute, Code: "blank", Message: "can't be blank"}
}

func taken(domain, attribute string) entry {
	return entry{Domain: domain, Attribute: attribute, Code: "taken", Message: "has already been taken"}
}

// writeRefusal answers err with the errors envelope. An error that is no refusal is a
// mistake in this package, and a 500.
func writeRefusal(w http.ResponseWriter, err error) {
	var f *refusal
	if !errors.As(err, &f) {
		f = &refusal{http.StatusInternalServerError, []entry{{Domain: "global", Code: "internal"}}}
	}
	b := append(make([]byte, 0, 256), `{"errors":[`...)
	for i, e := range f.errs {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(append(b, `{"domain":`...), e.Domain)
		b = appendText(append(b, `,"attribute":`...), e.Attribute)
		b = appendText(append(b, `,"code":`...), e.Code)
		b = appendText(append(b, `,"message":`...), e.Message)
		b = append(b, '}')
	}
	writeJSON(w, f.status, append(b, `]}`...))
}

// writeJSON answers with a body that is complete, so that its length is known and
// the connection can be used again.
func writeJSON(w http.ResponseWriter, status int, body []byte) {
	header := w.Header()
	header.Set("Content-Type", "application/json; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that went away is not ours to report
}
