package transport

import (
	"bytes"
	"fmt"
	"math"

	"tandem/internal/fieldline"
)

// framing is how a response's body is delimited and whether the connection can be used after it.
type framing struct {
	status  int
	http10  bool
	chunked bool
	length  int64 // from Content-Length; -1 without
	close   bool  // the connection ends with this response

	keepAlive bool // said by an HTTP/1.0 server
	coded     bool // some Transfer-Encoding was given
}

// wrongLength is the length after a Content-Length that is none, or two that differ.
const wrongLength = math.MinInt64

// parseFraming reads what RFC 9112 section 6.3 needs out of head. Doubtful framing is either refused or trusted once: the
// connection is closed after it.
func parseFraming(head []byte) (framing, error) {
	fr := framing{length: -1}
	line, rest := fieldline.Cut(head)
	if err := fr.statusLine(line); err != nil {
		return fr, err
	}
	for len(rest) > 0 {
		f, next, ok := nextField(rest)
		last := next == nil
		rest = next
		if !ok {
			fr.close = fr.close || !last // something between the fields that is none
			continue
		}
		if err := fr.field(f); err != nil {
			return fr, err
		}
	}
	return fr, fr.settle()
}

// statusLine reads "HTTP/1.x NNN reason".
func (fr *framing) statusLine(line []byte) error {
	if len(line) < len("HTTP/1.1 200") || string(line[:7]) != "HTTP/1." || line[7] < '0' || line[7] > '9' || line[8] != ' ' {
		return fmt.Errorf("%w: status line %.80q", errMalformedHead, line)
	}
	fr.http10 = line[7] == '0'
	code := bytes.TrimLeft(line[9:], " ")
	if len(code) < 3 || (len(code) > 3 && code[3] != ' ') {
		return fmt.Errorf("%w: status line %.80q", errMalformedHead, line)
	}
	for _, c := range code[:3] {
		if c < '0' || c > '9' {
			return fmt.Errorf("%w: status line %.80q", errMalformedHead, line)
		}
		fr.status = fr.status*10 + int(c-'0')
	}
	if fr.status < 100 {
		return fmt.Errorf("%w: status %03d", errMalformedHead, fr.status)
	}
	return nil
}

func (fr *framing) field(f field) error {
	switch {
	case equalFold(f.name, "Content-Length"):
		fr.contentLength(f.value)
	case equalFold(f.name, "Transfer-Encoding"):
		return fr.transferEncoding(unfold(f.value))
	case equalFold(f.name, "Connection"), equalFold(f.name, "Proxy-Connection"):
		value := unfold(f.value)
		fr.close = fr.close || hasToken(value, "close")
		fr.keepAlive = fr.keepAlive || hasToken(value, "keep-alive")
	}
	return nil
}

// contentLength accepts a number, also repeated with the same value, as a list or as several fields. Anything else makes the
// length wrong for good; settle decides what that means, because a Transfer-Encoding may follow and override it.
func (fr *framing) contentLength(value []byte) {
	for part := range bytes.SplitSeq(value, []byte{','}) {
		n, ok := parseLength(fieldline.Trim(part))
		switch {
		case !ok || (fr.length >= 0 && n != fr.length):
			fr.length = wrongLength
		case fr.length != wrongLength:
			fr.length = n
		}
	}
}

// parseLength reads decimal digits and nothing else.
func parseLength(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 19 {
		return 0, false
	}
	var n int64
	for _, c := range b {
		if c < '0' || c > '9' || n > (math.MaxInt64-int64(c-'0'))/10 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// transferEncoding accepts "chunked" once and the obsolete "identity".
func (fr *framing) transferEncoding(value string) error {
	if equalFold([]byte(value), "identity") {
		fr.close = true
		return nil
	}
	if fr.coded || !equalFold([]byte(value), "chunked") {
		if !fr.http10 {
			return fmt.Errorf("%w: %.80q", errTransferCoding, value)
		}
	}
	fr.coded, fr.chunked = true, true
	return nil
}

// settle decides between what the fields say.
func (fr *framing) settle() error {
	switch {
	case fr.http10 && fr.coded:
		// HTTP/1.0 has no chunks: the framing is faulty, also the length (RFC 9112 section 6.1). Read to the end.
		fr.chunked, fr.length, fr.close = false, -1, true
	case fr.chunked && fr.length != -1:
		fr.length, fr.close = -1, true // Transfer-Encoding wins, and somebody on the way may see it otherwise
	case fr.length == wrongLength:
		return errContentLength
	}
	if fr.http10 && !fr.keepAlive {
		fr.close = true
	}
	return nil
}

// bodiless reports whether the answer to method has no body whatever its fields say (RFC 9112 section 6.3).
func (fr *framing) bodiless(method string) bool {
	return method == "HEAD" || fr.status == 204 || fr.status == 304
}
