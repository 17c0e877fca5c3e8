package adapter

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"hostscim/adapter/scim"
	"hostscim/mapping"
)

// discovery is what the service tells of itself (RFC 7644 section 4): made
// from the loaded tables, so that it tells the truth. Locations are filled
// in with each answer.
type discovery struct {
	config scim.Value
	types  []described
	schema []described
}

// described is one resource of a discovery endpoint.
type described struct {
	id    string
	path  string
	kind  string // the resource type in its meta
	value scim.Value
}

func newDiscovery(t *tenant) discovery {
	d := discovery{config: serviceProviderConfig(t)}
	for _, e := range t.endpoints() {
		t := e.table.Type
		d.types = append(d.types, described{t.Name, "/ResourceTypes/" + t.Name, "ResourceType", resourceType(t)})
		for _, schema := range append([]*scim.Schema{t.Schema}, t.Extensions...) {
			d.schema = append(d.schema, described{schema.ID, "/Schemas/" + schema.ID, "Schema", schemaValue(schema)})
		}
	}
	return d
}

func serviceProviderConfig(t *tenant) scim.Value {
	maxResults, maxBody := t.config.Server.MaxResults, t.config.Server.MaxBodyBytes
	patch := false // whether anything can be changed at all
	for _, e := range t.endpoints() {
		patch = patch || e.update != nil || len(e.calls) > 0 || e.members != nil && e.table.Members.Writable()
	}
	supported := func(yes bool, more ...scim.Field) scim.Value {
		return scim.Obj(append([]scim.Field{{Name: "supported", Value: scim.Bool(yes)}}, more...)...)
	}
	return scim.Obj(
		scim.Field{Name: "schemas", Value: scim.Strings(scim.ServiceProviderConfigURN)},
		scim.Field{Name: "patch", Value: supported(patch)},
		scim.Field{Name: "bulk", Value: supported(true,
			scim.Field{Name: "maxOperations", Value: scim.Int(maxBulkOperations)},
			scim.Field{Name: "maxPayloadSize", Value: scim.Int(maxBody)})},
		scim.Field{Name: "filter", Value: supported(true,
			scim.Field{Name: "maxResults", Value: scim.Int(maxResults)})},
		scim.Field{Name: "changePassword", Value: supported(false)},
		scim.Field{Name: "sort", Value: supported(true)},
		scim.Field{Name: "etag", Value: supported(true)},
		scim.Field{Name: "pagination", Value: scim.Obj( // RFC 9865 section 2.4
			scim.Field{Name: "cursor", Value: scim.Bool(true)},
			scim.Field{Name: "index", Value: scim.Bool(true)},
			scim.Field{Name: "defaultPaginationMethod", Value: scim.Text("index")},
			scim.Field{Name: "defaultPageSize", Value: scim.Int(min(defaultCount, maxResults))},
			scim.Field{Name: "maxPageSize", Value: scim.Int(maxResults)},
			scim.Field{Name: "cursorTimeout", Value: scim.Int(int(cursorLife / time.Second))},
		)},
		scim.Field{Name: "authenticationSchemes", Value: authenticationSchemes(t.config.Auth)},
	)
}

// authenticationSchemes returns the ways in that there are (RFC 7643 section
// 5), the first as the primary one.
func authenticationSchemes(a mapping.Auth) scim.Value {
	var all []scim.Value
	scheme := func(kind, name, description, spec string) {
		all = append(all, scim.Obj(
			scim.Field{Name: "type", Value: scim.Text(kind)},
			scim.Field{Name: "name", Value: scim.Text(name)},
			scim.Field{Name: "description", Value: scim.Text(description)},
			scim.Field{Name: "specUri", Value: scim.Text("https://www.rfc-editor.org/info/" + spec)},
			scim.Field{Name: "primary", Value: scim.Bool(len(all) == 0)},
		))
	}
	if len(a.Bearer) > 0 {
		scheme("oauthbearertoken", "Bearer token", "A secret token that the operator of this service gives out, sent as a bearer token.", "rfc6750")
	}
	if a.OAuth != nil {
		scheme("oauth2", "OAuth 2.0 client credentials", "A short-lived token from the token endpoint of this service, sent as a bearer token.", "rfc6749")
	}
	if len(a.JWT) > 0 {
		scheme("oauthbearertoken", "Signed token", "A token that a trusted issuer has signed, sent as a bearer token.", "rfc7519")
	}
	return scim.List(all...)
}

