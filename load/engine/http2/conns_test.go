package http2

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	xh2 "golang.org/x/net/http2"

	"tandem/internal/transport"
	"tandem/load/engine"
)

// What ends a connection fails what is on it, with a GOAWAY that says why. The next request gets a new connection.
func TestConnectionFaults(t *testing.T) {
	t.Parallel()
	settings := func(id xh2.SettingID, value uint32) func(p *peer, _ uint32) {
		return func(p *peer, _ uint32) { _ = p.WriteSettings(xh2.Setting{ID: id, Val: value}) }
	}
	raw := func(kind xh2.FrameType, flags xh2.Flags, stream uint32, payload string) func(p *peer, id uint32) {
		return func(p *peer, id uint32) {
			if stream == 1 {
				stream = id
			}
			_ = p.WriteRawFrame(kind, flags, stream, []byte(payload))
		}
	}
	block := func(text string) func(p *peer, id uint32) {
		return func(p *peer, id uint32) { _ = p.WriteRawFrame(xh2.FrameHeaders, 5, id, []byte(text)) }
	}
	flood := func(write func(p *peer, id uint32) error) func(p *peer, id uint32) {
		return func(p *peer, id uint32) {
			go func() { // while the test reads what the client answers
				p.head(id, false, ":status", "200")
				for write(p, id) == nil {
				}
			}()
		}
	}
	for _, row := range []struct {
		name  string
		fault func(p *peer, id uint32)
		class string
		code  xh2.ErrCode
	}{
		{"SETTINGS on a stream", raw(xh2.FrameSettings, 0, 1, ""), classMalformed, xh2.ErrCodeProtocol},
		{"SETTINGS of 5 bytes", raw(xh2.FrameSettings, 0, 0, "12345"), classMalformed, xh2.ErrCodeFrameSize},
		{"SETTINGS acknowledged at length", raw(xh2.FrameSettings, 1, 0, "123456"), classMalformed, xh2.ErrCodeFrameSize},
		{"pushes enabled", settings(xh2.SettingEnablePush, 1), classMalformed, xh2.ErrCodeProtocol},
		{"initial window too large", settings(xh2.SettingInitialWindowSize, 1<<31), classMalformed, xh2.ErrCodeFlowControl},
		{"frame size too small", settings(xh2.SettingMaxFrameSize, 100), classMalformed, xh2.ErrCodeProtocol},
		{"frame size too large", settings(xh2.SettingMaxFrameSize, 1<<24), classMalformed, xh2.ErrCodeProtocol},
		{"PING of 7 bytes", raw(xh2.FramePing, 0, 0, "1234567"), classMalformed, xh2.ErrCodeFrameSize},
		{"PING on a stream", raw(xh2.FramePing, 0, 1, "12345678"), classMalformed, xh2.ErrCodeProtocol},
		{"GOAWAY of 7 bytes", raw(xh2.FrameGoAway, 0, 0, "1234567"), classMalformed, xh2.ErrCodeFrameSize},
		{"GOAWAY on a stream", raw(xh2.FrameGoAway, 0, 1, "12345678"), classMalformed, xh2.ErrCodeProtocol},
		{"PRIORITY on stream 0", raw(xh2.FramePriority, 0, 0, "12345"), classMalformed, xh2.ErrCodeProtocol},
		{"window of the connection by 0", raw(xh2.FrameWindowUpdate, 0, 0, "\x00\x00\x00\x00"), classMalformed, xh2.ErrCodeFlowControl},
		{"window of the connection too large", raw(xh2.FrameWindowUpdate, 0, 0, "\x7f\xff\xff\xff"), classMalformed, xh2.ErrCodeFlowControl},
		{"WINDOW_UPDATE of 3 bytes", raw(xh2.FrameWindowUpdate, 0, 0, "123"), classMalformed, xh2.ErrCodeFrameSize},
		{"RST_STREAM of 3 bytes", raw(xh2.FrameRSTStream, 0, 1, "123"), classMalformed, xh2.ErrCodeFrameSize},
		{"RST_STREAM of an idle stream", raw(xh2.FrameRSTStream, 0, 999, "1234"), classMalformed, xh2.ErrCodeProtocol},
		{"WINDOW_UPDATE of an idle stream", raw(xh2.FrameWindowUpdate, 0, 999, "1234"), classMalformed, xh2.ErrCodeProtocol},
		{"DATA on an idle stream", raw(xh2.FrameData, 0, 999, "x"), classMalformed, xh2.ErrCodeProtocol},
		{"DATA on an even stream", raw(xh2.FrameData, 0, 2, "x"), classMalformed, xh2.ErrCodeProtocol},
		{"DATA on stream 0", raw(xh2.FrameData, 0, 0, "x"), classMalformed, xh2.ErrCodeProtocol},
		{"DATA less than its padding", raw(xh2.FrameData, 8, 1, "\x05x"), classMalformed, xh2.ErrCodeProtocol},
		{"DATA without its padding", raw(xh2.FrameData, 8, 1, ""), classMalformed, xh2.ErrCodeFrameSize},
		{"HEADERS on an idle stream", raw(xh2.FrameHeaders, 5, 999, "\x88"), classMalformed, xh2.ErrCodeProtocol},
		{"HEADERS less than its padding", raw(xh2.FrameHeaders, 13, 1, "\x05x"), classMalformed, xh2.ErrCodeProtocol},
		{"HEADERS less than its priority", raw(xh2.FrameHeaders, 0x25, 1, "1234"), classMalformed, xh2.ErrCodeFrameSize},
		{"CONTINUATION alone", raw(xh2.FrameContinuation, 4, 1, "\x88"), classMalformed, xh2.ErrCodeProtocol},
		{"a push", raw(xh2.FramePushPromise, 4, 1, "\x00\x00\x00\x02\x82"), classMalformed, xh2.ErrCodeProtocol},
		{"a frame inside a header block", func(p *peer, id uint32) {
			_ = p.WriteRawFrame(xh2.FrameHeaders, 0, id, []byte("\x88"))
			_ = p.WritePing(false, [8]byte{})
		}, classMalformed, xh2.ErrCodeProtocol},
		{"a frame of 16385 bytes", func(p *peer, id uint32) {
			p.head(id, false, ":status", "200")
			_ = p.WriteRawFrame(xh2.FrameData, 0, id, make([]byte, 16385))
		}, classMalformed, xh2.ErrCodeFrameSize},
		{"dynamic table", block("\x88\xbe"), classMalformed, xh2.ErrCodeCompression},
		{"index 0", block("\x80"), classMalformed, xh2.ErrCodeCompression},
		{"table that grows", block("\x21\x88"), classMalformed, xh2.ErrCodeCompression},
		{"endless integer", block("\xff\xff\xff\xff\xff\xff\xff\xff"), classMalformed, xh2.ErrCodeCompression},
		{"string beyond the block", block("\x88\x0f\x0d\x05123"), classMalformed, xh2.ErrCodeCompression},
		{"answered twice", func(p *peer, id uint32) { p.ok(1) }, transport.ClassUnasked, xh2.ErrCodeStreamClosed},

		{"PINGs", flood(func(p *peer, _ uint32) error { return p.WritePing(false, [8]byte{}) }), classMalformed, xh2.ErrCodeEnhanceYourCalm},
		{"SETTINGS", flood(func(p *peer, _ uint32) error { return p.WriteSettings() }), classMalformed, xh2.ErrCodeEnhanceYourCalm},
		{"empty DATA", flood(func(p *peer, id uint32) error { return p.WriteData(id, false, nil) }), classMalformed, xh2.ErrCodeEnhanceYourCalm},
		{"unknown frames", flood(func(p *peer, _ uint32) error { return p.WriteRawFrame(0xee, 0, 0, nil) }), classMalformed, xh2.ErrCodeEnhanceYourCalm},
		{"CONTINUATIONs", func(p *peer, id uint32) {
			_ = p.WriteRawFrame(xh2.FrameHeaders, 0, id, []byte("\x88"))
			for p.WriteContinuation(id, false, []byte{0x88}) == nil {
			}
		}, classMalformed, xh2.ErrCodeEnhanceYourCalm},
		{"large CONTINUATIONs", func(p *peer, id uint32) {
			_ = p.WriteRawFrame(xh2.FrameHeaders, 0, id, []byte("\x88"))
			for large := make([]byte, 16384); p.WriteContinuation(id, false, large) == nil; {
			}
		}, classMalformed, xh2.ErrCodeEnhanceYourCalm},

		{"closed", func(p *peer, _ uint32) { _ = p.conn.Close() }, transport.ClassClosed, 0},
		{"closed in an answer", func(p *peer, id uint32) {
			p.head(id, false, ":status", "200", "content-length", "5")
			_ = p.WriteData(id, false, []byte("hel"))
			_ = p.conn.Close()
		}, transport.ClassClosed, 0},
		{"reset", func(p *peer, _ uint32) {
			_ = p.conn.(*net.TCPConn).SetLinger(0)
			_ = p.conn.Close()
		}, transport.ClassReset, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			codes := make(chan xh2.ErrCode, 10)
			srv := script(t, func(p *peer) {
				p.greet()
				if p.number > 1 {
					p.okAll()
					return
				}
				p.ok(p.request())
				row.fault(p, p.request())
				if row.code != 0 {
					codes <- goneAway(p)
				}
			})
			o := (&load{source: get(t, srv.url), total: 10, connections: 1, timeout: 20 * time.Second}).run(t)
			if o.Counts.Completed != 9 || o.Errors[row.class] != 1 || o.Counts.Sent != 10 || srv.conns.Load() != 2 {
				t.Errorf("%+v, %v, %d connections: %v", o.Counts, o.Errors, srv.conns.Load(), o.job.Failure())
			}
			if unasked := o.Counts.Unasked; unasked != 0 && row.class != transport.ClassUnasked || unasked != 1 && row.class == transport.ClassUnasked {
				t.Errorf("%d unasked", unasked)
			}
			if row.code == 0 {
				return
			}
			flooded := row.code == xh2.ErrCodeEnhanceYourCalm // closing on unread data may lose what was said
			if got := <-codes; got != row.code && !(flooded && got == gone) {
				t.Errorf("the client said %v, want %v", got, row.code)
			}
		})
	}
}

