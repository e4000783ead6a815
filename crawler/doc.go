// Package crawler walks sites politely and writes what it receives into an
// archive: the I/O-bound half of Tandem, usable as a library.
//
// The picture:
//
//	seeds ─► frontier ─► worker ─► robots? ─► transport ─► store.Append
//	            ▲  (Concurrency of them)                       │
//	            └───────── links found ◄── extract ◄───────────┘
//
// Every arrow goes forward but one: the links of a page go back into the
// frontier, in the same batch that marks the page as done.
//
// # A page's life
//
// A URL is known once it is canonical, in scope, allowed, not too deep and not
// seen before (links.go). It waits in the frontier until its host's clock
// allows it, is checked against robots.txt (robots.go), fetched (fetch.go),
// judged (verdict.go), read (what it asks of crawlers: directives.go), appended
// to the archive and marked done. A crash at any
// point is mended at the next start (recovery.go).
//
// Sitemaps are found when a site's robots.txt is read, wait in the frontier like
// pages, and bring more of those (sitemaps.go).
//
// An Explainer asks the same code about any URL: ruling.go, the robots cache,
// the client's guard and the frontier, without a crawl (explain.go).
//
// What a request carries beside its URL (headers and logins by origin, cookies)
// is chosen for each URL anew (origins.go, cookies.go); secrets are read once
// (luggage.go) and masked in what is kept (masking.go).
//
// # As a library
//
// A program sets Callbacks in its Config, calls New and Run, and is handed pages, parsed documents, items in its own
// types (OnItems) and failures while the archive is written (callbacks.go, page.go).
//
// # Ownership
//
// Run blocks until the crawl is finished, drained or failed; it starts every
// goroutine of the package and none is left when it returns. It owns the run
// directory (lock, archive, frontier) between its first and its last line.
// Draining is asked for with the Event in Config, aborting with the context.
//
// # Failure
//
// What goes wrong with one URL is data: it is counted, kept in the frontier
// and named in the summary. Run returns an error only when the run itself
// cannot go on: the archive or the frontier cannot be written, the directory
// is in use or belongs to another job, nothing at all could be fetched, or a
// callback returned an error.
//
// # Costs
//
// One goroutine and one buffer per request in flight (Concurrency, 64 by
// default), a body of at most MaxBody each, about 200 bytes of memory for a
// pending URL and a few hundred bytes of disk for a known one, and at most 8 MiB
// for cookies.
package crawler
