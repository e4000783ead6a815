// Package target says what a load run requests: which targets there are, which one a send goes to, what its request is, and what
// its answer must be like.
//
//	URLs of the command line ──┐
//	targets file (http, json,  │
//	  jsonl, plain URLs) ──────┼─► builder ─► Set ── Pick(i)   which target send i goes to
//	run directory of a crawl ──┘     ▲               Static(t) its request, the same for every send
//	                                 │               Fill(i,t) or rendered from row i of the feed
//	feed (CSV, JSONL) ───────────────┘               Verify    does the answer keep to the checks?
//
// Everything a Set answers is a pure function of the number of the send. So workers need nothing between them, two runs of one
// configuration send the same requests in the same order, and a request can be told again from its number alone.
//
// # Addresses
//
// Targets are Named (transport's exception for private addresses) for exactly the host:port that the user wrote: in a URL of
// the command line, in a targets file, as base, or as a seed of the run. A placeholder in the host of a URL is refused: what is
// reached is known before the first request.
//
// # Ownership
//
// A Set is immutable and safe for concurrent use; it starts no goroutines. Requests that Static returns are shared and not to be
// changed. Fill writes into the caller's request alone.
//
// # Failure
//
// All that can be wrong is found by [Config.Open]: a bad line as file:line:column (the first twenty at once), an unknown placeholder,
// a row of the feed that does not fit where it is to stand. Pick, Fill and Verify cannot fail.
//
// # Costs
//
// A target takes about 250 bytes beside its texts; a Set has at most 1,000,000 of them and 256 MiB of text, a feed as many rows. Pick takes a few
// nanoseconds. Fill allocates once per send. Verify reads the head and the body only as far as the checks ask for them.
package target
