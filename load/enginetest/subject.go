package enginetest

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"tandem/internal/transport"
	"tandem/load/engine"
)

// Subject is an engine under test, and what it can do.
type Subject struct {
	// New makes an engine. The suite closes it.
	New func(t testing.TB, o Options) engine.Engine
	// HTTP2 says that it speaks HTTP/2, without TLS by prior knowledge. Otherwise it speaks HTTP/1.1.
	HTTP2 bool
	// Origins says that it sends to several origins in one job.
	Origins bool
	// Contents says that it looks at heads and bodies for checks.
	Contents bool
	// Pipelines says that it has several requests in flight on an HTTP/1.1 connection, with Options.Pipeline.
	Pipelines bool
	// Again says that the engine passes the whole suite in another subject: what sets this one apart is asked alone, its shapes and ends.
	Again bool
}

// Options are what an engine is made for.
type Options struct {
	// Origin is what the job asks, or one of several.
	Origin transport.Target
	// Timeout bounds one request, as Job.Timeout does.
	Timeout time.Duration
	// Pipeline is how many requests may be in flight on a connection; 0 is 1.
	Pipeline int
	// Bodies says that bodies are looked at: they must not be thrown away.
	Bodies bool
	// Resolve looks host names up; nil is the system's way.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
}

// Client returns an internal/transport client for o, which the caller closes.
func (o *Options) Client(t testing.TB) *transport.Client {
	t.Helper()
	c, err := transport.New(transport.Config{
		Timeout: o.Timeout, MaxBody: 1 << 40, Discard: !o.Bodies, Resolve: o.Resolve, IdleTimeout: 5 * time.Minute,
		Guard: transport.NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}, nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// again are the tests of a Subject that runs Again.
var again = map[string]bool{
	"shapes": true, "timeouts": true, "drain": true, "cut": true, "warm": true, "framing": true, "early": true, "revival": true, "storm": true,
}

// Run holds an engine to all that it owes.
func Run(t *testing.T, s Subject) {
	t.Run("leaks", s.leaks) // counts goroutines and descriptors: alone
	for name, test := range map[string]func(*testing.T){
		"shapes": s.shapes, "statuses": s.statuses, "bodies": s.bodies, "weights": s.weights, "templates": s.templates, "checks": s.checks,
		"timeouts": s.timeouts, "drain": s.drain, "cut": s.cut, "warm": s.warm, "resize": s.resize, "large": s.large, "many": s.many,
		"addresses": s.addresses, "unknown": s.unknown, "slowlookup": s.slowLookup,
	} {
		if s.Again && !again[name] {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
	if s.HTTP2 {
		return
	}
	for name, test := range map[string]func(*testing.T){
		"framing": s.framing, "faults": s.faults, "twice": s.twice, "refused": s.refused, "revival": s.revival, "early": s.early,
		"unread": s.unread, "stuck": s.stuck, "storm": s.storm, "idle": s.idle,
	} {
		if s.Again && !again[name] {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
	if s.Pipelines {
		t.Run("pipelining", s.pipelining)
	}
}
