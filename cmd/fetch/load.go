package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tandem/internal/cli"
	"tandem/internal/report"
	"tandem/internal/units"
	"tandem/load"
	"tandem/pipeline"
)

// newLoad is `fetch load`.
func newLoad(name string, logs *cli.Logging) *cobra.Command {
	var o output
	given := defaultJob()
	cmd := &cobra.Command{
		Use:   "load [URL…]",
		Short: "put measured load on a server",
		Long: `Put load on a server that you run and measure how it answers. With --rate the loop
is open: requests follow the schedule whatever the server does, and response
times count from the moment a request was planned. Without it the loop is
closed: each connection sends when its last answer is there. --find-max searches
the highest rate at which its conditions hold.`,
		Example: fmt.Sprintf(`  %[1]s load http://localhost:8080/
  %[1]s load http://localhost:8080/ -r 2000/s -d 30s -c 64
  %[1]s load http://localhost:8080/a http://localhost:8080/b -n 100000 -o out/load
  %[1]s load http://localhost:8080/ -r 500/s --threshold 'response.p99<200ms'
  %[1]s load http://localhost:8080/ -c 64 --find-max 'response.p99<50ms'`, name),
		RunE: func(cmd *cobra.Command, args []string) error {
			j, err := effective(cmd.Flags(), o.config, bindLoad)
			if err != nil {
				return err
			}
			takeTargets(cmd, &j.Load.Config, args)
			if err := j.takeShape(cmd.Flags()); err != nil {
				return cli.Usage(err, "")
			}
			return runLoad(cmd, logs, j, &o)
		},
	}
	bindLoad(cmd.Flags(), given)
	o.bind(cmd.Flags())
	return cmd
}

func bindLoad(fs *pflag.FlagSet, j *job) {
	c := &j.Load.Config
	fs.StringVarP(&j.Out, "out", "o", j.Out, "write load/load.json, its job, series and histograms into this `DIR`ectory")
	fs.IntVarP(&c.Connections, "connections", "c", c.Connections, "requests in flight at most")
	fs.VarP(&c.Duration, "duration", "d", "how long to send; of --find-max, each trial")
	fs.Int64VarP(&c.Requests, "requests", "n", c.Requests, "send `N` requests; 0 is no limit")
	fs.VarP(&c.Rate, "rate", "r", "requests a second, whatever the server does, as 500/s; 0 sends as fast as answers come")
	fs.StringVar(&c.Engine, "engine", c.Engine, "what sends: auto, fast, fasthttp or http2 (over TLS, or with prior knowledge where the URL is http)")
	fs.Var(&c.Stages, "stages", "an open loop in stages, as 10s:0..500,1m:500 (ten seconds of ramp, then a minute)")
	fs.Var(&c.Bursts, "bursts", "an open loop of so many requests at once, as 100@1s")
	bindFindMax(fs, c)
	fs.StringVar(&c.Arrivals, "arrivals", c.Arrivals, "how the sends of --rate are spaced: constant or poisson")
	fs.Var(&c.Group, "group", "sends of an open loop may be so late that several go out in one turn, which saves CPU here (engine fast); 0 is exact")
	fs.IntVar(&c.Streams, "streams", c.Streams, "requests in flight on a connection (engine http2)")
	fs.IntVar(&c.Pipeline, "pipeline", c.Pipeline, "requests in flight on a connection (engine fast)")
	bindTargets(fs, &c.Config)
	bindRoute(fs, &c.Route)
	bindLine(fs, &c.Line)
	fs.Var(&c.Warmup, "warmup", "load that is not counted, before the run")
	fs.BoolVar(&c.AllowClientLimited, "allow-client-limited", c.AllowClientLimited, "accept a result whose limit was this client: no exit code 3 for it")
	fs.Var(&c.Timeout, "timeout", "one request may take so long")
	fs.Var(units.NewList(&c.Thresholds), "threshold", "a condition on the result, as 'response.p99<200ms'; exit code 3 if it fails (repeatable)")
	fs.StringVar(&j.Load.Prometheus, "prometheus", j.Load.Prometheus, "serve how the run goes to a Prometheus, at http://`ADDR`/metrics; without =ADDR a free port of 127.0.0.1")
	fs.Lookup("prometheus").NoOptDefVal = anyPort
	fs.Var(&prefixes{list: &c.AllowNet}, "allow-net", "a private network that named hosts may resolve into (repeatable)")
}

