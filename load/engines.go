package load

import (
	"fmt"
	"math"
	"time"

	"tandem/internal/transport"
	"tandem/load/engine"
	"tandem/load/engine/fasthttp"
)

func anyone(string) bool { return true }

func (c *Config) checkEngine() error {
	switch c.Engine {
	case "", "auto", fasthttp.Name:
		return nil
	}
	return fmt.Errorf("engine %q: want auto or fasthttp", c.Engine)
}

func (c *Config) checkNames(source engine.Source) []string { return source.(targets).CheckNames() }

// engine makes the engine for what set requests, and says why that one.
func (c *Config) engine(set targets) (e engine.Engine, why string, err error) {
	client, err := c.client(set)
	if err != nil {
		return nil, "", err
	}
	return fasthttp.New(client), "", nil
}

func (c *Config) client(set targets) (*transport.Client, error) {
	tc := transport.Config{
		UserAgent:   c.UserAgent,
		Timeout:     c.Timeout.D(),
		MaxBody:     math.MaxInt64,
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
	return transport.New(tc)
}
