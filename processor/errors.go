package processor

import "errors"

var (
	// ErrNothing is returned by Run when the inputs hold nothing that a task
	// could take.
	ErrNothing = errors.New("nothing to process")
	// ErrInput is returned, wrapped with its name, for an input that is missing
	// or is nothing that can be read.
	ErrInput = errors.New("bad input")
	// ErrNoOut is returned when the output directory must be named.
	ErrNoOut = errors.New("no output directory")
	// ErrLocked is returned when another process writes the same dataset.
	ErrLocked = errors.New("dataset is in use")
	// ErrCrawlDied is returned by a Run that followed a crawl whose lock is free
	// although its summary still says that it runs. Everything that it had
	// sealed has been processed, and the dataset is built.
	ErrCrawlDied = errors.New("the crawl died")
	// errDrained ends listing and computing after Drain was set.
	errDrained = errors.New("drained")
)
