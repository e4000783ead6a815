package framing

import (
	"bytes"
	"math"
	"strings"

	"tandem/internal/fieldline"
)

// wrongLength is the length after a Content-Length that is none, or two that differ.
const wrongLength = math.MinInt64

// careful is a message on its way through judge.
type careful struct {
	message
	version   byte // the digit behind "HTTP/1."
	keepAlive bool // some Connection field says so
	coded     bool // some Transfer-Encoding was given
	lengths   int  // Content-Length fields
}

// judge reads a whole head of any form, as internal/transport does: doubtful framing is either refused or trusted once, with close set.
func judge(head []byte) (message, error) {
	m := careful{message: message{length: -1}}
	line, rest := fieldline.Cut(head)
	if err := m.statusLine(line); err != nil {
		return m.message, err
	}
	if !bytes.HasSuffix(head, []byte("\r\n\r\n")) && string(rest) != "\r\n" {
		m.close = true
	}
	for len(rest) > 0 {
		f, next, ok := nextField(rest)
		last := len(next) == 0
		rest = next
		if !ok {
			m.close = m.close || !last // something between the fields that is none
			continue
		}
		if err := m.field(f); err != nil {
			return m.message, err
		}
	}
	return m.message, m.settle()
}

// statusLine reads "HTTP/1.x NNN reason".
func (m *careful) statusLine(line []byte) error {
	if len(line) < len("HTTP/1.1 200") || string(line[:7]) != "HTTP/1." || line[7] < '0' || line[7] > '9' || line[8] != ' ' {
		return errStatus
	}
	m.version = line[7]
	code := bytes.TrimLeft(line[9:], " ")
	if len(code) < 3 || (len(code) > 3 && code[3] != ' ') || code[0] == '0' {
		return errStatus
	}
	for _, c := range code[:3] {
		if c < '0' || c > '9' {
			return errStatus
		}
		m.status = m.status*10 + uint16(c-'0')
	}
	return nil
}

func (m *careful) field(f field) error {
	if f.odd {
		m.close = true
	}
	switch {
	case fold(f.name, "content-length"):
		m.contentLength(f)
	case fold(f.name, "transfer-encoding"):
		return m.transferEncoding(f)
	case fold(f.name, "connection"), fold(f.name, "proxy-connection"):
		for part := range bytes.SplitSeq(f.value, []byte{','}) {
			option := fieldline.Trim(part)
			m.close = m.close || strings.EqualFold(string(option), "close")
			m.keepAlive = m.keepAlive || strings.EqualFold(string(option), "keep-alive")
		}
	}
	return nil
}

// contentLength accepts a number, also repeated with the same value, as a list or as several fields. Anything else makes the length
// wrong for good; settle decides what that means, because a Transfer-Encoding may follow and override it.
func (m *careful) contentLength(f field) {
	if m.lengths++; m.lengths > 1 || f.blankEnd || bytes.IndexByte(f.value, ',') >= 0 {
		m.close = true
	}
	for part := range bytes.SplitSeq(f.value, []byte{','}) {
		n, ok := parseLength(fieldline.Trim(part))
		switch {
		case !ok || (m.length >= 0 && n != m.length):
			m.length = wrongLength
		case m.length != wrongLength:
			m.length = n
		}
	}
}

// parseLength reads decimal digits and nothing else.
func parseLength(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 19 {
		return 0, false
	}
	var n uint64 // 19 digits fit
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return int64(n), n <= math.MaxInt64
}

// transferEncoding accepts "chunked" once and the obsolete "identity".
func (m *careful) transferEncoding(f field) error {
	switch {
	case fold(f.value, "identity"):
		m.close = true
		return nil
	case m.version == '0':
	case m.coded || !fold(f.value, "chunked"):
		return errCoding
	case f.blankEnd && m.version == '1':
		m.close = true
	}
	m.coded, m.chunked = true, true
	return nil
}

// settle decides between what the fields say.
func (m *careful) settle() error {
	switch {
	case m.version == '0' && m.coded:
		// HTTP/1.0 has no chunks: the framing is faulty, also the length (RFC 9112 section 6.1). Read to the end.
		m.chunked, m.length, m.close = false, -1, true
	case m.chunked && m.length != -1:
		m.length, m.close = -1, true // Transfer-Encoding wins, and somebody on the way may see it otherwise
	case m.length == wrongLength:
		return errLength
	}
	if m.version == '0' && !m.keepAlive {
		m.close = true
	}
	return nil
}
