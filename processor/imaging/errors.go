package imaging

import (
	"errors"
	"fmt"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// The reasons of an Error.
const (
	ReasonDecode      = "decode"      // damaged beyond salvage, or no picture at all
	ReasonTooLarge    = "too_large"   // over a cap of Options; not decoded
	ReasonUnsupported = "unsupported" // a picture of a kind that is not decoded here
)

// Error is why a picture has no Result.
type Error struct {
	Reason string // one of the reasons above
	Detail string // for people, in one line
	Err    error  // the decoder's error, or nil
}

// Error returns the reason and the detail.
func (e *Error) Error() string { return "describe image: " + e.Reason + ": " + e.Detail }

// Unwrap returns the decoder's error.
func (e *Error) Unwrap() error { return e.Err }

func broken(format string, args ...any) *Error {
	return &Error{Reason: ReasonDecode, Detail: fmt.Sprintf(format, args...)}
}

func tooLarge(format string, args ...any) *Error {
	return &Error{Reason: ReasonTooLarge, Detail: fmt.Sprintf(format, args...)}
}

func unsupported(format string, args ...any) *Error {
	return &Error{Reason: ReasonUnsupported, Detail: fmt.Sprintf(format, args...)}
}

// decodeError tells damage from features that the decoders lack.
func decodeError(format string, err error) *Error {
	e := &Error{Reason: ReasonDecode, Detail: format + ": " + err.Error(), Err: err}
	if isUnsupported(err) {
		e.Reason = ReasonUnsupported
	}
	return e
}

func isUnsupported(err error) bool {
	var (
		j jpeg.UnsupportedError
		p png.UnsupportedError
		t tiff.UnsupportedError
	)
	return errors.As(err, &j) || errors.As(err, &p) || errors.As(err, &t) || errors.Is(err, bmp.ErrUnsupported)
}
