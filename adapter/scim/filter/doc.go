// Package filter is the filter and PATCH path language of SCIM 2.0 (RFC 7644
// section 3.4.2.2, figure 1, and section 3.5.2): it parses, prints,
// checks against a resource type, and matches.
//
//	text --Parse------> Expr --Compile--> *Filter --Match--> bool
//	text --ParsePath--> Path --Resolve--> Target
//
// [Expr] and [Path] say what the client wrote. [Compile] and [Resolve] make
// every name canonical (the schema's spelling, no URN for the core schema) and
// every literal one of its attribute's type, so that what reads them needs to
// know one spelling only.
//
// The package must not know HTTP, YAML, or that there is a legacy API. It
// does no I/O, and its values are immutable and safe for concurrent use.
// Whether a client may filter on an attribute at all, such as one that is
// never returned, is for the caller to decide.
//
// # Beyond the grammar of figure 1
//
// Clients send these, and they cannot be mistaken for anything else:
//
//   - true, false and null in any letter case, as all other words are (JSON
//     has them in lower case only).
//   - A literal without quotation marks, externalId eq jyoung: up to white
//     space, ")" or "]", and a string unless it is a number, a boolean or null.
//   - emails[type eq "work"].value eq "x": a PATCH path as the left side.
//   - A URN that a dot joins to its attribute, urn:...:2.0:User.department,
//     for URNs known to the caller. Known URNs are matched without letter
//     case, the longest first; any other URN ends at the last colon.
//   - An attribute of an extension without its URN, manager eq "m", where
//     neither the schema nor another extension has one of that name (section
//     3.10 asks for the URN).
//   - More white space than the grammar has, tabs and line ends included, and
//     none where a bracket or quotation mark already ends the word: not(...).
//   - Names that begin with "$", as $ref does (RFC 7643 section 2.1 has no
//     such name, section 2.4 does).
//
// Two things that figure 1 allows are refused: a sub-attribute before brackets,
// a.b[c pr], since no attribute of RFC 7643 section 2.3.8 can be meant by it;
// and nesting deeper than 50 levels of parentheses and brackets.
//
// # Meaning, where the RFC leaves a choice
//
//   - A comparison with a complex attribute compares its value sub-attribute,
//     so members eq "x" is members.value eq "x" (RFC 7644 section 3.4.2.2,
//     whose own example is emails co "example.com"). In the brackets of a
//     multi-valued attribute that is not complex, value is the element (RFC
//     7643 section 2.4).
//   - A multi-valued attribute matches when one of its values does, so ne is
//     true when any value differs. An attribute without values satisfies ne,
//     and no other operator (section 3.4.2.2 leaves absent attributes open).
//   - pr is false for null, for empty arrays, objects and strings, and for
//     complex values of nothing else (section 3.4.2.2: "a non-empty or
//     non-null value"). eq null is not pr, and ne null is pr (RFC 7643
//     section 2.5: null and unassigned are the same).
//   - Strings are compared exactly where the attribute is caseExact, else
//     under the simple case folding of Unicode, by code point; gt and its
//     like compare the folded text, whose letters are lower case. There is no
//     other collation.
//   - Numbers are compared by their exact value, dateTimes as instants, those
//     without an offset as UTC.
//   - A boolean literal may be quoted, "True"; so may a number; a number may
//     stand for the string it is spelt as. Any other difference in type is a
//     [TypeError], as are gt, ge, lt and le on booleans and binaries (section
//     3.4.2.2, table 3) and co, sw and ew on all but strings and references.
//   - A stored value that is not of its attribute's type differs from every
//     literal.
//
// # Errors
//
// [SyntaxError]: the text is not in the language. [UnknownError]: the resource
// type has no such attribute. [TypeError]: the attribute cannot be compared
// so. All are returned as pointers, and none quotes a literal, which may be
// personal.
package filter
