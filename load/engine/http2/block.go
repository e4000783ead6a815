package http2

import (
	"strconv"
	"strings"

	"golang.org/x/net/http2/hpack"

	"tandem/internal/transport"
)

// acceptEncoding is what a request asks for unless it says otherwise, as internal/transport has it.
const acceptEncoding = "gzip, br, zstd"

// block is a request as it goes out: its header block, which refers to the static table alone (RFC 7541 appendix A) and is the same on
// every connection, and its body.
type block struct {
	fields []byte
	body   []byte
	head   bool // HEAD
	again  bool // it may be sent twice (RFC 9110 section 9.2.2)
	bad    *broken
}

// render makes b the form of req. It reuses the memory of b; the body stays req's.
func (b *block) render(req *transport.Request, userAgent string) {
	*b = block{fields: b.fields[:0], body: req.Body}
	if err := req.Validate(); err != nil {
		b.bad = &broken{class: transport.ClassBadRequest, err: err}
		return
	}
	method := req.Method
	if method == "" {
		method = "GET"
	}
	b.head = method == "HEAD"
	switch method {
	case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE":
		b.again = true
	}
	b.pseudo(req, method)
	b.regular(req, method, userAgent)
}

// Indices of the static table.
const (
	tableAuthority     = 1
	tableMethod        = 2 // GET, then POST
	tablePath          = 4 // "/"
	tableScheme        = 6 // http, then https
	tableStatus        = 8
	tableLastPseudo    = 14
	tableAccept        = 16
	tableContentLength = 28
	tableUserAgent     = 58
	tableSize          = 61
)

func (b *block) pseudo(req *transport.Request, method string) {
	switch method {
	case "GET":
		b.indexed(tableMethod)
	case "POST":
		b.indexed(tableMethod + 1)
	default:
		b.literal(tableMethod, method)
	}
	if req.Target.Scheme == "https" {
		b.indexed(tableScheme + 1)
	} else {
		b.indexed(tableScheme)
	}
	b.literal(tableAuthority, authority(req))
	uri := req.Target.URI
	if uri == "" || uri[0] != '/' {
		uri = "/" + uri
	}
	if uri == "/" {
		b.indexed(tablePath)
	} else {
		b.literal(tablePath, uri)
	}
}

func authority(req *transport.Request) string {
	for _, h := range req.Header {
		if strings.EqualFold(h[0], "Host") {
			return h[1]
		}
	}
	t := &req.Target
	switch {
	case t.Host != "":
		return t.Host
	case t.Scheme == "https":
		return strings.TrimSuffix(t.HostPort, ":443")
	}
	return strings.TrimSuffix(t.HostPort, ":80")
}

func (b *block) regular(req *transport.Request, method, userAgent string) {
	encoding := acceptEncoding
	for _, h := range req.Header {
		switch name := strings.ToLower(h[0]); name {
		case "host":
		case "connection", "keep-alive", "proxy-connection": // RFC 9113 section 8.2.2
		case "user-agent":
			userAgent = h[1]
		case "accept-encoding":
			encoding = h[1]
		default:
			b.named(name, strings.Trim(h[1], " \t"))
		}
	}
	if userAgent != "" {
		b.literal(tableUserAgent, userAgent)
	}
	if encoding != "" {
		b.literal(tableAccept, encoding)
	}
	if len(req.Body) > 0 || method == "POST" || method == "PUT" || method == "PATCH" {
		b.literal(tableContentLength, strconv.Itoa(len(req.Body)))
	}
}

// indexed adds an entry of the static table, name and value.
func (b *block) indexed(index int) { b.fields = append(b.fields, 0x80|byte(index)) }

// literal adds a field whose name is in the static table, without indexing.
func (b *block) literal(index int, value string) {
	b.fields = appendString(appendInteger(b.fields, 0, 4, index), value)
}

// named adds any field, without indexing. Fields that may be secrets are marked never to be indexed.
func (b *block) named(name, value string) {
	kind := byte(0)
	if name == "authorization" || name == "cookie" {
		kind = 0x10
	}
	b.fields = appendString(appendString(append(b.fields, kind), name), value)
}

// appendInteger appends n with a prefix of so many bits, beside kind (RFC 7541 section 5.1).
func appendInteger(dst []byte, kind byte, bits, n int) []byte {
	most := 1<<bits - 1
	if n < most {
		return append(dst, kind|byte(n))
	}
	dst = append(dst, kind|byte(most))
	for n -= most; n >= 0x80; n >>= 7 {
		dst = append(dst, byte(n)|0x80)
	}
	return append(dst, byte(n))
}

// appendString appends s, in Huffman's code if that is shorter.
func appendString(dst []byte, s string) []byte {
	if n := int(hpack.HuffmanEncodeLength(s)); n < len(s) {
		return hpack.AppendHuffmanString(appendInteger(dst, 0x80, 7, n), s)
	}
	return append(appendInteger(dst, 0, 7, len(s)), s...)
}
