package adapter

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// status is what the status page knows beside the tenants.
type status struct {
	version    string
	operations operationLog
	streams    atomic.Int64 // of events, that are open
}

//go:embed status
var statusFiles embed.FS

// statusTemplates are parsed at start, so that a fault in one is found by any
// test and not by an administrator.
var statusTemplates = template.Must(template.New("").Funcs(template.FuncMap{
	"stamp":   func(t time.Time) string { return t.UTC().Format(time.DateTime) },
	"machine": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"took":    func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) + " ms" },
	"rate":    func(perSecond float64) string { return strconv.FormatFloat(perSecond, 'f', -1, 64) },
}).ParseFS(statusFiles, "status/*.html"))

// statusPolicy lets the page load what this listener serves and nothing else,
// and run no script that stands in it. The icon is in the page itself.
const statusPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// secured puts the headers on an answer that keep other pages from reading
// it, framing it or being told about it.
func secured(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", statusPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next(w, r)
	})
}

// statusPage answers the page itself, with the operations that its query
// string asks for.
func (s *Server) statusPage(w http.ResponseWriter, r *http.Request) {
	page, err := rendered("page.html", s.statusView(parseOperationFilter(r)))
	if err != nil {
		s.log.ErrorContext(r.Context(), "the status page cannot be shown", "err", err)
		http.Error(w, "the status page cannot be shown; the log has the cause", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(page)
}

// statusFile answers one of the files that the page refers to.
func (s *Server) statusFile(name, mediaType string) http.HandlerFunc {
	content, err := statusFiles.ReadFile("status/" + name)
	if err != nil {
		panic(err) // it is compiled in
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		w.Write(content)
	}
}

// rendered runs a template to its end, so that no half of it is sent.
func rendered(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	err := statusTemplates.ExecuteTemplate(&b, name, data)
	return b.Bytes(), err
}
