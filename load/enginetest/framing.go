package enginetest

import (
	"strings"
	"testing"
	"time"

	"tandem/internal/transport"
)

const ok200 = "HTTP/1.1 200 OK\r\n"

// ending is an answer, in bytes, and what it is counted as.
type ending struct {
	play   func(*talk)
	method string // GET unless given
	status string // of a whole answer
	class  string // or why there is none
	either string // another class that is as right, where the two sides race
}

// framing ends answers in every way in which HTTP/1.1 does.
func (s Subject) framing(t *testing.T) {
	s.endings(t, map[string]ending{
		"length":               {play: answers(sized("ab")), status: "200"},
		"length 0":             {play: answers(sized("")), status: "200"},
		"length, large":        {play: answers(sized(strings.Repeat("x", 300_000))), status: "200"},
		"chunked":              {play: answers(ok200 + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"), status: "200"},
		"chunked, empty":       {play: answers(ok200 + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), status: "200"},
		"chunked, trailers":    {play: answers(ok200 + "Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nT: x\r\n\r\n"), status: "200"},
		"chunked, large":       {play: answers(ok200 + "Transfer-Encoding: chunked\r\n\r\n40000\r\n" + strings.Repeat("x", 0x40000) + "\r\n0\r\n\r\n"), status: "200"},
		"until close":          {play: once(ok200 + "\r\nabc"), status: "200"},
		"until close, large":   {play: once(ok200 + "\r\n" + strings.Repeat("x", 300_000)), status: "200"},
		"until close, empty":   {play: once(ok200 + "\r\n"), status: "200"},
		"HTTP/1.0":             {play: once("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx"), status: "200"},
		"Connection: close":    {play: once(ok200 + "Connection: close\r\nContent-Length: 1\r\n\r\nx"), status: "200"},
		"close, never closing": {play: held(ok200 + "Connection: close\r\nContent-Length: 1\r\n\r\nx"), status: "200"},
		"HEAD":                 {play: answers(ok200 + "Content-Length: 9\r\n\r\n"), method: "HEAD", status: "200"},
		"HEAD, chunked":        {play: answers(ok200 + "Transfer-Encoding: chunked\r\n\r\n"), method: "HEAD", status: "200"},
		"204":                  {play: answers("HTTP/1.1 204 No\r\n\r\n"), status: "204"},
		"304 with a length":    {play: answers("HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n"), status: "304"},
		"100 before":           {play: answers("HTTP/1.1 100 C\r\n\r\n" + sized("ab")), status: "200"},
		"100 and 103 before":   {play: answers("HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 H\r\nA: b\r\n\r\n" + sized("ab")), status: "200"},
		"bare LF":              {play: answers("HTTP/1.1 200 OK\nContent-Length: 2\n\nab"), status: "200"},
		"no reason":            {play: answers("HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nab"), status: "200"},
		"by the byte":          {play: drip(ok200+"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", 1, 0), status: "200"},
		"in halves":            {play: drip(sized("abcdefgh"), 30, time.Millisecond), status: "200"},
		"half closed":          {play: halfClosed(sized("ab")), status: "200"},
		"half closed, no end":  {play: halfClosed(ok200 + "\r\nab"), status: "200"},
	})
}

// faults has servers that do not answer as they should.
func (s Subject) faults(t *testing.T) {
	long := strings.Repeat("x", 200)
	s.endings(t, map[string]ending{
		"closes at once":     {play: func(*talk) {}, class: transport.ClassClosed, either: transport.ClassReset},
		"closes unanswered":  {play: once(""), class: transport.ClassClosed},
		"cut head":           {play: once("HTTP/1.1 200 OK\r\nA:"), class: transport.ClassClosed},
		"cut interim head":   {play: once("HTTP/1.1 100 OK\r\n\r\n"), class: transport.ClassClosed},
		"cut body":           {play: once(ok200 + "Content-Length: 5\r\n\r\nab"), class: transport.TruncatedDisconnect},
		"cut chunk":          {play: once(ok200 + "Transfer-Encoding: chunked\r\n\r\n5\r\nab"), class: transport.TruncatedDisconnect},
		"half closed, cut":   {play: halfClosed(ok200 + "Content-Length: 5\r\n\r\nab"), class: transport.TruncatedDisconnect},
		"reset unanswered":   {play: thenReset(""), class: transport.ClassReset},
		"reset in the head":  {play: thenReset("HTTP/1.1 200 OK\r\nA:"), class: transport.ClassReset},
		"reset in the body":  {play: thenReset(ok200 + "Content-Length: 5\r\n\r\nab"), class: transport.TruncatedDisconnect, either: transport.ClassReset},
		"reset, until close": {play: thenReset(ok200 + "\r\nab"), class: transport.TruncatedDisconnect, either: transport.ClassReset},
		"garbage":            {play: held("\x00\xff\x00\xff"), class: transport.ClassMalformed},
		"another protocol":   {play: held("SSH-2.0-x\r\n"), class: transport.ClassMalformed},
		"two lengths":        {play: held(ok200 + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc"), class: transport.ClassMalformed},
		"broken chunk":       {play: held(ok200 + "Transfer-Encoding: chunked\r\n\r\nzz\r\nab"), class: transport.ClassMalformed},
		"protocol switch":    {play: held("HTTP/1.1 101 S\r\n\r\n"), class: transport.ClassMalformed},
		"1xx flood":          {play: flood("HTTP/1.1 102 P\r\n\r\n"), class: transport.ClassMalformed},
		"endless head":       {play: flood("A: "+long+"\r\n", ok200), class: transport.ClassLargeHeader},
		"endless line":       {play: flood(long, ok200+"A: "), class: transport.ClassLargeHeader},
		"never answers":      {play: func(k *talk) { k.request(); k.hold() }, class: transport.ClassTimeout},
		"stops in the head":  {play: held("HTTP/1.1 200 OK\r\nA: b"), class: transport.ClassTimeout},
		"stops in the body":  {play: held(ok200 + "Content-Length: 5\r\n\r\nab"), class: transport.ClassTimeout},
		"never ends":         {play: held(ok200 + "\r\nab"), class: transport.ClassTimeout},
		"slow drip":          {play: drip(sized(strings.Repeat("x", 1000)), 1, 5*time.Millisecond), class: transport.ClassTimeout},
	})
}

// endings runs each, closed and open.
func (s Subject) endings(t *testing.T, list map[string]ending) {
	for name, e := range list {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := script(t, e.play)
			for _, k := range []*task{{total: 9, connections: 3}, {when: burst(9), connections: 3}} {
				k.urls, k.method, k.timeout = []string{srv.url}, e.method, patience
				if e.class == transport.ClassTimeout {
					k.timeout = 100 * time.Millisecond
				}
				o := s.perform(t, k)
				if e.status != "" && (o.Status[e.status] != 9 || o.job.Failure() != nil) {
					t.Errorf("%v, %v, want %s: %v", o.Status, o.Errors, e.status, o.job.Failure())
				}
				if e.class != "" && o.Errors[e.class]+o.Errors[e.either] != 9 {
					t.Errorf("%v, %v, want %s: %v", o.Status, o.Errors, e.class, o.job.Failure())
				}
				if e.class == transport.ClassTimeout && o.Service.Min() < k.timeout {
					t.Errorf("a timeout after %v, want %v", o.Service.Min(), k.timeout)
				}
			}
		})
	}
}

// drip says text piece by piece, to each request.
func drip(text string, piece int, pause time.Duration) func(*talk) {
	return func(k *talk) {
		for k.request() != "" {
			for rest := text; rest != ""; {
				n := min(piece, len(rest))
				if !k.say(rest[:n]) {
					return
				}
				if rest = rest[n:]; pause > 0 {
					waitAtLeast(pause)
				}
			}
		}
	}
}

// halfClosed answers, says that this was all, and listens on.
func halfClosed(text string) func(*talk) {
	return func(k *talk) {
		if k.request() != "" && k.say(text) {
			_ = k.conn.CloseWrite()
			k.hold()
		}
	}
}

// thenReset answers, and resets the connection once that has arrived.
func thenReset(text string) func(*talk) {
	return func(k *talk) {
		if k.request() != "" && k.say(text) {
			if text != "" {
				waitAtLeast(20 * time.Millisecond)
			}
			k.reset()
		}
	}
}

// flood says first, then text for ever.
func flood(text string, first ...string) func(*talk) {
	return func(k *talk) {
		if k.request() == "" || !k.say(strings.Join(first, "")) {
			return
		}
		for many := strings.Repeat(text, 1+4096/len(text)); k.say(many); {
		}
	}
}