const gone = xh2.ErrCode(0xffff) // the connection ended without a word

// goneAway reads up to the client's GOAWAY.
func goneAway(p *peer) xh2.ErrCode {
	for {
		f, err := p.ReadFrame()
		if err != nil {
			return gone
		}
		if away, ok := f.(*xh2.GoAwayFrame); ok {
			return away.ErrCode
		}
	}
}

// A server that gives its connections up loses no request: those that it has not looked at are sent again, the others are answered.
func TestGoAway(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{0, 1000} {
		srv := script(t, func(p *peer) {
			p.greet()
			var held []uint32
			for n := 1; ; n++ {
				id := p.request()
				switch {
				case id == 0:
					return
				case n < 10:
					p.ok(id)
				default:
					held = append(held, id)
				}
				if len(held) == 3 { // the first of these is looked at
					_ = p.WriteGoAway(held[0], xh2.ErrCodeNo, nil)
					p.ok(held[0])
					p.drain()
					return
				}
			}
		})
		l := &load{source: get(t, srv.url), total: 100, connections: 2, streams: 4, rate: rate, timeout: 2 * time.Second}
		if rate > 0 {
			l.length = time.Second
		}
		o := l.run(t)
		// Some are given up twice, and the last of all may wait for company that does not come.
		timeouts, twice := o.Errors[transport.ClassTimeout], o.Errors[transport.ClassClosed]
		if o.Counts.Retried == 0 || o.Counts.Completed+timeouts+twice != 100 || timeouts > 8 || twice > 20 || srv.conns.Load() < 5 {
			t.Errorf("rate %v: %+v, %v, %d connections", rate, o.Counts, o.Errors, srv.conns.Load())
		}
	}
}

