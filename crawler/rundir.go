package crawler

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tandem/store/fsx"
)

// The run directory's parts. See docs/formats.md.
const (
	lockFile    = "lock"
	jobFile     = "job.yaml"
	archiveDir  = "archive"
	frontierDir = "frontier"
	summaryFile = "crawl.json"
	inlinksFile = "inlinks.jsonl"
	itemsFile   = "items.jsonl"
)

// openDir makes the run directory and takes its lock. The returned function
// gives the lock back.
func openDir(fsys fsx.FS, dir string) (release func() error, err error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("open run directory %q: it is a file; name a folder with -o", dir)
	}
	if err := fsys.MkdirAll(dir); err != nil {
		return nil, fmt.Errorf("make run directory %q: %w", dir, err)
	}
	release, _, err = fsx.Lock(filepath.Join(dir, lockFile))
	if err != nil {
		return nil, fmt.Errorf("lock run directory %q: %w", dir, err)
	}
	if err := checkWritable(dir); err != nil {
		return nil, errors.Join(err, release())
	}
	return release, nil
}

// checkWritable looks at the parts of a run directory that may be there already
// and are written only when the first page has come.
func checkWritable(dir string) error {
	for _, part := range []string{"", archiveDir, frontierDir} {
		if err := fsx.Writable(filepath.Join(dir, part)); err != nil {
			return fmt.Errorf("open run directory %q: %w", dir, err)
		}
	}
	return nil
}

// Fingerprint tells jobs apart: two jobs may share a run directory only if it
// is equal. It covers seeds, scope, allow, deny and the get list; everything
// else may change between two starts.
func (c *Config) Fingerprint() (string, error) {
	job := struct {
		Seeds, Allow, Deny, List []string
		Scope                    string
	}{Scope: c.Scope}
	for _, s := range c.Seeds {
		u, err := parseSeed(s)
		if err != nil {
			return "", err
		}
		job.Seeds = append(job.Seeds, u.String())
	}
	for _, p := range c.Allow {
		job.Allow = append(job.Allow, p.String())
	}
	for _, p := range c.Deny {
		job.Deny = append(job.Deny, p.String())
	}
	for _, e := range c.List {
		job.List = append(job.List, e.URL)
	}
	for _, list := range [][]string{job.Seeds, job.Allow, job.Deny, job.List} {
		slices.Sort(list)
	}
	b, err := json.Marshal(job)
	if err != nil {
		return "", fmt.Errorf("fingerprint job: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// otherJob names both jobs, so that the user sees which of them is meant.
func otherJob(dir, theirs string, cfg *Config) error {
	return fmt.Errorf("open run directory %q: %w (its seeds: %s; now: %s)",
		dir, ErrOtherJob, theirs, describeSeeds(cfg))
}

// describeSeeds names what a job starts from, in at most a line.
func describeSeeds(cfg *Config) string {
	if cfg.List != nil {
		return fmt.Sprintf("a list of %d URLs", len(cfg.List))
	}
	shown := cfg.Seeds
	more := ""
	if len(shown) > 3 {
		more = fmt.Sprintf(" and %d more", len(shown)-3)
		shown = shown[:3]
	}
	return fmt.Sprintf("%s%s, scope %s, %d allow, %d deny", strings.Join(shown, " "), more, cfg.Scope, len(cfg.Allow), len(cfg.Deny))
}

// exists reports whether a path is there; an error other than "it is not" is
// returned.
func exists(fsys fsx.FS, path string) (bool, error) {
	_, err := fsys.Stat(path)
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	}
	return false, err
}
