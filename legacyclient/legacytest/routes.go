package legacytest

import (
	"net/http"
	"path"
	"slices"
	"strings"
)

// endpoint answers one call, or returns the refusal to answer instead.
type endpoint func(w http.ResponseWriter, r *http.Request) error

// routes is every method and path of the API.
func (h *Handler) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for template, methods := range map[string]map[string]endpoint{
		"/hosts":                            {"GET": h.listHosts, "POST": h.createHost},
		"/hosts/{id}":                       {"GET": h.getHost, "PATCH": h.patchHost, "PUT": h.putHost, "DELETE": h.deleteHost},
		"/batches/{id}":                     {"GET": h.getBatch},
		"/host_groups":                      {"GET": h.listGroups, "POST": h.createGroup},
		"/host_groups/{id}":                 {"GET": h.getGroup, "PATCH": h.patchGroup, "DELETE": h.deleteGroup},
		"/host_groups/{id}/hosts":           {"GET": h.listMembers, "POST": h.addMembers},
		"/host_groups/{id}/hosts/{host_id}": {"DELETE": h.removeMember},
	} {
		for method, e := range methods {
			mux.HandleFunc(method+" "+Prefix+template, answer(e))
		}
		mux.HandleFunc(Prefix+template, answer(refuseMethod(methods)))
	}
	// No other method is refused on this path: to those it is a host with the id
	// "batch", which does not exist.
	mux.HandleFunc("POST "+Prefix+"/hosts/batch", answer(h.createBatch))
	mux.HandleFunc("/", answer(unknownPath))
	return mux
}

// route names the route of a call as Calls does: by the vendor's template, or
// "other" for paths that the API does not have.
func (h *Handler) route(r *http.Request) string {
	pattern := r.Pattern
	if pattern == "" && exact(r.URL.EscapedPath()) {
		// Refused before it was routed.
		_, pattern = h.mux.Handler(r)
	}
	if i := strings.Index(pattern, Prefix); i >= 0 {
		return r.Method + " " + pattern[i+len(Prefix):]
	}
	return "other"
}

func answer(e endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := e(w, r); err != nil {
			writeRefusal(w, err)
		}
	}
}

// exactPath answers 404 to a path that ServeMux would clean by a redirect, which is no
// answer of an API.
func exactPath(next http.Handler) http.Handler {
	refused := answer(unknownPath)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !exact(r.URL.EscapedPath()) {
			refused(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func exact(p string) bool {
	clean := path.Clean(p)
	return p == clean || len(p) == len(clean)+1 && strings.HasPrefix(p, clean) && p[len(clean)] == '/'
}

func unknownPath(http.ResponseWriter, *http.Request) error {
	return refuse(http.StatusNotFound, entry{Domain: "global", Code: "not_found", Message: "no such path"})
}

func refuseMethod(methods map[string]endpoint) endpoint {
	var names []string
	for name := range methods {
		names = append(names, name)
		if name == http.MethodGet {
			names = append(names, http.MethodHead) // which ServeMux routes to GET
		}
	}
	slices.Sort(names)
	allow := strings.Join(names, ", ")
	return func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Allow", allow)
		return refuse(http.StatusMethodNotAllowed,
			entry{Domain: "global", Code: "method_not_allowed", Message: "use one of " + allow})
	}
}