func runLoad(cmd *cobra.Command, logs *cli.Logging, j *job, o *output) error {
	c := &j.Load.Config
	if len(c.URLs) == 0 && c.Targets == "" && c.From == "" {
		return cli.Usagef("nothing to load: name at least one URL, --targets or --from, or load.urls in a job file")
	}
	ctx, drain, stop := cli.Signals(cmd.Context())
	defer stop()
	via, closeSite, err := j.serveSite(context.WithoutCancel(ctx), cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	defer closeSite()
	c.Map, c.Logger = via, logs.Logger()
	if err := c.Validate(); err != nil {
		return cli.Usage(err, "")
	}
	if j.Out != "" {
		if err := openLoadDir(j.Out); err != nil {
			return cli.Fail(err, "name a writable directory with -o")
		}
	}
	if !o.quiet {
		fmt.Fprintln(cmd.ErrOrStderr(), loadPlan(c))
	}
	look := func(load.Progress) {}
	if addr := j.Load.Prometheus; addr != "" {
		m := &loadMetrics{connections: c.Connections}
		url, stop, err := servePrometheus(ctx, addr, m)
		if err != nil {
			return cli.Fail(err, "name a free address of this machine, as --prometheus=127.0.0.1:9100")
		}
		defer stop()
		look = m.update
		if !o.quiet {
			fmt.Fprintln(cmd.ErrOrStderr(), "metrics: "+url)
		}
	}
	res, err := shoot(ctx, cmd.ErrOrStderr(), o.quiet, c, drain, look)
	return finishLoad(cmd, o, j, res, err)
}

// shoot runs the load and shows its progress, there and to look.
func shoot(ctx context.Context, w io.Writer, quiet bool, c *load.Config, drain *pipeline.Event, look func(load.Progress)) (*load.Result, error) {
	p := report.NewProgress(w, "load", "requests", quiet)
	defer p.Finish()
	return load.Run(ctx, *c, drain, func(now load.Progress) {
		p.Update(now.Completed+now.Failed, now.Total, loadDetail(now))
		look(now)
	})
}

// loadDetail is what stands behind the counts and the rate.
func loadDetail(now load.Progress) string {
	var parts []string
	if now.Phase != "" {
		parts = append(parts, now.Phase)
	}
	if t := now.Response; t != nil && t.Count() > 0 {
		parts = append(parts, "p99 "+milliseconds(load.Milliseconds(t.At(99).Seconds()*1e3))+" ms")
	}
	if now.Failed > 0 {
		parts = append(parts, units.FormatCount(now.Failed)+" failed")
	}
	if now.Dropped > 0 {
		parts = append(parts, units.FormatCount(now.Dropped)+" dropped")
	}
	return strings.Join(parts, ", ")
}

// takeTargets has what the command line requests for what the job file does.
func takeTargets(cmd *cobra.Command, c *load.Config, args []string) {
	flags := cmd.Flags()
	switch {
	case len(args) > 0:
		c.URLs = args
		if !flags.Changed("targets") {
			c.Targets = ""
		}
		if !flags.Changed("from") {
			c.From = ""
		}
	case flags.Changed("targets") && !flags.Changed("from"):
		c.URLs, c.From = nil, ""
	case flags.Changed("from") && !flags.Changed("targets"):
		c.URLs, c.Targets = nil, ""
	}
	c.Stdin = cmd.InOrStdin()
}
