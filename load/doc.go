// Package load puts measured load on HTTP servers and reports latency that can be believed.
//
//	Config ─► target.Set    what send i asks for ──────────┐
//	          schedule      when it is planned ──┐         │
//	                                             ▼         ▼
//	             phase: warm-up, run, trial  ─► engine: fast · fasthttp · http2 ──► server
//	                                             │
//	                                             ▼     planned ──► sent ──────► answered
//	                     recorder: shards, the series      └─lateness─┴──service──┘
//	                                             │         └───────response───────┘
//	                                             ▼
//	                     Result = load.json, with a verdict about the client
//
// A server that freezes for a second makes a naive tool wait with it, so that the second is counted once per connection. Here
// the schedule goes on: each request that should have been sent in that second is sent late, and its response time counts from
// the moment it was planned. Service time counts from the real send; the two side by side say who was slow.
//
// With Config.FindMax, Run is a search for the highest rate at which conditions hold: each trial is a phase at a constant rate, on the same
// engine and connections, and what is tried next is a pure function of what the trials before gave.
//
// # Ownership
//
// Run blocks; what it starts ends before it returns. It alone calls progress. Nothing is shared between two runs. The engine, with its
// connections, is made by Run and serves all phases of it.
//
// # Failure
//
// A request that brings no whole answer is counted by class in Result.Errors, and its times so far enter the histograms: giving
// up early must not look fast. Run fails if the job is wrong, if the first requests show that no request can ever be
// answered (an unknown host, a refused address), or if none was answered at all. An overloaded client is not a failure but
// a verdict: Result.Client says why the numbers are about the client.
//
// # Costs
//
// Memory: histograms of about 1.2 MB for each core, some kilobytes a second of the series (at most recorder.MaxPoints of them), the
// targets, and the connections: 300 bytes each with the engine fast, some 20 KB with fasthttp. Nothing grows with the
// number of requests. In flight are at most Config.Connections requests, times Pipeline or Streams; the rest of an open loop's
// schedule waits as a number, up to 10 s of it, and what is older is dropped and counted.
package load
