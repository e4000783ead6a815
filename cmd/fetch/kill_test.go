package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/crawler"
	"tandem/internal/site"
)

// deaths are the failpoints at which a crawl is killed, one start after the
// other; then the same command runs without any until it ends. A name after a
// name means that the restart dies too.
var deaths = []string{
	"mid-member:1",
	"mid-member:2",
	"mid-member:120 mid-member:1 mid-member:90",
	"after-append:1",
	"after-append:200 after-append:3",
	"after-batch:1",
	"after-batch:150 after-batch:1 after-batch:7",
	"after-rename:1",
	"before-manifest:1 before-manifest:1",
	"after-rename:1 before-manifest:1 during-merge:1",
	"during-merge:1",
	"mid-member:60 after-append:60 after-batch:60 after-rename:1 before-manifest:1 during-merge:1",
}

// TestKillAtFailpoints kills crawls at each point of the write path.
func TestKillAtFailpoints(t *testing.T) {
	t.Parallel()
	for _, d := range deaths {
		t.Run(strings.ReplaceAll(d, " ", ","), func(t *testing.T) {
			t.Parallel()
			s, url := synthetic(t, everything(300))
			dir := t.TempDir()
			plan := strings.Fields(d)
			dieAt(t, gentle(dir, url), plan)
			fetch(t, 0, gentle(dir, url)...)
			checkCrawl(t, dir, s, url, len(plan), undisturbed(t))
		})
	}
}

// TestKillWhileSealing kills a crawl that lasts long enough to seal its first
// segment by age, and goes on to a second one.
func TestKillWhileSealing(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"after-rename:1", "before-manifest:1"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			opt := everything(300)
			opt.Latency = 100 * time.Millisecond
			s, url := synthetic(t, opt)
			dir := t.TempDir()
			dieAt(t, gentle(dir, url), []string{point})
			if n := len(s.Log()); n >= len(s.Truth()) {
				t.Errorf("killed after %d requests, want in the middle of the crawl", n)
			}
			fetch(t, 0, gentle(dir, url)...)
			checkCrawl(t, dir, s, url, 1, undisturbed(t))
			if n := len(lines(t, filepath.Join(dir, "archive", "manifest.jsonl"))); n < 2 {
				t.Errorf("%d segments, want more than one", n)
			}
		})
	}
}

// TestFrontierBehindArchive sets the frontier back to the first record, as if
// the disk had kept the archive and lost the rest: everything in the sealed
// segment is replayed from there and not asked for again.
func TestFrontierBehindArchive(t *testing.T) {
	t.Parallel()
	s, url := synthetic(t, everything(300))
	dir, old := t.TempDir(), filepath.Join(t.TempDir(), "old")
	state := filepath.Join(dir, "frontier")
	dieAt(t, gentle(dir, url), []string{"after-append:1"})
	if err := os.CopyFS(old, os.DirFS(state)); err != nil {
		t.Fatal(err)
	}
	dieAt(t, gentle(dir, url), []string{"after-rename:1"})
	if err := errors.Join(os.RemoveAll(state), os.Rename(old, state)); err != nil {
		t.Fatal(err)
	}
	fetch(t, 0, gentle(dir, url)...)
	checkCrawl(t, dir, s, url, 1, undisturbed(t))
	// Until the first kill is felt, others in flight may have been marked.
	if sum := readSummary(t, dir); sum.Recovered.Replayed > sum.Fetched || sum.Recovered.Replayed < sum.Fetched-inFlight {
		t.Errorf("%d records replayed of %d", sum.Recovered.Replayed, sum.Fetched)
	}
}

// TestKillRecrawl kills the second run over a finished crawl: its revisit
// records, and those of an undisturbed third run, refer to the first one's
// payloads.
func TestKillRecrawl(t *testing.T) {
	t.Parallel()
	for _, validators := range []bool{true, false} {
		t.Run(fmt.Sprintf("validators=%v", validators), func(t *testing.T) {
			t.Parallel()
			opt := everything(150)
			opt.NoValidators = !validators
			s, url := synthetic(t, opt)
			dir := t.TempDir()
			fetch(t, 0, gentle(dir, url)...)
			first := inlinks(t, dir, url)
			since, plan := len(s.Log()), strings.Fields("mid-member:40 after-append:1 after-append:50 after-batch:30")
			dieAt(t, gentle(dir, url), plan)
			fetch(t, 0, gentle(dir, url)...)
			checkRequests(t, s, since, len(plan)*inFlight, false)
			fetch(t, 0, gentle(dir, url)...)
			runs := checkedArchive(t, dir)
			if len(runs) != 3 {
				t.Fatalf("%d runs in the manifest, want 3", len(runs))
			}
			for _, have := range runs {
				checkTruth(t, dir, have, s, url)
			}
			if diff := cmp.Diff(first, inlinks(t, dir, url)); diff != "" {
				t.Errorf("in-links of an unchanged site (-first run +second):\n%s", diff)
			}
		})
	}
}

