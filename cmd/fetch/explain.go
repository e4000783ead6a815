package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tandem/crawler"
	"tandem/internal/cli"
	"tandem/internal/units"
)

// explaining is `fetch explain` without the job.
type explaining struct {
	config  string
	base    string
	robots  string // file
	offline bool
	json    bool
}

// newExplain is `fetch explain`.
func newExplain(name string, logs *cli.Logging) *cobra.Command {
	var x explaining
	given := defaultJob()
	cmd := &cobra.Command{
		Use:   "explain URL…",
		Short: "tell what a crawl would do with a URL, and why",
		Long: `Tell what a crawl would do with each URL, and why, without fetching it. Six checks
are made by the code with which a crawl decides:

  canonical    is it a URL, and how is it written in full?
  scope        do scope, allow, deny and max-depth let a crawl follow a link to it?
  credentials  does it carry a user name or a password? What would be sent there, by name?
  address      which addresses does its host have, and may they be dialled?
  robots       what does the site's robots.txt say, and in which line?
  seen         has the run in -o met it, and what became of it?

A URL is taken for a link that the crawl has found, unless it is a seed. Seeds,
scope and the rest come from --config, from the run directory named with -o, and
from the flags; without seeds every place is in scope. Name servers are asked, and
each site for its robots.txt, once; nothing else is. What cannot be checked is said
to be so, and speaks neither for the URL nor against it. "-" reads URLs from
standard input, one a line. The exit code is 0 also for URLs that are refused.`,
		Example: fmt.Sprintf(`  %[1]s explain https://www.example.org/search?q=1
  %[1]s explain --config configs/site.yaml https://www.example.org/blog/
  %[1]s explain -o out/example https://www.example.org/missing.html
  %[1]s explain --offline --robots robots.txt --user-agent FooBot http://example.org/a
  %[1]s explain --base https://www.example.org/docs/ ../about 'mailto:me@example.org'
  cat urls.txt | %[1]s explain --json --offline - | jq -r 'select(.allowed) | .canonical'`, name),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cli.Usage(errors.New("nothing to explain: name at least one URL"), `"-" reads URLs from standard input`)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			j, err := x.job(cmd.Flags())
			if err != nil {
				return err
			}
			j.Crawl.Logger = logs.Logger()
			return x.run(cmd, j, args)
		},
	}
	fs := cmd.Flags()
	bindExplain(fs, given)
	fs.StringVar(&x.config, "config", "", "a job `FILE` (YAML); flags win over it")
	fs.StringVar(&x.base, "base", "", "the `URL` of the page that relative URLs stand on")
	fs.StringVar(&x.robots, "robots", "", "take this `FILE` for every site's robots.txt")
	fs.BoolVar(&x.offline, "offline", false, "ask no name server and no site")
	fs.BoolVar(&x.json, "json", false, "print one JSON object a URL, each on its line")
	return cmd
}

// bindExplain declares the flags of a crawl that decide about a URL.
func bindExplain(fs *pflag.FlagSet, j *job) {
	c := &j.Crawl
	fs.StringVarP(&j.Out, "out", "o", j.Out, "look the URLs up in the run directory `DIR`, and take its job for the crawl's")
	fs.StringArrayVar(&c.Seeds, "seed", c.Seeds, "a `URL` that the crawl starts from (repeatable)")
	fs.StringVar(&c.UserAgent, "user-agent", c.UserAgent, "the User-Agent, whose name robots.txt is asked for")
	fs.BoolVar(&c.IgnoreRobots, "ignore-robots", c.IgnoreRobots, "as a crawl that fetches what robots.txt disallows")
	fs.Var(&c.Timeout, "timeout", "asking one site may take so long")
	fs.Var(&prefixes{list: &c.AllowNet}, "allow-net", "a private network that may be reached, as 10.1.0.0/16 (repeatable)")
	fs.StringArrayVarP(&c.Headers, "header", "H", c.Headers, "a request header of the crawl, for the seeds' origins (repeatable)")
	bindCookies(fs, j)
	bindRoute(fs, &c.Route)
	bindScope(fs, j)
}