// A graceful end, as servers do it after so many requests: nothing fails and nothing is sent twice.
func TestGracefulGoAway(t *testing.T) {
	t.Parallel()
	srv := script(t, func(p *peer) {
		p.greet()
		for n := 1; ; n++ {
			id := p.request()
			if id == 0 {
				return
			}
			if n == 10 {
				_ = p.WriteGoAway(1<<31-1, xh2.ErrCodeNo, nil)
			}
			p.ok(id)
		}
	})
	o := (&load{source: get(t, srv.url), total: 200, connections: 2, streams: 3}).run(t)
	if o.Counts.Completed != 200 || o.Counts.Retried != 0 || srv.requests.Load() != 200 || srv.conns.Load() < 14 {
		t.Errorf("%+v, %v, %d connections", o.Counts, o.Errors, srv.conns.Load())
	}
}

// The server's bound of streams holds.
func TestMaxConcurrentStreams(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{0, 2000} {
		var most, inside atomic.Int64
		srv := script(t, func(p *peer) {
			p.greet(xh2.Setting{ID: xh2.SettingMaxConcurrentStreams, Val: 2})
			var open []uint32
			for {
				id := p.request()
				if id == 0 {
					return
				}
				inside.Store(int64(len(open) + 1))
				most.Store(max(most.Load(), inside.Load()))
				if open = append(open, id); p.number == 1 && len(open) > 1 || p.srv.requests.Load() == 1 || p.srv.requests.Load() >= 299 {
					for _, id := range open {
						p.ok(id)
					}
					open = nil
				}
			}
		})
		l := &load{source: get(t, srv.url), total: 300, connections: 1, streams: 10, rate: rate, timeout: time.Second}
		if rate > 0 {
			l.length = 10 * time.Second
		}
		o := l.run(t)
		if o.Counts.Completed < 299 || most.Load() != 2 {
			t.Errorf("rate %v: %+v, %v, %d at once", rate, o.Counts, o.Errors, most.Load())
		}
	}
}

