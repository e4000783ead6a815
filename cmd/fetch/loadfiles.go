package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"tandem/internal/report"
	"tandem/load"
	"tandem/store/fsx"
)

// loadDir is where a load's results are kept.
func loadDir(out string) string { return filepath.Join(out, "load") }

// openLoadDir makes the directory of the results, and finds out whether they can be written there before a run begins.
func openLoadDir(out string) error {
	dir := loadDir(out)
	if err := fsx.OS().MkdirAll(dir); err != nil {
		return fmt.Errorf("keep result in %q: %w", out, err)
	}
	return probeDir(dir)
}

// probeDir makes a file in a directory, and takes it away.
func probeDir(dir string) error {
	f, err := os.CreateTemp(dir, ".probe.*.tmp")
	if err != nil {
		return fmt.Errorf("keep result in %q: %w", dir, err)
	}
	_ = f.Close() // nothing was written
	if err := os.Remove(f.Name()); err != nil {
		return fmt.Errorf("keep result in %q: %w", dir, err)
	}
	return nil
}

// keepLoad writes what came out of a run. load.json comes last: where it is, the others are.
func keepLoad(j *job, res *load.Result) error {
	dir := loadDir(j.Out)
	jobYAML, err := j.loadYAML()
	if err != nil {
		return err
	}
	if err := report.WriteFile(filepath.Join(dir, "job.yaml"), jobYAML); err != nil {
		return err
	}
	for _, file := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"series.csv", res.WriteCSV},
		{"response.hgrm", func(w io.Writer) error { return res.WritePercentiles(w, "response") }},
		{"service.hgrm", func(w io.Writer) error { return res.WritePercentiles(w, "service") }},
		{"latency.hlog", res.WriteLog},
	} {
		var b bytes.Buffer
		if err := file.write(&b); err != nil {
			return fmt.Errorf("render %s: %w", file.name, err)
		}
		if err := report.WriteFile(filepath.Join(dir, file.name), b.Bytes()); err != nil {
			return err
		}
	}
	return report.WriteJSON(filepath.Join(dir, "load.json"), res)
}
