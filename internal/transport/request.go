package transport

import (
	"fmt"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// acceptEncoding is what store.Response.Decode can undo.
const acceptEncoding = "gzip, br, zstd"

// Request is what to ask for. It is not changed and may be used again, also concurrently.
type Request struct {
	// Method defaults to GET.
	Method string
	// Target is where it goes.
	Target Target
	// Header is sent in this order; Host, User-Agent and Accept-Encoding replace the client's own.
	Header [][2]string
	// Body is sent with a Content-Length.
	Body []byte
	// Named says that the user named this very host:port: the guard's exception.
	Named bool
	// MaxBody overrides Config.MaxBody if positive.
	MaxBody int64
	// Patience, if positive, ends the exchange before Config.Timeout once that long has passed with less than 4 KiB a second coming in.
	Patience time.Duration
}

func (r *Request) method() string {
	if r.Method == "" {
		return fasthttp.MethodGet
	}
	return r.Method
}

// idempotent reports whether sending it twice does no harm (RFC 9110 section 9.2.2).
func (r *Request) idempotent() bool {
	switch r.method() {
	case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE":
		return true
	}
	return false
}

// Validate refuses what could not be sent as one well-formed request. Do calls it, too.
func (r *Request) Validate() error {
	if err := r.Target.validate(); err != nil {
		return err
	}
	if m := r.method(); !validToken(m) || m == "CONNECT" {
		return fmt.Errorf("method %q: not usable", m)
	}
	for _, h := range r.Header {
		if !validToken(h[0]) || !validValue(h[1]) {
			return fmt.Errorf("header %q: not a valid field", h[0]) // its value may be a secret
		}
		switch {
		case strings.EqualFold(h[0], "Content-Length"), strings.EqualFold(h[0], "Transfer-Encoding"), strings.EqualFold(h[0], "Trailer"),
			strings.EqualFold(h[0], "Upgrade"), strings.EqualFold(h[0], "Proxy-Authorization"), strings.EqualFold(h[0], "Expect"), strings.EqualFold(h[0], "TE"):
			return fmt.Errorf("header %q: set by the transport alone", h[0])
		}
	}
	return nil
}

// closes reports whether the request itself asks for the connection to be closed.
func (r *Request) closes() bool {
	for _, h := range r.Header {
		if strings.EqualFold(h[0], "Connection") && hasToken(h[1], "close") {
			return true
		}
	}
	return false
}

// heading is what a request's head has beside the request.
type heading struct {
	userAgent string
	once      bool   // the server is asked to close the connection after it
	via       *Proxy // the proxy that the request is handed to; nil for an origin server
}

// appendTo appends the request's head, as fasthttp writes it, to dst. h is scratch.
func (r *Request) appendTo(dst []byte, h *fasthttp.RequestHeader, with heading) []byte {
	h.Reset()
	h.DisableNormalizing()
	h.SetNoDefaultContentType(true)
	h.SetMethod(r.method())
	h.SetRequestURI(r.Target.URI)
	h.SetHost(r.Target.hostHeader())
	h.SetUserAgent(with.userAgent)
	if with.via != nil {
		h.SetRequestURI(r.Target.absolute())
		if auth := with.via.authorization(); auth != "" {
			h.Add("Proxy-Authorization", auth)
		}
	}
	if len(r.Body) > 0 || r.method() == "POST" || r.method() == "PUT" || r.method() == "PATCH" {
		h.SetContentLength(len(r.Body))
	}
	encoding := acceptEncoding
	for _, kv := range r.Header {
		switch {
		case strings.EqualFold(kv[0], "Host"):
			h.SetHost(kv[1])
		case strings.EqualFold(kv[0], "User-Agent"):
			h.SetUserAgent(kv[1])
		case strings.EqualFold(kv[0], "Accept-Encoding"):
			encoding = kv[1]
		default:
			h.Add(kv[0], kv[1])
		}
	}
	if encoding != "" {
		h.Add("Accept-Encoding", encoding)
	}
	if with.once {
		h.SetConnectionClose()
	}
	return h.AppendBytes(dst)
}

// validToken reports whether s is a token of RFC 9110 section 5.6.2.
func validToken[T string | []byte](s T) bool {
	for i := range len(s) {
		if !tokenByte(s[i]) {
			return false
		}
	}
	return len(s) > 0
}

func tokenByte(c byte) bool {
	switch {
	case '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		return true
	}
	return strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

// validValue reports whether s has no control byte but the tab.
func validValue(s string) bool {
	for i := range len(s) {
		if (s[i] < ' ' && s[i] != '\t') || s[i] == 0x7f {
			return false
		}
	}
	return true
}

// hasToken reports whether a comma-separated list has token in it, in any letter case.
func hasToken(list, token string) bool {
	for part := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.Trim(part, " \t"), token) {
			return true
		}
	}
	return false
}