// job is the job that decides: that of --config, else that of the run
// directory, and the flags.
func (x *explaining) job(flags *pflag.FlagSet) (*job, error) {
	file := x.config
	if out, err := flags.GetString("out"); err == nil && out != "" && file == "" {
		if kept := filepath.Join(out, "job.yaml"); isFile(kept) {
			file = kept
		}
	}
	j, err := effective(flags, file, bindExplain)
	if err != nil {
		return nil, err
	}
	// A scope needs something to be the scope of: the page of relative URLs is the best guess.
	if c := &j.Crawl; len(c.Seeds) == 0 && flags.Changed("scope") && c.Scope != "any" {
		if x.base == "" {
			return nil, cli.Usage(fmt.Errorf("--scope %s: of what?", c.Scope), "name the crawl's seeds with --seed, or the page with --base")
		}
		c.Seeds = []string{x.base}
	}
	return j, nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// run explains the arguments.
func (x *explaining) run(cmd *cobra.Command, j *job, args []string) (err error) {
	rules, err := x.readRobots()
	if err != nil {
		return err
	}
	c := &j.Crawl
	c.Dir = j.Out
	stop, err := x.mapSite(cmd, j, rules != nil)
	if err != nil {
		return err
	}
	defer stop()
	e, err := crawler.NewExplainer(c.Config, crawler.ExplainOptions{
		Base: x.base, Robots: rules, RobotsName: x.robots, Offline: x.offline, Look: j.Out != "",
	})
	if errors.Is(err, crawler.ErrNoRun) && !cmd.Flags().Changed("out") { // the job has not run yet
		e, err = crawler.NewExplainer(c.Config, crawler.ExplainOptions{
			Base: x.base, Robots: rules, RobotsName: x.robots, Offline: x.offline,
		})
	}
	if err != nil {
		return explainError(j.place(err))
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	return x.explainAll(cmd, e, args)
}

// explainError tells a run directory that cannot be read from what was typed
// wrongly.
func explainError(err error) error {
	if errors.Is(err, crawler.ErrUnreadable) {
		return cli.Fail(err, "without -o the other checks are made")
	}
	return cli.Usage(err, "")
}

// maxRobots is more than a crawl reads of a robots.txt.
const maxRobots = 1 << 20

// readRobots reads the file of --robots; nil if there is none.
func (x *explaining) readRobots() ([]byte, error) {
	if x.robots == "" {
		return nil, nil
	}
	f, err := os.Open(x.robots)
	if err != nil {
		return nil, cli.Usage(fmt.Errorf("--robots: %w", err), "")
	}
	defer f.Close()
	rules, err := io.ReadAll(io.LimitReader(f, maxRobots))
	if err != nil {
		return nil, cli.Usage(fmt.Errorf("--robots: %w", err), "")
	}
	return append([]byte{}, rules...), nil // not nil
}

// mapSite makes the job's own site reachable, as a crawl would. Where nobody
// asks it, it need not be there.
func (x *explaining) mapSite(cmd *cobra.Command, j *job, unasked bool) (stop func(), err error) {
	if j.Site.Serve != "" && (x.offline || unasked || j.Crawl.IgnoreRobots) {
		j.Crawl.Map = map[string]string{j.Site.hostPort(): "127.0.0.1:80"}
		return func() {}, nil
	}
	j.Crawl.Map, stop, err = j.serveSite(context.WithoutCancel(cmd.Context()), cmd.ErrOrStderr())
	return stop, err
}

// explainAll explains each argument, and for "-" each line of standard input.
func (x *explaining) explainAll(cmd *cobra.Command, e *crawler.Explainer, args []string) error {
	one := func(raw string) error {
		told, err := e.Explain(cmd.Context(), raw)
		if err != nil {
			return err
		}
		if x.json {
			return explainJSON(cmd.OutOrStdout(), told)
		}
		return explainTable(cmd.OutOrStdout(), told)
	}
	for _, raw := range args {
		var err error
		if raw == "-" {
			err = explainLines(cmd, one)
		} else {
			err = one(raw)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// explainLines explains the lines of standard input. Empty ones and comments
// are left out, as in the lists of get.
func explainLines(cmd *cobra.Command, one func(string) error) error {
	lines := &lineReader{r: decodeText(bufio.NewReaderSize(cmd.InOrStdin(), 64<<10))}
	for {
		line, err := lines.filled()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errLongLine):
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: warning: line %d is longer than %s: it is left out\n",
				cmp.Or(cmd.Root().Name(), "fetch"), lines.n, units.FormatSize(maxListLine))
			continue
		case err != nil:
			return fmt.Errorf("read standard input: %w", err)
		case line[0] == '#':
			continue
		}
		if err := one(string(line)); err != nil {
			return err
		}
	}
}
