// Package mapping is the YAML file that describes a legacy API, and the one
// engine that works through it.
//
// A table is a list of rows. A row joins one SCIM path, such as
// emails[type eq "work"].value, to one legacy field, such as email. All that
// the adapter does with a resource is assignment to rows:
//
//	read    legacy record -> rows -> SCIM resource         read.go, resource.go
//	write   SCIM resource -> rows -> legacy body           write.go, element.go, change.go
//	patch   each row unchanged, then set or cleared by the
//	        operations in order -> legacy body             patch.go, members.go
//	filter  the row it compares -> the search that
//	        finds it, or a scan                            plan.go
//
// A patch is worked out without knowing the record. Only an operation that
// asks for a value that the table cannot tell makes [Table.Patch] return
// [ErrNeedRecord]; the caller reads it, and the same code runs again.
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
//	groups.value eq "x"      the members of that group
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
// what each key means and what holds when it is left out. The shipped
// profiles have every key with a comment. Beyond plain YAML:
//
//   - ${NAME} is an environment variable, ${file:PATH} the content of a file,
//     and $${ a plain ${. Both are filled in after the YAML was read, so
//     that a value cannot change the structure.
//   - Keys of attributes are SCIM paths as Entra's mapping page prints them.
//     A path into a multi-valued attribute has a selector that names one
//     element.
//   - {id}, {value} and {values} in requests, queries and bodies stand for
//     the record, the value searched for or member, and all members of a call.
//   - A key that is left out of a search or a member list (items, total,
//     paging) is that of operations.list.
//   - Anchors, aliases, merge keys and tags are refused: a file means what it
//     says where it says it.
//
// [Load] reports every fault at once. It is decode.go that walks the YAML,
// config.go and connection.go that know the keys outside resources, and compile.go,
// operation.go and schema.go that turn a resource into a [Table].
//
// # What it must not know
//
// The package is pure: values in, values out. It must not know HTTP, time or
// contexts, reads neither files nor the environment by itself, and calls
// nothing. Its errors for a client are [scim.Error]s that name the path.
package mapping
