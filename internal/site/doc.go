// Package site holds web sites to point fetch at, all of them on loopback and all of them deterministic.
//
//	Goroot ──► the Go distribution as pages, plus a generated gallery and long prose   (demo, benchmarks)
//	Dir ─────► a folder as it is                                                       (fetch serve dir)
//	Synthetic ► a seeded graph of pages that knows its own truth and keeps a log        (tests)
//	   │
//	   ├─ Latency, ErrorRate      wrap any of them
//	   ▼
//	Serve ───► 127.0.0.1:port     refuses any other interface; ServeOpen does not
//
// The same options give the same bytes on every machine: generators use integer arithmetic and their own
// random numbers, validators (ETag, Last-Modified) come from the content and not from a clock. Dir is the
// exception: its Last-Modified is the file's own.
//
// # Ownership
//
// Serve starts one goroutine, and net/http one for each connection; Server.Close waits for all of them.
// Handlers start none. A Tree holds an open folder until its Close.
//
// # Failure
//
// A path that escapes its folder, a dot file and anything that is not a regular file answer 404. Names are
// opened through os.Root, so a symbolic link cannot lead out. A handler never fails for lack of a part: what a
// Go distribution does not have is returned as a list by Goroot and left out of the front page.
//
// # Costs
//
// Source pages are rendered for each request (about 9 ns a byte, hashing for the ETag included). Gallery pictures are drawn and encoded on
// first request, 20 to 30 ns a pixel, and kept: 33 MB for the default gallery. Prose is generated anew for each request
// (under 1 ms a page). Synthetic keeps every body in memory, a few KB a page.
package site
