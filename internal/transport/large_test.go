package transport

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sort"
	"strings"
	"testing"
	"time"
)

const mib = 1 << 20

func largeBytes(budget, maxBody int64, timeout time.Duration) func(*Config) {
	return func(cfg *Config) { cfg.LargeBytes, cfg.MaxBody, cfg.Timeout = budget, maxBody, timeout }
}

// free tells how much of c's budget nobody has.
func free(c *Client) int64 { return freeIn(c.large.first) + freeIn(c.large.second) }

func freeIn(b budget) int64 {
	return int64(sort.Search(int(b.max), func(n int) bool {
		if !b.all.TryAcquire(int64(n) + 1) {
			return true
		}
		b.all.Release(int64(n) + 1)
		return false
	}))
}

// pages answers with as many MiB as the path says.
func pages(s *session) {
	for {
		var n int
		if _, err := fmt.Sscanf(path(s.request()), "/%d", &n); err != nil {
			return
		}
		s.say(sized(strings.Repeat("x", n*mib)))
	}
}

// A large body waits until others are released, however long: its own timeout stands still.
func TestLargeBodyWaitsItsTurn(t *testing.T) {
	t.Parallel()
	srv := serve(t, pages)
	const patience = 1500 * time.Millisecond
	c := testClient(t, largeBytes(5*mib, 4*mib, patience))
	first := mustDo(t, c, get(srv.addr(), "/3"))
	if first.Truncated != "" {
		t.Skip("machine too slow")
	}
	got := make(chan *Response)
	go func() {
		resp, err := c.Do(context.Background(), get(srv.addr(), "/3"))
		if err != nil {
			t.Error(err)
		}
		got <- resp
	}()
	if small := mustDo(t, c, get(srv.addr(), "/1")); small.BodyLen != mib || small.lease != nil {
		t.Errorf("small body: %d bytes, lease %v", small.BodyLen, small.lease)
	}
	select {
	case <-got:
		t.Fatal("did not wait")
	case <-time.After(2 * patience):
	}
	first.Release()
	second := <-got
	if second.Truncated != "" || second.BodyLen != 3*mib {
		t.Errorf("after the wait: %d bytes, cut %q", second.BodyLen, second.Truncated)
	}
	second.Release()
	if n := free(c); n != 5*mib {
		t.Errorf("%d bytes are free in the end", n)
	}
}

func TestWaitForMemoryCanBeCut(t *testing.T) {
	t.Parallel()
	srv := serve(t, pages)
	c := testClient(t, largeBytes(2*mib, 4*mib, time.Minute))
	holder := mustDo(t, c, get(srv.addr(), "/2"))
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	resp, err := c.Do(ctx, get(srv.addr(), "/2"))
	if err != nil || resp.Truncated != TruncatedTime || resp.BodyLen > mib {
		t.Errorf("late: %v, %+v", err, resp)
	}
	cause := errors.New("enough")
	stopped, stop := context.WithCancelCause(context.Background())
	time.AfterFunc(50*time.Millisecond, func() { stop(cause) })
	if _, err := c.Do(stopped, get(srv.addr(), "/2")); classOf(err) != ClassCancelled || !errors.Is(err, cause) {
		t.Errorf("cancelled: %v", err)
	}
	holder.Release()
	if n := free(c); n != 2*mib {
		t.Errorf("%d bytes are free in the end", n)
	}
}

// A body larger than the budget gets all of it; what a whole body did not become is free for others while it is held.
func TestReservations(t *testing.T) {
	t.Parallel()
	chunked := ok200 + "Transfer-Encoding: chunked\r\n\r\n180000\r\n" + strings.Repeat("x", 3*mib/2) + "\r\n0\r\n\r\n"
	rows := []struct {
		name   string
		script func(*session)
		uri    string
		budget int64
		taken  int64 // at most, while held
	}{
		{"larger than all", pages, "/8", 2 * mib, 2 * mib},
		{"known length", pages, "/8", 64 * mib, 8*mib + mib/100},
		{"to the end", func(s *session) { s.request(); s.say(ok200 + "\r\n" + strings.Repeat("x", 8*mib)) }, "/", 64 * mib, 18 * mib},
		{"chunks", answers(chunked), "/", 64 * mib, 4*mib + mib/2},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, row.script)
			c := testClient(t, largeBytes(row.budget, 16*mib, time.Minute))
			for range 3 {
				resp := mustDo(t, c, get(srv.addr(), row.uri))
				resp.Unframe()
				if resp.Truncated != "" || strings.Trim(string(resp.Body), "x") != "" || resp.BodyLen != int64(len(resp.Body)) {
					t.Fatalf("%d bytes, cut %q", len(resp.Body), resp.Truncated)
				}
				if taken := row.budget - free(c); taken > row.taken || taken < min(row.budget, resp.BodyLen) {
					t.Errorf("%d bytes taken for %d, want at most %d", taken, resp.BodyLen, row.taken)
				}
				if held := int64(cap(resp.buf) + cap(resp.payload)); row.budget > 2*mib && held > row.taken {
					t.Errorf("%d bytes held for %d, want at most %d", held, resp.BodyLen, row.taken)
				}
				resp.Release()
				if free(c) != row.budget {
					t.Fatal("something is not free after Release")
				}
			}
		})
	}
}

