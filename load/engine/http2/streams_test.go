package http2

import (
	"strings"
	"testing"
	"time"

	xh2 "golang.org/x/net/http2"

	"tandem/internal/transport"
)

// What is wrong with one answer fails that request and no other, and the connection goes on. Or it is not wrong at all.
func TestStreamFaults(t *testing.T) {
	t.Parallel()
	fine := func(p *peer, id uint32) { p.ok(id) }
	for _, row := range []struct {
		name   string
		method string
		answer func(p *peer, id uint32)
		class  string // "": it is well
		reset  bool   // by the client
	}{
		{name: "fine", answer: fine},
		{name: "padded", answer: func(p *peer, id uint32) {
			_ = p.WriteHeaders(xh2.HeadersFrameParam{StreamID: id, BlockFragment: p.fields(":status", "200", "content-length", "5"), EndHeaders: true, PadLength: 200, Priority: xh2.PriorityParam{Weight: 3}})
			_ = p.WriteDataPadded(id, false, []byte("hel"), make([]byte, 255))
			_ = p.WriteDataPadded(id, true, []byte("lo"), []byte{})
		}},
		{name: "only padding", answer: func(p *peer, id uint32) {
			p.head(id, false, ":status", "200")
			_ = p.WriteDataPadded(id, true, nil, make([]byte, 255))
		}},
		{name: "in pieces", answer: func(p *peer, id uint32) {
			block := p.fields(":status", "200", "content-length", "5", "x", "y")
			_ = p.WriteHeaders(xh2.HeadersFrameParam{StreamID: id, BlockFragment: block[:1]})
			for i := 1; i < len(block); i++ {
				_ = p.WriteContinuation(id, i+1 == len(block), block[i:i+1])
			}
			_ = p.WriteData(id, false, nil)
			_ = p.WriteData(id, false, []byte("hello"))
			_ = p.WriteData(id, true, nil)
		}},
		{name: "trailers", answer: func(p *peer, id uint32) {
			p.head(id, false, ":status", "200")
			_ = p.WriteData(id, false, []byte("hello"))
			p.head(id, true, "sum", "1")
		}},
		{name: "8 interim", answer: func(p *peer, id uint32) {
			for range 8 {
				p.head(id, false, ":status", "103", "link", "</a>")
			}
			p.ok(id)
		}},
		{name: "priority, unknown frames, pings", answer: func(p *peer, id uint32) {
			_ = p.WritePriority(id, xh2.PriorityParam{Weight: 9})
			_ = p.WriteRawFrame(0xab, 0xff, id, []byte("what"))
			_ = p.WriteRawFrame(0x10, 0, 0, []byte("u=1"))
			_ = p.WritePing(false, [8]byte{1})
			p.ok(id)
			_ = p.WriteWindowUpdate(id, 10) // the stream is closed: late, not wrong
		}},
		{name: "length as HEAD has it", method: "HEAD", answer: func(p *peer, id uint32) { p.head(id, true, ":status", "200", "content-length", "5") }},
		{name: "length as 304 has it", answer: func(p *peer, id uint32) { p.head(id, true, ":status", "304", "content-length", "5") }},
		{name: "answered, then reset", method: "POST", answer: func(p *peer, id uint32) {
			p.head(id, true, ":status", "413")
			_ = p.WriteRSTStream(id, xh2.ErrCodeNo)
		}},

		{name: "reset", answer: func(p *peer, id uint32) { _ = p.WriteRSTStream(id, xh2.ErrCodeInternal) }, class: transport.ClassReset},
		{name: "reset in the body", answer: func(p *peer, id uint32) {
			p.head(id, false, ":status", "200", "content-length", "5")
			_ = p.WriteData(id, false, []byte("hel"))
			_ = p.WriteRSTStream(id, xh2.ErrCodeCancel)
		}, class: transport.ClassReset},
		{name: "short", answer: func(p *peer, id uint32) {
			p.head(id, false, ":status", "200", "content-length", "5")
			_ = p.WriteData(id, true, []byte("hell"))
		}, class: classMalformed},
		{name: "no body", answer: func(p *peer, id uint32) { p.head(id, true, ":status", "200", "content-length", "5") }, class: classMalformed},
		{name: "long", answer: func(p *peer, id uint32) {
			p.head(id, false, ":status", "200", "content-length", "5")
			_ = p.WriteData(id, true, []byte("hello!"))
		}, class: classMalformed, reset: true},
		{name: "long before its end", answer: func(p *peer, id uint32) {
			p.head(id, false, ":status", "200", "content-length", "5")
			_ = p.WriteData(id, false, []byte("hello!"))
			_ = p.WriteData(id, false, []byte("more"))
			_ = p.WriteData(id, true, []byte("more"))
		}, class: classMalformed, reset: true},
		{name: "HEAD with a body", method: "HEAD", answer: fine, class: classMalformed, reset: true},
		{name: "204 with a body", answer: func(p *peer, id uint32) {
			p.head(id, false, ":status", "204")
			_ = p.WriteData(id, true, []byte("x"))
		}, class: classMalformed, reset: true},
		{name: "DATA first", answer: func(p *peer, id uint32) { _ = p.WriteData(id, true, []byte("x")) }, class: classMalformed, reset: true},
		{name: "DATA after 100", answer: func(p *peer, id uint32) {
			p.head(id, false, ":status", "100")
			_ = p.WriteData(id, true, []byte("x"))
		}, class: classMalformed, reset: true},
		{name: "9 interim", answer: func(p *peer, id uint32) {
			for range 9 {
				p.head(id, false, ":status", "102")
			}
		}, class: classMalformed, reset: true},
		{name: "interim that ends", answer: func(p *peer, id uint32) { p.head(id, true, ":status", "100") }, class: classMalformed, reset: true},
		{name: "101", answer: func(p *peer, id uint32) { p.head(id, false, ":status", "101") }, class: classMalformed, reset: true},
		{name: "no status", answer: func(p *peer, id uint32) { p.head(id, true, "server", "x") }, class: classMalformed, reset: true},
		{name: "two statuses", answer: func(p *peer, id uint32) { p.head(id, true, ":status", "200", ":status", "200") }, class: classMalformed, reset: true},
		{name: "late status", answer: func(p *peer, id uint32) { p.head(id, true, "server", "x", ":status", "200") }, class: classMalformed, reset: true},
		{name: "status of letters", answer: func(p *peer, id uint32) { p.head(id, true, ":status", "2xx") }, class: classMalformed, reset: true},
		{name: "status of two digits", answer: func(p *peer, id uint32) { p.head(id, true, ":status", "20") }, class: classMalformed, reset: true},
		{name: "status 099", answer: func(p *peer, id uint32) { p.head(id, true, ":status", "099") }, class: classMalformed, reset: true},
		{name: "pseudo-field of requests", answer: func(p *peer, id uint32) { p.head(id, true, ":status", "200", ":path", "/") }, class: classMalformed, reset: true},
		{name: "unknown pseudo-field", answer: func(p *peer, id uint32) { p.head(id, true, ":status", "200", ":x", "/") }, class: classMalformed, reset: true},
		{name: "connection field", answer: func(p *peer, id uint32) { p.head(id, true, ":status", "200", "connection", "close") }, class: classMalformed, reset: true},
		{name: "transfer-encoding", answer: func(p *peer, id uint32) { p.head(id, true, ":status", "200", "transfer-encoding", "chunked") }, class: classMalformed, reset: true},
		{name: "two lengths", answer: func(p *peer, id uint32) {
			p.head(id, false, ":status", "200", "content-length", "5", "content-length", "6")
		}, class: classMalformed, reset: true},
		{name: "negative length", answer: func(p *peer, id uint32) { p.head(id, false, ":status", "200", "content-length", "-5") }, class: classMalformed, reset: true},
		{name: "immense length", answer: func(p *peer, id uint32) {
			p.head(id, false, ":status", "200", "content-length", "9999999999999999999")
		}, class: classMalformed, reset: true},
		{name: "second answer", answer: func(p *peer, id uint32) {
			p.head(id, false, ":status", "200")
			p.head(id, true, ":status", "200")
		}, class: classMalformed, reset: true},
		{name: "trailers without end", answer: func(p *peer, id uint32) {
			p.head(id, false, ":status", "200")
			p.head(id, false, "sum", "1")
		}, class: classMalformed, reset: true},
		{name: "window of 0", answer: func(p *peer, id uint32) { _ = p.WriteWindowUpdate(id, 0) }, class: classMalformed, reset: true},
		{name: "window too large", answer: func(p *peer, id uint32) { _ = p.WriteWindowUpdate(id, maxWindow) }, class: classMalformed, reset: true},
		{name: "large fields", answer: func(p *peer, id uint32) {
			large := make([]byte, 16000)
			_ = p.WriteHeaders(xh2.HeadersFrameParam{StreamID: id, BlockFragment: large, EndStream: true})
			for i := range 5 {
				_ = p.WriteContinuation(id, i == 4, large)
			}
		}, class: transport.ClassLargeHeader, reset: true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			resets := make(chan map[uint32]xh2.ErrCode, 10)
			srv := script(t, func(p *peer) {
				p.greet()
				for n := 1; ; n++ {
					id := p.request()
					switch {
					case id == 0:
						resets <- p.resets
						return
					case n%4 == 3:
						row.answer(p, id)
					case row.method == "HEAD":
						p.head(id, true, ":status", "200", "content-length", "5")
					default:
						p.ok(id)
					}
				}
			})
			source := get(t, srv.url)
			source.list[0].Method = row.method
			o := (&load{source: source, total: 12, connections: 1, timeout: 20 * time.Second}).run(t)
			wrong := int64(3)
			if row.class == "" {
				wrong = 0
			}
			if o.Counts.Completed != 12-wrong || o.Errors[row.class] != wrong || o.Counts.Sent != 12 || srv.conns.Load() != 1 || srv.requests.Load() != 12 {
				t.Errorf("%+v, %v, %v; %d connections, %d requests: %v", o.Counts, o.Status, o.Errors, srv.conns.Load(), srv.requests.Load(), o.job.Failure())
			}
			if got := <-resets; (len(got) == 3) != row.reset {
				t.Errorf("resets by the client: %v", got)
			}
		})
	}
}