// A server that allows no stream is waited for, until it does or the request expires.
func TestNoStreamsAllowed(t *testing.T) {
	t.Parallel()
	none := xh2.Setting{ID: xh2.SettingMaxConcurrentStreams, Val: 0}
	for _, allows := range []bool{true, false} {
		srv := script(t, func(p *peer) {
			p.greet()
			id := p.request()
			_ = p.WriteSettings(none)
			p.ok(id)
			if allows {
				_ = p.WriteSettings(xh2.Setting{ID: none.ID, Val: 1})
			}
			p.okAll()
		})
		o := (&load{source: get(t, srv.url), total: 3, connections: 1, timeout: 300 * time.Millisecond}).run(t)
		if allows && o.Counts.Completed != 3 || !allows && (o.Errors[transport.ClassTimeout] == 0 || o.Counts.Sent != o.Counts.Completed) {
			t.Errorf("allows %v: %+v, %v", allows, o.Counts, o.Errors)
		}
	}
}

// Bodies wait for the server's windows, and those that it makes smaller meanwhile.
func TestUploadWindows(t *testing.T) {
	t.Parallel()
	body := []byte(strings.Repeat("0123456789", 10_000))
	srv := script(t, func(p *peer) {
		p.greet(xh2.Setting{ID: xh2.SettingInitialWindowSize, Val: 0})
		for {
			id := p.request()
			if id == 0 {
				return
			}
			for got, credit := 0, 0; got < len(body); {
				for got >= credit { // the first request may have used the window that there was before our SETTINGS
					credit += 7000
					_ = p.WriteWindowUpdate(id, 7000)
					_ = p.WriteWindowUpdate(0, 7000)
				}
				f, err := p.ReadFrame()
				if err != nil {
					return
				}
				if d, ok := f.(*xh2.DataFrame); ok {
					if got += len(d.Data()); got > credit && id > 1 {
						t.Errorf("%d bytes where %d were allowed", got, credit)
					}
					if d.StreamEnded() != (got == len(body)) {
						t.Errorf("end at %d", got)
					}
				}
			}
			p.ok(id)
		}
	})
	source := get(t, srv.url)
	source.list[0].Method, source.list[0].Body = "POST", body
	o := (&load{source: source, total: 5, connections: 1}).run(t)
	if o.Counts.Completed != 5 || o.Counts.Sent != 5 {
		t.Errorf("%+v, %v", o.Counts, o.Errors)
	}
}

