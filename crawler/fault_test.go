package crawler_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"tandem/crawler"
	"tandem/internal/site"
	"tandem/internal/units"
	"tandem/store"
	"tandem/store/fsx"
)

// faultSite is small, so that a crawl of it makes few changes on disk, and has
// some of everything but pages that must be asked for twice: those take a second.
func faultSite() site.SyntheticOptions {
	return site.SyntheticOptions{
		Seed: 5, Pages: 12, Links: 3, Images: 2, Redirects: 1, NotFound: 1, Duplicates: 1, Private: 1, Robots: true, Chunked: 30, Gzip: 30,
	}
}

// faultConfig is a job over it.
func faultConfig(dir, url string, disk fsx.FS) crawler.Config {
	cfg := config(dir, url+"/")
	cfg.FS, cfg.JobYAML = disk, []byte("crawl: {}\n")
	cfg.Timeout = units.Duration(5 * time.Second)
	return cfg
}

// TestEveryChangeFailsOnce makes each create, write, sync, rename, remove,
// truncate and new folder of a whole crawl fail in turn, in several ways. The
// run goes on or ends in an error that names the fault; what is listed in the
// archive right then is whole; and the same job without the fault completes the
// set, with nothing lost and nothing stored twice.
func TestEveryChangeFailsOnce(t *testing.T) {
	t.Parallel()
	s, url := synthetic(t, faultSite())
	var crawls errgroup.Group
	crawls.SetLimit(12) // they wait, most of the time
	for _, start := range []string{"fresh", "resumed", "recrawl"} {
		probe := fsx.NewFault(unsynced{fsx.OS()}, nil)
		dir := t.TempDir()
		before(t, start, dir, url)
		if _, err := tryCrawl(t, faultConfig(dir, url, probe)); err != nil {
			t.Fatalf("%s: crawl without a fault: %v", start, err)
		}
		changes := sample(probe.Calls())
		t.Logf("%s: %d calls, %d changes to fail", start, len(probe.Calls()), len(changes))
		for i, call := range changes {
			for _, fault := range faultsOf(call, i) {
				name := fmt.Sprintf("%s/%s %d/%s/%v", start, call.Op, call.Seq, filepath.Base(call.Name), fault)
				crawls.Go(func() error {
					t.Run(name, func(t *testing.T) {
						dir := t.TempDir()
						before(t, start, dir, url)
						failOnce(t, dir, s, url, call, fault)
					})
					return nil
				})
			}
		}
	}
	_ = crawls.Wait() // the tests have said it
}

// before brings a run directory to where the crawl with the fault begins.
func before(t *testing.T, start, dir, url string) {
	t.Helper()
	cfg := faultConfig(dir, url, unsynced{fsx.OS()})
	switch start {
	case "resumed": // some pages are in an open segment that nobody closed
		torn := fsx.NewFault(unsynced{fsx.OS()}, nil)
		cfg.FS = torn
		torn.SetDecide(func(c fsx.Call) error {
			if c.Op == fsx.OpWrite && strings.HasSuffix(c.Name, ".open") && c.Seq > 20 {
				return &fsx.ShortWrite{N: c.Size / 2, Err: syscall.EIO}
			}
			return nil
		})
		if _, err := tryCrawl(t, cfg); !errors.Is(err, syscall.EIO) {
			t.Fatalf("prepare: %v, want EIO", err)
		}
	case "recrawl":
		crawl(t, cfg)
	}
}

// mostChanges bounds how many calls of one operation on one kind of file fail,
// each in a crawl of its own.
const mostChanges = 3

// sample takes the changes out of calls: of each operation and kind of file the
// first, the last and some between.
func sample(calls []fsx.Call) []fsx.Call {
	kinds := make(map[string][]fsx.Call)
	for _, c := range calls {
		if c.Op.Mutates() {
			kind := string(c.Op) + kindOf(c.Name)
			kinds[kind] = append(kinds[kind], c)
		}
	}
	var all []fsx.Call
	for _, list := range kinds {
		n := min(len(list), mostChanges)
		for i := range n {
			all = append(all, list[i*(len(list)-1)/max(n-1, 1)])
		}
	}
	slices.SortFunc(all, func(a, b fsx.Call) int {
		return strings.Compare(fmt.Sprint(a.Op, a.Seq+1e6), fmt.Sprint(b.Op, b.Seq+1e6))
	})
	return all
}

