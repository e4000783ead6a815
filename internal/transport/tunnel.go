package transport

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/valyala/fasthttp"

	"tandem/internal/fieldline"
)

// maxProxyHead bounds what a proxy may say before the tunnel begins, in bytes.
const maxProxyHead = 16 << 10

// proxyRefusal is a proxy's no.
type proxyRefusal struct {
	text      string
	temporary bool // trying later may help
	other     bool // another address of the same name may fare better
}

func (e *proxyRefusal) Error() string { return e.text }

// errEarlyTunnel says that bytes came through a tunnel before anything was sent into it.
var errEarlyTunnel = errors.New("it sends more than its answer")

// httpConnect asks an HTTP proxy for a tunnel to addr (RFC 9110 section 9.3.6). nc has a deadline.
func httpConnect(nc net.Conn, p *Proxy, userAgent string, addr netip.AddrPort) error {
	var b strings.Builder
	fmt.Fprintf(&b, "CONNECT %[1]v HTTP/1.1\r\nHost: %[1]v\r\nUser-Agent: %[2]s\r\n", addr, userAgent)
	if auth := p.authorization(); auth != "" {
		b.WriteString("Proxy-Authorization: " + auth + "\r\n")
	}
	b.WriteString("\r\n")
	if _, err := nc.Write([]byte(b.String())); err != nil {
		return err
	}
	c := newConn(nc, "", maxProxyHead)
	head, fr, err := c.readHead(nil, maxProxyHead)
	switch {
	case err != nil:
		return err
	case fr.status/100 != 2:
		return refusal(fr.status, head)
	case c.br.Buffered() > 0: // nobody who waits for a request speaks first
		return errEarlyTunnel
	}
	return nil
}

// refusal reads a status that gives no tunnel.
func refusal(status int, head []byte) *proxyRefusal {
	line, _ := fieldline.Cut(head)
	e := &proxyRefusal{text: fmt.Sprintf("it answers %.100q", line)}
	switch status {
	case fasthttp.StatusProxyAuthRequired:
		e.text += ": it wants another user name and password"
	case fasthttp.StatusForbidden, fasthttp.StatusMethodNotAllowed:
		e.text += ": if it tunnels to https sites alone, --proxy-http forward hands it the requests for http ones"
	case fasthttp.StatusTooManyRequests, fasthttp.StatusInternalServerError:
		e.temporary = true
	case fasthttp.StatusBadGateway, fasthttp.StatusServiceUnavailable, fasthttp.StatusGatewayTimeout:
		e.temporary, e.other = true, true
	}
	return e
}