// REFUSED_STREAM is sent again once.
func TestRefusedStream(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		every             int
		completed, failed int64
		retried           int64
	}{{every: 3, completed: 30, retried: 14}, {every: 1, failed: 30, retried: 30}} {
		srv := script(t, func(p *peer) {
			p.greet()
			for n := 1; ; n++ {
				id := p.request()
				switch {
				case id == 0:
					return
				case n%row.every == 0:
					_ = p.WriteRSTStream(id, xh2.ErrCodeRefusedStream)
				default:
					p.ok(id)
				}
			}
		})
		o := (&load{source: get(t, srv.url), total: 30, connections: 1}).run(t)
		if o.Counts.Completed != row.completed || o.Counts.Failed != row.failed || o.Counts.Retried != row.retried || o.Counts.Sent+o.Counts.Retried != srv.requests.Load() {
			t.Errorf("every %d: %+v, %v; the server counted %d", row.every, o.Counts, o.Errors, srv.requests.Load())
		}
		if row.failed > 0 && o.Errors[transport.ClassReset] != row.failed {
			t.Errorf("%v", o.Errors)
		}
	}
}

// A server that does not answer: the request times out, its stream is reset, and others on the connection go on.
func TestTimeout(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{0, 50} {
		srv := script(t, func(p *peer) {
			p.greet()
			for n := 1; ; n++ {
				id := p.request()
				switch {
				case id == 0:
					return
				case n%5 != 0:
					p.ok(id)
				}
			}
		})
		l := &load{source: get(t, srv.url), total: 20, connections: 1, streams: 4, timeout: 200 * time.Millisecond, rate: rate}
		if rate > 0 {
			l.length = time.Second
		}
		o := l.run(t)
		if o.Errors[transport.ClassTimeout] != 4 || o.Counts.Completed != 16 || o.Counts.Sent != 20 || o.Service.Max() < 200*time.Millisecond || srv.requests.Load() != 20 {
			t.Errorf("rate %v: %+v, %v, longest %v", rate, o.Counts, o.Errors, o.Service.Max())
		}
	}
}

// An answer to a stream that was given up is nobody else's.
func TestLateAnswer(t *testing.T) {
	t.Parallel()
	srv := script(t, func(p *peer) {
		p.greet()
		late := p.request()
		for len(p.resets) == 0 {
			id := p.request()
			if id == 0 {
				return
			}
			if len(p.resets) == 0 { // the next ones wait until the first is given up
				p.head(id, false, ":status", "404")
				_ = p.WriteData(id, true, nil)
			}
		}
		p.head(late, false, ":status", "500")
		_ = p.WriteData(late, true, []byte(strings.Repeat("x", 1000)))
		p.okAll()
	})
	o := (&load{source: get(t, srv.url), length: 400 * time.Millisecond, connections: 1, streams: 2, timeout: 150 * time.Millisecond}).run(t)
	if o.Status["500"] != 0 || o.Status["404"] == 0 || o.Status["200"] == 0 || o.Errors[transport.ClassTimeout] < 1 || o.Errors[transport.ClassTimeout] > 2 || srv.conns.Load() != 1 {
		t.Errorf("%+v, %v, %v, %d connections", o.Counts, o.Status, o.Errors, srv.conns.Load())
	}
}
