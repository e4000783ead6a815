package main

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"tandem/internal/report"
	"tandem/internal/units"
	"tandem/processor"
)

// runTable is a run's summary for people.
func runTable(dataset string, s *processor.Summary) *report.Table {
	t := &report.Table{Title: "Stage 2 · process: computing on all cores"}
	if s.Executor == processor.Serial {
		t.Title = "Stage 2 · process: computing, one item after the other"
	}
	t.Add("state", string(s.State))
	t.Add("computed", fmt.Sprintf("%s items in %s, %.1f items/s; %s were there already", units.FormatCount(s.Items),
		span(s.ComputeS), s.ItemsPerS, units.FormatCount(s.SkippedBy["finished"])))
	t.Add("took", fmt.Sprintf("%s, %.1f CPU seconds, %.1f of them in workers", span(s.DurationS), s.CPUS, s.WorkerCPUS))
	t.Add("workers", workers(s))
	if c := s.Compare; c != nil {
		t.Add("compared", compared(c))
	}
	if s.State == processor.Complete {
		t.Add("rows", rows(s))
	}
	t.Add("quarantine", report.Counts(s.QuarantinedBy))
	t.Add("left out", leftOut(s))
	if s.DamagedTotal > 0 {
		t.Add("damaged", damaged(s))
	}
	t.Add("limits", strings.Join(s.Limits, ", "))
	t.Add("dataset", dataset)
	return t
}

func span(s float64) string { return units.FormatDuration(time.Duration(s * float64(time.Second))) }

func workers(s *processor.Summary) string {
	text := fmt.Sprintf("%d %s", s.Workers, s.Executor)
	if s.Executor != processor.Processes {
		return text + fmt.Sprintf(", %s peak memory", units.FormatSize(s.MaxRSSBytes))
	}
	return text + fmt.Sprintf(", %s peak memory in one, %d restarted", units.FormatSize(s.MaxWorkerRSSBytes), s.WorkerRestarts)
}

// compared sets one worker beside all.
func compared(c *processor.Comparison) string {
	text := fmt.Sprintf("the same %s items: one worker %.1f items/s (%.1f CPU s), %d workers %.1f items/s (%.1f CPU s): ×%.2f",
		units.FormatCount(int64(c.Items)), c.One.ItemsPerS, c.One.CPUS, c.All.Workers, c.All.ItemsPerS, c.All.CPUS, c.Speedup)
	if !c.Equal {
		text += "; THE RESULTS DIFFER"
	}
	return text
}

func rows(s *processor.Summary) string {
	text := fmt.Sprintf("%s documents, %s images", units.FormatCount(s.Documents), units.FormatCount(s.Images))
	for _, r := range s.Runs {
		if r.Run == s.Run {
			text += fmt.Sprintf(" (run %s: %s)", r.Run, report.Counts(r.Changes))
		}
	}
	return text
}

// leftOut lists why records were no work; finished ones are told elsewhere.
func leftOut(s *processor.Summary) string {
	m := maps.Clone(s.SkippedBy)
	delete(m, "finished")
	return report.Counts(m)
}

// damaged names the first places that could not be read.
func damaged(s *processor.Summary) string {
	const shown = 3
	var parts []string
	for i, d := range s.Damaged {
		if i == shown {
			break
		}
		parts = append(parts, fmt.Sprintf("%s at %d: %s", d.Segment, d.Offset, d.Error))
	}
	text := fmt.Sprintf("%s places, the rest is kept: %s", units.FormatCount(s.DamagedTotal), strings.Join(parts, "; "))
	if s.DamagedTotal > shown {
		text += "; … (process.json lists them)"
	}
	return text
}
