package http2

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"tandem/internal/transport"
)

// errorCode is one of RFC 9113 section 7.
type errorCode uint32

const (
	codeNone         errorCode = 0x0
	codeProtocol     errorCode = 0x1
	codeFlow         errorCode = 0x3
	codeClosed       errorCode = 0x5
	codeFrameSize    errorCode = 0x6
	codeRefused      errorCode = 0x7
	codeCancel       errorCode = 0x8
	codeCompression  errorCode = 0x9
	codeCalm         errorCode = 0xb
	codeHTTP11       errorCode = 0xd
	firstUnnamedCode           = 0xe
)

// String is the code's name without its ERR_ or _ERROR.
func (c errorCode) String() string {
	names := [firstUnnamedCode]string{"NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
		"FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED"}
	if c < firstUnnamedCode {
		return names[c]
	}
	return fmt.Sprintf("error 0x%x", uint32(c))
}

const (
	classMalformed  = transport.ClassMalformed
	classBadRequest = transport.ClassBadRequest
)

// errHTTP1 says that the server speaks another version.
var errHTTP1 = errors.New("the server answers in HTTP/1")

// broken is why an exchange, or all of a connection, failed. It is not changed once made.
type broken struct {
	code     errorCode // what the server is told
	class    string    // under which it is counted
	err      error
	hopeless bool // no other exchange can fare better
	unasked  bool // more came than was asked for
}

// protocol is a breach of RFC 9113.
func protocol(code errorCode, text string) *broken {
	return &broken{code: code, class: classMalformed, err: fmt.Errorf("%s: %v", text, code)}
}

// unanswered is the end of a connection.
func unanswered(err error) *broken {
	b := &broken{code: codeNone, class: transport.ClassOther, err: err}
	var alert net.Error
	switch {
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNABORTED):
		b.class = transport.ClassReset
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		b.class = transport.ClassClosed
		b.err = errors.New("the server closed the connection")
	case errors.Is(err, os.ErrDeadlineExceeded):
		b.class = transport.ClassTimeout
	case errors.As(err, &alert):
		b.class = transport.ClassReset
	}
	return b
}

// undialled names why there is no connection.
func undialled(err error) *broken {
	b := &broken{class: transport.ClassOther, err: err}
	var e *transport.Error
	switch {
	case errors.As(err, &e):
		b.class = e.Class
		b.hopeless = !e.Temporary && e.Class != transport.ClassCancelled
	case errors.Is(err, context.Canceled):
		b.class = transport.ClassCancelled
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		b.class = transport.ClassTimeout
	}
	return b
}

// resetBy is a RST_STREAM of the server.
func resetBy(code errorCode) *broken {
	return &broken{class: transport.ClassReset, err: fmt.Errorf("the server reset the stream: %v", code), hopeless: code == codeHTTP11}
}

var (
	errTimeout = &broken{code: codeCancel, class: transport.ClassTimeout, err: errors.New("no whole answer in time")}
	errDrained = &broken{code: codeNone, class: transport.ClassClosed, err: errors.New("the server gave the connection up before it looked at the request")}
	errRefused = &broken{code: codeNone, class: transport.ClassReset, err: errors.New("the server refused the stream twice")}
)