// TestFailpointsAreAllTried finds the points in the code that calls them.
func TestFailpointsAreAllTried(t *testing.T) {
	t.Parallel()
	called := regexp.MustCompile(`[fF]ailpoint\("([a-z-]+)"\)`)
	names := make(map[string]bool)
	for _, folder := range []string{"../../store", "../../crawler", "../../crawler/frontier"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%d files in %s: %v", len(files), folder, err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range called.FindAllSubmatch(b, -1) {
				if !strings.HasSuffix(f, "_test.go") {
					names[string(m[1])] = true
				}
			}
		}
	}
	tried := make(map[string]bool)
	for _, d := range deaths {
		for _, point := range strings.Fields(d) {
			name, _, _ := strings.Cut(point, ":")
			tried[name] = true
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(names)), slices.Sorted(maps.Keys(tried))); diff != "" {
		t.Errorf("failpoints (-in the code +tried here):\n%s", diff)
	}
}

var (
	undisturbedOnce    sync.Once
	undisturbedInlinks []string
)

// undisturbed returns the in-links that a crawl of the site of 300 pages
// exports when nothing happens to it.
func undisturbed(t *testing.T) []string {
	t.Helper()
	undisturbedOnce.Do(func() {
		_, url := synthetic(t, everything(300))
		dir := t.TempDir()
		fetch(t, 0, gentle(dir, url)...)
		undisturbedInlinks = inlinks(t, dir, url)
	})
	return undisturbedInlinks
}

// dieAt starts the same command once for each failpoint and demands that each
// start dies there.
func dieAt(t *testing.T, args, plan []string) {
	t.Helper()
	for _, point := range plan {
		p := start(t, "TANDEM_FAILPOINT="+point, args...)
		if code := p.wait(); code != -int(syscall.SIGKILL) {
			t.Fatalf("at %s: exit code %d, want to be killed\n%s%s", point, code, p.out.String(), p.err.String())
		}
	}
}

// awaitLog waits until the site has logged so many requests or the process has
// ended.
func awaitLog(t *testing.T, s *site.SyntheticSite, n int, p *process) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for s.Requests() < n {
		select {
		case <-tick.C:
		case <-p.done:
			return
		case <-deadline:
			t.Fatalf("%d requests, waited for %d\n%s", s.Requests(), n, p.err.String())
		}
	}
}

// checkCrawl checks a complete crawl that was killed a number of times: nothing
// lost, nothing stored twice, the counters right and the in-links those of a
// crawl to which nothing happened.
func checkCrawl(t *testing.T, dir string, s *site.SyntheticSite, url string, kills int, links []string) {
	t.Helper()
	sum := readSummary(t, dir)
	if sum.State != crawler.Complete || sum.Pending != 0 {
		t.Errorf("state %s with %d pending, want complete", sum.State, sum.Pending)
	}
	runs := checkedArchive(t, dir)
	have, ok := runs[sum.Run]
	if !ok || len(runs) != 1 {
		t.Fatalf("runs in the manifest: %v, want %s alone", slices.Collect(maps.Keys(runs)), sum.Run)
	}
	stored := int64(len(have))
	checkTruth(t, dir, have, s, url)
	checkRequests(t, s, 0, kills*inFlight, true)
	// What was in flight at a kill may be in the last snapshot and be counted
	// again when its record is replayed.
	if off := sum.Fetched - stored; off < 0 || off > int64(kills*inFlight) {
		t.Errorf("crawl.json counts %d responses, %d are stored", sum.Fetched, stored)
	} else {
		t.Logf("counts %d responses too many, mended %+v", off, sum.Recovered)
	}
	if diff := cmp.Diff(links, inlinks(t, dir, url)); diff != "" {
		t.Errorf("in-links (-undisturbed crawl +this one):\n%s", diff)
	}
}
