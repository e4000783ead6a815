// Package load puts measured load on HTTP servers and reports latency that can be believed.
//
//	Config ─► targets (round robin)
//	             │
//	  pacer ─────┤  open loop: request i is planned at start + i/rate, whatever the server does
//	  (none) ────┤  closed loop: each connection sends its next request when the last one ended
//	             ▼
//	  connections workers ── internal/transport ──► server
//	             │
//	             ▼                planned ──► sent ──────► answered
//	  recorders (HDR histograms)     └─lateness─┴──service──┘
//	             │                   └───────response───────┘
//	             ▼
//	  Result = load.json
//
// A server that freezes for a second makes a naive tool wait with it, so that the second is counted once per connection. Here
// the schedule goes on: each request that should have been sent in that second is sent late, and its response time counts from
// the moment it was planned. Service time counts from the real send; the two side by side say who was slow.
//
// # Ownership
//
// Run blocks and starts the workers, which end before it returns. It alone calls progress. Nothing is shared between two runs.
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
// Memory: four histograms of about 160 KB for each of up to 16 recorders, and the connections. Nothing grows with the
// number of requests. In flight are at most Config.Connections requests; the rest of an open loop's schedule waits as a
// number, up to 10 s of it, and what is older is dropped and counted.
package load
