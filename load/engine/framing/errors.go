package framing

import (
	"errors"
	"fmt"
	"io"
)

// What can be wrong with a response. All but ErrNothing and ErrCut mean that the connection is of no use any more because of what
// the server said.
var (
	// ErrMalformed is returned, also wrapped, when the bytes are no HTTP/1.1 response: internal/transport's class malformed.
	ErrMalformed = errors.New("malformed response")
	// ErrInterim is returned when more than 64 interim responses come before the final one. It wraps ErrMalformed.
	ErrInterim = fmt.Errorf("%w: too many interim responses", ErrMalformed)
	// ErrTooLarge is returned when the heads of one response have more than 64 KiB together, or one has more than 1000 lines:
	// internal/transport's class too_large_header.
	ErrTooLarge = errors.New("response head too large")
	// ErrNothing is returned by End when no byte of the response came. It wraps io.EOF.
	ErrNothing = fmt.Errorf("no response: %w", io.EOF)
	// ErrCut is returned by End when the connection ended inside the response. It wraps io.ErrUnexpectedEOF.
	ErrCut = fmt.Errorf("response cut: %w", io.ErrUnexpectedEOF)
)

// The causes of ErrMalformed.
var (
	errNotHTTP  = fmt.Errorf("%w: it does not begin with HTTP/", ErrMalformed)
	errStatus   = fmt.Errorf("%w: status line", ErrMalformed)
	errSwitch   = fmt.Errorf("%w: protocol switch that was not asked for", ErrMalformed)
	errLength   = fmt.Errorf("%w: invalid Content-Length", ErrMalformed)
	errCoding   = fmt.Errorf("%w: unsupported Transfer-Encoding", ErrMalformed)
	errSize     = fmt.Errorf("%w: chunk size", ErrMalformed)
	errChunkEnd = fmt.Errorf("%w: chunk longer than its size", ErrMalformed)
	errLine     = fmt.Errorf("%w: line of more than %d bytes between chunks", ErrMalformed, maxLine)
	errFraming  = fmt.Errorf("%w: more chunk framing than payload", ErrMalformed)
	errTrailers = fmt.Errorf("%w: trailers too large", ErrMalformed)
	errAgain    = fmt.Errorf("%w: fed after an error", ErrMalformed)
)
