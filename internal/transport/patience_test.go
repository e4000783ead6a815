package transport

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// An exchange that stalls ends after the patience of its request, one that goes on does not.
func TestPatience(t *testing.T) {
	t.Parallel()
	const patience = 200 * time.Millisecond
	piece := strings.Repeat("x", 1000)
	tick := func(s *session, text string, every time.Duration, times int) {
		for range times {
			if _, err := s.conn.Write([]byte(text)); err != nil {
				return
			}
			wait := time.NewTimer(every)
			<-wait.C
		}
	}
	for name, c := range map[string]struct {
		script    func(s *session)
		truncated string
		class     string
	}{
		"silent": {func(s *session) { _, _ = s.br.ReadByte() }, "", ClassTimeout},
		"head drips": {func(s *session) {
			tick(s, "HTTP/1.1 200 OK\r\nX: ", 0, 1)
			tick(s, "x", 20*time.Millisecond, 500)
		}, "", ClassTimeout},
		"body drips": {func(s *session) {
			tick(s, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", 0, 1)
			tick(s, "x", 20*time.Millisecond, 500)
		}, TruncatedTime, ""},
		"body comes slowly": {func(s *session) {
			tick(s, "HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n", 0, 1)
			tick(s, piece, 20*time.Millisecond, 50) // 50 KB/s for five times the patience
		}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, func(s *session) {
				if s.request() != "" {
					c.script(s)
				}
			})
			client := testClient(t, func(c *Config) { c.Timeout = 20 * time.Second })
			req := get(srv.addr(), "/")
			req.Patience = patience
			began := time.Now()
			resp, err := client.Do(context.Background(), req)
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
			var e *Error
			switch {
			case c.class != "":
				if !errors.As(err, &e) || e.Class != c.class {
					t.Errorf("error %v, want class %s", err, c.class)
				}
			case err != nil:
				t.Error(err)
			case resp.Truncated != c.truncated:
				t.Errorf("truncated %q, want %q", resp.Truncated, c.truncated)
			}
		})
	}
}
