// Package weburl gives every web page one name: the canonical form of its URL.
//
// Two links are the same page to the crawler when their canonical forms are equal
// byte for byte, so this package decides what is fetched once and what twice.
// The rules are those of browsers, the WHATWG URL standard; net/url would keep
// apart what a browser joins ("http://EXAMPLE.com:80/a/../b" and "http://example.com/b").
//
//	raw link ──▶ clean ──▶ plain? ──yes──▶ fast path ─┐
//	"../b#top"   (trim,      │                        ├──▶ URL ──▶ String  canonical text
//	             cut '#')    └──no──▶ whatwg-url ─────┘       ├──▶ Key     16 bytes for seen-sets
//	                                                          ├──▶ SURT    CDXJ index key
//	                                        Scope.Contains ◀──┘
//
// Only http and https URLs exist here: anything else is ErrScheme. A fragment
// never reaches the server and is dropped. A URL that carries a user name or a password
// is refused with ErrCredentials rather than stripped, since the page without
// them is another page.
//
// # Ownership
//
// URL is an immutable value of 24 bytes; copy it freely, compare it with ==, use it as a map
// key. It shares memory with the string it was parsed from when that was
// canonical already. Everything here is safe for concurrent use.
//
// # Failure
//
// Parse and Resolve return an *Error that wraps one of ErrScheme, ErrCredentials, ErrTooLong and
// ErrInvalid. Input comes from hostile pages: no input makes them panic or
// take more than time linear in MaxLength.
//
// # Costs
//
// The fast path takes about 0.15 µs and one allocation, none for canonical text; the library 5 µs. The two give the
// same answer; a fuzz target holds them to it.
package weburl
