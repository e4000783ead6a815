package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tandem/internal/cli"
	"tandem/internal/report"
	"tandem/internal/units"
	"tandem/load"
	"tandem/load/compare"
	"tandem/pipeline"
	"tandem/store/fsx"
)

// turns is `fetch compare --run`: two URLs that get load in turns.
type turns struct {
	load  load.Config // Duration is that of one side, Warmup that before each turn
	slice units.Duration
	out   string
}

// Bounds of a turn, and how many of each side there may be.
const (
	shortestTurn = 100 * time.Millisecond
	leastTurns   = 2 // one round of A B B A
	mostTurns    = 10_000
)

func defaultTurns() turns {
	c := load.DefaultConfig()
	c.Duration, c.Warmup = units.Duration(20*time.Second), units.Duration(200*time.Millisecond)
	return turns{load: c, slice: units.Duration(time.Second)}
}

func (t *turns) bind(fs *pflag.FlagSet) {
	c := &t.load
	fs.StringVarP(&t.out, "out", "o", "", "--run: keep both results and the report in this `DIR`ectory")
	fs.Var(&t.slice, "slice", "--run: length of a turn")
	fs.VarP(&c.Duration, "duration", "d", "--run: how long each side gets load, all turns together")
	fs.Var(&c.Warmup, "warmup", "--run: load that is not counted, before each turn")
	fs.IntVarP(&c.Connections, "connections", "c", c.Connections, "--run: requests in flight at most")
	fs.VarP(&c.Rate, "rate", "r", "--run: requests a second, whatever the server does, as 500/s; 0 sends as fast as answers come")
	fs.StringVar(&c.Engine, "engine", c.Engine, "--run: what sends, as in fetch load")
	fs.StringVarP(&c.Method, "method", "m", c.Method, "--run: request method")
	fs.StringArrayVarP(&c.Headers, "header", "H", c.Headers, "--run: a further request header, 'Name: value'; a value may be env:NAME or file:PATH (repeatable)")
	fs.StringVarP(&c.Body, "body", "b", c.Body, "--run: request body")
	fs.Var(&c.Timeout, "timeout", "--run: one request may take so long")
	fs.Var(&prefixes{list: &c.AllowNet}, "allow-net", "--run: a private network that named hosts may resolve into (repeatable)")
	bindRoute(fs, &c.Route)
}

