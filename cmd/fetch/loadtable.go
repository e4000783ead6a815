package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"tandem/internal/report"
	"tandem/internal/units"
	"tandem/load"
)

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
	if q.Redirected > 0 {
		head.Add("", units.FormatCount(q.Redirected)+" more that redirects made")
	}
	if q.Unasked > 0 {
		head.Add("", units.FormatCount(q.Unasked)+" answers with more than was asked for: their connections were closed")
	}
	head.Add("rate", fmt.Sprintf("%.1f requests/s over %s, %s received", r.RequestsPerSec,
		units.FormatDuration(time.Duration(r.Duration*float64(time.Second))), units.FormatSize(r.BytesIn)))
	head.Add("status", report.Counts(r.Status))
	head.Add("errors", report.Counts(r.Errors))
	for _, c := range r.Checks {
		head.Add("check", fmt.Sprintf("%s: %s failed", units.Escape(c.Name), units.FormatCount(c.Failed)))
	}
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
	for _, table := range []*report.Table{loadTimes(r), loadURLs(r)} {
		if table == nil {
			continue
		}
		fmt.Fprintln(w)
		if err := table.Render(w); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, "Response counts from the planned send, service from the real one; lateness lies between.")
	return err
}

// loadTimes is the table of distributions.
func loadTimes(r *load.Result) *report.Table {
	times := &report.Table{Title: "Milliseconds", Header: []string{"", "min", "mean", "p50", "p90", "p95", "p99", "p99.9", "p99.99", "max"}}
	times.Add(latencyRow("response", r.Response)...)
	times.Add(latencyRow("service", r.Service)...)
	times.Add(latencyRow("lateness", r.Lateness)...)
	for _, phase := range []struct {
		name string
		l    load.Latency
	}{{"  dns", r.Phases.DNS}, {"  connect", r.Phases.Connect}, {"  tls", r.Phases.TLS}, {"  first byte", r.Phases.FirstByte}, {"  body", r.Phases.Body}} {
		if phase.l.Max > 0 {
			times.Add(latencyRow(phase.name, phase.l)...)
		}
	}
	return times
}

// shownURLs is how many of the targets are shown.
const shownURLs = 10

// loadURLs is the table of the slowest targets, nil for one target.
func loadURLs(r *load.Result) *report.Table {
	if len(r.ByURL) < 2 {
		return nil
	}
	list := slices.Clone(r.ByURL)
	slices.SortStableFunc(list, func(a, b load.URL) int { return int(1000 * (b.Service.P99 - a.Service.P99)) })
	title := "Slowest by p99 of the service time, milliseconds"
	if n := len(list); n > shownURLs {
		title += fmt.Sprintf(" (%d of %d)", shownURLs, n)
		list = list[:shownURLs]
	}
	t := &report.Table{Title: title, Header: []string{"target", "count", "failed", "p50", "p99", "max", "status"}}
	for _, u := range list {
		t.Add(units.Escape(u.Name), units.FormatCount(u.Count), units.FormatCount(u.Failed), fmt.Sprintf("%.2f", float64(u.Service.P50)),
			fmt.Sprintf("%.2f", float64(u.Service.P99)), fmt.Sprintf("%.2f", float64(u.Service.Max)), report.Counts(u.Status))
	}
	return t
}

func latencyRow(name string, l load.Latency) []string {
	row := []string{name}
	for _, v := range []load.Milliseconds{l.Min, l.Mean, l.P50, l.P90, l.P95, l.P99, l.P999, l.P9999, l.Max} {
		row = append(row, fmt.Sprintf("%.2f", float64(v)))
	}
	return row
}
