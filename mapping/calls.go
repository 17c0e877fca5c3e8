package mapping

// Operations are the calls of the legacy API on one kind of record. A nil
// operation is one that the API does not have.
type Operations struct {
	List   *ListOp    `yaml:"list"`
	Search []SearchOp `yaml:"search"`
	Get    *Op        `yaml:"get"`
	Create *CreateOp  `yaml:"create"`
	Update *UpdateOp  `yaml:"update"`
	Delete *WriteOp   `yaml:"delete"`
}

// Op is one call.
type Op struct {
	Request Request `yaml:"request" need:"GET /hosts/{id}"`
	// Query are the query parameters.
	Query Ordered[string] `yaml:"query"`
	// Idempotent: the API executes the call once however often it is
	// repeated, by the idempotency header.
	Idempotent bool `yaml:"idempotent"`
	Envelope
}

// WriteOp is a call that writes with a body of its own: what deletes a record,
// or what writes one attribute. In the path, the query and the body {id} stands
// for the record; of an attribute, {value} for the value as its legacy field
// spells it. In the body they keep their JSON type.
type WriteOp struct {
	Request    Request         `yaml:"request" need:"POST /hosts/{id}/archive"`
	Query      Ordered[string] `yaml:"query"`
	Body       Template        `yaml:"body"` // none where it is left out
	Idempotent bool            `yaml:"idempotent"`
	Envelope
}

// ListOp is a call that answers a page of records.
type ListOp struct {
	Request Request         `yaml:"request" need:"GET /hosts"`
	Query   Ordered[string] `yaml:"query"`
	ListShape
}

// ListShape says how an answer that lists records looks. What a search or a
// list of members leaves out of it is that of the list operation.
type ListShape struct {
	Items       *string `yaml:"items"`        // dotted path; "" for a bare array
	Each        *string `yaml:"each"`         // dotted path of the record in each item; "" where the item is it
	Total       *string `yaml:"total"`        // dotted path; "" where the API tells none
	TotalHeader *string `yaml:"total_header"` // the header that tells it, such as X-Total-Count
	Paging      *Paging `yaml:"paging"`
}

// Envelope says how the bodies of a call look.
type Envelope struct {
	// Item is the dotted path of the record in the answer; "" where the
	// answer is the record.
	Item string `yaml:"item"`
	// Wrap is the dotted path under which the body is sent; "" sends it as
	// it is.
	Wrap string `yaml:"wrap"`
	// Format is json (the default), merge-patch (RFC 7396), or form.
	Format string `yaml:"format" enum:"json,merge-patch,form"`
}

// SearchOp is a list call that answers one filter. Items, total and paging
// that are left out are those of the list operation.
type SearchOp struct {
	Filter  string          `yaml:"filter" need:"userName eq"` // a SCIM path and eq
	Request Request         `yaml:"request" need:"GET /hosts"`
	Query   Ordered[string] `yaml:"query"`
	// Returns says what is found: a superset of the matches, or exactly them.
	Returns string `yaml:"returns" need:"superset" enum:"superset,exact"`
	// Lag is how long the API may need until a search finds what was
	// written; zero: it finds it at once. Where a search lags, each record that it
	// finds is read before it is believed, which costs a call.
	Lag Duration `yaml:"lag"`
	ListShape
}

// CreateOp is the call that makes a record.
type CreateOp struct {
	Request    Request         `yaml:"request" need:"POST /hosts"`
	Query      Ordered[string] `yaml:"query"`
	Idempotent bool            `yaml:"idempotent"`
	// Unique says who refuses a second record of the same userName or
	// displayName: the legacy API, or the adapter, which looks first.
	Unique string `yaml:"unique" need:"legacy" enum:"legacy,adapter"`
	// Constants are fields that every body has beside those of the rows, as
	// {source: scim, settings: {notify: false}}.
	Constants Template `yaml:"constants"`
	Envelope
}

// UpdateOp is the call that changes a record.
type UpdateOp struct {
	Request    Request         `yaml:"request" need:"PATCH /hosts/{id}"`
	Query      Ordered[string] `yaml:"query"`
	Idempotent bool            `yaml:"idempotent"`
	// Body says which fields the body holds: changed (the default), or whole,
	// for an API that replaces records: the record is read first, and every
	// field that does not change is sent as it is.
	Body string `yaml:"body" enum:"changed,whole"`
	// Constants are those of every body, as of create.
	Constants Template `yaml:"constants"`
	// Version is what an update that is made of the record sends along, so
	// that the API refuses it if somebody else has changed the record since.
	Version *VersionCheck `yaml:"version"`
	Envelope
}

// VersionCheck says how the legacy API is told which version of a record a
// change was made of. Where that is not the present one, it answers 409 or
// 412, and the change is made anew.
type VersionCheck struct {
	// Field is the field of the record with its version; "": the version is in
	// the header ETag of the answer to get.
	Field string `yaml:"field"`
	// Header is the header in which it is sent back, as it stands, such as
	// If-Match; "": it is sent in the body, under Field.
	Header string `yaml:"header"`
}

// Paging says how a list is read page by page.
//
//	offset  how many records to skip, and how many to answer
//	page    the number of the page, and how many records a page has
//	cursor  a token that the last page told
//	link    the Link header of the last page (RFC 8288)
//	next    a URL in the last page
//	none    the whole list at once
//
// The last four are read from the beginning: what startIndex passes over is
// read all the same.
type Paging struct {
	Style       string `yaml:"style" need:"offset" enum:"offset,page,cursor,link,next,none"` // one of these
	Limit       int    `yaml:"limit" min:"1"`                                                // records of one page; default 100
	LimitParam  string `yaml:"limit_param"`                                                  // default limit; per_page for the style page
	OffsetParam string `yaml:"offset_param"`                                                 // default offset
	PageParam   string `yaml:"page_param"`                                                   // default page
	FirstPage   *int   `yaml:"first_page"`                                                   // the number of the first page, 0 or 1; default 1
	CursorParam string `yaml:"cursor_param"`                                                 // default cursor
	Next        string `yaml:"next"`                                                         // dotted path of the token or URL of the next page
}