// turnFlags are those that mean nothing without --run.
func turnFlags() []string {
	fs := pflag.NewFlagSet("turns", pflag.ContinueOnError)
	t := defaultTurns()
	t.bind(fs)
	var names []string
	fs.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

// count is how many turns each side gets: an even number, so that the order A B B A comes out even.
func (t *turns) count() int {
	n := int((t.load.Duration.D() + t.slice.D() - 1) / max(t.slice.D(), 1))
	return max(leastTurns, n+n%2)
}

// configs are those of a turn of each side.
func (t *turns) configs(urlA, urlB string) ([2]load.Config, error) {
	var errs []error
	if t.slice.D() < shortestTurn {
		errs = append(errs, fmt.Errorf("slice %v: want at least %v", t.slice, shortestTurn))
	} else if t.count() > mostTurns {
		errs = append(errs, fmt.Errorf("duration %v in slices of %v: want at most %d turns", t.load.Duration, t.slice, mostTurns))
	}
	var out [2]load.Config
	for i, url := range []string{urlA, urlB} {
		out[i] = t.load
		out[i].URLs, out[i].Duration = []string{url}, t.slice
		if err := out[i].Validate(); err != nil {
			errs = append(errs, err)
		}
	}
	return out, errors.Join(errs...)
}

// plan says what is about to happen, before the first request.
func (t *turns) plan(urlA, urlB string) string {
	c, n := &t.load, t.count()
	loop := "closed loop"
	if c.Rate > 0 {
		loop = fmt.Sprintf("open loop at %v", c.Rate)
	}
	all := 2 * time.Duration(n) * (t.slice.D() + c.Warmup.D())
	return fmt.Sprintf("compare: %s A %s and B %s in turns of %v, A B B A, %d each, %s, %d connections, %v of warm-up before each turn: about %s",
		c.Method, units.Escape(urlA), units.Escape(urlB), t.slice, n, loop, c.Connections, c.Warmup, units.FormatDuration(all))
}

// takeTurns measures both sides and compares them.
func (x *comparing) takeTurns(cmd *cobra.Command, logs *cli.Logging, urlA, urlB string) error {
	t := &x.turns
	t.load.Logger = logs.Logger()
	cfgs, err := t.configs(urlA, urlB)
	if err != nil {
		return cli.Usage(err, "")
	}
	if t.out != "" {
		if err := openTurnsDir(t.out); err != nil {
			return cli.Fail(err, hintTurnsDir)
		}
	}
	ctx, drain, stop := cli.Signals(cmd.Context())
	defer stop()
	if !x.quiet {
		fmt.Fprintln(cmd.ErrOrStderr(), t.plan(urlA, urlB))
	}
	sides := [2]sideTurns{{name: urlA}, {name: urlB}}
	runErr := alternate(ctx, cmd.ErrOrStderr(), x.quiet, cfgs, t.count(), drain, &sides)
	return x.finishTurns(cmd, &sides, runErr)
}

// finishTurns reports on the pairs of turns that were measured.
func (x *comparing) finishTurns(cmd *cobra.Command, sides *[2]sideTurns, runErr error) error {
	n := len(sides[1].runs)
	if n < leastTurns {
		return cli.Fail(runErr, fmt.Sprintf("%d pairs of turns were measured, %d are needed for a report", n, leastTurns))
	}
	a, b := compare.Turns(sides[0].name, sides[0].runs), compare.Turns(sides[1].name, sides[1].runs)
	if runErr != nil {
		a.State, b.State = load.StateInterrupted, load.StateInterrupted
	}
	r, err := compare.Paired(a, b, x.cfg)
	if err != nil {
		return cli.Fail(err, "")
	}
	err = x.finish(cmd, r)
	if x.turns.out != "" {
		if err := keepTurns(x.turns.out, sides, r); err != nil { // the report is printed: it is all that is left of the run
			return cli.Fail(err, hintTurnsDir)
		}
	}
	if runErr != nil && cli.ExitCode(err) != cli.ExitFailed {
		return cli.Fail(runErr, "")
	}
	return err
}

// sideTurns is what the turns of one side brought.
type sideTurns struct {
	name    string
	runs    []*compare.Run
	results []*load.Result
}

// alternate runs n turns of each side in the order A B B A. Only whole pairs stay in sides. The error of a run that was drained is
// that of cli.Interrupted.
func alternate(ctx context.Context, w io.Writer, quiet bool, cfgs [2]load.Config, n int, drain *pipeline.Event, sides *[2]sideTurns) error {
	p := report.NewProgress(w, "compare", "turns", quiet)
	defer p.Finish()
	for i := range n {
		first := i % 2
		var results [2]*load.Result
		for k, side := range []int{first, 1 - first} {
			res, err := load.Run(ctx, cfgs[side], drain, nil)
			switch {
			case drain.IsSet():
				return cli.Interrupted("")
			case err != nil:
				return fmt.Errorf("turn %d of %s: %w", i+1, units.Escape(sides[side].name), err)
			}
			results[side] = res
			p.Update(int64(2*i+k+1), int64(2*n), "")
		}
		if err := take(sides, results); err != nil {
			return err
		}
	}
	return nil
}

// take adds a pair of turns.
func take(sides *[2]sideTurns, results [2]*load.Result) error {
	var runs [2]*compare.Run
	for i, res := range results {
		b, err := json.Marshal(res)
		if err != nil {
			return fmt.Errorf("encode a turn of %q: %w", sides[i].name, err)
		}
		if runs[i], err = compare.Parse(sides[i].name, bytes.NewReader(b)); err != nil {
			return err
		}
	}
	for i := range sides {
		sides[i].runs, sides[i].results = append(sides[i].runs, runs[i]), append(sides[i].results, results[i])
	}
	return nil
}

const hintTurnsDir = "name a writable directory with -o"

// sideDir is where the result of side 0 or 1 is kept.
func sideDir(out string, side int) string { return filepath.Join(out, string(rune('a'+side))) }

// openTurnsDir makes the directories of both results, and finds out whether all can be written before a run begins.
func openTurnsDir(out string) error {
	for side := range 2 {
		if err := openLoadDir(sideDir(out, side)); err != nil {
			return err
		}
	}
	return probeDir(out)
}

// keepTurns writes DIR/a/load/load.json, DIR/b/load/load.json and DIR/compare.json.
func keepTurns(dir string, sides *[2]sideTurns, r *compare.Report) error {
	for i, run := range []*compare.Run{r.A, r.B} {
		path := filepath.Join(loadDir(sideDir(dir, i)), "load.json")
		if err := fsx.OS().MkdirAll(filepath.Dir(path)); err != nil {
			return fmt.Errorf("keep result in %q: %w", dir, err)
		}
		if err := report.WriteJSON(path, joinTurns(run, sides[i].results)); err != nil {
			return err
		}
	}
	return report.WriteJSON(filepath.Join(dir, "compare.json"), r)
}

// turnsResult is a load.json of several turns: the keys that can be added up, and the series.
type turnsResult struct {
	State       string        `json:"state"`
	Turns       int           `json:"turns"`
	Engine      string        `json:"engine"`
	Loop        string        `json:"loop"`
	URLs        []string      `json:"urls"`
	Method      string        `json:"method"`
	Started     time.Time     `json:"started"`
	Connections int           `json:"connections"`
	Rate        float64       `json:"rate,omitempty"`
	Duration    float64       `json:"duration_s"`
	Requests    load.Requests `json:"requests"`
	Client      turnsClient   `json:"client"`
	Series      []load.Second `json:"series"`
}

type turnsClient struct {
	CPU     float64  `json:"cpu_s"`
	Verdict string   `json:"verdict"`
	Reasons []string `json:"reasons,omitempty"`
}

// joinTurns adds results up. The time between two turns is not in it: the series goes on where the last turn ended.
func joinTurns(run *compare.Run, results []*load.Result) *turnsResult {
	out := &turnsResult{
		State: run.State, Turns: len(results), Engine: run.Engine, Loop: run.Loop, URLs: run.URLs, Method: run.Method, Started: run.Started,
		Connections: run.Connections, Rate: run.Rate, Duration: run.Duration,
		Client: turnsClient{CPU: run.CPU, Verdict: run.Verdict, Reasons: run.Reasons},
	}
	at := 0.0
	for _, r := range results {
		q, add := &out.Requests, &r.Requests
		q.Planned, q.Sent, q.Completed = q.Planned+add.Planned, q.Sent+add.Sent, q.Completed+add.Completed
		q.Dropped, q.Failed, q.Retried = q.Dropped+add.Dropped, q.Failed+add.Failed, q.Retried+add.Retried
		for _, s := range r.Series {
			s.T = at
			at += s.Length
			out.Series = append(out.Series, s)
		}
	}
	return out
}
