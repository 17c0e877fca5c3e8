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
