package crawler

import "errors"

// ErrOtherJob is returned when OUT holds the crawl of another job: its seeds,
// scope, allow, deny or get list differ.
var ErrOtherJob = errors.New("the directory holds another job's crawl")

// ErrNothingFetched is returned when no page was stored because every seed
// failed or was disallowed.
var ErrNothingFetched = errors.New("no page was stored")

// errDrained and errBudget are the causes with which a run stops early.
var (
	errDrained = errors.New("drained")
	errBudget  = errors.New("budget used up")
	errGrace   = errors.New("drain grace is over")
)
