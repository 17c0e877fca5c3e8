// Package mapping is the YAML file that describes a legacy API, and the one
// engine that works through it.
//
// A table is a list of rows. A row joins one SCIM path, such as
// emails[type eq "work"].value, to one legacy field, such as email. All that
// the adapter does with a resource is assignment to rows:
//
//	read    legacy record -> rows -> SCIM resource         read.go, computed.go, resource.go
//	write   SCIM resource -> rows -> legacy body, calls    write.go, element.go, change.go, merge.go, rowcall.go
//	patch   each row unchanged, then set or cleared by the
//	        operations in order -> legacy body             patch.go, listpatch.go, members.go
//	members of a group that a record holds as a list of
//	        ids: read with it, written as a change of it   linked.go
//	filter  the row it compares -> the search that
//	        finds it, or a scan                            plan.go
//
// A patch is worked out without knowing the record. Only an operation that
// asks for a value that the table cannot tell makes [Table.Patch] return
// [ErrNeedRecord]; the caller reads it, and the same code runs again.
//
// # Shapes
//
// A row need not have a legacy field to itself (shape.go):
//
//	emails[kind eq "work"].address   in an element of an array: selector.go
//	split: {by: " ", part: first}    one part of a text: split.go
//	each: {value: address}           all elements of an attribute: list.go
//
// An API replaces an array or a text whole, so a change of a part needs the
// rest: [Changes.NeedRecord] says so, and [Changes.BodyOn] makes the body from
// the record. Whoever calls must keep others from the record meanwhile
// ([Table.Shared]). Elements that the table does not know stay as they are,
// and so do fields that it does not know of an element that it changes.
//
// # Planning
//
// [Table.Plan] turns a filter into the cheapest way of reading that cannot
// miss a match; the whole filter is matched on what was read. From the leaves
// up:
//
//	id eq "x"                the record of that id; none if it cannot be one
//	a eq "x"                 the search that is declared for a
//	emails eq "x"            the searches of all its elements, if all have one
//	groups.value eq "x"      the search for it, or the members of that group; a
//	                         scan where the users themselves hold their groups
//	x and y                  whichever side costs less: its matches hold those of both
//	x or y                   both, if neither is a scan
//	not x, ne, co, pr, ...   a scan
//
// A search is taken for what it says it is: a superset, with decoys and in
// any letter case. A row's default is never searched for, since the legacy
// API has nothing to find where it is shown. Whether a scan stays within its
// limit, and what is remembered of names and of recent writes, is the
// caller's affair.
//
// # The file
//
// [Config] and the types in it are the file, key by key; their comments say
// what each key means and what holds when it is left out. configs/schema.json
// is made from them, comments included (jsonschema_test.go). The shipped
// profiles have every key with a comment. Beyond plain YAML:
//
//   - ${NAME} is an environment variable, ${file:PATH} the content of a file,
//     and $${ a plain ${. Both are filled in after the YAML was read, so
//     that a value cannot change the structure.
//   - Keys of attributes are SCIM paths as Entra's mapping page prints them.
//     A path into a multi-valued attribute has a selector that names one
//     element; without one the row keeps the whole list.
//   - {id}, {value} and {values} in requests, queries and bodies stand for
//     the record, the value searched for, written or member, and all members
//     of a call; {key} for the membership that a call removes.
//   - {value} within an expression of a query is spelt as a text of the API's
//     language, quotes included, so that no value breaks out of it: {value|json}
//     as a string of JSON; {value|odata} in single quotes, doubled where the
//     value has one, as in OData and SQL; {value|fexpr} in single quotes, with
//     a backslash before those of the value, as in PocketBase. A bare {value}
//     between quotes is a fault.
//   - A key that is left out of a search or a member list (items, total,
//     paging) is that of operations.list.
//   - pause: {requests: writes, retry_after: 10m} answers what changes something
//     by 503 for now; requests: all, everything.
//   - With tenants, every tenant is the file with what it has of its own merged
//     in; see [TenantSpec] and [Config.Each].
//   - Anchors, aliases, merge keys and tags are refused: a file means what it
//     says where it says it.
//
// # Calls of one attribute
//
// Where an attribute is written by a call of its own, and not by the update,
// its row says which:
//
//	active: {legacy: status, values: {true: active, false: archived},
//	  calls: {true: {request: "POST /hosts/{id}/unarchive"}, false: {request: "POST /hosts/{id}/archive"}}}
//	title: {legacy: role, call: {request: "PUT /hosts/{id}/role", body: {name: "{value}"}}}
//
// Such a row is read from its field like any other. [Changes.Body] leaves it
// out, [Changes.Calls] has its call; of a new record, [Changes.CallsAfter].
// The calls follow the update, in table order.
//
// # Expressions
//
// displayName: {expr: 'first_name + " " + last_name'} computes a value from the
// fields of the record, in the language of github.com/expr-lang/expr, and gone:
// deleted == true tells records that SCIM takes for deleted. A field that the
// record lacks is nil; an expression that fails has no value, and a record is
// gone only if the expression says true. 'a ?? "x"' is "x" where a is nil,
// $env["first-name"] a field whose name is no word, and '"Host"' a constant that
// SCIM shows and the legacy API knows nothing of. What could take long (let,
// ranges, loops in loops) is refused at load, and only tables with expressions
// pay for them: a record is decoded a second time.
//
// [Load] reports every fault at once. It is decode.go that walks the YAML,
// config.go, server.go, auth.go, legacy.go, connection.go, address.go, limits.go
// and servertls.go that know the keys outside resources, calls.go, memberspec.go
// and rowspec.go those of a resource, and compile.go, operation.go,
// membership.go, rowcall.go, expression.go and schema.go that turn it into a
// [Table].
//
// # What a configuration tells
//
// [Config.Warnings] are what is legal and likely to be wrong, in warn.go. Of a
// table, [Table.Prove] shows that values come back as they are written,
// [Table.Coverage] what becomes of what Entra sends, [Table.Filters] how filters
// run, and [Table.Budget] what each operation costs. The last asks one method
// for each operation, to which a shape with another price adds it; what they say
// is measured by a test of the adapter.
//
// # What it must not know
//
// The package is pure: values in, values out. It must not know HTTP, time or
// contexts, reads neither files nor the environment by itself, and calls
// nothing. Its errors for a client are [scim.Error]s that name the path.
package mapping
