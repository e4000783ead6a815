// Package recorder keeps what a load run measured: counts, and the times of every request in HDR histograms.
//
//	engine loop 1 ─► Shard ─┐                      ┌─► Totals: histograms of the whole run, merged exactly
//	engine loop 2 ─► Shard ─┼─ Roll, each second ──┤
//	      …          Shard ─┘   (swaps, merges)    └─► Point: one second of the series
//
// A Shard belongs to one loop or is shared by some workers. It records into the histograms of the current second; when the second
// is over, Roll takes them out, puts empty ones in, and merges them elsewhere, so that a loop is held up for the time of a
// swap. Histograms of one shape merge without loss: the totals are those that one histogram would have had.
//
// Histograms count microseconds from 1 µs to 10 min with three significant digits; extremes and sums are exact beside them.
//
// # Ownership
//
// A Collector makes its shards and belongs to one run. One goroutine calls Roll and Finish; whoever adds holds the shard's
// lock, for one sample or for a batch of them.
//
// # Failure
//
// Nothing here fails: a time beyond the range counts as its end, and the exact maximum tells it.
//
// # Costs
//
// Adding a sample is some 30 ns and allocates nothing. A shard takes about 1.2 MB; results by URL take 25 KB a URL and shard, for at most
// MaxURLs of them. A second of the series is kept encoded, 1 to 4 KB; at most MaxPoints are kept, then two and two are joined.
package recorder
