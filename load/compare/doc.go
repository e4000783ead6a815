// Package compare says whether two load results differ, by how much, and how sure that is.
//
//	load.json A ─► slices of a second ─► blocks drawn at random ─┐
//	               (counts, histograms)   2,000 times            ├─► log(metric B / metric A) ─► interval ─► verdict
//	load.json B ─► slices of a second ─► blocks drawn at random ─┘
//
//	          −tolerance     0     +tolerance
//	  ─────────────┼─────────┼─────────┼────────────►  change
//	   ├─better──┤                       ├──worse──┤
//	                  ├───same────┤
//	                              ├──unclear─┤
//
// Requests of one second share a server's garbage collection, a full queue, a busy neighbour: ten thousand of them are not ten
// thousand independent samples, and neither are seconds. So what is drawn are blocks of seconds, with the stationary bootstrap (Politis
// & Romano 1994, after the moving blocks of Künsch 1989). The mean block length is that of Politis & White (2004), at least n^⅓ and at
// most n/4 seconds, from the most dependent of two courses, mean response time and requests a second. What the blocks still miss of the
// dependence is made up for as if it were that of an AR(1), and few blocks by Student's quantile (Hesterberg 2015). The interval is the
// percentile interval of the logarithm of the ratio, stretched so. Turns of two sides that were measured alternately are drawn in pairs.
//
// The failed fraction (failed and dropped of all) is compared by its difference. Its interval never is narrower than that of the exact
// intervals of Clopper & Pearson, joined as Newcombe (1998) does, because no bootstrap sees a failure where none happened.
//
// What an interval cannot know is how two runs on two days differ for reasons that lie in neither. Measure in turns (Paired), or more
// than once.
//
// # What it finds
//
// Measured by TestNoFalseAlarm, TestFindsSlowdown and TestPairsCancelDrift in 200 seeded trials each, at 95 %: two runs alike are called worse in
// 0 to 3.5 % even if no change is tolerated (60 s, or 10 s without dependence). Of a minute of 200 requests a second whose level wanders by 3 % from second to second
// (correlation 0.5), a median 10 % slower is found in 95 % at a tolerance of 5 %. A change as large as the tolerance stays unclear: to find 5 %
// tolerate 1 or 2 %. Where the whole machine wanders by 20 %, pairs find 10 % in 96 % of the trials, two runs in a row in 2 %.
//
// # Ownership
//
// Everything is plain data and runs on the caller's goroutine. A Run may be used by several comparisons at once.
//
// # Failure
//
// Open and Parse refuse what is no load result with an *Error that names it and the way out. Sizes, counts and the geometry of
// histograms are bounded before anything is allocated for them. Compare and Paired fail for a wrong Config only.
//
// # Costs
//
// No histogram is merged: of each bucket it is kept how many samples of each slice lie at or below it, so a quantile of a resample is a
// binary search over dot products. 2,000 resamples of two runs of 60 s take about 80 ms, of 600 s 0.5 s, on one core (BenchmarkCompare);
// memory is 8 bytes for each bucket in use and slice, of which there are at most 256: neighbours of longer runs are joined.
package compare
