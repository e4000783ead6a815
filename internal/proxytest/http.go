package proxytest

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
)

// http serves one connection of an HTTP proxy.
func (p *Proxy) http(c net.Conn, br *bufio.Reader) {
	for {
		req, err := http.ReadRequest(br)
		if err != nil {
			return
		}
		p.note(req.Method + " " + req.RequestURI)
		switch {
		case !p.knows(req.Header.Get("Proxy-Authorization")):
			say(c, "407 Proxy Authentication Required")
		case req.Method == http.MethodConnect && p.opt.Refuse != "":
			say(c, p.opt.Refuse)
		case req.Method == http.MethodConnect:
			p.connect(c, br, req.RequestURI)
			return
		case !p.forward(c, req):
			return
		}
	}
}

func say(c net.Conn, status string) {
	fmt.Fprintf(c, "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n", status)
}

func (p *Proxy) knows(auth string) bool {
	if p.opt.User == "" {
		return true
	}
	text, ok := strings.CutPrefix(auth, "Basic ")
	pair, err := base64.StdEncoding.DecodeString(text)
	return ok && err == nil && string(pair) == p.opt.User+":"+p.opt.Password
}

func (p *Proxy) connect(c net.Conn, br *bufio.Reader, addr string) {
	server, err := p.dial(addr)
	if err != nil {
		say(c, "502 Bad Gateway")
		return
	}
	fmt.Fprint(c, "HTTP/1.1 200 Connection established\r\n\r\n")
	p.pipe(c, br, server)
}

// forward performs a request in absolute form; the name is the proxy's to resolve, which Options.Route does.
func (p *Proxy) forward(c net.Conn, req *http.Request) bool {
	if req.URL.Host == "" {
		say(c, "400 Bad Request")
		return false
	}
	addr := req.URL.Host
	if req.URL.Port() == "" {
		addr += ":80"
	}
	server, err := p.dial(addr)
	if err != nil {
		say(c, "502 Bad Gateway")
		return true
	}
	defer server.Close()
	req.Header.Del("Proxy-Authorization")
	req.Close = true
	if req.Write(server) != nil {
		return false
	}
	answer, err := http.ReadResponse(bufio.NewReader(server), req)
	if err != nil {
		say(c, "502 Bad Gateway")
		return true
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return false
	}
	answer.Header.Del("Connection")
	fmt.Fprintf(c, "HTTP/1.1 %s\r\n", answer.Status)
	answer.Header.Set("Content-Length", fmt.Sprint(len(body)))
	_ = answer.Header.Write(c)
	_, err = c.Write(append([]byte("\r\n"), body...))
	return err == nil
}
