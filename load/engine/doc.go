// Package engine is the place where a load run's plan meets the sockets: what an engine is given and what it owes.
//
//	Plan (schedule, length, stop) ──Cursor──► a loop of an engine ──► server
//	          └──────────────────────Take──► a worker of an engine ──► server
//	Source: what send i asks for                   │
//	                                               ▼
//	                              recorder.Shard: what became of it
//
// An engine takes sends from the plan, performs them on at most Job.Connections connections, and adds exactly one sample for each
// that it has taken. What the plan held and nobody took is dropped, which is counted by difference: planned = completed +
// failed + dropped always holds.
//
// There are two ways to take. A Cursor is one loop's own part of the plan (every n-th send), for engines with one loop per core and
// many connections each. Take is for workers that have one connection each and share the whole plan.
//
// # Ownership
//
// Whoever calls Run waits for it. Engines keep their connections between two calls of Run, so that a warm-up warms them, and Close
// ends them.
//
// # Failure
//
// What goes wrong with a request is a sample. Run fails only if the engine itself cannot work. A request that can never be answered
// is told to Job.Fail, which ends a run that has had no answer at all.
//
// # Costs
//
// Cursor.Next is some 10 ns, without locks or shared memory in an open loop; Take shares one atomic counter.
package engine
