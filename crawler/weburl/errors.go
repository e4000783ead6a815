package weburl

import (
	"errors"
	"fmt"
)

var (
	// ErrScheme is returned when a URL is not http or https: mailto:, javascript:, data: and the like,
	// and by Parse for a relative reference.
	ErrScheme = errors.New("scheme is not http or https")
	// ErrCredentials is returned when a URL carries a user name or a password.
	ErrCredentials = errors.New("url carries credentials")
	// ErrTooLong is returned when a URL, as written or in canonical form, exceeds MaxLength bytes,
	// or its host name exceeds the 253 bytes that DNS can carry.
	ErrTooLong = errors.New("url is too long")
	// ErrInvalid is returned when the WHATWG parser refuses a URL.
	ErrInvalid = errors.New("url is not valid")
)

// Error tells which text was refused and why. It is built for every bad link of
// a page, so its text is put together only when somebody asks for it.
type Error struct {
	Raw string // the text as the caller gave it
	Err error  // wraps one of the sentinels of this package
}

// Error shortens the refused text to 120 bytes and quotes it.
func (e *Error) Error() string {
	raw := e.Raw
	if len(raw) > 120 {
		raw = raw[:120] + "…"
	}
	return fmt.Sprintf("parse url %q: %v", raw, e.Err)
}

// Unwrap returns the reason, for errors.Is.
func (e *Error) Unwrap() error { return e.Err }
