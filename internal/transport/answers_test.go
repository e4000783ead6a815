package transport

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

const ok200 = "HTTP/1.1 200 OK\r\n"

// TestAnswers drives one exchange per row over a real socket: what the server says, what must come out, and whether a second
// exchange may use the connection.
func TestAnswers(t *testing.T) {
	t.Parallel()
	const (
		keeps  = 1 // the second exchange uses the same connection
		closes = 2 // it needs a new one
	)
	long := strings.Repeat("x", 200)
	rows := []struct {
		name   string
		method string
		script func(*session)
		change func(*Config)

		status    int
		body      string
		truncated string
		class     string // of the error instead of an answer
		phase     Phase
		then      int
	}{
		{name: "length", script: answers(ok200 + "Content-Length: 2\r\n\r\nab"), status: 200, body: "ab", then: keeps},
		{name: "length 0", script: answers(ok200 + "Content-Length: 0\r\n\r\n"), status: 200, then: keeps},
		{name: "until close", script: once(ok200 + "\r\nabc"), status: 200, body: "abc", then: closes},
		{name: "no reason phrase", script: answers("HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n"), status: 404, then: keeps},
		{name: "status 999", script: answers("HTTP/1.1 999 No\r\nContent-Length: 1\r\n\r\nx"), status: 999, body: "x", then: keeps},
		{name: "redirect is not followed", script: answers("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"), status: 302, then: keeps},

		// What has no body whatever the fields say.
		{name: "HEAD", method: "HEAD", script: answers(ok200 + "Content-Length: 9\r\n\r\n"), status: 200, then: keeps},
		{name: "HEAD chunked", method: "HEAD", script: answers(ok200 + "Transfer-Encoding: chunked\r\n\r\n"), status: 200, then: keeps},
		{name: "304 with length", script: answers("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"), status: 304, then: keeps},
		{name: "204", script: answers("HTTP/1.1 204 No Content\r\n\r\n"), status: 204, then: keeps},
		{name: "204 that announces a body", script: answers("HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n"), status: 204, then: closes},

		// Interim responses.
		{name: "100 then 200", script: answers("HTTP/1.1 100 Continue\r\n\r\n" + ok200 + "Content-Length: 2\r\n\r\nab"), status: 200, body: "ab", then: keeps},
		{name: "103 with fields", script: answers("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 7\r\n\r\n" + ok200 + "Content-Length: 2\r\n\r\nab"), status: 200, body: "ab", then: keeps},
		{name: "8 interim", script: answers(strings.Repeat("HTTP/1.1 102 P\r\n\r\n", 8) + ok200 + "Content-Length: 0\r\n\r\n"), status: 200, then: keeps},
		{name: "endless interim", script: endless("HTTP/1.1 102 P\r\n\r\n"), class: ClassMalformed, phase: PhaseHead},
		{name: "large interim", script: endless("HTTP/1.1 102 P\r\nA: " + strings.Repeat("y", 30000) + "\r\n\r\n"), class: ClassLargeHeader, phase: PhaseHead},
		{name: "101 unasked", script: held("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), class: ClassMalformed, phase: PhaseHead},

		// Content-Length.
		{name: "same length twice", script: answers(ok200 + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nab"), status: 200, body: "ab", then: closes},
		{name: "same length as list", script: answers(ok200 + "Content-Length: 2, 2\r\n\r\nab"), status: 200, body: "ab", then: closes},
		{name: "two lengths", script: held(ok200 + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc"), class: ClassMalformed, phase: PhaseHead},
		{name: "negative length", script: held(ok200 + "Content-Length: -2\r\n\r\nab"), class: ClassMalformed, phase: PhaseHead},
		{name: "signed length", script: held(ok200 + "Content-Length: +2\r\n\r\nab"), class: ClassMalformed, phase: PhaseHead},
		{name: "empty length", script: held(ok200 + "Content-Length: \r\n\r\nab"), class: ClassMalformed, phase: PhaseHead},
		{name: "overflowing length", script: held(ok200 + "Content-Length: 18446744073709551618\r\n\r\nab"), class: ClassMalformed, phase: PhaseHead},
		{name: "length beyond int64", script: held(ok200 + "Content-Length: 9223372036854775808\r\n\r\nab"), class: ClassMalformed, phase: PhaseHead},
		{name: "lying length", script: once(ok200 + "Content-Length: 9223372036854775807\r\n\r\nab"), change: func(c *Config) { c.MaxBody = 1 << 62 }, status: 200, body: "ab", truncated: TruncatedDisconnect, then: closes},
		{name: "more than the length", script: held(ok200 + "Content-Length: 2\r\n\r\nabHTTP/1.1 200 OK\r\n\r\n"), status: 200, body: "ab", then: closes},

		// Transfer-Encoding.
		{name: "both lengths", script: answers(ok200 + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"), status: 200, body: "ab", then: closes},
		{name: "both lengths, other order", script: answers(ok200 + "Transfer-Encoding: Chunked\r\nContent-Length: 3\r\n\r\n2\r\nab\r\n0\r\n\r\n"), status: 200, body: "ab", then: closes},
		{name: "chunked twice", script: held(ok200 + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), class: ClassMalformed, phase: PhaseHead},
		{name: "unknown coding", script: held(ok200 + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), class: ClassMalformed, phase: PhaseHead},
		{name: "identity", script: answers(ok200 + "Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nab"), status: 200, body: "ab", then: closes},
		{name: "HTTP/1.0 chunked is read to the end", script: once("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n"), status: 200, body: "0\r\n\r\n", then: closes},

		// Chunks.
		{name: "trailers", script: answers(ok200 + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nContent-Length: 5\r\nA: b\r\n\r\n"), status: 200, body: "ab", then: keeps},
		{name: "bare LF chunks", script: answers(ok200 + "Transfer-Encoding: chunked\r\n\r\n2\nab\n0\n\n"), status: 200, body: "ab", then: keeps},
		{name: "cut in a chunk", script: once(ok200 + "Transfer-Encoding: chunked\r\n\r\n5\r\nab"), status: 200, body: "ab", truncated: TruncatedDisconnect, then: closes},
		{name: "cut between chunks", script: once(ok200 + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"), status: 200, body: "ab", truncated: TruncatedDisconnect, then: closes},
		{name: "cut before the last line end", script: once(ok200 + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n"), status: 200, body: "ab", truncated: TruncatedDisconnect, then: closes},
		{name: "chunk size not a number", script: held(ok200 + "Transfer-Encoding: chunked\r\n\r\nzz\r\nab"), class: ClassMalformed, phase: PhaseBody},
		{name: "chunk size empty", script: held(ok200 + "Transfer-Encoding: chunked\r\n\r\n\r\nab"), class: ClassMalformed, phase: PhaseBody},
		{name: "chunk size negative", script: held(ok200 + "Transfer-Encoding: chunked\r\n\r\n-2\r\nab"), class: ClassMalformed, phase: PhaseBody},
		{name: "chunk size 0x", script: held(ok200 + "Transfer-Encoding: chunked\r\n\r\n0x2\r\nab"), class: ClassMalformed, phase: PhaseBody},
		{name: "chunk size overflows", script: held(ok200 + "Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\nab"), class: ClassMalformed, phase: PhaseBody},
		{name: "chunk size beyond int64", script: held(ok200 + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nab"), class: ClassMalformed, phase: PhaseBody},
		{name: "chunk size lies", script: once(ok200 + "Transfer-Encoding: chunked\r\n\r\n3ffffffffffffff\r\nab"), change: func(c *Config) { c.MaxBody = 1 << 62 }, status: 200, body: "ab", truncated: TruncatedDisconnect, then: closes},
		{name: "chunk longer than its size", script: held(ok200 + "Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n"), class: ClassMalformed, phase: PhaseBody},
		{name: "endless chunk extension", script: endless(ok200+"Transfer-Encoding: chunked\r\n\r\n1;", long), class: ClassMalformed, phase: PhaseBody},
		{name: "endless chunk extensions", script: endless(ok200+"Transfer-Encoding: chunked\r\n\r\n", "1;"+long+"\r\nx\r\n"), class: ClassMalformed, phase: PhaseBody},
		{name: "endless trailers", script: endless(ok200+"Transfer-Encoding: chunked\r\n\r\n0\r\n", "A: "+long+"\r\n"), class: ClassMalformed, phase: PhaseBody},
		{name: "trailers larger than a head may be", script: held(ok200 + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + strings.Repeat("A: b\r\n", 300) + "\r\n"), change: func(c *Config) { c.MaxHeader = 1000 }, class: ClassMalformed, phase: PhaseBody},

		// Limits.
		{name: "exactly the limit", script: answers(ok200 + "Content-Length: 4\r\n\r\nabcd"), change: maxBody(4), status: 200, body: "abcd", then: keeps},
		{name: "length beyond the limit", script: answers(ok200 + "Content-Length: 5\r\n\r\nabcde"), change: maxBody(4), status: 200, body: "abcd", truncated: TruncatedLength, then: closes},
		{name: "chunks exactly the limit", script: answers(ok200 + "Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n"), change: maxBody(4), status: 200, body: "abcd", then: keeps},
		{name: "chunks beyond the limit", script: endless(ok200+"Transfer-Encoding: chunked\r\n\r\n", "3\r\nabc\r\n"), change: maxBody(4), status: 200, body: "abca", truncated: TruncatedLength, then: closes},
		{name: "endless body", script: endless(ok200+"\r\n", "abc"), change: maxBody(4), status: 200, body: "abca", truncated: TruncatedLength, then: closes},
		{name: "until close, exactly the limit", script: once(ok200 + "\r\nabcd"), change: maxBody(4), status: 200, body: "abcd", then: closes},
		{name: "head too large", script: endless(ok200, "A: "+long+"\r\n"), class: ClassLargeHeader, phase: PhaseHead},
		{name: "endless field", script: endless(ok200+"A: ", long), class: ClassLargeHeader, phase: PhaseHead},
		{name: "too many fields", script: held(ok200 + strings.Repeat("A:\r\n", maxFields) + "\r\n"), class: ClassLargeHeader, phase: PhaseHead},

		// Who closes.
		{name: "Connection: close", script: answers(ok200 + "Connection: close\r\nContent-Length: 1\r\n\r\nx"), status: 200, body: "x", then: closes},
		{name: "Connection: Close", script: answers(ok200 + "Connection: Close\r\nContent-Length: 1\r\n\r\nx"), status: 200, body: "x", then: closes},
		{name: "Connection list", script: answers(ok200 + "connection: foo , CLOSE\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx"), status: 200, body: "x", then: closes},
		{name: "HTTP/1.0", script: answers("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx"), status: 200, body: "x", then: closes},
		{name: "HTTP/1.0 keep-alive", script: answers("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx"), status: 200, body: "x", then: keeps},

		// Odd heads.
		{name: "bare LF head", script: answers("HTTP/1.1 200 OK\nContent-Length: 2\nA: b\n\nab"), status: 200, body: "ab", then: closes},
		{name: "folded field", script: answers(ok200 + "A: b\r\n  c\r\nContent-Length: 2\r\n\r\nab"), status: 200, body: "ab", then: keeps},
		{name: "line without colon", script: answers(ok200 + "nonsense\r\nContent-Length: 2\r\n\r\nab"), status: 200, body: "ab", then: closes},
		{name: "control byte in a value", script: answers(ok200 + "A: b\x01c\r\nContent-Length: 2\r\n\r\nab"), status: 200, body: "ab", then: closes},
		{name: "name with a space", script: answers(ok200 + "Content Length: 3\r\nContent-Length: 2\r\n\r\nab"), status: 200, body: "ab", then: closes},
		{name: "HTTP/0.9", script: held("<html>hello"), class: ClassMalformed, phase: PhaseHead},
		{name: "other protocol", script: held("SSH-2.0-x\r\n"), class: ClassMalformed, phase: PhaseHead},
		{name: "HTTP/2", script: held("HTTP/2.0 200 OK\r\n\r\n"), class: ClassMalformed, phase: PhaseHead},
		{name: "status of letters", script: held("HTTP/1.1 abc OK\r\n\r\n"), class: ClassMalformed, phase: PhaseHead},
		{name: "status of four digits", script: held("HTTP/1.1 2000 OK\r\n\r\n"), class: ClassMalformed, phase: PhaseHead},
		{name: "status 099", script: held("HTTP/1.1 099 OK\r\n\r\n"), class: ClassMalformed, phase: PhaseHead},
		{name: "garbage", script: endless("\x00\xff\x00\xff"), class: ClassMalformed, phase: PhaseHead},

		// Ends and waits.
		{name: "closed without a word", script: once(""), class: ClassClosed, phase: PhaseHead},
		{name: "closed in the head", script: once("HTTP/1.1 200 OK\r\nA:"), class: ClassClosed, phase: PhaseHead},
		{name: "reset without a word", script: func(s *session) { s.request(); s.reset() }, class: ClassReset, phase: PhaseHead},
		{name: "never speaks", script: func(s *session) { s.hold() }, change: timeout(50), class: ClassTimeout, phase: PhaseHead},
		{name: "slow head", script: trickle("HTTP/1.1 200 OK\r\n", "A: b\r\n"), change: timeout(80), class: ClassTimeout, phase: PhaseHead},
		{name: "slow first word", script: held("HTT"), change: timeout(50), class: ClassTimeout, phase: PhaseHead},
		{name: "silent in the body", script: held(ok200 + "Content-Length: 5\r\n\r\nab"), change: timeout(500), status: 200, body: "ab", truncated: TruncatedTime, then: closes},
		{name: "cut body", script: once(ok200 + "Content-Length: 5\r\n\r\nab"), status: 200, body: "ab", truncated: TruncatedDisconnect, then: closes},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, row.script)
			c := testClient(t, row.change)
			req := get(srv.addr(), "/")
			req.Method = row.method
			resp, err := c.Do(context.Background(), req)
			if row.class != "" {
				var e *Error
				if !errors.As(err, &e) || e.Class != row.class || e.Phase != row.phase {
					t.Fatalf("error %v (%+v), want %s in %s", err, resp, row.class, row.phase)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if resp.Status != row.status || string(resp.Body) != row.body || resp.Truncated != row.truncated || resp.BodyLen != int64(len(row.body)) {
				t.Fatalf("got %d %q (%d) %q, want %d %q %q", resp.Status, resp.Body, resp.BodyLen, resp.Truncated, row.status, row.body, row.truncated)
			}
			again, err := c.Do(context.Background(), req)
			if err != nil {
				t.Fatalf("second exchange: %v", err)
			}
			if again.Reused != (row.then == keeps) || again.Attempts != 1 {
				t.Fatalf("second exchange: reused %v after %d attempts", again.Reused, again.Attempts)
			}
			if string(again.Raw) != string(resp.Raw) {
				t.Fatalf("second answer %q, first %q", again.Raw, resp.Raw)
			}
		})
	}
}

// endless says prefix (the parts but the last) and then the last part for ever.
func endless(parts ...string) func(*session) {
	last := len(parts) - 1
	return func(s *session) {
		s.request()
		s.say(strings.Join(parts[:last], ""))
		piece := strings.Repeat(parts[last], 1+4096/len(parts[last]))
		for {
			if _, err := fmt.Fprint(s.conn, piece); err != nil {
				return
			}
		}
	}
}

// trickle says first and then a little again and again, each time well within any idle timeout.
func trickle(first, then string) func(*session) {
	return func(s *session) {
		s.request()
		s.say(first)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for range tick.C {
			if _, err := fmt.Fprint(s.conn, then); err != nil {
				return
			}
		}
	}
}

func maxBody(n int64) func(*Config) { return func(c *Config) { c.MaxBody = n } }

func timeout(ms int) func(*Config) {
	return func(c *Config) { c.Timeout = time.Duration(ms) * time.Millisecond }
}
