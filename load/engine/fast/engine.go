package fast

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"time"

	"tandem/load/engine"
)

// Name of the engine, as --engine takes it.
const Name = "fast"

// Config says how an Engine behaves.
type Config struct {
	// HostPort is the one origin that is asked, for messages.
	HostPort string
	// Addresses looks the origin up and returns the addresses that may be dialled, checked. The error is a *transport.Error.
	Addresses func(ctx context.Context) ([]netip.AddrPort, error)
	// UserAgent is sent with requests that have none of their own.
	UserAgent string
	// Pipeline is how many requests may be in flight on a connection (RFC 9112 section 9.3.2). Defaults to 1.
	Pipeline int
	// Group is how late sends of an open loop may be so that several go out in one turn: a loop that has a send due sooner than that
	// after its last ones sleeps for so long, and what answers arrive meanwhile are timed by the kernel. Turns cost more than
	// requests where they are many. 0 has every send go out when it is due.
	Group time.Duration
	// Loops is how many there are at most. Defaults to one for each core that Go may use.
	Loops int
}

// Engine implements engine.Engine.
type Engine struct {
	cfg    Config
	places places
	loops  []*loop
}

// errPlatform is returned where there is no epoll.
var errPlatform = errors.New("engine fast: it needs Linux: use fasthttp")

// New returns an engine. Close it when done.
func New(cfg Config) (*Engine, error) {
	if !Available {
		return nil, errPlatform
	}
	cfg.Pipeline = max(cfg.Pipeline, 1)
	if cfg.Loops <= 0 {
		cfg.Loops = runtime.GOMAXPROCS(0)
	}
	return &Engine{cfg: cfg, places: places{look: cfg.Addresses}}, nil
}

// Name returns "fast".
func (e *Engine) Name() string { return Name }

// Shards is one for each loop.
func (e *Engine) Shards(connections int) int { return max(1, min(connections, e.cfg.Loops)) }

var _ engine.Engine = (*Engine)(nil)