// Where the window never opens, the request times out, and was not sent.
func TestZeroWindow(t *testing.T) {
	t.Parallel()
	srv := script(t, func(p *peer) {
		p.greet(xh2.Setting{ID: xh2.SettingInitialWindowSize, Val: 0})
		p.drain()
	})
	source := get(t, srv.url)
	source.list[0].Method, source.list[0].Body = "POST", make([]byte, 200_000)
	o := (&load{source: source, total: 2, connections: 1, timeout: 200 * time.Millisecond}).run(t)
	if o.Errors[transport.ClassTimeout] != 2 || o.Counts.Sent != 0 {
		t.Errorf("%+v, %v", o.Counts, o.Errors)
	}
}

// A server that is silent loses its connection once the requests on it have expired.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	for greets, conns := range map[bool]int64{true: 4, false: 6} {
		srv := script(t, func(p *peer) {
			if greets {
				p.greet()
			}
			p.drain()
		})
		o := (&load{source: get(t, srv.url), total: 6, connections: 2, timeout: 100 * time.Millisecond}).run(t)
		if o.Errors[transport.ClassTimeout] != 6 || o.Service.Min() < 100*time.Millisecond || o.Service.Max() > 5*time.Second || srv.conns.Load() != conns {
			t.Errorf("greets %v: %+v, %v, %v to %v, %d connections", greets, o.Counts, o.Errors, o.Service.Min(), o.Service.Max(), srv.conns.Load())
		}
	}
}

// What answers in place of an HTTP/2 server.
func TestOtherProtocols(t *testing.T) {
	t.Parallel()
	for text, hopeless := range map[string]bool{
		"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n": true,
		"SSH-2.0-x\r\n": false,
		"\x00\x00\x08\x06\x00\x00\x00\x00\x0012345678": false, // PING before SETTINGS
		"\x00\x00\x00\x04\x01\x00\x00\x00\x00":         false, // an acknowledgement before SETTINGS
		strings.Repeat("\xff", 100_000):                false,
	} {
		srv := scriptRaw(t, func(nc net.Conn, _ int64) {
			_, _ = io.WriteString(nc, text)
			_, _ = io.Copy(io.Discard, nc)
		})
		for _, rate := range []float64{0, 100} {
			l := &load{source: get(t, srv.url), total: 5, connections: 1, rate: rate}
			if rate > 0 {
				l.length = time.Second
			}
			o := l.run(t)
			if o.Errors[classMalformed] != 5 {
				t.Errorf("%.20q: %+v, %v", text, o.Counts, o.Errors)
			}
			select {
			case err := <-o.job.GiveUp():
				if !hopeless {
					t.Errorf("%.20q: %v", text, err)
				}
			default:
				if hopeless {
					t.Errorf("%.20q: not hopeless", text)
				}
			}
		}
	}
}

// Nothing is sent where nobody listens, and a closed loop rests between its attempts.
func TestRefused(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + ln.Addr().String() + "/"
	ln.Close()
	o := (&load{source: get(t, url), length: 300 * time.Millisecond, connections: 2}).run(t)
	if o.Errors[transport.ClassRefused] != o.Counts.Failed || o.Counts.Failed < 4 || o.Counts.Failed > 40 || o.Counts.Sent != 0 {
		t.Errorf("%+v, %v", o.Counts, o.Errors)
	}
	o = (&load{source: get(t, url), rate: 200, length: 300 * time.Millisecond, connections: 2}).run(t)
	if o.Errors[transport.ClassRefused] != 60 || o.planned != 60 {
		t.Errorf("%+v, %v, planned %d", o.Counts, o.Errors, o.planned)
	}
}

