// Package frontier decides what the crawler fetches next, and remembers what it has fetched.
//
// It holds every URL that a crawl knows, each in one of two conditions: pending, or done in this run with an outcome. The durable
// half is a Pebble store; the half that decides whose turn it is lives in memory and is rebuilt when the store is opened.
//
//	           Add(seeds)                                 Next(ctx) ──▶ Item
//	              │                                           ▲
//	              ▼                                           │ one per turn
//	seen? ──▶ one batch ──▶ host queues ──▶ ready ring ───────┤   round robin over hosts that may be asked now
//	(RAM)        │          breadth first    ▲     ▲          │
//	             ▼                     timer │     │ parked   │
//	          Pebble                  waiting heap  address   │   hosts whose clock (rate, gap, Retry-After) is not ready;
//	              ▲                                           │   hosts whose address has enough to do
//	              │                                           ▼
//	              └────── one batch: outcome, links ◀── Done(Item, Outcome) / Retry(Item, notBefore)
//
// URLs are numbered in the order of their discovery, and all that is stored of them is stored under that number: the store is written
// from front to back, and a pending URL is four bytes in a queue. Memory knows the number of each URL by its key (table.go), of those
// that come on every page by their text (hot.go), and asks the store only beyond Config.SeenInRAM (seen.go).
//
// The crawl is finished when nothing is pending and nothing is in flight: that is counted, never guessed from an empty queue. Links
// of a page become pending before the page stops being in flight, so the count cannot touch zero early. Next then answers io.EOF to
// every caller.
//
// Within a host the order is breadth first: page requisites (images, style sheets) first, so that they follow their page, then lower
// depth first, then first discovered first. Hosts take turns. Hosts that SetAddress places at one address share its rate and its items
// in flight; those that have to wait for it are parked there and cost nothing until it lets the next one go.
//
// # Ownership
//
// [Open] takes the lock of its folder; Close gives it back. Every method of [Frontier] may be called from any goroutine; Add and Done
// never wait for a caller of Next. The package starts no goroutine of its own except the callback of the one timer that wakes waiting
// hosts, which Close waits for as for Pebble's, and those that make keys while Open reads.
//
// # Failure
//
// Batches are applied without waiting for the disk; [Frontier.Sync] is the point after which they survive a power cut, and the whole
// process may be killed at any instant. The first write that fails (a full disk) stops the frontier: the store's folder stays exactly
// as it was at that instant, as if the process had been killed there, and every later call returns an error that wraps [ErrStopped]
// and the cause. The same command resumes once there is room. Pebble alone would exit or panic there: see vfs.go.
//
// After a crash the archive may hold less than the frontier believes, or more: [Frontier.Reconcile] and [Frontier.Marked] settle both.
//
// # Costs
//
// Memory: 21 to 32 bytes a known URL up to Config.SeenInRAM URLs, then 2.5; 4 bytes a pending URL, up to twice that while queues grow;
// 400 bytes a host; Pebble's cache and buffers, some 130 MiB at the most. Disk: 40 to 60 bytes a known URL, 100 for what became of it,
// two to three for each link of a page. A seen-check takes 0.4 µs, most of it the key; next to nothing for a link that comes on every
// page. Opening reads every URL back, a million a second and core. See docs/benchmarks.md for ten million URLs and docs/scale.md for
// what a billion would need.
package frontier
