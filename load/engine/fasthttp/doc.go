// Package fasthttp is the full HTTP/1.1 engine of load: TLS, proxies, several hosts, whatever internal/transport can do. Its codecs are
// fasthttp's.
//
//	worker 1 ── Plan.Take ──► transport.Session ──► server
//	worker 2 ── Plan.Take ──► transport.Session ──►   …
//	worker n    one goroutine and one connection each, all on one plan
//
// # Ownership
//
// The engine owns its client. Run starts the workers and waits for them.
//
// # Failure
//
// As package engine says. In a closed loop, a worker that finds no connection waits for 1 ms before it takes the next send, then
// twice as long each time, up to 100 ms: a server that refuses is not hammered.
//
// # Costs
//
// A goroutine switch and two system calls a request; about 10 KB a connection, 40 KB with TLS.
package fasthttp
