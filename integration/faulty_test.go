package integration

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"hostscim/legacyclient/legacytest"
)

// faulty stands between the adapter and the host API and makes faults.
type faulty struct {
	*httptest.Server

	mu    sync.Mutex
	calls int
	fault func(n int, w http.ResponseWriter, r *http.Request, pass http.HandlerFunc)
}

// newFaulty returns a faulty in front of legacy that passes everything on.
func newFaulty(t *testing.T, legacy *legacytest.Server) *faulty {
	t.Helper()
	target, err := url.Parse(legacy.URL)
	if err != nil {
		t.Fatal(err)
	}
	target.Path = ""
	proxy := httputil.NewSingleHostReverseProxy(target)
	f := new(faulty)
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		n, fault := f.calls, f.fault
		f.calls++
		f.mu.Unlock()
		if fault == nil {
			proxy.ServeHTTP(w, r)
			return
		}
		fault(n, w, r, proxy.ServeHTTP)
	}))
	t.Cleanup(f.Close)
	return f
}

// make sets what becomes of the calls from now on, counted from 0; nil passes
// them on.
func (f *faulty) make(fault func(n int, w http.ResponseWriter, r *http.Request, pass http.HandlerFunc)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls, f.fault = 0, fault
}

// url returns the base of the host API seen through f.
func (f *faulty) url() string { return f.URL + legacytest.Prefix }

// lose does the call and drops its answer.
func lose(w http.ResponseWriter, r *http.Request, pass http.HandlerFunc) {
	pass(httptest.NewRecorder(), r)
	panic(http.ErrAbortHandler)
}
