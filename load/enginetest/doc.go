// Package enginetest holds every engine of load to the same behaviour: one suite that each of them passes, on real sockets.
//
//	Run(t, Subject{New: …, Speaks: …})
//	   common part    counts, shapes, statuses, bodies, templates, checks,
//	                  timeouts, drains, cuts, warm-ups, leaks, addresses      a net/http server, HTTP/1.1 or HTTP/2
//	   raw part       framing, faults, second attempts, a server's death      scripted TCP servers, HTTP/1.1
//	   pipelining     order, and what a close or nonsense in the middle does  the same, if Subject.Pipelines
//	   storm          random servers, random settings, from a seed            the same
//	Honesty(t, Subject, tolerance)
//	   a server that freezes for one second of five
//
// After every job the suite adds up: planned = completed + failed + dropped, statuses and errors sum to these, and no request took less
// than no time.
//
// # Ownership
//
// The suite closes every engine and every server that it makes.
//
// # Failure
//
// A behaviour that an engine lacks fails the subtest that names it. What an engine does not claim to do in its Subject is not asked.
//
// # Costs
//
// Some ten seconds an engine, most of them timeouts that have to pass, side by side.
package enginetest
