package site

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// origin is one listener of a hostile set and what its paths do.
type origin struct {
	h         *Hostile
	name      string
	scheme    string
	listener  net.Listener
	deeds     map[string]*deed
	robots    deed
	forbidden func(path string) bool // by its robots.txt
	// raw, where it is set, has each connection before anything was read from it. It returns the connection to go on with, or nil.
	raw func(*call) net.Conn
}

// newOrigin listens on a free port of loopback. serve begins to accept.
func (h *Hostile) newOrigin(name string, raw func(*call) net.Conn) (*origin, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(h.ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	o := &origin{h: h, name: name, scheme: "http", listener: l, deeds: make(map[string]*deed), raw: raw}
	o.robots = deed{path: "/robots.txt", do: answer(404, "text/plain", "none")}
	o.forbidden = func(string) bool { return false }
	h.origins = append(h.origins, o)
	return o, nil
}

func (o *origin) add(list ...deed) {
	for _, d := range list {
		o.deeds[d.path] = &d
	}
}

func (o *origin) host() string { return o.listener.Addr().String() }

// url turns a link into an absolute URL; one that is absolute stays as it is.
func (o *origin) url(link string) string {
	if strings.Contains(link, "://") {
		return link
	}
	return o.scheme + "://" + o.host() + link
}

func (o *origin) behaviour(path string) Behaviour {
	d := o.deeds[path]
	return Behaviour{Name: o.name + path, URL: o.url(path), Honest: d.honest, Want: d.want}
}

// serve accepts until the listener is closed.
func (o *origin) serve() {
	o.h.work.Go(func() {
		for {
			c, err := o.listener.Accept()
			if err != nil {
				return
			}
			if !o.h.track(c) {
				return
			}
			o.h.work.Go(func() {
				defer o.h.untrack(c)
				o.talk(c)
			})
		}
	})
}

func (h *Hostile) track(c net.Conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ctx.Err() != nil {
		_ = c.Close()
		return false
	}
	h.conns[c] = struct{}{}
	return true
}

func (h *Hostile) untrack(c net.Conn) {
	_ = c.Close()
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.conns, c)
}

// talk answers the requests of one connection.
func (o *origin) talk(nc net.Conn) {
	c := &call{h: o.h, origin: o, conn: nc}
	if o.raw != nil {
		if c.conn = o.raw(c); c.conn == nil {
			return
		}
	}
	c.in = bufio.NewReaderSize(c.conn, 16<<10)
	for c.number = 1; c.read() && c.dispatch(); c.number++ {
	}
}

// call is one request and the connection that it came on. A deed uses it to answer.
type call struct {
	h      *Hostile
	origin *origin
	conn   net.Conn
	in     *bufio.Reader
	number int    // of the request on its connection, from 1
	path   string // and query, as asked for
	host   string
	before int    // how often the path was asked for before
	owed   string // what the deed before left to be sent ahead of the next answer
	last   bool   // the connection ends with what is owed
	broken bool   // a write failed
}

// read reads a request's head. It is false at the end of the connection.
func (c *call) read() bool {
	line, err := c.in.ReadString('\n')
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
	c.path, _, _ = strings.Cut(rest, " ")
	c.host = ""
	secret := false
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			return false
		}
		name, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), ":")
		switch {
		case name == "":
			c.note(secret)
			return true
		case strings.EqualFold(name, "Host"):
			c.host = strings.TrimSpace(value)
		case strings.EqualFold(name, "Authorization"), strings.EqualFold(name, "Cookie") && strings.Contains(value, "secret"):
			secret = true
		}
	}
}

