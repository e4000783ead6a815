package store

import (
	"bytes"
	"fmt"
	"strings"
)

// HeaderField is one line of an HTTP header.
type HeaderField struct{ Name, Value string }

// Response is a stored HTTP response, parsed.
type Response struct {
	Status int
	Header []HeaderField
	// Body is the payload: de-chunked, not content-decoded. It shares memory with the block it was parsed from.
	Body []byte
	// Truncated says that the body ends before the framing says it should.
	Truncated bool
}

const (
	maxHeaderFields = 1000
	maxInterim      = 8
)

// ParseResponse parses an HTTP response as it was received (RFC 9112). It takes bare line feeds, odd header lines and wrong framing, and
// keeps what is there: a chunked body that breaks off is Truncated, one that was de-chunked already is left alone. Interim
// (1xx) responses in front are passed over.
func ParseResponse(block []byte) (*Response, error) {
	for range maxInterim {
		r, rest, err := parseHead(block)
		if err != nil {
			return nil, err
		}
		if r.Status < 100 || r.Status > 199 || r.Status == 101 || !bytes.HasPrefix(rest, httpMark) {
			r.setBody(rest)
			return r, nil
		}
		block = rest
	}
	return nil, fmt.Errorf("parse response: %w: more than %d interim ones", ErrNotHTTP, maxInterim)
}

func parseHead(block []byte) (*Response, []byte, error) {
	if !bytes.HasPrefix(block, httpMark) {
		return nil, nil, fmt.Errorf("parse response: %w", ErrNotHTTP)
	}
	r := &Response{}
	head, rest := block, []byte(nil)
	if n := headLength(block); n > 0 {
		head, rest = block[:n], block[n:]
	} else {
		r.Truncated = true
	}
	r.Status = parseStatus(head)
	if r.Status == 0 {
		return nil, nil, fmt.Errorf("parse response: %w: status line", ErrNotHTTP)
	}
	_, lines, _ := bytes.Cut(head, []byte("\n"))
	for len(lines) > 0 && len(r.Header) < maxHeaderFields {
		var l []byte
		l, lines, _ = bytes.Cut(lines, []byte("\n"))
		r.addLine(string(bytes.TrimRight(l, "\r\n")))
	}
	return r, rest, nil
}

func (r *Response) addLine(l string) {
	if l == "" {
		return
	}
	if (l[0] == ' ' || l[0] == '\t') && len(r.Header) > 0 {
		r.Header[len(r.Header)-1].Value += " " + strings.Trim(l, " \t")
		return
	}
	if name, value, ok := strings.Cut(l, ":"); ok && strings.TrimSpace(name) != "" {
		r.Header = append(r.Header, HeaderField{strings.TrimSpace(name), strings.Trim(value, " \t")})
	}
}

func (r *Response) setBody(rest []byte) {
	r.Body = rest
	if r.Status == 204 || r.Status == 304 {
		return
	}
	if strings.HasSuffix(strings.ToLower(strings.TrimSpace(r.Get("Transfer-Encoding"))), "chunked") {
		if body, whole, ok := dechunk(rest); ok {
			r.Body = body
			r.Truncated = r.Truncated || !whole
		}
		return
	}
	if want, ok := parseSize(strings.TrimSpace(r.Get("Content-Length")), 10); ok && int64(len(rest)) < want {
		r.Truncated = true
	}
}

// Get returns the first value of the header field name, or "".
func (r *Response) Get(name string) string {
	for i := range r.Header {
		if strings.EqualFold(r.Header[i].Name, name) {
			return r.Header[i].Value
		}
	}
	return ""
}

// MediaType returns the media type in Content-Type, lower case and without parameters, or "" when it is missing or none.
func (r *Response) MediaType() string {
	t, _, _ := strings.Cut(r.Get("Content-Type"), ";")
	return cleanMime(strings.TrimSpace(t))
}

// dechunk takes the chunk framing off (RFC 9112, section 7.1). Whole means that the last chunk was there. It is not ok when b does not
// even begin with a chunk: then somebody has de-chunked it before.
func dechunk(b []byte) (body []byte, whole, ok bool) {
	for first := true; ; first = false {
		l, rest, found := bytes.Cut(b, []byte("\n"))
		size, valid := parseChunkSize(l)
		switch {
		case first && (!found || !valid):
			return nil, false, false
		case !found || !valid:
			return body, false, true
		case size == 0:
			return body, true, true
		case size > int64(len(rest)):
			return append(body, rest...), false, true
		}
		if body == nil {
			body = make([]byte, 0, len(b))
		}
		body = append(body, rest[:size]...)
		b = rest[size:]
		b = bytes.TrimPrefix(b, []byte("\r"))
		b = bytes.TrimPrefix(b, []byte("\n"))
	}
}

func parseChunkSize(l []byte) (int64, bool) {
	l, _, _ = bytes.Cut(l, []byte(";"))
	return parseSize(string(bytes.Trim(l, " \t\r")), 16)
}

// parseSize reads digits of the base and nothing else.
func parseSize(s string, base int64) (int64, bool) {
	if s == "" || len(s) > 15 {
		return 0, false
	}
	var n int64
	for i := range len(s) {
		d := digit(s[i])
		if d < 0 || d >= base {
			return 0, false
		}
		n = n*base + d
	}
	return n, true
}

func digit(c byte) int64 {
	switch {
	case '0' <= c && c <= '9':
		return int64(c - '0')
	case 'a' <= c && c <= 'f':
		return int64(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int64(c-'A') + 10
	}
	return -1
}
