// Command process is Tandem's second stage: it burns cores. It turns what fetch
// stored, or anybody's WARC files, folders and files, into a dataset of texts
// and images, in worker processes, one per core.
//
//	process run INPUT…   compute, and write OUT/dataset
//	process tasks        what can be computed, with its options and columns
//	process worker       what a worker process runs (hidden)
//
// Results go to files and standard output, progress and logs to standard error.
// Exit codes: 0 done, 1 the run failed, 2 usage or job file wrong, 3 done but a
// threshold failed, 130 stopped by the user.
//
// # Ownership
//
// Only this package and internal/cli know the process: signals, exit codes,
// flags. Each command builds one Config, runs one blocking Run and renders its
// summary. Worker processes belong to the pool that started them.
package main
