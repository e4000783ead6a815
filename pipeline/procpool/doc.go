// Package procpool is the Executor whose workers are processes. A call that exits, is killed, eats all memory or loops
// for ever costs that one call: not its neighbours, and not the run.
//
//	             pool (one process)                             worker (one process each, own process group)
//	Submit ─► backlog ─► sender   ── fd 3: calls ──────────►  reader ─► queue ─► runner: TaskSet.Run
//	             ▲          │                                                       │ marks the call in hand
//	             │ requeue  ▼                                                       ▼ (a shared page, fd 5)
//	Future ◄── settle ◄─ receiver ◄── fd 4: results ────────────────────────────  batch
//	                     stderr tail ◄── fds 1, 2: whatever tasks print
//
// The worker is the same program run again: it calls [Serve] with the same tasks where [IsWorker] says so. Any program,
// and any test binary in its TestMain, becomes its own worker in three lines:
//
//	if procpool.IsWorker() {
//		os.Exit(procpool.Main(context.Background(), tasks))
//	}
//
// # Ownership
//
// New starts the workers, and a spare one once the pool has been in use for a while. Close ends them: by end of file on
// their requests, then SIGTERM, then SIGKILL, each to the whole process group. One goroutine locked to its thread starts
// every worker and lives as long as the pool, because the kernel's parent-death signal follows the thread that started a
// process. One goroutine per worker reads, one sends, one keeps what it prints; Close waits for all of them, and every
// worker is reaped.
//
// # Failure
//
// Several calls are in flight per worker; the worker marks the one in hand in a page shared with the pool. When the
// worker dies, that call gets a strike and runs again alone in a fresh worker; a second strike ends it with a
// [*CrashError] that says why. A signal that may have come from anywhere and that nothing explains is half a strike: an
// operator's kill, or a hundred of them, loses no call. Calls that only waited behind it go to other workers without a strike: a call may run
// more than once, and is delivered once. An error or panic of a task is a result like another: no strike, no second try.
// Workers that keep dying without one success in between fail the pool with a [*FailedError].
//
// When the pool's process is killed, its workers die with it: by the parent-death signal on Linux, and by end of file
// on their requests everywhere. What tasks started themselves dies with the worker's process group whenever the pool
// ends a worker; nothing can do that after a SIGKILL of the pool.
//
// # Costs
//
// Small calls travel in batches: one to two microseconds a call on two cores. A worker costs about 10 MB and 10 ms to
// start, plus what its program initialises. Memory is bounded by Config.Backlog calls and BacklogBytes that wait and a
// few megabytes in flight per worker; Submit blocks beyond that. Results wait for whoever takes them: Map and
// AsCompleted hold at most Config.Backlog of them, so a pool of large results wants a small Backlog. The spare worker
// costs one worker more.
package procpool
