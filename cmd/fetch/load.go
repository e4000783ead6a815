package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tandem/internal/cli"
	"tandem/internal/report"
	"tandem/internal/units"
	"tandem/load"
	"tandem/pipeline"
	"tandem/store/fsx"
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
closed: each connection sends when its last answer is there.`,
		Example: fmt.Sprintf(`  %[1]s load http://localhost:8080/
  %[1]s load http://localhost:8080/ -r 2000/s -d 30s -c 64
  %[1]s load http://localhost:8080/a http://localhost:8080/b -n 100000 -o out/load
  %[1]s load http://localhost:8080/ -r 500/s --threshold 'response.p99<200ms'`, name),
		RunE: func(cmd *cobra.Command, args []string) error {
			j, err := effective(cmd.Flags(), o.config, bindLoad)
			if err != nil {
				return err
			}
			if len(args) > 0 {
				j.Load.URLs = args
			}
			// A number of requests alone is the end that was asked for.
			if cmd.Flags().Changed("requests") && !cmd.Flags().Changed("duration") {
				j.Load.Duration = 0
			}
			return runLoad(cmd, logs, j, &o)
		},
	}
	bindLoad(cmd.Flags(), given)
	o.bind(cmd.Flags())
	return cmd
}

func bindLoad(fs *pflag.FlagSet, j *job) {
	c := &j.Load
	fs.StringVarP(&j.Out, "out", "o", j.Out, "write load/load.json into this `DIR`ectory")
	fs.IntVarP(&c.Connections, "connections", "c", c.Connections, "requests in flight at most")
	fs.VarP(&c.Duration, "duration", "d", "how long to send")
	fs.Int64VarP(&c.Requests, "requests", "n", c.Requests, "send `N` requests; 0 is no limit")
	fs.VarP(&c.Rate, "rate", "r", "requests a second, whatever the server does, as 500/s; 0 sends as fast as answers come")
	fs.StringVar(&c.Engine, "engine", c.Engine, "what sends: auto or fasthttp")
	fs.StringVarP(&c.Method, "method", "m", c.Method, "request method")
	fs.StringArrayVarP(&c.Headers, "header", "H", c.Headers, "a further request header, 'Name: value'; a value may be env:NAME or file:PATH (repeatable)")
	bindRoute(fs, &c.Route)
	fs.StringVarP(&c.Body, "body", "b", c.Body, "request body")
	fs.Var(&c.Warmup, "warmup", "load that is not counted, before the run")
	fs.Var(&c.Timeout, "timeout", "one request may take so long")
	fs.Var(units.NewList(&c.Thresholds), "threshold", "a condition on the result, as 'response.p99<200ms'; exit code 3 if it fails (repeatable)")
	fs.Var(&prefixes{list: &c.AllowNet}, "allow-net", "a private network that named hosts may resolve into (repeatable)")
}