// note writes the request into the set's log.
func (c *call) note(secret bool) {
	o, h := c.origin, c.h
	h.mu.Lock()
	defer h.mu.Unlock()
	h.requests++
	key := o.name + c.path
	c.before = h.asked[key]
	h.asked[key]++
	what := fmt.Sprintf("%s asked for %.200q with host %q", o.name, c.path, c.host)
	switch {
	case c.path != "/robots.txt" && o.forbidden(plainPath(c.path)):
		h.wrong = append(h.wrong, "forbidden by robots.txt: "+what)
	case c.host != o.host():
		h.wrong = append(h.wrong, "somebody else's host: "+what)
	case secret:
		h.wrong = append(h.wrong, "secrets sent on: "+what)
	}
}

// plainPath undoes percent-encoding, with which a forbidden path could be written otherwise.
func plainPath(path string) string {
	if plain, err := url.PathUnescape(path); err == nil {
		return plain
	}
	return path
}

// dispatch has the deed answer. It reports whether the connection goes on.
func (c *call) dispatch() bool {
	if c.owed != "" {
		c.write(c.owed)
		c.owed = ""
		if c.last {
			return false
		}
	}
	if c.path == "/robots.txt" {
		return c.origin.robots.do(c)
	}
	if d := c.origin.deeds[c.path]; d != nil && d.do != nil {
		return d.do(c)
	}
	return answer(404, "text/html", "<title>404</title>nothing here")(c)
}

// write sends the parts as one piece. It is false once the client has gone.
func (c *call) write(parts ...string) bool {
	return c.send([]byte(strings.Join(parts, "")))
}

func (c *call) send(b []byte) bool {
	if !c.broken {
		_, err := c.conn.Write(b)
		c.broken = err != nil
	}
	return !c.broken
}

// drip sends text byte by byte with a pause behind each. It is false once the client has gone.
func (c *call) drip(text string, pause time.Duration) bool {
	for i := range len(text) {
		if !c.write(text[i:i+1]) || !c.pause(pause) {
			return false
		}
	}
	return true
}

// pause waits. It is false when the set is closed.
func (c *call) pause(d time.Duration) bool { return wait(c.h.ctx, d) }

func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// silence says nothing until the client leaves.
func (c *call) silence() bool {
	_, _ = io.Copy(io.Discard, c.conn)
	return false
}

// reset closes the connection without the usual farewell.
func (c *call) reset() bool {
	if t, ok := c.conn.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.conn.Close()
	return false
}

// marked is a body that tells which URL it belongs to.
func marked(path, text string) string { return "<!-- url:" + path + " -->" + text }

// head is a response head with further lines.
func head(status int, lines ...string) string {
	var b strings.Builder
	b.WriteString("HTTP/1.1 " + strconv.Itoa(status) + " Whatever\r\n")
	for _, l := range lines {
		b.WriteString(l + "\r\n")
	}
	b.WriteString("\r\n")
	return b.String()
}

// reply is a whole and plain answer.
func reply(status int, mime, body string) string {
	return head(status, "Content-Type: "+mime, length(body)) + body
}

// length is the header line for a body.
func length(body string) string { return "Content-Length: " + strconv.Itoa(len(body)) }

// answer is a deed's function that gives a marked page.
func answer(status int, mime, text string) func(*call) bool {
	return func(c *call) bool { return c.write(reply(status, mime, marked(c.path, text))) }
}

// say is one that sends exactly this, and goes on if keep is true.
func say(keep bool, parts ...string) func(*call) bool {
	return func(c *call) bool { return c.write(parts...) && keep }
}

// flood sends the start, and then the same piece until the client leaves.
func flood(start, piece string) func(*call) bool {
	return func(c *call) bool {
		block := []byte(strings.Repeat(piece, max(1, 64<<10/max(1, len(piece)))))
		for ok := c.write(start); ok; ok = c.send(block) {
		}
		return false
	}
}

// chunked frames a body in chunks of at most size bytes.
func chunked(body string, size int) string {
	var b bytes.Buffer
	for len(body) > 0 {
		n := min(size, len(body))
		fmt.Fprintf(&b, "%x\r\n%s\r\n", n, body[:n])
		body = body[n:]
	}
	b.WriteString("0\r\n\r\n")
	return b.String()
}