// Who forgets to release holds others up until the garbage is collected, and no longer.
func TestReservationEndsWithTheResponse(t *testing.T) {
	t.Parallel()
	srv := serve(t, pages)
	c := testClient(t, largeBytes(2*mib, 4*mib, time.Minute))
	for range 3 {
		done := make(chan struct{})
		go func() {
			defer close(done)
			if _, err := c.Do(context.Background(), get(srv.addr(), "/2")); err != nil {
				t.Error(err)
			}
		}()
		for waits := true; waits; {
			select {
			case <-done:
				waits = false
			case <-time.After(10 * time.Millisecond):
				runtime.GC()
			}
		}
	}
}

// An endless body is cut at MaxBody without taking more than it and its framing need.
func TestEndlessChunks(t *testing.T) {
	t.Parallel()
	chunk := "10000\r\n" + strings.Repeat("x", 1<<16) + "\r\n"
	srv := serve(t, func(s *session) {
		s.request()
		s.say(ok200 + "Transfer-Encoding: chunked\r\n\r\n")
		for {
			if _, err := s.conn.Write([]byte(chunk)); err != nil {
				return
			}
		}
	})
	c := testClient(t, func(cfg *Config) { cfg.MaxBody, cfg.Timeout = 4*mib+5, time.Minute })
	resp := mustDo(t, c, get(srv.addr(), "/"))
	resp.Unframe()
	if resp.Truncated != TruncatedLength || strings.Trim(string(resp.Body), "x") != "" || len(resp.Body) != 4*mib+5 {
		t.Errorf("%d bytes, cut %q", len(resp.Body), resp.Truncated)
	}
	if n := cap(resp.buf) + cap(resp.payload); n > 4*mib+mib/2 {
		t.Errorf("%d bytes held", n)
	}
}

// A body of tiny chunks is cut when its framing is a sixteenth of what the payload may be.
func TestEndlessTinyChunks(t *testing.T) {
	t.Parallel()
	chunk := []byte(strings.Repeat("1\r\nx\r\n", 1<<14))
	srv := serve(t, func(s *session) {
		s.request()
		s.say(ok200 + "Transfer-Encoding: chunked\r\n\r\n")
		for {
			if _, err := s.conn.Write(chunk); err != nil {
				return
			}
		}
	})
	const maxBody = 16 * mib
	c := testClient(t, func(cfg *Config) { cfg.MaxBody, cfg.Timeout = maxBody, time.Minute })
	for range 2 {
		resp := mustDo(t, c, get(srv.addr(), "/"))
		if resp.Truncated != TruncatedLength || len(resp.Raw) > maxBody/8 || len(resp.Raw) < maxBody/16 {
			t.Errorf("%d bytes, cut %q", len(resp.Raw), resp.Truncated)
		}
		if !resp.Framed() || resp.Body != nil {
			t.Error("there is a body already")
		}
		raw := string(resp.Raw)
		for range 2 {
			resp.Unframe()
			if int64(len(resp.Body)) != resp.BodyLen || strings.Trim(string(resp.Body), "x") != "" || resp.Raw != nil {
				t.Errorf("%d bytes of payload, %d counted", len(resp.Body), resp.BodyLen)
			}
			resp.Reframe()
			if string(resp.Raw) != raw || resp.Body != nil {
				t.Error("framing has changed")
			}
		}
		resp.Release()
	}
	if got := len(c.large.slabs[0]) + len(c.large.slabs[1]); got != 1 {
		t.Errorf("%d buffers are kept, want those of one body", got)
	}
}
