package load

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"runtime"
	"strings"
	"time"

	"tandem/internal/transport"
	"tandem/load/engine"
	"tandem/load/engine/fast"
	"tandem/load/engine/fasthttp"
	"tandem/load/engine/http2"
	"tandem/load/target"
)

func anyone(string) bool { return true }

// EngineAuto chooses an engine.
const EngineAuto = "auto"

func (c *Config) checkEngine() error {
	switch c.Engine {
	case "", EngineAuto, fasthttp.Name, fast.Name, http2.Name:
	default:
		return fmt.Errorf("engine %q: want auto, fast, fasthttp or http2", c.Engine)
	}
	if c.Streams > 1 && c.Engine != http2.Name {
		return fmt.Errorf("streams %d: only the engine http2 has streams", c.Streams)
	}
	if c.Engine != http2.Name {
		return nil
	}
	for _, o := range []struct {
		given bool
		what  string
	}{
		{c.Pipeline > 1, "pipeline: HTTP/2 has streams"}, {!c.KeepAlive, "keepalive=false"}, {c.MaxRedirects > 0, "max-redirects"}, {c.Cookies, "cookies"},
	} {
		if o.given {
			return fmt.Errorf("engine http2 cannot do this job: %s", o.what)
		}
	}
	return nil
}

// engine makes the engine for what set requests, and says why that one was chosen, if it was.
func (c *Config) engine(set *target.Set) (e engine.Engine, why string, err error) {
	client, err := c.client(set)
	if err != nil {
		return nil, "", err
	}
	name, obstacle := c.Engine, c.notFast(set)
	if name == EngineAuto || name == "" {
		name = fast.Name
		if why = "plain HTTP/1.1 to one origin"; obstacle != "" {
			name, why = fasthttp.Name, obstacle
		}
	}
	switch {
	case name == http2.Name:
		e := http2.New(http2.Config{Dial: http2.Over(client), Streams: c.Streams, UserAgent: c.UserAgent})
		return &owner{e, client}, why, nil
	case name == fasthttp.Name && c.Pipeline > 1:
		err = &JobError{fmt.Errorf("pipeline %d: only the engine fast can do it%s", c.Pipeline, because(obstacle))}
	case name == fasthttp.Name:
		return fasthttp.New(client, c.Line.Session()), why, nil
	case obstacle != "":
		err = &JobError{fmt.Errorf("engine fast cannot do this job: %s: use auto or fasthttp", obstacle)}
	default:
		e, err = fast.New(c.fast(client, set))
		if err == nil {
			return &owner{e, client}, why, nil
		}
	}
	client.Close()
	return nil, "", err
}

func because(obstacle string) string {
	if obstacle == "" {
		return ": use that, or auto"
	}
	return ", which cannot do this job: " + obstacle + ": leave pipeline out"
}

// owner closes the client that an engine has its addresses from.
type owner struct {
	engine.Engine
	client *transport.Client
}

func (o *owner) Close() error {
	return errors.Join(o.Engine.Close(), o.client.Close())
}

// notFast says why the fast engine cannot do the job, "" if it can.
func (c *Config) notFast(set *target.Set) string {
	hosts := set.Hosts()
	switch {
	case !fast.Available:
		return "it needs Linux"
	case len(hosts) > 1:
		return "several origins"
	case !strings.HasPrefix(hosts[0], "http://"):
		return "TLS"
	case c.Proxy != "":
		return "a proxy"
	case c.UnixSocket != "":
		return "a Unix socket"
	case !c.KeepAlive:
		return "no keep-alive"
	case c.MaxRedirects > 0:
		return "redirects"
	case c.Cookies:
		return "cookies"
	case set.NeedsHead() || set.NeedsBody():
		return "checks look at more than the status"
	}
	return ""
}

func (c *Config) fast(client *transport.Client, set *target.Set) fast.Config {
	origin := transport.Target{Scheme: "http", HostPort: strings.TrimPrefix(set.Hosts()[0], "http://")}
	return fast.Config{
		HostPort: origin.HostPort, UserAgent: c.UserAgent, Pipeline: c.Pipeline, Group: c.Group.D(), Loops: c.loops(),
		Addresses: func(ctx context.Context) ([]netip.AddrPort, error) {
			return client.Addresses(ctx, origin, named(set))
		},
	}
}

// named reports whether the user named the one origin of set.
func named(set *target.Set) bool {
	if req := set.Static(0); req != nil {
		return req.Named
	}
	var req transport.Request
	set.Fill(0, 0, &req)
	return req.Named
}

// sendsPerLoop is what one loop does with ease: fewer loops have fewer turns.
const sendsPerLoop = 10_000

// loops is how many loops an open loop needs, 0 for all that there may be.
func (c *Config) loops() int {
	rate := c.Rate.PerSecond()
	for _, s := range c.Stages {
		rate = max(rate, s.From, s.To)
	}
	if rate == 0 { // as many as there are cores
		return 0
	}
	return min(int(math.Ceil(rate/sendsPerLoop)), runtime.GOMAXPROCS(0))
}

// maxKeptAll bounds the bodies that checks look at and that have more than 1 MiB, all together in bytes; others wait.
const maxKeptAll = 1 << 30

func (c *Config) client(set *target.Set) (*transport.Client, error) {
	maxBody, largeBytes := int64(math.MaxInt64), int64(0)
	if set.NeedsBody() {
		maxBody, largeBytes = engine.MaxKept, maxKeptAll
	}
	tc := transport.Config{
		UserAgent:   c.UserAgent,
		Timeout:     c.Timeout.D(),
		MaxBody:     maxBody,
		LargeBytes:  largeBytes,
		MaxIdle:     c.Connections,
		IdleTimeout: 5 * time.Minute,
		Guard:       transport.NewGuard(c.AllowNet, nil),
		Map:         c.Map,
		Resolve:     c.Resolve,
		Discard:     !set.NeedsBody(),
		Logger:      c.Logger,
	}
	if err := c.Route.Apply(&tc, anyone); err != nil {
		return nil, err
	}
	c.Line.Apply(&tc)
	return transport.New(tc)
}
