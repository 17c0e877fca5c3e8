package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"strings"

	"github.com/julienschmidt/httprouter"

	"hostscim/integration/child"
)

func serveFloor(args []string) error {
	flags := flag.NewFlagSet("floor", flag.ContinueOnError)
	legacy := flags.String("legacy", "", "where the host API is")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return child.Serve(newFloor(*legacy), http.NewServeMux())
}

// floor translates between SCIM and the host API with no more than it takes
// for the requests of this benchmark. It knows one API and one client, checks
// nothing, retries nothing, and answers any failure with the legacy status: it
// is what a program with less to do would cost, and no program to be used.
type floor struct {
	base   string
	client *http.Client
}

func newFloor(legacy string) http.Handler {
	f := &floor{base: "http://" + legacy + "/api/v3", client: &http.Client{Transport: newTransport()}}
	r := httprouter.New()
	r.GET("/scim/v2/Users", f.listUsers)
	r.POST("/scim/v2/Users", f.createUser)
	r.GET("/scim/v2/Users/:id", f.getUser)
	r.PUT("/scim/v2/Users/:id", f.replaceUser)
	r.PATCH("/scim/v2/Users/:id", f.patchUser)
	r.DELETE("/scim/v2/Users/:id", f.deleteUser)
	r.GET("/scim/v2/Groups", f.listGroups)
	r.POST("/scim/v2/Groups", f.createGroup)
	r.GET("/scim/v2/Groups/:id", f.getGroup)
	r.PATCH("/scim/v2/Groups/:id", f.patchGroup)
	r.DELETE("/scim/v2/Groups/:id", f.deleteGroup)
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("Authorization") != "Bearer "+scimToken {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		r.ServeHTTP(w, req)
	})
}

// call makes one call of the host API and reads its answer into out. It
// reports whether it succeeded; if not, the client has its answer.
func (f *floor) call(w http.ResponseWriter, r *http.Request, method, path string, in, out any) bool {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return refuse(w, http.StatusInternalServerError)
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(r.Context(), method, f.base+path, body)
	if err != nil {
		return refuse(w, http.StatusBadRequest)
	}
	req.Header.Set("Authorization", "Bearer "+legacyToken)
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := f.client.Do(req)
	if err != nil {
		return refuse(w, http.StatusServiceUnavailable)
	}
	defer res.Body.Close()
	if res.StatusCode > 299 {
		return refuse(w, res.StatusCode)
	}
	// Read in any case, or the connection could not be used again.
	data, err := io.ReadAll(res.Body)
	if err != nil || out != nil && json.Unmarshal(data, out) != nil {
		return refuse(w, http.StatusBadGateway)
	}
	return true
}

func refuse(w http.ResponseWriter, status int) bool {
	w.WriteHeader(status)
	return false
}

// read reads the body of a request into v, and reports whether it could.
func read(w http.ResponseWriter, r *http.Request, v any) bool {
	data, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(data, v) != nil {
		return refuse(w, http.StatusBadRequest)
	}
	return true
}

func answer(w http.ResponseWriter, status int, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/scim+json")
	w.WriteHeader(status)
	w.Write(data)
}

// listResponse is a list of resources.
type listResponse[T any] struct {
	Schemas      []string `json:"schemas"`
	TotalResults int      `json:"totalResults"`
	StartIndex   int      `json:"startIndex"`
	ItemsPerPage int      `json:"itemsPerPage"`
	Resources    []T      `json:"Resources"`
}

var listSchemas = []string{"urn:ietf:params:scim:api:messages:2.0:ListResponse"}

// meta is that of every resource.
type meta struct {
	ResourceType string `json:"resourceType"`
	Created      string `json:"created"`
	LastModified string `json:"lastModified"`
	Location     string `json:"location"`
}

// pagination is what a list of the host API says of itself.
type pagination struct {
	TotalRecords int `json:"total_records"`
}

// patch is the body of a PATCH.
type patch struct {
	Operations []struct {
		Op    string          `json:"op"`
		Path  string          `json:"path"`
		Value json.RawMessage `json:"value"`
	} `json:"Operations"`
}

// quoted returns the value of a filter of the form: attribute eq "value".
func quoted(filter, attribute string) (string, bool) {
	rest, found := strings.CutPrefix(filter, attribute+` eq "`)
	return strings.TrimSuffix(rest, `"`), found
}
