package http2

import (
	"context"
	"crypto/tls"
	"net"
	"runtime"
	"sync"
	"time"

	"tandem/internal/transport"
	"tandem/load/engine"
)

// Name of the engine, as --engine takes it.
const Name = "http2"

// DefaultStreams is how many requests a connection carries at once unless told otherwise.
const DefaultStreams = 1

// Config says how to connect and what to send.
type Config struct {
	// Dial opens a connection for t that speaks HTTP/2: plain for http (prior knowledge, RFC 9113 section 3.3), TLS with ALPN "h2" for
	// https (section 3.2). named is Request.Named. It sets the parts of timing that it knows: DNS, Connect, TLS. Errors are best an
	// *transport.Error. It is called by several goroutines at once and ends with ctx. Over makes one. Required.
	Dial func(ctx context.Context, t transport.Target, named bool, timing *transport.Timing) (net.Conn, error)
	// Streams is how many requests a connection carries at once, if the server allows as many. Defaults to DefaultStreams.
	Streams int
	// UserAgent is sent unless the request has one. Defaults to none.
	UserAgent string
}

// Engine sends over HTTP/2. It implements engine.Engine.
type Engine struct {
	cfg   Config
	conns []*conn // by slot; kept between two runs
}

// New returns an engine. It has no connections yet.
func New(cfg Config) *Engine {
	if cfg.Streams <= 0 {
		cfg.Streams = DefaultStreams
	}
	return &Engine{cfg: cfg}
}

// Name returns "http2".
func (e *Engine) Name() string { return Name }

// Shards is one for each core, of four connections or more.
func (e *Engine) Shards(connections int) int {
	return min(max(connections/4, 1), runtime.GOMAXPROCS(0))
}

// Run performs a job; see engine.Engine.
func (e *Engine) Run(ctx context.Context, job *engine.Job) error {
	e.keep(job.Connections)
	r := newRun(e, job)
	done := make(chan struct{})
	var watch, work sync.WaitGroup
	watch.Go(func() { r.watch(ctx, done) })
	for _, g := range r.groups {
		for _, s := range g.slots {
			work.Go(func() { s.run(ctx) })
		}
		if g.pacer != nil {
			work.Go(g.pace)
		}
	}
	work.Wait()
	close(done)
	watch.Wait()
	r.collect()
	return nil
}

// keep makes room for so many connections, and closes those beyond.
func (e *Engine) keep(n int) {
	for len(e.conns) < n {
		e.conns = append(e.conns, nil)
	}
	for _, c := range e.conns[n:] {
		c.close(codeNone)
	}
	e.conns = e.conns[:n]
}

// Close closes the connections.
func (e *Engine) Close() error {
	e.keep(0)
	return nil
}

// close says goodbye and closes. c may be nil.
func (c *conn) close(code errorCode) {
	if c == nil {
		return
	}
	_ = c.nc.SetDeadline(time.Now().Add(goodbye))
	_, err := c.nc.Write(appendGoAway(nil, code))
	if t, ok := c.nc.(*tls.Conn); ok && err != nil { // its farewell would wait for 5 s
		_ = t.NetConn().Close()
	}
	_ = c.nc.Close() // the connection ends either way
}

const goodbye = 100 * time.Millisecond // that a farewell may take
