// Package dedup finds which documents are nearly the same text and which images nearly the same picture.
//
//	documents: digest ─► exact groups ─┐
//	           signature ─► 14 bands ─► candidate pairs ─► similarity ≥ threshold ─┼─► union-find ─► smallest ID
//	images:    digest ─► exact groups ─┤
//	           pHash ─► 4 words of 16 bits ─► candidate pairs ─► distance ≤ N ─────┘
//
// The answer is one index per item: its group's representative, which is the item with the smallest ID, or the item
// itself when it is alone. Groups depend on the set of items, never on their order, so rows built from them do not
// either.
//
// A group is a connected component: a text close to a text that is close to a third brings all three together, even
// where the first and third are a little further apart than the threshold.
//
// # Ownership
//
// Pure functions; no goroutines. The items are read, never changed.
//
// # Failure
//
// Nothing here fails. Hostile input can make groups wrong only for itself, and cannot make the work quadratic: a
// crowded bucket is compared in windows ([Groups]) or left to the other words of the hash ([ImageGroups]).
//
// # Costs
//
// Beside the items themselves (Groups: 112 × 4 bytes of signature each, plus strings), at most 50 bytes of working
// memory per item. A million documents take about 7 s of one core, a million images about 5 s.
package dedup
