// Package pipeline holds the parts that both stages of Tandem stand on: a signal, a bounded queue, and one way to hand
// work to something that computes, whatever that something is.
//
//	Event     a flag that goroutines wait for            Set · Clear · Wait · Done
//	Queue     a bounded buffer between goroutines        Put · Get · Close · Join      FIFO, LIFO, priority
//	Task      a named pure function with codecs          Do(ctx, in, ref) → out
//	Executor  runs calls of tasks                        Submit(call) → Future
//
//	inputs ─► Map / AsCompleted ─► Executor.Submit ─► Future ─► results
//	                                   │
//	            serial ── goroutines ── processes (package procpool) ── later machines: one interface
//
// The same tasks and codecs run on every executor and give the same results and the same errors; the suite in
// pipeline/pipelinetest holds them to it. Go has no global interpreter lock: goroutines already use every core. What
// processes add is containment: an exit, a kill, a memory bomb or an endless loop costs one item and not the run.
//
// # Ownership
//
// Whoever makes an Executor closes it; Close waits for what is running. Payloads belong to the executor from Submit
// until the Future ends; a result belongs to whoever waits for it. Map and AsCompleted leave no goroutine behind when
// their loop ends, also by break. Event means drain, a cancelled context means abort.
//
// # Failure
//
// The failure of one call is data: the error of its Future. An ordinary error of a task becomes a [*TaskError], a panic
// a [*PanicError] with its stack, in every executor. Executors keep going after both.
//
// # Costs
//
// A call costs one or two allocations and well under a microsecond beside the codecs, on goroutines. Memory is bounded:
// Submit blocks while an executor's queue is full, and Map and AsCompleted keep at most one window of inputs and
// results, so ten million inputs need no more memory than a thousand.
package pipeline
