// Package pipeline holds the parts that both stages of Tandem stand on: what goroutines meet at, and one way to hand work
// to something that computes, whatever that something is.
//
//	Event      a flag that goroutines wait for            Set · Clear · Wait · Done
//	Condition  waiting for what a lock guards             Wait · WaitFor · Signal · Broadcast
//	Semaphore  a bound on what is in use at once          Acquire · TryAcquire · Release
//	Queue      a bounded buffer between goroutines        Put · Get · Close · Join      FIFO, LIFO, priority
//	Task       a named pure function with codecs          Do(ctx, in, ref) → out
//	Executor   runs calls of tasks                        Submit(call) → Future
//
//	inputs ─► Map / AsCompleted ─► Executor.Submit ─► Future ─► results
//	                                   │
//	            serial ── goroutines ── processes (package procpool) ── later machines: one interface
//
// The same tasks and codecs run on every executor and give the same results and the same errors; the suite in
// pipeline/pipelinetest holds them to it. Go has no global interpreter lock: goroutines already use every core. What
// processes add is containment: an exit, a kill, a memory bomb or an endless loop costs one item and not the run.
//
// # When to use what
//
//	Lock       data changes in several steps that belong together   sync.Mutex: short, and never over something slow
//	Event      something is so, for everybody, until it is cleared  "drain", "ready"; nothing is handed over
//	Condition  wait until guarded data has become so                "both accounts are open": only the lock makes it safe to look
//	Semaphore  at most so many, or so much, at once                 connections, bytes: how much is left, not what
//	Queue      things pass from one goroutine to another            work to do, results; its bound is the back-pressure
//
// A Queue before a lock where either will do: data that one goroutine owns needs no lock. Everything that waits here takes
// a context.
//
// There is no lock that its holder may take again. A lock protects an invariant: whoever takes it finds the data in order
// and may leave it out of order until it lets go. Taken again inside, it would hand out data that is halfway through a
// change, and nobody could know. Nor has a goroutine an identity by which to know its own lock. Instead the exported method
// locks, and an unexported one with the suffix Locked, or a comment that says so, does the work for it and for others that
// hold the lock:
//
//	func (a *Account) Pay(n int)       { a.mu.Lock(); defer a.mu.Unlock(); a.payLocked(n) }
//	func (a *Account) payLocked(n int) { … } // the caller holds mu
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
// On goroutines a call costs about ten small allocations and a microsecond or a few beside its task: hand over pages and
// files, not numbers. A Put and a Get that need not wait allocate nothing (go test -bench .). Memory is bounded: Submit
// blocks while an executor's queue is full, and Map and AsCompleted keep at most one window of inputs and results, so ten
// million inputs need no more memory than a thousand.
package pipeline
