package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tandem/internal/cli"
	"tandem/internal/report"
	"tandem/internal/units"
	"tandem/load/compare"
)

// comparing is `fetch compare` without the runs.
type comparing struct {
	cfg                                    compare.Config
	confidence, tolerance, failedTolerance units.Percent
	format                                 string
	strict, json, quiet                    bool
	run                                    bool
	turns                                  turns
}

// newCompare is `fetch compare`.
func newCompare(name string, logs *cli.Logging) *cobra.Command {
	x := &comparing{cfg: compare.Default(), turns: defaultTurns()}
	cmd := &cobra.Command{
		Use:   "compare A B",
		Short: "tell whether two load results differ",
		Long: `Tell whether B differs from A: two load.json files, or directories that fetch load
-o wrote. Each metric gets its change with a confidence interval, which a block
bootstrap over the runs' seconds gives, and a verdict:

  worse, better  the whole interval lies beyond the tolerance
  same           the whole interval lies within it
  unclear        neither; a longer run may tell

The metrics that decide are response.p50, response.p99, failed and, in closed
loops, requests_per_s, unless --metric names others. The change of failed is in
percentage points and has a tolerance of its own.

An interval knows how the seconds within one run differ, not how two runs on two
days do. With --run, A and B are URLs: both get load in turns of a slice each, A B
B A, so that what slows the machine down meets both.

Exit codes: 0 done, 1 a run failed, 2 usage or input wrong, 3 B is worse (with
--strict also: it is unclear), 130 stopped by you.`,
		Example: fmt.Sprintf(`  %[1]s compare out/before out/after
  %[1]s compare before.json after.json --tolerance 2%% --metric response.p99
  %[1]s compare before.json after.json --format junit --strict > compare.xml
  %[1]s compare --run http://localhost:8080/ http://localhost:8081/ -d 30s -r 500/s`, name),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := x.check(cmd, args); err != nil {
				return err
			}
			if x.run {
				return x.takeTurns(cmd, logs, args[0], args[1])
			}
			return x.files(cmd, args[0], args[1])
		},
	}
	x.bind(cmd.Flags())
	x.turns.bind(cmd.Flags())
	return cmd
}

func (x *comparing) bind(fs *pflag.FlagSet) {
	c := &x.cfg
	x.confidence, x.tolerance, x.failedTolerance = units.Percent(c.Confidence), units.Percent(c.Tolerance), units.Percent(c.FailedTolerance)
	fs.Var(&x.tolerance, "tolerance", "a change that does not matter")
	fs.Var(&x.failedTolerance, "failed-tolerance", "a change of the failed fraction that does not matter, in percentage points")
	fs.Var(&x.confidence, "confidence", "of every interval")
	fs.StringArrayVar(&c.Gates, "metric", nil, "a `METRIC` that decides, such as response.p99 (repeatable)")
	fs.BoolVar(&x.strict, "strict", false, "exit code 3 also when a metric that decides is unclear")
	fs.IntVar(&c.Resamples, "resamples", c.Resamples, "how often the bootstrap draws, `N` times")
	fs.Uint64Var(&c.Seed, "seed", c.Seed, "of the draws; the same `N` gives the same report")
	fs.StringVar(&x.format, "format", "text", "text, markdown or junit")
	fs.BoolVar(&x.json, "json", false, "print the report as JSON")
	fs.BoolVarP(&x.quiet, "quiet", "q", false, "no progress on standard error")
	fs.BoolVar(&x.run, "run", false, "A and B are URLs that get load in turns")
}

// check refuses what does not go together.
func (x *comparing) check(cmd *cobra.Command, args []string) error {
	fs := cmd.Flags()
	x.cfg.Confidence, x.cfg.Tolerance, x.cfg.FailedTolerance = float64(x.confidence), float64(x.tolerance), float64(x.failedTolerance)
	var errs []error
	switch {
	case len(args) != 2 && x.run:
		errs = append(errs, fmt.Errorf("%d arguments: --run wants two URLs", len(args)))
	case len(args) != 2:
		errs = append(errs, fmt.Errorf("%d arguments: want two load results", len(args)))
	}
	if x.format != "text" && x.format != "markdown" && x.format != "junit" {
		errs = append(errs, fmt.Errorf("format %q: want text, markdown or junit", x.format))
	}
	if x.json && fs.Changed("format") {
		errs = append(errs, errors.New("--json and --format: want one of them"))
	}
	if !x.run {
		for _, flag := range turnFlags() {
			if fs.Changed(flag) {
				errs = append(errs, fmt.Errorf("--%s says how to load: it needs --run", flag))
			}
		}
	}
	errs = append(errs, x.cfg.Validate())
	return cli.Usage(errors.Join(errs...), fmt.Sprintf("%q lists the flags", cmd.CommandPath()+" --help"))
}

// files compares two results.
func (x *comparing) files(cmd *cobra.Command, pathA, pathB string) error {
	a, errA := compare.Open(pathA)
	b, errB := compare.Open(pathB)
	if err := errors.Join(errA, errB); err != nil {
		hint := ""
		if e, ok := errors.AsType[*compare.Error](err); ok {
			hint = e.Hint
		}
		return cli.Usage(err, hint)
	}
	r, err := compare.Compare(a, b, x.cfg)
	if err != nil {
		return cli.Fail(err, "")
	}
	return x.finish(cmd, r)
}

// finish prints the report and turns it into an exit code.
func (x *comparing) finish(cmd *cobra.Command, r *compare.Report) error {
	if err := x.render(cmd, r); err != nil {
		return cli.Fail(fmt.Errorf("print comparison: %w", err), "")
	}
	if !r.Failed(x.strict) {
		return nil
	}
	return &cli.Error{Code: cli.ExitThreshold, Err: errors.New(strings.TrimSuffix(r.Conclusion, "."))}
}

func (x *comparing) render(cmd *cobra.Command, r *compare.Report) error {
	w := cmd.OutOrStdout()
	switch {
	case x.json:
		return report.EncodeJSON(w, r)
	case x.format == "markdown":
		return r.Markdown(w)
	case x.format == "junit":
		return r.JUnit(w, x.strict)
	}
	return compareText(w, r)
}