// kindOf is a file's name without its number.
func kindOf(name string) string {
	base := strings.TrimLeft(filepath.Base(name), "0123456789")
	if i := strings.IndexByte(base, '-'); i > 0 { // MANIFEST-000001
		base = base[:i]
	}
	return filepath.Base(filepath.Dir(name)) + "/" + base
}

// faultsOf says how a call fails: writes in turn at once, in the middle or for
// want of the last byte.
func faultsOf(c fsx.Call, i int) []error {
	kinds := []error{syscall.EIO, syscall.ENOSPC}
	if c.Op == fsx.OpWrite && c.Size > 1 {
		kinds = append(kinds, &fsx.ShortWrite{N: c.Size / 2, Err: syscall.ENOSPC}, &fsx.ShortWrite{N: c.Size - 1, Err: syscall.EIO})
	}
	return []error{kinds[i%len(kinds)]}
}

func failOnce(t *testing.T, dir string, s *site.SyntheticSite, url string, call fsx.Call, fault error) {
	disk := fsx.NewFault(unsynced{fsx.OS()}, fsx.FailNth(call.Op, call.Seq, fault))
	sum, err := tryCrawl(t, faultConfig(dir, url, disk))
	met := disk.Count(call.Op) >= call.Seq
	switch {
	case err == nil && sum.State != crawler.Complete:
		t.Errorf("the run ended %s without an error", sum.State)
	case err != nil && (!met || !named(err)):
		t.Errorf("error %v does not name the fault", err)
	case err != nil && sum != nil && sum.State != crawler.Failed:
		t.Errorf("state %s beside the error %v", sum.State, err)
	}
	listedWhole(t, dir)
	failed := err != nil
	last, err := tryCrawl(t, faultConfig(dir, url, unsynced{fsx.OS()}))
	if err != nil {
		t.Fatalf("the same job without the fault: %v", err)
	}
	if last.State != crawler.Complete || last.Pending != 0 {
		t.Errorf("state %s with %d pending", last.State, last.Pending)
	}
	checkWhole(t, dir, last.Run, s, url)
	t.Logf("failed %v, resumed %d, mended %+v", failed, last.Resumed, last.Recovered)
}

// named reports whether an error tells of the fault.
func named(err error) bool { return errors.Is(err, syscall.EIO) || errors.Is(err, syscall.ENOSPC) }

// listedWhole reads every segment that the manifest lists to its end.
func listedWhole(t *testing.T, dir string) {
	t.Helper()
	archive := filepath.Join(dir, "archive")
	segments, err := store.ReadManifest(fsx.OS(), archive)
	if errors.Is(err, store.ErrTornLine) {
		return // the last line is half there: the next start drops or rebuilds it
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("manifest right after the fault: %v", err)
	}
	for _, seg := range segments {
		for _, err := range store.ScanFile(filepath.Join(archive, seg.Segment)) {
			if err != nil {
				t.Errorf("listed segment %s: %v", seg.Segment, err)
			}
		}
	}
}

// checkWhole demands that the last run has each page of the site once, and
// that nothing lies about in the archive.
func checkWhole(t *testing.T, dir, run string, s *site.SyntheticSite, url string) {
	t.Helper()
	have := stored(t, dir, run)
	for u, want := range s.TruthAt(url) {
		e, ok := have[u]
		delete(have, u)
		switch {
		case want.Private == ok:
			t.Errorf("%s: stored %v, private %v", u, ok, want.Private)
		case ok && want.SHA256 != "" && e.Digest != "sha256:"+want.SHA256:
			t.Errorf("%s has digest %s, want %s", u, e.Digest, want.SHA256)
		}
	}
	for u := range have {
		t.Errorf("%s is stored and not part of the site", u)
	}
	listedWhole(t, dir)
	open, err := filepath.Glob(filepath.Join(dir, "archive", "*.open"))
	temp, terr := filepath.Glob(filepath.Join(dir, "*", "*.tmp*"))
	if err != nil || terr != nil || len(open)+len(temp) > 0 {
		t.Errorf("left lying about: %v %v", open, temp)
	}
}
