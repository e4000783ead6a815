package warc

import (
	"errors"
	"fmt"
)

var (
	// ErrHeader is returned when a header cannot be written (a name that is no token, a value with a control character) or read.
	ErrHeader = errors.New("bad header")
	// ErrTooLarge is returned when a read record has a header or a block over the limit.
	ErrTooLarge = errors.New("over the size limit")
	// ErrNoRecord is returned when there is no record where one is expected.
	ErrNoRecord = errors.New("no record here")
	// ErrTrailer is returned when a block is not followed by the empty lines that end a record: its Content-Length is wrong.
	ErrTrailer = errors.New("block does not end where Content-Length says")
	// ErrDictionary is returned for a Zstandard file whose dictionary is damaged or over 8 MiB. Nothing in such a file can be read.
	ErrDictionary = errors.New("zstd dictionary cannot be used")
)

// DamageError is returned by [Reader.Next] for a stretch of a file that holds no readable record. The next call goes on at End.
type DamageError struct {
	Name   string // of the file
	Offset int64  // first byte of the stretch
	End    int64  // first byte after it; in a gzip member or frame that holds many records, its offset
	Err    error  // what is wrong
}

// Error names the file, the stretch and the cause.
func (e *DamageError) Error() string {
	return fmt.Sprintf("read warc %q at %d: damaged up to %d: %v", e.Name, e.Offset, e.End, e.Err)
}

// Unwrap returns the cause.
func (e *DamageError) Unwrap() error { return e.Err }
