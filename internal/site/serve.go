package site

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// ErrNotLoopback is returned by Serve for an address that other machines could reach.
var ErrNotLoopback = errors.New("not a loopback address")

// Server is a listening site. Its methods are safe for concurrent use.
type Server struct {
	listener net.Listener
	http     *http.Server
	stop     func() bool // detaches the server from the context it was started with
	done     chan struct{}
	err      error // why serving ended; valid after done is closed

	open  atomic.Int64   // connections now
	conns sync.WaitGroup // their goroutines
}

// Serve listens on addr ("127.0.0.1:0" for any free port) and serves h until ctx ends or Close is called.
// Only loopback addresses are accepted; others give ErrNotLoopback. The caller calls Close in any case.
func Serve(ctx context.Context, addr string, h http.Handler) (*Server, error) {
	if err := checkLoopback(addr); err != nil {
		return nil, fmt.Errorf("listen on %q: %w", addr, err)
	}
	return ServeOpen(ctx, addr, h)
}

// ServeOpen is Serve for any address: the caller has decided that other machines may see the site.
func ServeOpen(ctx context.Context, addr string, h http.Handler) (*Server, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", addr, err)
	}
	s := &Server{listener: ln, done: make(chan struct{})}
	s.http = &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(discard{}, "", 0),
		ConnState:         s.track,
	}
	go func() {
		defer close(s.done)
		if err := s.http.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			s.err = fmt.Errorf("serve on %q: %w", addr, err)
		}
	}()
	s.stop = context.AfterFunc(ctx, func() { s.http.Close() })
	return s, nil
}

// Addr returns the address listened on, "127.0.0.1:41234".
func (s *Server) Addr() string { return s.listener.Addr().String() }

// URL returns the address as the root of the site, "http://127.0.0.1:41234/".
func (s *Server) URL() string { return "http://" + s.Addr() + "/" }

// Connections returns how many connections are open now.
func (s *Server) Connections() int { return int(s.open.Load()) }

// Wait blocks until serving has ended, by Close or by the end of the context given to Serve, and returns what
// went wrong; an asked-for end is nil.
func (s *Server) Wait() error {
	<-s.done
	return s.err
}

// Close lets the requests in progress end while ctx lasts, then cuts them, and waits for the listener's
// goroutine and those of all connections. Calling it twice is allowed.
func (s *Server) Close(ctx context.Context) error {
	s.stop()
	err := s.http.Shutdown(ctx)
	if err != nil {
		s.http.Close()
	}
	<-s.done
	s.conns.Wait()
	return errors.Join(err, s.err)
}

// track is called by net/http: for a new connection before Serve can return, for a closed one by the
// connection's own goroutine.
func (s *Server) track(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.conns.Add(1)
		s.open.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.open.Add(-1)
		s.conns.Done()
	}
}

// checkLoopback refuses what is not a literal loopback address or the name localhost. An empty host would
// listen on every interface.
func checkLoopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if host == "localhost" {
		return nil
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || !ip.Unmap().IsLoopback() {
		return ErrNotLoopback
	}
	return nil
}

// discard swallows net/http's log: clients that hang up are part of what sites here are for.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
