package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tandem/internal/report"
	"tandem/internal/units"
	"tandem/load"
)

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
	t := &report.Table{Title: title, Header: []string{"count", "failed", "p50", "p99", "max", "status", "target"}}
	for _, u := range list {
		t.Add(units.FormatCount(u.Count), units.FormatCount(u.Failed), milliseconds(u.Service.P50), milliseconds(u.Service.P99),
			milliseconds(u.Service.Max), classes(u.Status),
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
