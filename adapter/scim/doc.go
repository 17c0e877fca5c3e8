// Package scim is the vocabulary of SCIM 2.0 (RFC 7643, RFC 7644): values,
// schemas, resource types, errors and the URNs of messages.
//
// It is a leaf. It must not know HTTP, YAML, or that there is a legacy API;
// it holds what every SCIM service provider would say in the same words.
//
//	Value         one JSON value, immutable, in the order it was written
//	Schema        the definition of a set of attributes; the core ones are embedded
//	ResourceType  a schema with its extensions, and how a name is looked up in them
//	Error         the error message of RFC 7644 section 3.12
package scim
