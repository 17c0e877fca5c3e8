package scim

// The URNs of the messages of RFC 7644 and of the schemas of RFC 7643.
const (
	ErrorURN        = "urn:ietf:params:scim:api:messages:2.0:Error"
	ListResponseURN = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	PatchOpURN      = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	BulkResponseURN = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"

	UserURN           = "urn:ietf:params:scim:schemas:core:2.0:User"
	GroupURN          = "urn:ietf:params:scim:schemas:core:2.0:Group"
	EnterpriseUserURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

	SchemaURN                = "urn:ietf:params:scim:schemas:core:2.0:Schema"
	ResourceTypeURN          = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
	ServiceProviderConfigURN = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
)

// MediaType is the media type of every SCIM body (RFC 7644 section 3.1).
const MediaType = "application/scim+json"

// ListResponse returns the answer to a query (RFC 7644 section 3.4.2): total
// is how many resources matched, start the 1-based index of the first one
// here. Resources is present even when it is empty, since Entra's Test
// Connection and strict clients look for it.
func ListResponse(total, start int, resources []Value) Value {
	return Obj(
		Field{"schemas", Strings(ListResponseURN)},
		Field{"totalResults", Int(total)},
		Field{"startIndex", Int(start)},
		Field{"itemsPerPage", Int(len(resources))},
		Field{"Resources", List(resources...)},
	)
}

// CursorResponse returns the answer to a query by cursor (RFC 9865): next is
// the cursor of what follows, "" at the end.
func CursorResponse(total int, next string, resources []Value) Value {
	fields := []Field{
		{"schemas", Strings(ListResponseURN)},
		{"totalResults", Int(total)},
		{"itemsPerPage", Int(len(resources))},
		{"nextCursor", Value{}},
		{"Resources", List(resources...)},
	}
	if next != "" {
		fields[3].Value = Text(next)
	}
	return Obj(fields...)
}
