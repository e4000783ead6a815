package frontier

import "errors"

var (
	// ErrDrained is returned by Next after Drain.
	ErrDrained = errors.New("frontier is drained")
	// ErrClosed is returned by every method after Close.
	ErrClosed = errors.New("frontier is closed")
	// ErrStopped is wrapped by every error that follows a failed write: the durable state is what it was before that write.
	ErrStopped = errors.New("frontier stopped")
	// ErrNotPending is returned by Done for an item that is done already, and by Retry for one that Next did not give out.
	ErrNotPending = errors.New("item is not outstanding")
	// ErrInFlight is returned by NewRun and Reconcile while items are in flight.
	ErrInFlight = errors.New("items are in flight")
	errDamaged  = errors.New("damaged record")
	errStopScan = errors.New("stop")
)
