package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"tandem/internal/cli"
	"tandem/internal/report"
	"tandem/load"
)

// finishLoad prints and keeps the result, and turns it into an exit code.
func finishLoad(cmd *cobra.Command, o *output, j *job, res *load.Result, err error) error {
	dir := j.Out
	if res == nil {
		if job, ok := errors.AsType[*load.JobError](err); ok {
			return cli.Usage(job, "")
		}
		return cli.Fail(err, "")
	}
	if dir != "" {
		if err := keepLoad(j, res); err != nil {
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
	case res.FindMax != nil:
		return foundError(res.FindMax, j.Load.AllowClientLimited)
	case res.Client.Verdict == load.VerdictLimited && !j.Load.AllowClientLimited:
		return &cli.Error{Code: cli.ExitThreshold, Hint: "load from a machine with more cores or less to do, ask for less, or accept it with --allow-client-limited",
			Err: fmt.Errorf("the client was the limit, so the numbers are not the server's: %s", strings.Join(res.Client.Reasons, "; "))}
	}
	return nil
}

// loadThresholds is cli.ThresholdError with the units of load.json's numbers.
func loadThresholds(failed []report.Result) error {
	errs := make([]error, len(failed))
	for i, r := range failed {
		errs[i] = fmt.Errorf("threshold %s failed: the value is %s", r.Expr, withUnit(r))
		if r.Reason != "" {
			errs[i] = fmt.Errorf("threshold %s failed: %s (the value is %s)", r.Expr, r.Reason, withUnit(r))
		}
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
	case level == "response", level == "service", level == "lateness", level == "phases", strings.HasSuffix(level, "_ms"):
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