func resourceType(t *scim.ResourceType) scim.Value {
	fields := []scim.Field{
		{Name: "schemas", Value: scim.Strings(scim.ResourceTypeURN)},
		{Name: "id", Value: scim.Text(t.Name)},
		{Name: "name", Value: scim.Text(t.Name)},
		{Name: "endpoint", Value: scim.Text(t.Endpoint)},
		{Name: "description", Value: scim.Text(t.Schema.Description)},
		{Name: "schema", Value: scim.Text(t.Schema.ID)},
	}
	var extensions []scim.Value
	for _, e := range t.Extensions {
		extensions = append(extensions, scim.Obj(
			scim.Field{Name: "schema", Value: scim.Text(e.ID)},
			scim.Field{Name: "required", Value: scim.Bool(false)},
		))
	}
	if extensions != nil {
		fields = append(fields, scim.Field{Name: "schemaExtensions", Value: scim.List(extensions...)})
	}
	return scim.Obj(fields...)
}

// schemaValue returns the schema as a resource.
func schemaValue(s *scim.Schema) scim.Value {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err) // plain strings and booleans
	}
	v, err := scim.Parse(data)
	if err != nil {
		panic(err) // it was just written
	}
	return scim.Obj(append([]scim.Field{{Name: "schemas", Value: scim.Strings(scim.SchemaURN)}}, v.Parts()...)...)
}

// at returns the resource with its meta, as seen at base.
func (d described) at(base string) scim.Value { return withMeta(d.value, d.kind, base+d.path) }

func withMeta(v scim.Value, kind, location string) scim.Value {
	fields := append([]scim.Field(nil), v.Parts()...)
	return scim.Obj(append(fields, scim.Field{Name: "meta", Value: scim.Obj(
		scim.Field{Name: "resourceType", Value: scim.Text(kind)},
		scim.Field{Name: "location", Value: scim.Text(location)},
	)})...)
}

func (s *Server) getServiceProviderConfig(ex *exchange) (reply, error) {
	location := ex.base + "/ServiceProviderConfig"
	return reply{status: http.StatusOK, body: withMeta(ex.tenant.discovery.config, "ServiceProviderConfig", location), location: location}, nil
}

func (s *Server) listResourceTypes(ex *exchange) (reply, error) {
	return listDescribed(ex, ex.tenant.discovery.types)
}
func (s *Server) listSchemas(ex *exchange) (reply, error) {
	return listDescribed(ex, ex.tenant.discovery.schema)
}

func (s *Server) getResourceType(ex *exchange) (reply, error) {
	return getDescribed(ex, ex.tenant.discovery.types)
}

func (s *Server) getSchema(ex *exchange) (reply, error) {
	return getDescribed(ex, ex.tenant.discovery.schema)
}

// listDescribed answers all of them. Paging parameters have no meaning here,
// and a filter is refused (RFC 7644 section 4).
func listDescribed(ex *exchange, all []described) (reply, error) {
	q, err := parseQuery(ex.Request)
	if err != nil {
		return reply{}, err
	}
	if q["filter"] != "" {
		return reply{}, &scim.Error{Status: http.StatusForbidden, Detail: "discovery endpoints cannot be filtered; read the list whole"}
	}
	values := make([]scim.Value, len(all))
	for i, d := range all {
		values[i] = d.at(ex.base)
	}
	return ok(scim.ListResponse(len(values), 1, values)), nil
}

func getDescribed(ex *exchange, all []described) (reply, error) {
	for _, d := range all {
		if strings.EqualFold(d.id, ex.id) {
			return reply{status: http.StatusOK, body: d.at(ex.base), location: ex.base + d.path}, nil
		}
	}
	return reply{}, &scim.Error{Status: http.StatusNotFound, Detail: "there is no such schema or resource type here; read the list for those that are"}
}
