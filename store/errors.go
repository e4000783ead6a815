package store

import "errors"

var (
	// ErrClosed is returned by a Writer's methods after Close.
	ErrClosed = errors.New("archive writer is closed")
	// ErrBroken is returned by a Writer's methods after a failed fsync or seal; the first cause is wrapped with it. Opening the folder
	// again repairs it.
	ErrBroken = errors.New("archive writer is broken")
	// ErrExchange is returned by Append for an exchange that makes no record, such as one without an HTTP head.
	ErrExchange = errors.New("exchange makes no record")
	// ErrTornLine is returned by ReadManifest, with the lines before it, when the last line has no end: the writer is at it, or died.
	ErrTornLine = errors.New("last line is torn")
	// ErrNotHTTP is returned when a block does not begin with an HTTP response head.
	ErrNotHTTP = errors.New("no HTTP response")
	// ErrCoding is returned by Decode for a content coding that is unknown, stacked too high, or not what the header says.
	ErrCoding = errors.New("content coding")
	// ErrEntry is returned for an index line that cannot be read.
	ErrEntry = errors.New("bad index line")
)
