package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"tandem/internal/cli"
	"tandem/internal/report"
	"tandem/internal/units"
	"tandem/load"
)

// bindFindMax declares the flags of a search for the highest rate.
func bindFindMax(fs *pflag.FlagSet, c *load.Config) {
	fs.Var(units.NewList(&c.FindMax), "find-max", "search the highest rate at which this holds, as 'response.p99<50ms', in trials of 5s, or --duration (repeatable: all must hold)")
	fs.Var(&c.FindPrecision, "find-precision", "how far above the rate found the one that fails may be")
	fs.Var(&c.MaxRate, "max-rate", "--find-max asks for no more than this, as 5000/s; 0 is no limit")
}

func findConditions(c *load.Config) string {
	var texts []string
	for _, t := range c.FindMax {
		texts = append(texts, t.String())
	}
	return strings.Join(texts, " and ")
}

// findPlan says how long a search may take.
func findPlan(c *load.Config) string {
	all := load.MaxTrials * (c.Duration.D() + c.Warmup.D())
	text := fmt.Sprintf(", to %v, from ", c.FindPrecision)
	switch {
	case c.Rate > 0:
		text += c.Rate.String()
	case c.MaxRate > 0:
		text += "a low rate"
	default:
		text += "what a closed loop brings"
	}
	if c.MaxRate > 0 {
		text += fmt.Sprintf(" to %v", c.MaxRate)
	}
	return text + fmt.Sprintf(": at most %d trials of %v, each after %v that is not counted: %s at most, often half of that", load.MaxTrials, c.Duration, c.Warmup, units.FormatDuration(all))
}

// loadTrials is the table of a search's trials, nil for another run.
func loadTrials(f *load.FindMax) *report.Table {
	if f == nil || len(f.Trials) == 0 {
		return nil
	}
	t := &report.Table{Title: "Trials, response times in milliseconds", Header: []string{"rate", "achieved", "p50", "p99", "p99.9", "dropped", "failed", "holds", "why not"}}
	for _, one := range f.Trials {
		holds, why := "no", one.Reason
		switch {
		case one.Passed:
			holds = "yes"
		case one.Client == load.VerdictLimited: // the whole reason is in load.json
			holds, why = "?", one.Client
		}
		row := []string{units.FormatRate(one.Rate), units.FormatRate(one.Achieved)}
		for _, v := range []load.Milliseconds{one.Response.P50, one.Response.P99, one.Response.P999} {
			row = append(row, fmt.Sprintf("%.2f", float64(v)))
		}
		t.Add(append(row, units.FormatCount(one.Dropped), units.FormatCount(one.Failed), holds, why)...)
	}
	return t
}

// concludeFind prints what a search says.
func concludeFind(w io.Writer, f *load.FindMax) error {
	if f == nil {
		return nil
	}
	text := f.Conclusion() + "."
	if f.Busy() {
		text += " All connections were busy there: with more of them (-c) the rate may be higher."
	}
	_, err := fmt.Fprintln(w, "\n"+text)
	return err
}

// foundError turns the end of a search into an exit code. Without a rate that holds there is nothing to accept.
func foundError(f *load.FindMax, allowClient bool) error {
	hint := ""
	switch {
	case f.End == load.EndClient && (!allowClient || f.Rate == 0):
		hint = "load from a machine with more cores or less to do"
		if !allowClient {
			hint += ", or accept it with --allow-client-limited"
		}
	case f.Rate == 0:
		if f.Busy() {
			hint = "all connections were busy: give more of them with -c"
		}
	default:
		return nil
	}
	return &cli.Error{Code: cli.ExitThreshold, Err: errors.New("find-max: " + f.Conclusion()), Hint: hint}
}
