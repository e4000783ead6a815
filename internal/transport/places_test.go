package transport

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// busyServers are some servers that count their open connections together.
type busyServers struct {
	open, most atomic.Int64
}

// answer serves one connection: each request waits so long for its answer.
func (c *busyServers) answer(wait time.Duration) func(*session) {
	return func(s *session) {
		n := c.open.Add(1)
		defer c.open.Add(-1)
		for old := c.most.Load(); n > old && !c.most.CompareAndSwap(old, n); old = c.most.Load() {
		}
		for {
			if _, err := http.ReadRequest(s.br); err != nil {
				return
			}
			<-time.After(wait)
			if _, err := s.conn.Write([]byte(sized("hello"))); err != nil {
				return
			}
		}
	}
}

// TestConnectionsAreBounded asks more servers than connections may be open, from more goroutines: each is answered, although the waits
// for a place are longer than the timeout.
func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	for _, settle := range []time.Duration{0, time.Millisecond} {
		const bound, servers, each = 2, 5, 3
		var c busyServers
		var addrs []string
		for range servers {
			addrs = append(addrs, serve(t, c.answer(100*time.Millisecond)).addr())
		}
		client := testClient(t, func(cfg *Config) {
			cfg.MaxConns, cfg.Settle, cfg.Timeout = bound, settle, 500*time.Millisecond
		})
		var wg sync.WaitGroup
		for _, addr := range addrs {
			for range each {
				wg.Go(func() {
					resp, err := client.Do(context.Background(), get(addr, "/"))
					if err != nil {
						t.Errorf("%s: %v", addr, err)
						return
					}
					if err := resp.Settle(context.Background()); err != nil || string(resp.Body) != "hello" {
						t.Errorf("%s: %q, %v", addr, resp.Body, err)
					}
					resp.Release()
				})
			}
		}
		wg.Wait()
		// The server hears of a connection's end a moment after the place is free.
		if most := c.most.Load(); most > 2*bound {
			t.Errorf("settle %v: %d connections were open at once, want at most %d and those just closed", settle, most, bound)
		}
		if taken := len(client.pool.places.taken); taken > bound || taken < client.pool.nIdle {
			t.Errorf("settle %v: %d places taken by %d idle connections", settle, taken, client.pool.nIdle)
		}
		client.pool.evict()
		client.pool.evict()
		if taken := len(client.pool.places.taken); taken != 0 {
			t.Errorf("settle %v: %d places are lost", settle, taken)
		}
	}
}

// TestFailedDialsGiveTheirPlaceBack: refused connections, refused addresses, names without address, broken TLS, and callers who leave.
func TestFailedDialsGiveTheirPlaceBack(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := ln.Addr().String()
	ln.Close()
	plain := serve(t, func(s *session) { _, _ = bufio.NewReader(s.conn).ReadByte() })
	hangs := serve(t, func(s *session) { _, _ = s.br.ReadBytes(0) })
	client := testClient(t, func(cfg *Config) { cfg.MaxConns = 1 })
	secure := get(plain.addr(), "/")
	secure.Target.Scheme = "https"
	for range 3 {
		for _, req := range []*Request{get(nobody, "/"), get("10.0.0.1:80", "/"), secure} {
			if _, err := client.Do(context.Background(), req); err == nil {
				t.Fatalf("%s answered", req.Target.HostPort)
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		var wg sync.WaitGroup
		for range 3 { // one hangs, the others wait for its place
			wg.Go(func() {
				if _, err := client.Do(ctx, get(hangs.addr(), "/")); err == nil {
					t.Error("who says nothing has answered")
				}
			})
		}
		wg.Wait()
		cancel()
	}
	if taken := len(client.pool.places.taken); taken != 0 {
		t.Errorf("%d places are lost", taken)
	}
}

// TestALackOfDescriptorsPasses knows the errors of the kernel, and those of which the resolver keeps only the text.
func TestALackOfDescriptorsPasses(t *testing.T) {
	t.Parallel()
	lookup := &net.DNSError{Err: "dial udp 192.0.2.1:53: socket: " + syscall.EMFILE.Error(), Name: "a.example"}
	for _, err := range []error{syscall.EMFILE, syscall.ENFILE, lookup} {
		e := fail(context.Background(), PhaseDNS, "a.example:80", err)
		if e.Class != ClassResources || !e.Temporary || !e.Starved() {
			t.Errorf("%v: class %s, temporary %v, starved %v", err, e.Class, e.Temporary, e.Starved())
		}
	}
	other := fail(context.Background(), PhaseConnect, "a.example:80", errors.New("x"))
	if port := fail(context.Background(), PhaseConnect, "a.example:80", syscall.EADDRNOTAVAIL); other.Starved() || port.Starved() || port.Class != ClassResources {
		t.Errorf("not descriptors: %v, %v", other, port)
	}
}
