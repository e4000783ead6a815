// Package lanes draws who ran when, as text: one line per lane, time from left to right.
//
//	cashier 1 |AAAAAACCCCCC      |
//	cashier 2 |BBBBBBDDDDDD......|
//	          0             120ms
//
// # Ownership
//
// A Chart belongs to whoever made it and starts nothing. All methods are safe for concurrent use.
//
// # Failure
//
// Nothing can fail but the writer of Draw, whose error is returned.
//
// # Cost
//
// A span is 32 bytes; Draw takes width × lanes bytes.
package lanes
