package load

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"tandem/internal/report"
	"tandem/internal/transport"
	"tandem/internal/units"
	"tandem/load/schedule"
	"tandem/load/target"
)

// Config says what load to put on which server. Its yaml keys are named like the flags of `fetch load`.
type Config struct {
	// Config says what is requested.
	target.Config

	// Connections is how many requests may be in flight. Defaults to 10.
	Connections int `yaml:"connections" check:"min=1,max=100000" doc:"requests in flight at most"`
	// Duration ends the run; 0 is no limit and needs Requests. Stages bring their own, so that it means nothing there. Defaults to 10 s.
	Duration units.Duration `yaml:"duration" doc:"how long to send; 0 is no limit and needs requests"`
	// Requests ends the run after so many, or at Duration if that comes first. Defaults to 0, no limit.
	Requests int64 `yaml:"requests" check:"min=0" doc:"send so many requests; 0 is no limit"`
	// Rate makes the loop open: so many requests per second are planned, whatever the server does. Defaults to 0, a closed loop.
	Rate units.Rate `yaml:"rate" doc:"requests a second, planned whatever the server does; 0 sends as fast as answers come"`
	// Stages are an open loop whose rate changes; they bring their own duration. Not together with Rate.
	Stages schedule.StageList `yaml:"stages" doc:"an open loop in stages, as 10s:0..500,1m:500"`
	// Bursts are an open loop of so many requests at once, again and again. Not together with Rate.
	Bursts schedule.Burst `yaml:"bursts" doc:"an open loop of so many requests at once, as 100@1s"`
	// FindMax is conditions such as "response.p99<50ms": the run is a search for the highest constant rate at which all of them hold. Each trial
	// takes Duration, after Warmup that is not counted; it begins at Rate, or where a short closed loop points to.
	FindMax []report.Threshold `yaml:"find-max" doc:"search the highest rate at which these conditions hold, as response.p99<50ms"`
	// FindPrecision is how far the rate that does not hold may be above the one that does. Defaults to 5%.
	FindPrecision units.Percent `yaml:"find-precision" doc:"how exact find-max is, as 5%"`
	// MaxRate is what find-max never asks for more than. Defaults to 0, no limit.
	MaxRate units.Rate `yaml:"max-rate" doc:"find-max asks for no more than this, as 5000/s; 0 is no limit"`
	// Arrivals says how the sends of Rate are spaced. Defaults to ArrivalsConstant.
	Arrivals string `yaml:"arrivals" check:"oneof=constant|poisson" doc:"how the sends of a rate are spaced: constant or poisson"`
	// Group is how late the sends of an open loop may be so that several go out in one turn, which saves this client's CPU at high rates
	// (engine fast). It shows as lateness, in response times, and not in service times. Defaults to 350 µs; 0 is exact.
	Group units.Duration `yaml:"group" doc:"sends may be so late that several go out in one turn (engine fast); 0 is exact"`
	// Pipeline is how many requests may be in flight on a connection, for the fast engine. Defaults to 1.
	Pipeline int `yaml:"pipeline" check:"min=1,max=1000" doc:"requests in flight on a connection (engine fast)"`
	// Streams is how many requests may be in flight on a connection of the engine http2, if the server allows as many. Defaults to 1.
	Streams int `yaml:"streams" check:"min=1,max=1000" doc:"requests in flight on a connection (engine http2)"`
	// Engine is what sends: "http2" is HTTP/2 over TLS, or with prior knowledge where the URL is http. "auto" takes "fast" where that can do it, else "fasthttp". Defaults to "auto".
	Engine string `yaml:"engine" check:"oneof=auto|fast|fasthttp|http2" doc:"what sends: auto, fast, fasthttp or http2"`
	// Warmup is how long the same load runs before anything is counted. Its sends have numbers of their own: what is made from a send's
	// number ({{seq}}, {{random}}, the rows of a feed) comes again in the run. Defaults to 0.
	Warmup units.Duration `yaml:"warmup" doc:"load that is not counted, before the run"`
	// Thresholds are conditions on the result, such as "response.p99<200ms".
	Thresholds []report.Threshold `yaml:"threshold" doc:"conditions on the result, such as response.p99<200ms"`
	// AllowClientLimited accepts a result that is about this client. It changes nothing of a run, programs ask it; of a search it accepts the trials
	// whose conditions hold although the client was the limit.
	AllowClientLimited bool `yaml:"allow-client-limited" doc:"accept a result whose limit was the client: no exit code 3 for it"`
	// Timeout bounds one request. Defaults to 30 s.
	Timeout units.Duration `yaml:"timeout" doc:"one request may take so long"`
	// AllowNet lists networks that named hosts may resolve into although they are private.
	AllowNet []netip.Prefix `yaml:"allow-net" doc:"private networks that may be reached, as CIDR"`

	// Route is the way to the servers: proxy and TLS. The client certificate is for all of URLs.
	transport.Route
	// Line says how connections are made and used.
	transport.Line

	// Map sends the connections of a host:port to a listener, as in transport.Config.
	Map map[string]string `yaml:"-"`
	// Resolve looks host names up, as in transport.Config. Defaults to the system's resolver.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error) `yaml:"-"`
	// UserAgent defaults to "TandemLoad".
	UserAgent string `yaml:"-"`
	// Logger gets debug lines. Defaults to silence.
	Logger *slog.Logger `yaml:"-"`
}

