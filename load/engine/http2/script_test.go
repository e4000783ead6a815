package http2

import (
	"bytes"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	xh2 "golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// peer is a scripted server's side of one connection.
type peer struct {
	*xh2.Framer
	conn   net.Conn
	number int64 // of the connection
	srv    *scripted
	block  bytes.Buffer
	enc    *hpack.Encoder
	seen   map[xh2.FrameType]int
	resets map[uint32]xh2.ErrCode
}

// scripted is a server that does what a test says. It counts connections and requests.
type scripted struct {
	url      string
	conns    atomic.Int64
	requests atomic.Int64
}

// scriptRaw serves each connection by script, before the preface.
func scriptRaw(t testing.TB, script func(net.Conn, int64)) *scripted {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &scripted{url: "http://" + ln.Addr().String() + "/"}
	var wg sync.WaitGroup
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	wg.Go(func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[nc] = true
			mu.Unlock()
			n := s.conns.Add(1)
			wg.Go(func() {
				defer func() {
					nc.Close()
					mu.Lock()
					delete(open, nc)
					mu.Unlock()
				}()
				script(nc, n)
			})
		}
	})
	t.Cleanup(func() {
		ln.Close()
		mu.Lock()
		for nc := range open {
			nc.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return s
}

// script serves each connection by script, after the preface and the client's SETTINGS. Our own SETTINGS are the script's to send.
func script(t testing.TB, script func(*peer)) *scripted {
	t.Helper()
	var s *scripted
	ready := make(chan struct{})
	s = scriptRaw(t, func(nc net.Conn, n int64) {
		<-ready
		text := make([]byte, len(xh2.ClientPreface))
		if _, err := io.ReadFull(nc, text); err != nil || string(text) != xh2.ClientPreface {
			t.Errorf("preface %q, %v", text, err)
			return
		}
		p := &peer{Framer: xh2.NewFramer(nc, nc), conn: nc, number: n, srv: s, seen: map[xh2.FrameType]int{}, resets: map[uint32]xh2.ErrCode{}}
		p.AllowIllegalWrites = true
		p.ReadMetaHeaders = hpack.NewDecoder(0, nil) // a client that uses a dynamic table breaks it
		p.enc = hpack.NewEncoder(&p.block)
		p.enc.SetMaxDynamicTableSize(0)
		f, err := p.ReadFrame()
		first, ok := f.(*xh2.SettingsFrame)
		if err != nil || !ok {
			t.Errorf("first frame %v, %v", f, err)
			return
		}
		if size, ok := first.Value(xh2.SettingHeaderTableSize); !ok || size != 0 {
			t.Errorf("header table size %d, %v", size, ok)
		}
		if push, ok := first.Value(xh2.SettingEnablePush); !ok || push != 0 {
			t.Errorf("push %d, %v", push, ok)
		}
		script(p)
	})
	close(ready)
	return s
}

// greet sends SETTINGS and acknowledges the client's.
func (p *peer) greet(settings ...xh2.Setting) {
	_ = p.WriteSettings(settings...)
	_ = p.WriteSettingsAck()
}

// request reads up to the next request and returns its stream, 0 at the end of the connection.
func (p *peer) request() uint32 {
	for {
		f, err := p.ReadFrame()
		if err != nil {
			return 0
		}
		p.seen[f.Header().Type]++
		switch f := f.(type) {
		case *xh2.MetaHeadersFrame:
			p.srv.requests.Add(1)
			return f.StreamID
		case *xh2.RSTStreamFrame:
			p.resets[f.StreamID] = f.ErrCode
		}
	}
}

// drain reads until the client closes.
func (p *peer) drain() {
	for p.request() != 0 {
	}
}

func (p *peer) fields(kv ...string) []byte {
	p.block.Reset()
	for i := 0; i+1 < len(kv); i += 2 {
		_ = p.enc.WriteField(hpack.HeaderField{Name: kv[i], Value: kv[i+1]})
	}
	return p.block.Bytes()
}

// head sends fields.
func (p *peer) head(stream uint32, end bool, kv ...string) {
	_ = p.WriteHeaders(xh2.HeadersFrameParam{StreamID: stream, BlockFragment: p.fields(kv...), EndHeaders: true, EndStream: end})
}

// ok answers a request.
func (p *peer) ok(stream uint32) {
	p.head(stream, false, ":status", "200", "content-length", "5")
	_ = p.WriteData(stream, true, []byte("hello"))
}

// okAll answers all further requests.
func (p *peer) okAll() {
	for id := p.request(); id != 0; id = p.request() {
		p.ok(id)
	}
}
