// Package fieldline takes the header of an HTTP/1 message apart into its field lines (RFC 9112 section 5), for those who read heads as
// bytes: the client, the framer of load's fast engine, and checks on answers.
//
//	Name: value CRLF  continued CRLF  Next: …
//	└── Line ────────────────────┘    └── rest
//
// It takes apart and does not judge: whether a name is a token, a bare LF or a folded value is acceptable is for its callers to say.
//
// # Ownership
//
// No state. Slices that are returned point into what was given.
//
// # Failure
//
// Nothing fails: what is no field line is said to be none.
//
// # Costs
//
// One pass over the bytes, no allocation.
package fieldline
