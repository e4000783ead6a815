package processor

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tandem/pipeline/procpool"
	"tandem/store/fsx"
)

// finalStats ends the executor and returns what it used.
func (p *Processor) finalStats(ctx context.Context) procpool.Stats {
	p.mu.Lock()
	e := p.engine
	p.mu.Unlock()
	if e == nil {
		return procpool.Stats{}
	}
	before := e.stats()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	if err := e.Close(ctx); err != nil {
		p.cfg.Logger.Warn("workers did not end as asked", "err", err)
	}
	after := e.stats()
	after.MaxWorkerRSS = max(after.MaxWorkerRSS, before.MaxWorkerRSS)
	after.Restarts = before.Restarts // workers that end now are no restarts
	if len(after.Limits) == 0 {
		after.Limits = before.Limits
	}
	return after
}

const closeTimeout = 5 * time.Second

// summary renders the run as process.json shows it. cpu is this process's.
func (p *Processor) summary(state State, s procpool.Stats, cpu time.Duration) *Summary {
	_, rss := usage()
	sum := &Summary{
		State: state, Started: p.started, Executor: p.cfg.Executor, Workers: p.cfg.workers(), Inputs: p.cfg.Inputs,
		DurationS: seconds(p.cfg.Now().Sub(p.started)), CPUS: seconds(cpu + s.CPU), WorkerCPUS: seconds(s.CPU), MaxRSSBytes: rss,
		WorkerRestarts: s.Restarts, MaxWorkerRSSBytes: s.MaxWorkerRSS, Limits: p.cfg.limits(s), Runs: p.allRuns(),
		QuarantinedBy: make(map[string]int64),
	}
	for _, reason := range []string{"memory", reasonDeadline, reasonCrash, reasonDecode, reasonTooLarge} {
		sum.QuarantinedBy[reason] = 0 // scripts may rely on the key
	}
	for _, r := range p.runs {
		sum.Run = r.Run
		if !r.newest {
			continue
		}
		sum.Documents += r.Documents
		sum.Images += r.Images
		sum.Quarantined += r.Quarantined
		for reason, n := range r.by {
			sum.QuarantinedBy[reason] += n
		}
	}
	p.tally.fill(sum)
	return sum
}

// allRuns are the runs built now, and those of the summary before whose files
// are still there.
func (p *Processor) allRuns() []RunRows {
	runs := slices.Clone(p.runs)
	have := make(map[string]bool)
	for _, r := range runs {
		have[r.Run] = true
	}
	for _, r := range p.earlier.Runs {
		if !have[r.Run] && p.haveFiles(r.Files) {
			runs = append(runs, r)
		}
	}
	slices.SortFunc(runs, func(a, b RunRows) int { return strings.Compare(a.Run, b.Run) })
	return runs
}

func (p *Processor) writeSummary(s *Summary) error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("encode summary: %w", err)
	}
	return fsx.WriteFile(p.cfg.FS, filepath.Join(p.dataset, summaryFile), append(b, '\n'))
}

// readSummary reads an earlier summary; one that is not there or not readable
// is empty.
func readSummary(path string) Summary {
	var s Summary
	b, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(b, &s) != nil {
		return Summary{}
	}
	return s
}
