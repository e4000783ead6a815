package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tandem/internal/cli"
	"tandem/internal/report"
	"tandem/pipeline"
	"tandem/processor"
)

// output says where a command's results go.
type output struct {
	config string
	json   bool
	quiet  bool
}

func (o *output) bind(fs *pflag.FlagSet) {
	fs.StringVar(&o.config, "config", "", "a job `FILE` (YAML); flags win over it")
	fs.BoolVar(&o.json, "json", false, "print the summary as JSON instead of a table")
	fs.BoolVarP(&o.quiet, "quiet", "q", false, "no progress on standard error")
}

// newRun is `process run`.
func newRun(name string, logs *cli.Logging) *cobra.Command {
	var o output
	cmd := &cobra.Command{
		Use:   "run INPUT…",
		Short: "compute texts and images into a dataset",
		Long: `Compute what the inputs hold, on all cores, into OUT/dataset. An INPUT is a run
directory of fetch, a WARC file, a folder or a single file. Finished work is kept
in OUT/dataset/parts and never computed twice; what crashes, never ends or eats
all memory costs its worker process and itself, and is listed in quarantine.jsonl.`,
		Example: fmt.Sprintf(`  %[1]s run out/example
  %[1]s run --config configs/site.yaml
  %[1]s run crawl.warc.gz more.warc.gz -o out/theirs --format parquet,jsonl
  %[1]s run ~/pictures -o out/pictures --tasks images --thumbnail-sizes 128,512
  %[1]s run --follow out/example        # while fetch crawl is running`, name),
		RunE: func(cmd *cobra.Command, args []string) error {
			j, err := effective(cmd.Flags(), o.config)
			if err != nil {
				return err
			}
			return runProcess(cmd, logs, j, args, &o)
		},
	}
	bindRun(cmd.Flags(), defaultJob())
	o.bind(cmd.Flags())
	return cmd
}

// runProcess runs the job and renders what came of it.
func runProcess(cmd *cobra.Command, logs *cli.Logging, j *job, args []string, o *output) error {
	c := &j.Process
	if len(args) == 0 && j.Out != "" {
		args = []string{j.Out}
	}
	if len(args) == 0 {
		return cli.Usage(errors.New("nothing to process: no INPUT named"), "name a run directory, a WARC file, a folder or a file, or `out:` in a job file")
	}
	var err error
	if c.JobYAML, err = j.yaml(); err != nil {
		return err
	}
	ctx, drain, stop := cli.Signals(cmd.Context())
	defer stop()
	p := report.NewProgress(cmd.ErrOrStderr(), "process", "items", o.quiet)
	if !o.quiet {
		logs.Writer = p // so that log lines do not tear the bars
	}
	c.Inputs, c.Dir, c.Drain, c.Logger = args, j.Out, drain, logs.Logger()
	pr, err := processor.New(c.Config)
	if err != nil {
		return setupError(err)
	}
	sum, err := watch(ctx, p, pr, drain)
	return finishRun(cmd, o, pr.Dataset(), sum, c.Threshold, err)
}

// watch runs the processor and shows how far it is.
func watch(ctx context.Context, p *report.Progress, pr *processor.Processor, drain *pipeline.Event) (*processor.Summary, error) {
	defer p.Poll(func() (done, known int64, detail string) { return progressLine(pr.Progress()) })()
	defer cli.AnnounceDrain(ctx, p, drain)()
	return pr.Run(ctx)
}

// progressLine is a run's progress in one line.
func progressLine(p processor.Progress) (done, known int64, detail string) {
	var parts []string
	if p.Phase != "" && p.Phase != "computing" {
		parts = append(parts, p.Phase)
	}
	if len(p.PerWorker) > 0 && len(p.PerWorker) <= 16 {
		parts = append(parts, "per worker "+strings.Trim(fmt.Sprint(p.PerWorker), "[]"))
	}
	if p.Quarantined > 0 {
		parts = append(parts, fmt.Sprintf("%d quarantined", p.Quarantined))
	}
	if p.Restarts > 0 {
		parts = append(parts, fmt.Sprintf("%d restarts", p.Restarts))
	}
	return p.Done, p.Known, strings.Join(parts, ", ")
}

// setupError gives an error before the run its exit code and its way out.
func setupError(err error) error {
	switch {
	case errors.Is(err, processor.ErrNoOut):
		return cli.Usage(err, "name it with -o DIR; the results go to DIR/dataset")
	case errors.Is(err, processor.ErrInput):
		return cli.Usage(err, "an INPUT is a run directory, a WARC file, a folder or a file")
	}
	return cli.Usage(err, "")
}

// finishRun prints the summary and turns it into an exit code.
func finishRun(cmd *cobra.Command, o *output, dataset string, sum *processor.Summary, thresholds []report.Threshold, err error) error {
	if sum == nil {
		return runError(err)
	}
	failed, terr := report.Evaluate(thresholds, sum, "quarantined_by", "skipped_by")
	if o.json {
		if err := report.EncodeJSON(cmd.OutOrStdout(), sum); err != nil {
			return err
		}
	} else if err == nil || sum.State != processor.Failed {
		if err := runTable(dataset, sum).Render(cmd.OutOrStdout()); err != nil {
			return err
		}
	}
	switch {
	case err != nil:
		return runError(err)
	case terr != nil:
		return cli.Usage(terr, "the keys of process.json are the metrics")
	case sum.State == processor.Interrupted:
		return cli.Interrupted("the same command goes on where this one stopped; until then the dataset's tables are those of the run before")
	case len(failed) > 0:
		return cli.ThresholdError(failed)
	}
	return nil
}

// runError gives a run's error its exit code and its way out.
func runError(err error) error {
	switch {
	case errors.Is(err, processor.ErrNothing):
		return cli.Fail(err, "documents are HTML, Markdown and plain text; images are PNG, JPEG, GIF, WebP, BMP, TIFF and ICO; --tasks may leave out what there is")
	case errors.Is(err, processor.ErrCrawlDied):
		return cli.Fail(err, "what it had stored is processed; the same `fetch crawl` goes on where it died")
	case errors.Is(err, processor.ErrLocked):
		return cli.Fail(err, "wait for it, or name another directory with -o")
	case errors.Is(err, processor.ErrInput):
		return cli.Usage(err, "")
	}
	return cli.Fail(err, "")
}
