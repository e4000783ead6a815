package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// ErrClosed is returned when Do is called on a closed Client.
var ErrClosed = errors.New("transport is closed")

// ErrPrivateAddress is returned, wrapped in an *Error of phase PhaseGuard, when the address that would be dialled is not public.
var ErrPrivateAddress = errors.New("address is not public")

// Phase is the part of an exchange in which it failed.
type Phase string

// The phases of an exchange, in their order.
const (
	PhaseRequest Phase = "request" // the request itself is not sendable
	PhaseDNS     Phase = "dns"
	PhaseGuard   Phase = "guard"
	PhaseProxy   Phase = "proxy" // the proxy was asked for the way to a target that the guard let pass
	PhaseConnect Phase = "connect"
	PhaseTLS     Phase = "tls"
	PhaseWrite   Phase = "write"
	PhaseHead    Phase = "head"
	PhaseBody    Phase = "body"
	PhaseSettle  Phase = "settle" // the answer is there and waits to be trusted
)

// The classes of Error.Class: the names under which failures are counted.
const (
	ClassBadRequest     = "bad_request"
	ClassDNS            = "dns"
	ClassPrivateAddress = "private_address"
	ClassRefused        = "refused"
	ClassUnreachable    = "unreachable"
	ClassTimeout        = "timeout"
	ClassReset          = "reset"
	ClassClosed         = "closed" // the server closed the connection without an answer
	ClassTLS            = "tls"
	ClassProxy          = "proxy" // the proxy cannot be reached, or gives no way to the target
	ClassMalformed      = "malformed"
	ClassUnasked        = "unasked_response" // the server sent what nobody had asked for: the answer may be another request's
	ClassLargeHeader    = "too_large_header"
	ClassCancelled      = "cancelled"
	ClassResources      = "resources" // no file descriptors, ports or memory left here
	ClassOther          = "other"
)

// Error is why an exchange brought no usable answer.
type Error struct {
	Phase     Phase
	Class     string // one of the Class constants
	HostPort  string // whom it concerns
	Temporary bool   // trying later may help
	Err       error
}

// Error says what was attempted, with whom and what came of it.
func (e *Error) Error() string {
	if cause := e.Err.Error(); strings.HasPrefix(cause, fmt.Sprintf("%s %q: ", e.Phase, e.HostPort)) {
		return cause // it says so itself
	}
	return fmt.Sprintf("%s %q: %s: %v", e.Phase, e.HostPort, e.Class, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Timeout reports whether the exchange ran out of time.
func (e *Error) Timeout() bool { return e.Class == ClassTimeout }

// Causes inside this package.
var (
	errMalformedHead  = errors.New("malformed response head")
	errNotHTTP        = errors.New("answer is not HTTP/1")
	errHeadTooLarge   = errors.New("response head too large")
	errManyInterim    = errors.New("too many interim responses")
	errUnasked101     = errors.New("protocol switch that was not asked for")
	errContentLength  = errors.New("invalid Content-Length")
	errTransferCoding = errors.New("unsupported Transfer-Encoding")
	errChunk          = errors.New("broken chunk")
	errTrailer        = errors.New("trailers too large")
	errNoAddress      = errors.New("name has no address")
	errUnasked        = errors.New("response that was not asked for")
)

// malformed lists the causes that say the server does not speak HTTP/1.1 properly.
func malformed(err error) bool {
	for _, m := range [...]error{errMalformedHead, errNotHTTP, errManyInterim, errUnasked101, errContentLength, errTransferCoding, errChunk, errTrailer} {
		if errors.Is(err, m) {
			return true
		}
	}
	return false
}

// fail wraps err as the end of an exchange. ctx decides between a cancelled and a late exchange.
func fail(ctx context.Context, phase Phase, hostport string, err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	e := &Error{Phase: phase, HostPort: hostport, Err: err}
	if cause := ctx.Err(); cause != nil && !errors.Is(cause, context.DeadlineExceeded) {
		e.Class, e.Err = ClassCancelled, context.Cause(ctx)
		return e
	}
	e.Class, e.Temporary = classify(phase, err)
	return e
}

// classify names err; temporary says whether a later attempt may fare better.
func classify(phase Phase, err error) (class string, temporary bool) {
	var dns *net.DNSError
	var proxy *proxyError
	switch {
	case errors.As(err, &proxy):
		if class, _ := classifyNet(phase, err); class == ClassResources {
			return class, true
		}
		return ClassProxy, proxy.temporary
	case errors.Is(err, errUnasked):
		return ClassUnasked, true
	case starved(err):
		return ClassResources, true
	case errors.Is(err, ErrPrivateAddress):
		return ClassPrivateAddress, false
	case errors.Is(err, errHeadTooLarge):
		return ClassLargeHeader, false
	case malformed(err):
		return ClassMalformed, false
	case errors.As(err, &dns):
		return ClassDNS, !dns.IsNotFound
	case phase == PhaseDNS && !isTimeout(err):
		return ClassDNS, !errors.Is(err, errNoAddress)
	case isTimeout(err):
		return ClassTimeout, true
	case errors.Is(err, context.Canceled):
		return ClassCancelled, false
	}
	return classifyNet(phase, err)
}

func classifyNet(phase Phase, err error) (class string, temporary bool) {
	var refusal *proxyRefusal
	switch {
	case errors.As(err, &refusal):
		return ClassProxy, refusal.temporary
	case errors.Is(err, syscall.ECONNREFUSED):
		return ClassRefused, true
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTDOWN):
		return ClassUnreachable, true
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.ENOBUFS), errors.Is(err, syscall.ENOMEM):
		return ClassResources, true
	case isTLS(err), phase == PhaseTLS:
		return ClassTLS, false
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNABORTED):
		return ClassReset, true
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ClassClosed, true
	}
	return ClassOther, false
}

func isTimeout(err error) bool {
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

func isTLS(err error) bool {
	var (
		record    tls.RecordHeaderError
		alert     tls.AlertError
		verify    *tls.CertificateVerificationError
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		remote    *net.OpError
	)
	if errors.As(err, &remote) && remote.Op == "remote error" { // crypto/tls: an alert, such as one about our certificate
		return true
	}
	return errors.As(err, &record) || errors.As(err, &alert) || errors.As(err, &verify) ||
		errors.As(err, &authority) || errors.As(err, &host)
}