func runLoad(cmd *cobra.Command, logs *cli.Logging, j *job, o *output) error {
	c := &j.Load
	if len(c.URLs) == 0 {
		return cli.Usagef("nothing to load: name at least one URL, or load.urls in a job file")
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
	if !o.quiet {
		fmt.Fprintln(cmd.ErrOrStderr(), loadPlan(c))
	}
	res, err := shoot(ctx, cmd.ErrOrStderr(), o.quiet, c, drain)
	return finishLoad(cmd, o, j.Out, res, err)
}

// loadPlan says what is about to happen, before the first request.
func loadPlan(c *load.Config) string {
	var b strings.Builder
	fmt.Fprintf(&b, "load: %s %s", c.Method, units.Escape(c.URLs[0]))
	if n := len(c.URLs); n > 1 {
		fmt.Fprintf(&b, " and %d more", n-1)
	}
	if c.Rate > 0 {
		fmt.Fprintf(&b, ", open loop at %v", c.Rate)
	} else {
		b.WriteString(", closed loop")
	}
	fmt.Fprintf(&b, ", %d connections", c.Connections)
	if c.Duration > 0 {
		fmt.Fprintf(&b, ", for %v", c.Duration)
	}
	if c.Requests > 0 {
		fmt.Fprintf(&b, ", %s requests", units.FormatCount(c.Requests))
	}
	return b.String()
}

// shoot runs the load and shows its progress.
func shoot(ctx context.Context, w io.Writer, quiet bool, c *load.Config, drain *pipeline.Event) (*load.Result, error) {
	p := report.NewProgress(w, "load", "requests", quiet)
	defer p.Finish()
	return load.Run(ctx, *c, drain, func(s load.Progress) {
		detail := ""
		if s.Phase != "" {
			detail = s.Phase
		}
		if s.Failed > 0 {
			detail = strings.TrimSpace(fmt.Sprintf("%s %d failed", detail, s.Failed))
		}
		p.Update(s.Completed+s.Failed, s.Total, detail)
	})
}

// finishLoad prints and keeps the result, and turns it into an exit code.
func finishLoad(cmd *cobra.Command, o *output, dir string, res *load.Result, err error) error {
	if res == nil {
		return cli.Fail(err, "")
	}
	if dir != "" {
		if err := keepLoad(dir, res); err != nil {
			return cli.Fail(err, "name a writable directory with -o")
		}
	}
	if o.json {
		if err := report.EncodeJSON(cmd.OutOrStdout(), res); err != nil {
			return err
		}
	} else if err := renderLoad(cmd.OutOrStdout(), dir, res); err != nil {
		return err
	}
	var failed []report.Result
	for _, t := range res.Thresholds {
		if !t.OK {
			failed = append(failed, t)
		}
	}
	switch {
	case err != nil:
		return cli.Fail(err, "")
	case res.State == load.StateInterrupted:
		return cli.Interrupted("")
	case len(failed) > 0:
		return loadThresholds(failed)
	}
	return nil
}

// loadThresholds is cli.ThresholdError with the units of load.json's numbers.
func loadThresholds(failed []report.Result) error {
	errs := make([]error, len(failed))
	for i, r := range failed {
		errs[i] = fmt.Errorf("threshold %s failed: the value is %s", r.Expr, withUnit(r))
	}
	return &cli.Error{Code: cli.ExitThreshold, Err: errors.Join(errs...)}
}

// withUnit prints a number of load.json.
func withUnit(r report.Result) string {
	metric := r.Expr
	if t, err := report.ParseThreshold(r.Expr); err == nil {
		metric = t.Metric
	}
	level, _, _ := strings.Cut(metric, ".")
	value := strconv.FormatFloat(r.Value, 'g', 6, 64)
	switch {
	case level == "response", level == "service", level == "lateness", strings.HasSuffix(level, "_ms"):
		return value + " ms"
	case metric == "duration", strings.HasSuffix(metric, "_s") && !strings.HasSuffix(metric, "_per_s"), metric == "client.cpu":
		return value + " s"
	case metric == "requests_per", strings.HasSuffix(metric, "_per_s"):
		return value + "/s"
	case strings.HasPrefix(metric, "bytes"), strings.HasPrefix(metric, "client.max_rss"):
		return value + " bytes"
	}
	return value
}

func keepLoad(dir string, res *load.Result) error {
	path := filepath.Join(dir, "load", "load.json")
	if err := fsx.OS().MkdirAll(filepath.Dir(path)); err != nil {
		return fmt.Errorf("keep result in %q: %w", dir, err)
	}
	return report.WriteJSON(path, res)
}

// renderLoad prints the result for people.
func renderLoad(w io.Writer, dir string, r *load.Result) error {
	head := &report.Table{Title: "Load · " + r.Loop + " loop, engine " + r.Engine}
	q := r.Requests
	head.Add("state", r.State)
	head.Add("requests", fmt.Sprintf("%s planned, %s sent, %s completed, %s failed, %s dropped", units.FormatCount(q.Planned),
		units.FormatCount(q.Sent), units.FormatCount(q.Completed), units.FormatCount(q.Failed), units.FormatCount(q.Dropped)))
	if q.Retried > 0 {
		head.Add("", units.FormatCount(q.Retried)+" sent again: their kept-alive connection had been closed")
	}
	head.Add("rate", fmt.Sprintf("%.1f requests/s over %s, %s received", r.RequestsPerSec,
		units.FormatDuration(time.Duration(r.Duration*float64(time.Second))), units.FormatSize(r.BytesIn)))
	head.Add("status", report.Counts(r.Status))
	head.Add("errors", report.Counts(r.Errors))
	head.Add("client", fmt.Sprintf("%s: %.1f CPU seconds (%.0f %%), %s peak memory", r.Client.Verdict, r.Client.CPU, 100*r.Client.Share,
		units.FormatSize(r.Client.MaxRSS)))
	for _, reason := range r.Client.Reasons {
		head.Add("", reason)
	}
	if dir != "" {
		head.Add("result", filepath.Join(dir, "load", "load.json"))
	}
	if err := head.Render(w); err != nil {
		return err
	}
	fmt.Fprintln(w)
	times := &report.Table{Title: "Milliseconds", Header: []string{"", "min", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"}}
	times.Add(latencyRow("response", r.Response)...)
	times.Add(latencyRow("service", r.Service)...)
	times.Add(latencyRow("lateness", r.Lateness)...)
	if err := times.Render(w); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, "Response counts from the planned send, service from the real one; lateness lies between.")
	return err
}

func latencyRow(name string, l load.Latency) []string {
	row := []string{name}
	for _, v := range []load.Milliseconds{l.Min, l.Mean, l.P50, l.P90, l.P95, l.P99, l.P999, l.Max} {
		row = append(row, fmt.Sprintf("%.2f", float64(v)))
	}
	return row
}
