package main

import (
	"path/filepath"
	"testing"

	"github.com/spf13/pflag"

	"tandem/configs"
)

// TestJobFiles loads the job files that Tandem comes with, and reads back the
// effective job of each.
func TestJobFiles(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"demo.yaml", "site.yaml"} {
		flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
		bindRun(flags, defaultJob())
		if err := flags.Parse([]string{"--workers", "3", "--format", "jsonl"}); err != nil {
			t.Fatal(err)
		}
		j, err := effective(flags, filepath.Join("..", "..", "configs", name))
		if err != nil {
			t.Fatal(err)
		}
		if c := j.Process; c.Workers != 3 || len(c.Format) != 1 || c.Format[0] != "jsonl" || len(c.Threshold) == 0 {
			t.Errorf("%s: workers %d, format %v, threshold %v", name, c.Workers, c.Format, c.Threshold)
		}
		text, err := j.yaml()
		if err != nil {
			t.Fatal(err)
		}
		again := defaultJob()
		if err := configs.Parse(name, text, map[string]any{"out": &again.Out, "process": &again.Process}); err != nil {
			t.Errorf("effective job of %s: %v\n%s", name, err, text)
		}
	}
}
