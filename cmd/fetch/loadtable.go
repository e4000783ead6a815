package main

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tandem/internal/report"
	"tandem/internal/units"
	"tandem/load"
)

// renderLoad prints the result for people.
func renderLoad(w io.Writer, dir string, r *load.Result) error {
	for i, table := range []*report.Table{loadHead(dir, r), loadTimes(r), loadURLs(r)} {
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
	_, err := fmt.Fprintln(w, note)
	return err
}

// loadHead is the table of counts and verdicts.
func loadHead(dir string, r *load.Result) *report.Table {
	head := &report.Table{Title: "Load · " + r.Loop + " loop, engine " + r.Engine}
	if r.Why != "" {
		head.Title += " (" + r.Why + ")"
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
		{q.Retried, "sent again: their kept-alive connection had been closed"},
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
	longest := load.Milliseconds(0)
	for _, row := range rows {
		longest = max(longest, row.Max)
	}
	times := &report.Table{Title: "Milliseconds", Header: []string{"", "min", "mean", "p50", "p90", "p95", "p99", "p99.9", "p99.99", "max"}}
	for _, row := range rows {
		cells := []string{row.name}
		for _, v := range []load.Milliseconds{row.Min, row.Mean, row.P50, row.P90, row.P95, row.P99, row.P999, row.P9999, row.Max} {
			cells = append(cells, fmt.Sprintf("%.*f", decimals(longest), float64(v)))
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

// decimals is how many a table has whose longest time is this: enough to tell, few enough for ten columns.
func decimals(longest load.Milliseconds) int {
	switch {
	case longest < 1:
		return 3
	case longest < 1000:
		return 2
	case longest < 10_000:
		return 1
	}
	return 0
}

// milliseconds prints one time in a text.
func milliseconds(t load.Milliseconds) string { return fmt.Sprintf("%.*f", decimals(t), float64(t)) }

// shownURLs is how many of the targets are shown.
const shownURLs = 10

// loadURLs is the table of the slowest targets, those with failures first; nil for one target.
func loadURLs(r *load.Result) *report.Table {
	if len(r.ByURL) < 2 {
		return nil
	}
	list := slices.Clone(r.ByURL)
	slices.SortStableFunc(list, func(a, b load.URL) int {
		return cmp.Or(cmp.Compare(b.Failed, a.Failed), cmp.Compare(b.Service.P99, a.Service.P99))
	})
	origin := sharedOrigin(list)
	title := "By target"
	if origin != "" {
		title += " at " + origin
	}
	title += ", the worst first, service in ms"
	if n := len(list); n > shownURLs {
		title += fmt.Sprintf(" (%d of %s)", shownURLs, units.FormatCount(int64(n)))
		list = list[:shownURLs]
	}
	longest := load.Milliseconds(0)
	for _, u := range list {
		longest = max(longest, u.Service.Max)
	}
	digits := decimals(longest)
	t := &report.Table{Title: title, Header: []string{"count", "failed", "p50", "p99", "max", "status", "target"}}
	for _, u := range list {
		t.Add(units.FormatCount(u.Count), units.FormatCount(u.Failed), fmt.Sprintf("%.*f", digits, float64(u.Service.P50)),
			fmt.Sprintf("%.*f", digits, float64(u.Service.P99)), fmt.Sprintf("%.*f", digits, float64(u.Service.Max)), classes(u.Status),
			middle(strings.Replace(u.Name, origin, "", 1)))
	}
	return t
}

// classes lists the classes of status that came; their numbers where there are several.
func classes(status map[string]int64) string {
	if len(status) == 1 {
		for class := range status {
			return class
		}
	}
	if len(status) == 0 {
		return "-"
	}
	return report.Counts(status)
}

// sharedOrigin is the scheme and host that all targets have in common; "" if they differ.
func sharedOrigin(list []load.URL) string {
	shared := ""
	for i, u := range list {
		_, rest, ok := strings.Cut(u.Name, "://")
		host, _, slash := strings.Cut(rest, "/")
		scheme := u.Name[:len(u.Name)-len(rest)]
		origin := scheme[strings.LastIndexByte(scheme, ' ')+1:] + host
		if !ok || !slash || i > 0 && origin != shared {
			return ""
		}
		shared = origin
	}
	return shared
}

// middle cuts a long name in the middle: its beginning and its end tell most.
func middle(name string) string {
	const most = 64
	name = strings.TrimPrefix(units.Escape(name), "GET ")
	runes := []rune(name)
	if len(runes) <= most {
		return name
	}
	return string(runes[:most/2]) + "…" + string(runes[len(runes)-most/2+1:])
}