// DefaultConfig returns the defaults, which lack only the URLs.
func DefaultConfig() Config {
	return Config{
		Config:        target.DefaultConfig(),
		Connections:   10,
		Duration:      units.Duration(10 * time.Second),
		FindPrecision: 0.05,
		Engine:        "auto",
		Arrivals:      ArrivalsConstant,
		Pipeline:      1,
		Streams:       1,
		Group:         units.Duration(350 * time.Microsecond),
		Timeout:       units.Duration(30 * time.Second),
		UserAgent:     "TandemLoad",
		Route:         transport.DefaultRoute(),
		Line:          transport.DefaultLine(),
	}
}

// maxInFlight bounds the requests in flight over all connections with pipelining; each takes some 100 bytes.
const maxInFlight = 1_000_000

// maxGroup keeps a turn short enough for the loops' other duties.
const maxGroup = 10 * time.Millisecond

// Validate reports everything that is wrong with c at once.
func (c *Config) Validate() error {
	var errs []error
	check := func(bad bool, format string, args ...any) {
		if bad {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(c.Connections < 1 || c.Connections > 100_000, "connections %d: want 1 to 100000", c.Connections)
	check(c.Duration < 0, "duration %v: want 0 or more", c.Duration)
	check(c.Requests < 0, "requests %d: want 0 or more", c.Requests)
	check(c.Duration == 0 && c.Requests == 0 && len(c.Stages) == 0 && len(c.FindMax) == 0, "duration 0: without a number of requests the run would not end")
	check(c.Duration.D() > schedule.MaxLength, "duration %v: it is too long; want at most %v", c.Duration, units.Duration(schedule.MaxLength))
	if _, _, err := c.schedule(min(c.length(), schedule.MaxLength)); err != nil {
		errs = append(errs, err)
	}
	if err := c.checkWarmup(); err != nil {
		errs = append(errs, err)
	}
	errs = append(errs, c.checkFindMax()...)
	check(c.Rate < 0, "rate %v: want 0 or more", c.Rate)
	check(c.Group < 0 || c.Group.D() > maxGroup, "group %v: want 0 to %v", c.Group, maxGroup)
	check(c.Streams < 0 || c.Streams > 1000, "streams %d: want 1 to 1000", c.Streams)
	check(c.Pipeline > 1 && c.Connections*c.Pipeline > maxInFlight, "connections %d with pipeline %d: want at most %d requests in flight", c.Connections, c.Pipeline, maxInFlight)
	check(c.Pipeline < 0 || c.Pipeline > 1000, "pipeline %d: want 1 to 1000", c.Pipeline)
	check(c.Arrivals != "" && c.Arrivals != ArrivalsConstant && c.Arrivals != ArrivalsPoisson, "arrivals %q: want constant or poisson", c.Arrivals)
	if err := c.checkEngine(); err != nil {
		errs = append(errs, err)
	}
	check(c.Timeout <= 0, "timeout %v: want more than 0", c.Timeout)
	if err := c.Config.Validate(); err != nil {
		errs = append(errs, err)
	}
	if err := c.Line.Validate(c.Route); err != nil {
		errs = append(errs, err)
	}
	if err := c.Route.Apply(new(transport.Config), anyone); err != nil {
		errs = append(errs, err)
	}
	if err := c.checkThresholds(); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
