package proxytest

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
)

// Options say what kind of proxy it is.
type Options struct {
	Scheme         string // http, https or socks5
	TLS            *tls.Config
	User, Password string            // demanded of every client if not empty
	Route          map[string]string // where an address really leads: "192.88.0.1:80" → "127.0.0.1:4711"
	Refuse         string            // a status line's code and text that answers every CONNECT
	RefuseSOCKS    byte              // a reply code that answers every SOCKS request
}

// Proxy is a proxy that runs. Its methods are safe for concurrent use.
type Proxy struct {
	opt Options
	ln  net.Listener
	wg  sync.WaitGroup

	mu    sync.Mutex // guards what follows
	conns map[net.Conn]bool
	asked []string
	seen  []byte
	taken int
}

// Serve runs a proxy until the test ends.
func Serve(t testing.TB, opt Options) *Proxy {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{opt: opt, ln: ln, conns: make(map[net.Conn]bool)}
	p.wg.Go(p.accept)
	t.Cleanup(func() {
		ln.Close()
		p.mu.Lock()
		for c := range p.conns {
			c.Close()
		}
		p.conns = nil
		p.mu.Unlock()
		p.wg.Wait()
	})
	return p
}

// HostPort is where it listens.
func (p *Proxy) HostPort() string { return p.ln.Addr().String() }

// URL is the proxy's URL, with the user and password that it wants.
func (p *Proxy) URL() string {
	user := ""
	if p.opt.User != "" {
		user = p.opt.User + ":" + p.opt.Password + "@"
	}
	return p.opt.Scheme + "://" + user + p.HostPort()
}

// Asked is what clients have asked for, in order: "CONNECT 192.88.0.1:80", "GET http://site.example/", "SOCKS 192.88.0.1:80".
func (p *Proxy) Asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.asked)
}

// Accepted is how many connections it has taken.
func (p *Proxy) Accepted() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken
}

// Seen is everything that clients have sent, tunnels included (inside an https proxy's TLS).
func (p *Proxy) Seen() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return string(p.seen)
}

func (p *Proxy) accept() {
	for {
		c, err := p.ln.Accept()
		if err != nil {
			return
		}
		if !p.hold(c) {
			c.Close()
			return
		}
		p.mu.Lock()
		p.taken++
		p.mu.Unlock()
		p.wg.Go(func() {
			defer c.Close()
			p.serve(c)
		})
	}
}

// hold notes a connection that the end of the test closes.
func (p *Proxy) hold(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conns == nil {
		return false
	}
	p.conns[c] = true
	return true
}

func (p *Proxy) note(what string) {
	p.mu.Lock()
	p.asked = append(p.asked, what)
	p.mu.Unlock()
}

func (p *Proxy) serve(c net.Conn) {
	if p.opt.Scheme == "https" {
		c = tls.Server(c, p.opt.TLS)
	}
	br := bufio.NewReader(io.TeeReader(c, (*eavesdrop)(p)))
	if p.opt.Scheme == "socks5" {
		p.socks(c, br)
		return
	}
	p.http(c, br)
}

// eavesdrop keeps what clients send.
type eavesdrop Proxy

func (e *eavesdrop) Write(b []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.seen = append(e.seen, b...)
	return len(b), nil
}

// dial reaches what addr leads to.
func (p *Proxy) dial(addr string) (net.Conn, error) {
	if to, ok := p.opt.Route[addr]; ok {
		addr = to
	}
	c, err := net.Dial("tcp", addr)
	if err == nil && !p.hold(c) {
		c.Close()
		return nil, net.ErrClosed
	}
	return c, err
}

// pipe copies both ways until one side ends.
func (p *Proxy) pipe(client net.Conn, br *bufio.Reader, server net.Conn) {
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(client, server)
		client.Close()
	})
	_, _ = io.Copy(server, br)
	server.Close()
	back.Wait()
}
