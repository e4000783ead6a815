package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"tandem/internal/report"
	"tandem/internal/units"
	"tandem/load"
)

// renderLoad prints the result for people.
func renderLoad(w io.Writer, dir string, r *load.Result) error {
	for i, table := range []*report.Table{loadHead(dir, r), loadTimes(r), loadURLs(r), loadTrials(r.FindMax)} {
		if table == nil {
			continue
		}
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := table.Render(w); err != nil {
			return err
		}
	}
	note := "Response counts from the planned send, service from the real one.\nLateness is the time between the two sends."
	if r.Loop == "closed" {
		note = "In a closed loop each request is planned when it is sent: response is service."
	}
	if _, err := fmt.Fprintln(w, note); err != nil {
		return err
	}
	return concludeFind(w, r.FindMax)
}

// loadHead is the table of counts and verdicts.
func loadHead(dir string, r *load.Result) *report.Table {
	head := &report.Table{Title: "Load · " + r.Loop + " loop, engine " + r.Engine}
	if r.Why != "" {
		head.Title += " (" + r.Why + ")"
	}
	if r.FindMax != nil {
		head.Title = fmt.Sprintf("Load · one of %d trials, at %s, engine %s", len(r.FindMax.Trials), units.FormatRate(r.Rate), r.Engine)
	}
	q := r.Requests
	head.Add("state", r.State)
	if r.Schedule != "" {
		head.Add("asked for", strings.TrimPrefix(r.Schedule, "open loop "))
	}
	head.Add("requests", fmt.Sprintf("%s planned, %s sent, %s completed, %s failed, %s dropped", units.FormatCount(q.Planned),
		units.FormatCount(q.Sent), units.FormatCount(q.Completed), units.FormatCount(q.Failed), units.FormatCount(q.Dropped)))
	for _, more := range []struct {
		n    int64
		text string
	}{
		{q.Retried, "sent again: their kept-alive connection ended without an answer"},
		{q.Redirected, "more that redirects made"},
		{q.Unasked, "answers with more than was asked for: their connections were closed"},
	} {
		if more.n > 0 {
			head.Add("", units.FormatCount(more.n)+" "+more.text)
		}
	}
	head.Add("rate", fmt.Sprintf("%.1f requests/s over %s, %s received", r.RequestsPerSec,
		units.FormatDuration(time.Duration(r.Duration*float64(time.Second))), units.FormatSize(r.BytesIn)))
	head.Add("status", report.Counts(r.Status))
	if len(r.Errors) > 0 {
		head.Add("errors", report.Counts(r.Errors))
	}
	for _, c := range r.Checks {
		head.Add("check", fmt.Sprintf("%s: %s failed", c.Name, units.FormatCount(c.Failed)))
	}
	for _, t := range r.Thresholds {
		head.Add("threshold", thresholdText(t))
	}
	head.Add("client", fmt.Sprintf("%s: %.1f CPU seconds (%.0f %%), %s peak memory", r.Client.Verdict, r.Client.CPU, 100*r.Client.Share,
		units.FormatSize(r.Client.MaxRSS)))
	for _, reason := range r.Client.Reasons {
		head.Add("", reason)
	}
	if dir != "" {
		head.Add("result", filepath.Join(loadDir(dir), "load.json"))
	}
	return head
}

// thresholdText says whether a threshold held, of which value, and why not where that is not all.
func thresholdText(t report.Result) string {
	verdict := "held"
	if !t.OK {
		verdict = "FAILED"
	}
	text := fmt.Sprintf("%s %s: %s", t.Expr, verdict, withUnit(t))
	if t.Reason != "" {
		text += "; " + t.Reason
	}
	return text
}

// loadTimes is the table of distributions.
func loadTimes(r *load.Result) *report.Table {
	rows := []latencyRow{{"response", r.Response}, {"service", r.Service}, {"lateness", r.Lateness}}
	if r.Loop == "closed" {
		rows = rows[:1]
	}
	rows = append(rows, loadPhases(r)...)
	times := &report.Table{Title: "Milliseconds", Header: []string{"", "min", "mean", "p50", "p90", "p95", "p99", "p99.9", "p99.99", "max"}}
	for _, row := range rows {
		cells := []string{row.name}
		for _, v := range []load.Milliseconds{row.Min, row.Mean, row.P50, row.P90, row.P95, row.P99, row.P999, row.P9999, row.Max} {
			cells = append(cells, milliseconds(v))
		}
		times.Add(cells...)
	}
	return times
}

type latencyRow struct {
	name string
	load.Latency
}

// loadPhases are the parts of the service time that have a share in it: those of connections that reached a tenth of its median, and those of
// answers where the body came later than the first byte.
func loadPhases(r *load.Result) []latencyRow {
	floor := r.Service.P50 / 10
	var rows []latencyRow
	for _, row := range []latencyRow{{"  dns", r.Phases.DNS}, {"  connect", r.Phases.Connect}, {"  tls", r.Phases.TLS}} {
		if row.Max > 0 && row.Max >= floor {
			rows = append(rows, row)
		}
	}
	if body := r.Phases.Body; body.P99 > 0 && body.P99 >= floor {
		rows = append(rows, latencyRow{"  first byte", r.Phases.FirstByte}, latencyRow{"  body", body})
	}
	return rows
}

// milliseconds prints a time with three digits that count, which is what a histogram knows, and whole milliseconds at least. A table of them
// tells a median of microseconds beside a maximum of half a minute.
func milliseconds(t load.Milliseconds) string {
	digits := 0
	switch {
	case t < 1:
		digits = 3
	case t < 10:
		digits = 2
	case t < 100:
		digits = 1
	}
	return fmt.Sprintf("%.*f", digits, float64(t))
}
