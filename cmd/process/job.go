package main

import (
	"bytes"
	"fmt"

	"github.com/spf13/pflag"

	"tandem/configs"
	"tandem/internal/cli"
	"tandem/internal/report"
	"tandem/internal/units"
	"tandem/processor"
)

// job is a job file as process reads it.
type job struct {
	Out     string
	Process processSection
}

// processSection is the processor's configuration and what is judged of its
// summary.
type processSection struct {
	processor.Config
	Threshold []report.Threshold `yaml:"threshold" doc:"conditions on the summary, as documents>=1000; exit code 3 if one fails"`
}

func defaultJob() *job { return &job{Process: processSection{Config: processor.Default()}} }

// effective is the job after defaults, file and flags: each wins over the one
// before it.
func effective(given *pflag.FlagSet, path string) (*job, error) {
	j := defaultJob()
	if path != "" {
		if err := configs.Load(path, map[string]any{"out": &j.Out, "process": &j.Process}); err != nil {
			return nil, cli.Usage(err, "see configs/site.yaml for a commented job file")
		}
	}
	flags := pflag.NewFlagSet("job", pflag.ContinueOnError)
	bindRun(flags, j)
	if err := cli.OverlayFlags(given, flags); err != nil {
		return nil, cli.Usage(err, "")
	}
	if err := configs.Check([]configs.NamedSection{{Name: "process", Value: &j.Process}}); err != nil {
		return nil, cli.Usage(err, "")
	}
	return j, nil
}

// yaml renders the job that a dataset keeps.
func (j *job) yaml() ([]byte, error) {
	var b bytes.Buffer
	err := configs.Write(&b, []configs.NamedSection{{Name: "out", Value: &j.Out}, {Name: "process", Value: &j.Process}})
	if err != nil {
		return nil, fmt.Errorf("render effective job: %w", err)
	}
	return b.Bytes(), nil
}

// bindRun declares the flags of a run on a job.
func bindRun(fs *pflag.FlagSet, j *job) {
	c := &j.Process
	fs.StringVarP(&j.Out, "out", "o", j.Out, "the results go to `DIR`/dataset; a run directory keeps its own by default")
	fs.StringSliceVar(&c.Tasks, "tasks", c.Tasks, "what is computed: text, images")
	fs.IntVar(&c.Workers, "workers", c.Workers, "items computed at once; 0 is one per core")
	fs.StringVar(&c.Executor, "executor", c.Executor, "what computes: processes, goroutines or serial")
	fs.StringSliceVar(&c.Format, "format", c.Format, "how the dataset is written: parquet, jsonl")
	fs.Var(&c.ItemTimeout, "item-timeout", "an item that takes longer is quarantined; 0 is no limit")
	fs.Var(&c.WorkerMemory, "worker-memory", "memory of one worker process; 0 is no limit")
	fs.StringVar(&c.Sandbox, "sandbox", c.Sandbox, "shut worker processes in: off, auto (as far as the system can) or require")
	fs.Int64Var(&c.MaxPixels, "max-pixels", c.MaxPixels, "images of more than `N` pixels are quarantined")
	fs.IntSliceVar(&c.ThumbnailSizes, "thumbnail-sizes", c.ThumbnailSizes, "longest sides of the thumbnails, in pixels")
	fs.BoolVar(&c.Follow, "follow", c.Follow, "process segments as a running crawl seals them, until it ends")
	fs.BoolVar(&c.RetryQuarantined, "retry-quarantined", c.RetryQuarantined, "compute again what was quarantined before")
	fs.IntVar(&c.Compare, "compare", c.Compare, "afterwards compute `N` items again on one worker and on all; 0 is off")
	fs.Var(units.NewList(&c.Threshold), "threshold", "a condition on the summary, as 'documents>=1000'; exit code 3 if it fails (repeatable)")
}
