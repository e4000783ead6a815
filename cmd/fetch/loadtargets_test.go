package main

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"tandem/crawler"
	"tandem/internal/site"
	"tandem/load/target"
)

// TestTargetFlags holds that every key of the target section but urls has its flag.
func TestTargetFlags(t *testing.T) {
	t.Parallel()
	c := target.DefaultConfig()
	fs := pflag.NewFlagSet("load", pflag.ContinueOnError)
	bindTargets(fs, &c)
	err := fs.Parse([]string{"--targets=a", "--targets-format=json", "--from=b", "--base=c", "--order=uniform", "--requisites=only", "-m=HEAD", "-H=A: 1", "-H=B: 2",
		"-b=x", "--feed=d.csv", "--feed-order=random", "--seed=9", "--check=status=2xx", "--check=body~a,b"})
	if err != nil {
		t.Fatal(err)
	}
	want := target.Config{Targets: "a", TargetsFormat: "json", From: "b", Base: "c", Order: "uniform", Requisites: "only", Method: "HEAD", Headers: []string{"A: 1", "B: 2"},
		Body: "x", Feed: "d.csv", FeedOrder: "random", Seed: 9, Checks: checks(t, "status=2xx", "body~a,b")}
	byText := cmp.Comparer(func(a, b target.Check) bool { return a.String() == b.String() })
	if diff := cmp.Diff(want, c, byText); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
	if err := fs.Parse([]string{"--check=time<5"}); err == nil || !strings.Contains(err.Error(), `"time" cannot be checked`) {
		t.Errorf("error %v", err)
	}
}

func checks(t *testing.T, texts ...string) []target.Check {
	t.Helper()
	list := make([]target.Check, len(texts))
	for i, text := range texts {
		if err := list[i].Set(text); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// TestTargetsFromCrawl has a real crawl's run directory requested: exactly the pages that answered, at the site and elsewhere.
func TestTargetsFromCrawl(t *testing.T) {
	t.Parallel()
	s, err := site.Synthetic(kinds["small"])
	if err != nil {
		t.Fatal(err)
	}
	srv, err := site.Serve(context.Background(), "127.0.0.1:0", s)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := srv.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	origin := strings.TrimSuffix(srv.URL(), "/")
	j := defaultJob()
	j.Out, j.Crawl.Seeds, j.Crawl.HostRate = t.TempDir(), []string{srv.URL()}, 0
	cfg := j.Crawl.Config
	cfg.Dir = j.Out
	if cfg.JobYAML, err = j.crawlYAML(); err != nil {
		t.Fatal(err)
	}
	cr, err := crawler.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	summary, err := cr.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := target.DefaultConfig()
	c.From, c.Order = cfg.Dir, "sequence"
	pages, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	if int64(pages.Len()) != summary.Pages || pages.Len() < 5 {
		t.Errorf("%d targets of %d pages", pages.Len(), summary.Pages)
	}
	c.Base = "http://staging.example.org/copy"
	moved, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for i := range pages.Len() {
		want = append(want, strings.Replace(pages.Name(i), origin, c.Base, 1))
	}
	for i := range moved.Len() {
		got = append(got, moved.Name(i))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("elsewhere (-want +got):\n%s", diff)
	}
	c.Base, c.Requisites = "", "with"
	all, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	if int64(all.Len()) != summary.Pages+summary.Requisites {
		t.Errorf("%d targets of %d pages and %d requisites", all.Len(), summary.Pages, summary.Requisites)
	}
	if !slices.Equal(all.Hosts(), []string{origin}) {
		t.Errorf("hosts %v", all.Hosts())
	}
}
