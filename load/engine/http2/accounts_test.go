package http2

import (
	"context"
	"testing"

	xh2 "golang.org/x/net/http2"
)

// What GOAWAY names as looked at is answered where it is; what lies above is sent again elsewhere.
func TestGoAwayAtAStream(t *testing.T) {
	t.Parallel()
	srv := script(t, func(p *peer) {
		p.greet()
		if p.number > 1 {
			p.okAll()
			return
		}
		p.ok(p.request())
		first := p.request()
		p.request()
		p.request()
		_ = p.WriteGoAway(first, xh2.ErrCodeNo, nil)
		p.ok(first)
		p.drain()
	})
	o := (&load{source: get(t, srv.url), total: 4, connections: 1, streams: 3}).run(t)
	if o.Counts.Completed != 4 || o.Counts.Retried != 2 || srv.requests.Load() != 6 || srv.conns.Load() != 2 {
		t.Errorf("%+v, %v; the server counted %d on %d connections", o.Counts, o.Errors, srv.requests.Load(), srv.conns.Load())
	}
}

// The server gets more of the connection's window when half of it is used up, and may not send beyond it.
func TestOurWindow(t *testing.T) {
	t.Parallel()
	for used, granted := range map[int64]uint32{0: 0, ourWindow/2 - 5: ourWindow / 2, ourWindow - 4: 0} {
		updates := make(chan uint32, 100)
		srv := script(t, func(p *peer) {
			p.greet()
			for {
				f, err := p.ReadFrame()
				if err != nil {
					return
				}
				switch f := f.(type) {
				case *xh2.MetaHeadersFrame:
					p.ok(f.StreamID)
				case *xh2.WindowUpdateFrame:
					updates <- f.Increment
				}
			}
		})
		l := &load{source: get(t, srv.url), total: 1, connections: 1}
		e := l.engine(t)
		perform(context.Background(), t, e, l)
		e.conns[0].received = used
		l.total = 3
		o := perform(context.Background(), t, e, l)
		e.Close()
		if first := <-updates; first != ourWindow-initialWindow {
			t.Errorf("window granted at first: %d", first)
		}
		if beyond := used+5 > ourWindow; beyond != (o.Errors[classMalformed] == 1) || !beyond && o.Counts.Completed != 3 {
			t.Errorf("used %d: %+v, %v", used, o.Counts, o.Errors)
		}
		if granted > 0 {
			if got := <-updates; got != granted {
				t.Errorf("used %d: granted %d, want %d", used, got, granted)
			}
		}
	}
}

// A window that SETTINGS open is open for the streams that there are.
func TestWindowBySettings(t *testing.T) {
	t.Parallel()
	body := make([]byte, 200_000)
	srv := script(t, func(p *peer) {
		p.greet(xh2.Setting{ID: xh2.SettingInitialWindowSize, Val: 0})
		for id := p.request(); id != 0; id = p.request() {
			_ = p.WriteSettings(xh2.Setting{ID: xh2.SettingInitialWindowSize, Val: uint32(len(body))})
			_ = p.WriteWindowUpdate(0, uint32(len(body)))
			for got := 0; got < len(body); {
				f, err := p.ReadFrame()
				if err != nil {
					return
				}
				if d, ok := f.(*xh2.DataFrame); ok {
					got += len(d.Data())
				}
			}
			p.ok(id)
			_ = p.WriteSettings(xh2.Setting{ID: xh2.SettingInitialWindowSize, Val: 0})
		}
	})
	source := get(t, srv.url)
	source.list[0].Method, source.list[0].Body = "POST", body
	o := (&load{source: source, total: 3, connections: 1}).run(t)
	if o.Counts.Completed != 3 || srv.conns.Load() != 1 {
		t.Errorf("%+v, %v, %d connections", o.Counts, o.Errors, srv.conns.Load())
	}
}
