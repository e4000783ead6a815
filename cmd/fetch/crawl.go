package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tandem/crawler"
	"tandem/internal/cli"
	"tandem/internal/report"
	"tandem/internal/units"
	"tandem/pipeline"
	"tandem/store/fsx"
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

// newCrawl is `fetch crawl`.
func newCrawl(name string, logs *cli.Logging) *cobra.Command {
	var o output
	given := defaultJob()
	cmd := &cobra.Command{
		Use:   "crawl [URL…]",
		Short: "follow links from the seeds into an archive",
		Long: `Crawl sites politely: from the seeds along the links in scope, obeying robots.txt,
into OUT/archive as WARC. The same command resumes an unfinished crawl and
crawls a finished one again, storing only what has changed. Rules that take items
out of pages (extract) and logins for single origins (origins) stand in a job file.

Exit codes: 0 done, 1 the run failed, 2 usage or job file wrong, 3 done but a
threshold failed, 130 stopped by you: the same command goes on.`,
		Example: fmt.Sprintf(`  %[1]s crawl https://www.example.org/ -o out/example
  %[1]s crawl --config configs/site.yaml
  %[1]s crawl https://docs.example.org/v2/ --scope prefix --max-pages 500 -o out/docs
  %[1]s crawl http://localhost:8080/ --host-rate 0 --host-concurrency 16 -o out/mine`, name),
		RunE: func(cmd *cobra.Command, args []string) error {
			j, err := effective(cmd.Flags(), o.config, bindCrawlAll)
			if err != nil {
				return err
			}
			if len(args) > 0 {
				j.takeSeeds(args)
			}
			return runCrawl(cmd, logs, j, &o)
		},
	}
	bindCrawlAll(cmd.Flags(), given)
	o.bind(cmd.Flags())
	return cmd
}

func bindCrawlAll(fs *pflag.FlagSet, j *job) {
	bindCrawl(fs, j)
	bindScope(fs, j)
}

// newGet is `fetch get`.
func newGet(name string, logs *cli.Logging) *cobra.Command {
	var o output
	given := defaultJob()
	format, column := "auto", "url"
	cmd := &cobra.Command{
		Use:   "get [FILE|-]",
		Short: "fetch a list of URLs into an archive",
		Long: `Fetch the URLs of a list with the crawler's engine: the same politeness, archive
and resume; redirects are followed, links are not. The list is text (one URL a
line, # comments), CSV with a header line (parted by comma, semicolon or tab), or
JSONL; its other columns are kept beside each record. Lines that are no URL are
named, counted and left out.`,
		Example: fmt.Sprintf(`  %[1]s get urls.txt -o out/list
  %[1]s get images.csv --url-column image_url -o out/images
  cat urls.txt | %[1]s get - -o out/list`, name),
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			j, err := effective(cmd.Flags(), o.config, bindCrawl)
			if err != nil {
				return err
			}
			file := "-"
			if len(args) == 1 {
				file = args[0]
			}
			j.Crawl.Seeds = nil
			source := listSource{name: file, format: format, column: column, named: cmd.Flags().Changed("url-column")}
			list, err := source.read(cmd.InOrStdin())
			if err != nil {
				return cli.Usage(err, "the list is a text file with one URL a line, CSV with a header line, or JSONL; --input says which")
			}
			list.warn(cmd.ErrOrStderr(), name)
			j.Crawl.List = list.entries
			return runCrawl(cmd, logs, j, &o)
		},
	}
	fs := cmd.Flags()
	bindCrawl(fs, given)
	o.bind(fs)
	fs.StringVar(&column, "url-column", column, "the column `NAME` of CSV or JSONL that holds the URL")
	fs.StringVar(&format, "input", format, "the list's format: auto, text, csv or jsonl")
	return cmd
}

