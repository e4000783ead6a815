// Package frontier decides what the crawler fetches next, and remembers what it has fetched.
//
// It holds every URL that a crawl knows, each in one of two conditions: pending, or done in this run with an outcome. The durable
// half is a Pebble store; the half that decides whose turn it is lives in memory and is rebuilt when the store is opened.
//
//	           Add(seeds)                                 Next(ctx) ──▶ Item
//	              │                                           ▲
//	              ▼                                           │ one per turn
//	seen? ──▶ one batch ──▶ host queues ──▶ ready ring ───────┤   round robin over hosts that may be asked now
//	(RAM, then   │          breadth first      ▲ timer        │
//	 Pebble)     ▼                         waiting heap       │   hosts whose clock (rate, Retry-After) is not ready
//	          Pebble                                          │
//	              ▲                                           ▼
//	              └────── one batch: outcome, links ◀── Done(Item, Outcome) / Retry(Item, notBefore)
//
// The crawl is finished when nothing is pending and nothing is in flight: that is counted, never guessed from an empty queue. Links
// of a page become pending before the page stops being in flight, so the count cannot touch zero early. Next then answers io.EOF to
// every caller.
//
// Within a host the order is breadth first: page requisites (images, style sheets) first, so that they follow their page, then lower
// depth first, then first discovered first. Hosts take turns.
//
// # Ownership
//
// [Open] takes the lock of its folder; Close gives it back. Every method of [Frontier] may be called from any goroutine; Add and Done
// never wait for a caller of Next. The package starts no goroutine of its own except the callback of the one timer that wakes waiting
// hosts; Close waits for it and for Pebble's.
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
// About 32 bytes of memory a known URL up to Config.SeenInRAM URLs, then 2.5 bytes; 24 bytes a pending URL; 300 bytes a host; no goroutine per
// host. A seen-check takes 0.3 µs, of which the key is most, and 7 µs for a known URL beyond SeenInRAM; a page with 150 links
// takes about 80 µs in all. Pebble adds some 25 MiB. A URL takes 100–300 bytes on disk before compression, a page's links two to three
// bytes each. Opening reads every URL back, half a million a second.
package frontier
