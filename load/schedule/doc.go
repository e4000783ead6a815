// Package schedule says when the sends of an open loop are planned.
//
//	Constant(500)                │││││││││││││││││││││││││   send i at i/rate
//	Stages(10s:0..500, 1m:500)   │    │  │ ││││││││││││││    send i where the integral of the rate reaches i
//	Bursts(5 @ 1s)               ┃         ┃         ┃       send i at ⌊i/size⌋·every
//	Poisson(500)                 ││ │    │││  │ │      ││    send i at the i-th point of a Poisson process
//	                             └──────── elapsed ────────►
//
//	i ── At ──► elapsed          elapsed ── Due ──► how many of them
//
// A schedule is a pure function. It has no clock and no memory of what was sent, so a server that freezes moves nothing: the
// sends that it delayed keep the times at which they were planned, and latency counts from those. That is what avoids
// coordinated omission (Tene, "How NOT to measure latency", 2013).
//
// Times are whole nanoseconds. At and Due agree at each of them: Due(t) counts exactly the sends with At(i) <= t.
//
// # Exactness
//
// A held rate is a period in fixed point, with 64 bits after the nanosecond, times a whole number: errors do not add up. After
// a day at 1 M/s the product is off by less than 10⁻⁸ ns before it is rounded. What a stage sends is counted in rational numbers, so
// that a fraction of a send is carried into the next stage. A ramp is solved in floating point from the end at which it is slow,
// in the form without cancellation, to the nanosecond over MaxLength.
//
// # Poisson arrivals
//
// Users who do not know of each other arrive as a Poisson process: gaps are exponential. Drawing gap after gap would need memory, so
// the process is built from above, as counts. All of time is one cell of 2⁵⁹ ns (18 years); its count is one Poisson variate. A cell
// with n sends is cut in halves; each send falls into either with probability ½, so the left half has Binomial(n, ½) of them. In
// the end, cells hold at most 16 sends, at independent uniform times, sorted. That conditional counts are binomial and
// conditional times uniform is a theorem on the Poisson process (Kingman, "Poisson Processes", 1993, section 2.4), so
// nothing is approximated but the nanosecond. The random bits of a cell are a hash of the seed and the cell's number
// (splitmix64; Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014): each send can be found without the
// others. A shorter length is a prefix of a longer one. Small binomials count random bits; large ones and the first
// Poisson variate are drawn by transformed rejection (Hörmann 1993, BTRS and PTRS).
//
// A seed gives the same times in every run. All that could tell processors apart is the last bit of a logarithm, which decides nothing
// in about 10¹⁵ draws.
//
// # Ownership
//
// A Schedule, a StageList that nobody changes and a Burst are values, safe for concurrent use. A Cursor belongs to one goroutine. There are no
// goroutines and no locks here.
//
// # Failure
//
// Stages and the parsers return errors that name the stage. Constant, Bursts and Poisson have no error to return: what they are
// given wrongly makes a schedule that holds no send, and Check says why. Nothing panics.
//
// # Costs
//
// At takes 5 to 10 ns and Due 5 to 45 ns; for Poisson both take about 2 µs, and a Cursor that goes forward takes 15 ns a send, or about
// 100 ns when it sees every eighth. Nothing is allocated after the schedule is made. A Cursor holds 2 KiB for Poisson. Those figures are
// from a busy 2-core machine (go test -bench . ./load/schedule).
package schedule