// runCrawl runs the job and renders what came of it.
func runCrawl(cmd *cobra.Command, logs *cli.Logging, j *job, o *output) error {
	c := &j.Crawl
	if j.Out == "" {
		return cli.Usagef("no run directory: name it with -o DIR, or as `out:` in the job file")
	}
	if len(c.Seeds) == 0 && c.List == nil {
		return cli.Usagef("nothing to crawl: name at least one URL, or crawl.seeds in a job file")
	}
	err := j.checkThresholds()
	if err != nil {
		return err
	}
	if c.JobYAML, err = j.crawlYAML(); err != nil {
		return err
	}
	ctx, drain, stop := cli.Signals(cmd.Context())
	defer stop()
	defer frugal(context.WithoutCancel(ctx))()
	via, closeSite, err := j.serveSite(context.WithoutCancel(ctx), cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	defer closeSite()
	p := report.NewProgress(cmd.ErrOrStderr(), "crawl", "URLs", o.quiet)
	if !o.quiet {
		logs.Writer = p // so that log lines do not tear the bars
	}
	c.Dir, c.Drain, c.Map, c.Logger, c.Failpoint = j.Out, drain, via, logs.Logger(), failpoint()
	cr, err := crawler.New(c.Config)
	if err != nil {
		return cli.Usage(j.place(err), "")
	}
	sum, err := watch(ctx, p, cr, drain)
	return finishCrawl(cmd, o, j.Out, sum, c.Threshold, err)
}

// watch runs the crawler and shows how far it is.
func watch(ctx context.Context, p *report.Progress, cr *crawler.Crawler, drain *pipeline.Event) (*crawler.Summary, error) {
	defer p.Poll(func() (done, known int64, detail string) { return crawlLine(cr.Progress()) })()
	defer cli.AnnounceDrain(ctx, p, drain)()
	return cr.Run(ctx)
}

// crawlLine is a crawl's progress in one line.
func crawlLine(p crawler.Progress) (done, known int64, detail string) {
	detail = fmt.Sprintf("%d in flight", p.InFlight)
	if p.Retries > 0 {
		detail += fmt.Sprintf(", %d retries", p.Retries)
	}
	if p.Errors > 0 {
		detail += fmt.Sprintf(", %d errors", p.Errors)
	}
	return p.Done, p.Known, detail
}

// finishCrawl prints the summary and turns it into an exit code.
func finishCrawl(cmd *cobra.Command, o *output, dir string, sum *crawler.Summary, thresholds []report.Threshold, err error) error {
	if sum == nil {
		return crawlError(err)
	}
	failed, terr := judge(thresholds, sum)
	if o.json {
		if err := report.EncodeJSON(cmd.OutOrStdout(), sum); err != nil {
			return err
		}
	} else {
		crawlTable(dir, sum).Render(cmd.OutOrStdout())
	}
	switch {
	case err != nil:
		return crawlError(err)
	case terr != nil:
		return terr
	case sum.State == crawler.Interrupted:
		return cli.Interrupted("the same command goes on where this one stopped")
	case len(failed) > 0:
		return cli.ThresholdError(failed)
	}
	return nil
}

// checkThresholds tells before the crawl of metrics that do not exist.
func (j *job) checkThresholds() error {
	var errs []error
	for i := range j.Crawl.Threshold {
		_, err := evaluate(j.Crawl.Threshold[i:i+1], &crawler.Summary{})
		errs = append(errs, units.AtKey(fmt.Sprintf("threshold[%d]", i), err))
	}
	return cli.Usage(j.place(errors.Join(errs...)), thresholdHint)
}

// thresholdHint is the way out of a metric that does not exist.
const thresholdHint = "the keys of crawl.json are the metrics, as pages, status.404 or skipped.robots: docs/formats.md"

func evaluate(thresholds []report.Threshold, sum *crawler.Summary) (failed []report.Result, err error) {
	return report.Evaluate(thresholds, sum, "status", "errors", "skipped", "traps", "waited_s")
}

// judge evaluates conditions on a crawl's summary.
func judge(thresholds []report.Threshold, sum *crawler.Summary) (failed []report.Result, err error) {
	failed, err = evaluate(thresholds, sum)
	return failed, cli.Usage(err, thresholdHint)
}

// unknownAuthority reports whether nobody who is trusted has signed a server's certificate.
func unknownAuthority(err error) bool {
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	return unknown
}

// crawlError gives a run's error its exit code and its way out.
func crawlError(err error) error {
	switch {
	case errors.Is(err, crawler.ErrOtherJob):
		return cli.Usage(err, "name another directory with -o, or give the same seeds, scope, allow and deny")
	case errors.Is(err, crawler.ErrNothingFetched) && unknownAuthority(err):
		return cli.Fail(err, "name the root certificate that signs the site's with --tls-ca")
	case errors.Is(err, crawler.ErrNothingFetched):
		return cli.Fail(err, "check the seeds; --log-level debug tells more")
	case errors.Is(err, fsx.ErrLocked):
		return cli.Fail(err, "wait until it has ended, or name another directory with -o")
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return cli.Fail(err, "free space and give the same command again: it goes on where it stopped")
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return cli.Fail(err, "let more files be open (ulimit -n) and give the same command again: it goes on where it stopped")
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return cli.Fail(err, "name a writable directory with -o")
	}
	return cli.Fail(err, "")
}