// A dial that takes too long is a timeout, and one that is in the way of a cut ends.
func TestDialHangs(t *testing.T) {
	t.Parallel()
	dialling := make(chan struct{}, 10)
	e := New(Config{Dial: func(ctx context.Context, _ transport.Target, _ bool, _ *transport.Timing) (net.Conn, error) {
		dialling <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	defer e.Close()
	l := &load{source: get(t, "http://127.0.0.1:1/"), total: 2, connections: 1, timeout: 50 * time.Millisecond}
	if o := perform(context.Background(), t, e, l); o.Errors[transport.ClassTimeout] != 2 || o.Service.Min() < 50*time.Millisecond {
		t.Errorf("%+v, %v", o.Counts, o.Errors)
	}
	for range 2 {
		<-dialling
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	l.timeout = time.Hour
	l.begun = func(job *engine.Job) {
		<-dialling
		job.Plan.Stop()
		cancel(engine.ErrGrace)
	}
	if o := perform(ctx, t, e, l); o.Errors[engine.ErrGrace.Error()] != 1 || o.Counts.Failed != 1 || o.job.Failure() != nil {
		t.Errorf("%+v, %v, %v", o.Counts, o.Errors, o.job.Failure())
	}
}

// A connection that died while it was kept costs no request.
func TestKeptConnectionDied(t *testing.T) {
	t.Parallel()
	die := make(chan struct{})
	died := make(chan struct{})
	srv := script(t, func(p *peer) {
		p.greet()
		if p.number > 1 {
			p.okAll()
			return
		}
		for range 5 {
			p.ok(p.request())
		}
		<-die
		p.conn.Close()
		close(died)
	})
	l := &load{source: get(t, srv.url), total: 5, connections: 1}
	e := l.engine(t)
	defer e.Close()
	perform(context.Background(), t, e, l)
	close(die)
	<-died
	o := perform(context.Background(), t, e, l)
	if o.Counts.Completed != 5 || o.Counts.Retried != 1 || srv.requests.Load() != 10 {
		t.Errorf("%+v, %v; the server counted %d", o.Counts, o.Errors, srv.requests.Load())
	}
}

// When stream identifiers are used up, a new connection is made.
func TestStreamsUsedUp(t *testing.T) {
	t.Parallel()
	srv := script(t, func(p *peer) {
		p.greet()
		p.okAll()
	})
	l := &load{source: get(t, srv.url), total: 1, connections: 1, streams: 3}
	e := l.engine(t)
	defer e.Close()
	perform(context.Background(), t, e, l)
	e.conns[0].nextID = maxStream - 8
	l.total = 50
	if o := perform(context.Background(), t, e, l); o.Counts.Completed != 50 || o.Counts.Retried != 0 || srv.conns.Load() != 2 || srv.requests.Load() != 51 {
		t.Errorf("%+v, %v, %d connections", o.Counts, o.Errors, srv.conns.Load())
	}
}

// A server that closes, resets, refuses and hangs at random: nothing hangs here, and every send has its sample.
func TestChaos(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{0, 2000} {
		srv := script(t, func(p *peer) {
			p.greet()
			for {
				id := p.request()
				if id == 0 {
					return
				}
				switch n := rand.IntN(100); {
				case n < 3:
					return
				case n < 6:
					_ = p.WriteRSTStream(id, xh2.ErrCodeRefusedStream)
				case n < 9:
					_ = p.WriteRSTStream(id, xh2.ErrCodeInternal)
				case n < 12:
					_ = p.WriteGoAway(id-2, xh2.ErrCodeNo, nil)
				case n < 14: // no answer
				case n < 16:
					_, _ = io.WriteString(p.conn, "garbage garbage garbage")
				case n < 18:
					p.head(id, false, ":status", "200", "content-length", "5")
					return
				default:
					p.ok(id)
				}
			}
		})
		l := &load{source: get(t, srv.url), length: 700 * time.Millisecond, connections: 9, streams: 5, rate: rate, timeout: 200 * time.Millisecond}
		o := l.run(t)
		if o.Counts.Completed == 0 || o.Counts.Failed == 0 || o.Counts.Retried == 0 || o.planned != o.Counts.Completed+o.Counts.Failed+o.dropped {
			t.Errorf("rate %v: %+v, %v", rate, o.Counts, o.Errors)
		}
		if rate > 0 && o.planned != 1400 {
			t.Errorf("planned %d", o.planned)
		}
	}
}
