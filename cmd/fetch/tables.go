package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tandem/crawler"
	"tandem/internal/report"
	"tandem/internal/units"
)

// crawlTable is a crawl's summary for people.
func crawlTable(dir string, s *crawler.Summary) *report.Table {
	t := &report.Table{Title: "Stage 1 · fetch: waiting for sockets"}
	d := time.Duration(s.DurationS * float64(time.Second))
	t.Add("state", string(s.State))
	t.Add("fetched", fmt.Sprintf("%s responses: %s pages, %s requisites, %s other (%s)", units.FormatCount(s.Fetched),
		units.FormatCount(s.Pages), units.FormatCount(s.Requisites), units.FormatCount(s.Fetched-s.Pages-s.Requisites), report.Counts(s.Status)))
	if s.Unchanged > 0 {
		t.Add("unchanged", units.FormatCount(s.Unchanged)+" stored as revisit records")
	}
	if m := s.Sitemaps; m != (crawler.Sitemaps{}) {
		t.Add("sitemaps", fmt.Sprintf("%s files, %s URLs, %s errors", units.FormatCount(m.Files), units.FormatCount(m.URLs), units.FormatCount(m.Errors)))
	}
	t.Add("took", fmt.Sprintf("%s, %.0f responses/s, %s received", units.FormatDuration(d), per(s.Fetched, d), units.FormatSize(s.Bytes)))
	t.Add("waited for", waits(s.WaitedS))
	t.Add("computed", fmt.Sprintf("%.1f CPU seconds, %s peak memory", s.CPUS, units.FormatSize(s.MaxRSSBytes)))
	t.Add("skipped", report.Counts(s.Skipped))
	if len(s.Errors) > 0 || s.Retries > 0 {
		t.Add("errors", fmt.Sprintf("%s, %d retries", report.Counts(s.Errors), s.Retries))
	}
	for i, f := range s.Failures {
		if i == 3 {
			t.Add("", "… and more: "+filepath.Join(dir, "inlinks.jsonl"))
			break
		}
		t.Add("", f.Class+" "+f.URL)
	}
	if s.TLSInsecure {
		t.Add("TLS", "certificates were NOT checked (--tls-insecure)")
	}
	if s.Truncated > 0 {
		t.Add("cut", units.FormatCount(s.Truncated)+" bodies, marked WARC-Truncated")
	}
	if s.Pending > 0 {
		t.Add("left", units.FormatCount(s.Pending)+" known URLs not fetched")
	}
	if s.Items > 0 || s.ItemsDropped > 0 {
		where := filepath.Join(dir, "items.jsonl")
		if s.Unchanged > 0 {
			where += ", with those of unchanged pages"
		}
		t.Add("items", fmt.Sprintf("%s in this run's answers, %s dropped: %s", units.FormatCount(s.Items), units.FormatCount(s.ItemsDropped), where))
	}
	t.Add("archive", fmt.Sprintf("%s, %s on disk", filepath.Join(dir, "archive"), units.FormatSize(s.Stored)))
	return t
}

// waits lists what the workers waited for, longest first, as shares of all their
// waiting; what is less than half a percent is left out.
func waits(w map[string]float64) string {
	total := 0.0
	for _, v := range w {
		total += v
	}
	if total == 0 {
		return "nothing"
	}
	keys := slices.SortedFunc(maps.Keys(w), func(a, b string) int {
		switch {
		case w[a] > w[b]:
			return -1
		case w[a] < w[b]:
			return 1
		}
		return strings.Compare(a, b)
	})
	var parts []string
	for _, k := range keys {
		if share := 100 * w[k] / total; share >= 0.5 {
			parts = append(parts, fmt.Sprintf("%s %.0f %%", waitNames(k), share))
		}
	}
	return strings.Join(parts, ", ") + fmt.Sprintf(" of %.1f s summed over all workers", total)
}

// waitNames says in words what a key of waited_s means.
func waitNames(key string) string {
	switch key {
	case "limiter":
		return "rate limiter"
	case "host_concurrency":
		return "busy hosts"
	case "empty":
		return "links to come"
	case "retry":
		return "next tries"
	}
	return strings.ReplaceAll(key, "_", " ")
}

func per(n int64, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return float64(n) / d.Seconds()
}
