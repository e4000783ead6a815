package processor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"tandem/pipeline"
	"tandem/store/fsx"
)

// TestExecutorsAgree holds every executor and every number of workers to the
// same tables, byte for byte.
func TestExecutorsAgree(t *testing.T) {
	t.Parallel()
	dir := newRunDir(t)
	base := testConfig(t, dir)
	base.Executor = Serial
	sum := mustRun(t, base)
	want := dataset(t, base.Dir)
	if sum.Documents != corpusDocuments || sum.Images != corpusImages || sum.Quarantined != corpusQuarantined || sum.Items != corpusItems {
		t.Fatalf("serial: %d documents, %d images, %d quarantined, %d items", sum.Documents, sum.Images, sum.Quarantined, sum.Items)
	}
	type variant struct {
		executor string
		workers  int
	}
	variants := []variant{{Goroutines, 1}, {Goroutines, 2}, {Goroutines, 8}, {Processes, 2}}
	if !underRace {
		variants = append(variants, variant{Processes, 1}, variant{Processes, 8})
	}
	for _, v := range variants {
		t.Run(fmt.Sprint(v.executor, v.workers), func(t *testing.T) {
			cfg := testConfig(t, dir)
			cfg.Executor, cfg.Workers = v.executor, v.workers
			if underRace {
				cfg.WorkerMemory = 0 // the race detector's memory has no place in a limit
				cfg.ItemTimeout = 0
			}
			mustRun(t, cfg)
			if diff := cmp.Diff(want, dataset(t, cfg.Dir)); diff != "" && !underRace {
				t.Errorf("rows differ from serial (-serial +%s):\n%s", v.executor, diff)
			}
		})
	}
}

// TestRows looks at what the rows of the corpus say.
func TestRows(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t, newRunDir(t))
	sum := mustRun(t, cfg)
	tables := dataset(t, cfg.Dir)
	docs := byPath(rowsOf[Document](t, tables["documents/"+firstRun+".jsonl"]))
	images := byPath(rowsOf[Image](t, tables["images/"+firstRun+".jsonl"]))
	bad := byPath(rowsOf[Quarantined](t, tables[quarantineFile]))

	if got := deref(docs["/near/b"].NearDuplicateOf); got != site+"/near/a" {
		t.Errorf("/near/b nearly repeats %q", got)
	}
	if got := docs["/near/a"].NearDuplicateOf; got != nil {
		t.Errorf("the representative repeats %q", *got)
	}
	if got := deref(docs["/copy/2"].NearDuplicateOf); got != site+"/copy/1" {
		t.Errorf("/copy/2 repeats %q", got)
	}
	for path, title := range map[string]string{"/zip": "Zipped", "/chunked": "Chunked", "/notes.md": "A heading"} {
		if d := docs[path]; deref(d.Title) != title || deref(d.Text) == "" || d.Words == nil || *d.Words == 0 {
			t.Errorf("%s: title %q, text %.40q", path, deref(d.Title), deref(d.Text))
		}
	}
	if d := docs["/near/a"]; d.Change != "new" || d.Run != firstRun || *d.Status != 200 || *d.Depth != 1 || d.FetchedAt == nil ||
		deref(d.ContentType) != "text/html" || !strings.HasPrefix(deref(d.Digest), "sha256:") || !strings.HasSuffix(deref(d.Segment), ".warc.gz") {
		t.Errorf("origin of /near/a: %+v", d.Origin)
	}
	one := images["/img/one.png"]
	if deref(one.Format) != "png" || *one.Width != 300 || *one.Height != 200 || deref(one.Alt) != "One" || deref(one.PageURL) != site+"/" {
		t.Errorf("/img/one.png: %+v", one)
	}
	if _, err := os.Stat(filepath.Join(cfg.Dir, datasetDir, filepath.FromSlash(deref(one.Thumbnail)))); err != nil {
		t.Errorf("thumbnail: %v", err)
	}
	if deref(images["/img/one.png"].NearDuplicateOf) != site+"/img/one-again.png" {
		t.Errorf("the same image twice: %v", deref(images["/img/one.png"].NearDuplicateOf))
	}
	if deref(images["/img/two.png"].Format) != "png" {
		t.Error("an image sent as octet-stream was not recognised")
	}
	reasons := map[string]string{}
	for path, q := range bad {
		reasons[path] = q.Task + " " + q.Reason
	}
	want := map[string]string{"/bomb": "text too_large", "/img/junk.png": "images decode", "/img/huge.png": "images too_large"}
	if diff := cmp.Diff(want, reasons); diff != "" {
		t.Errorf("quarantine (-want +got):\n%s", diff)
	}
	skipped := map[string]int64{skipFinished: 0, skipType: 1, skipUnsupported: 1, skipRedirect: 1, skipStatus: 2}
	if diff := cmp.Diff(skipped, sum.SkippedBy); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
}

// TestRerun finds that finished work is not done again, and that the tables
// come out the same.
func TestRerun(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t, newRunDir(t))
	mustRun(t, cfg)
	want := dataset(t, cfg.Dir)
	if err := os.RemoveAll(filepath.Join(cfg.Dir, datasetDir, documentsDir)); err != nil {
		t.Fatal(err)
	}
	cfg.WorkerCommand, cfg.Executor = []string{"/nonexistent"}, Processes // would fail if it were started
	sum := mustRun(t, cfg)
	if sum.Items != 0 || sum.SkippedBy[skipFinished] != corpusItems {
		t.Errorf("second run: %d items, %d finished", sum.Items, sum.SkippedBy[skipFinished])
	}
	if diff := cmp.Diff(want, dataset(t, cfg.Dir)); diff != "" {
		t.Errorf("second run (-first +second):\n%s", diff)
	}

	thumbs, err := filepath.Glob(filepath.Join(cfg.Dir, datasetDir, thumbsDir, "*", "*.jpg"))
	if err != nil || len(thumbs) != corpusImages-1 {
		t.Fatalf("%d thumbnails, %v", len(thumbs), err)
	}
	if err := os.Remove(thumbs[0]); err != nil {
		t.Fatal(err)
	}
	cfg.Executor, cfg.RetryQuarantined = Goroutines, true
	if sum := mustRun(t, cfg); sum.Items != 1+corpusQuarantined {
		t.Errorf("a lost thumbnail and the quarantine: %d items", sum.Items)
	}
	if _, err := os.Stat(thumbs[0]); err != nil {
		t.Error(err)
	}
	cfg.RetryQuarantined, cfg.MaxPixels = false, 1000 // another option: images only
	if sum := mustRun(t, cfg); sum.Items != 4 || sum.Images != 0 {
		t.Errorf("another option: %d items, %d images", sum.Items, sum.Images)
	}
}

// TestParquet reads a Parquet dataset back and compares it with JSONL.
func TestParquet(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t, newRunDir(t))
	cfg.Format = []string{Parquet, JSONL}
	mustRun(t, cfg)
	tables := dataset(t, cfg.Dir)
	compareParquet(t, filepath.Join(cfg.Dir, datasetDir, documentsDir, firstRun+".parquet"), rowsOf[Document](t, tables["documents/"+firstRun+".jsonl"]))
	compareParquet(t, filepath.Join(cfg.Dir, datasetDir, imagesDir, firstRun+".parquet"), rowsOf[Image](t, tables["images/"+firstRun+".jsonl"]))
}

func compareParquet[R any](t *testing.T, path string, want []R) {
	t.Helper()
	got, err := parquet.ReadFile[R](path)
	if err != nil {
		t.Fatal(err)
	}
	// The library reads a null of an embedded struct as a pointer to nothing: nulls are looked at one by one below.
	null := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Path" }, cmp.Ignore())
	empty := cmp.FilterValues(func(a, b []string) bool { return len(a)+len(b) == 0 }, cmp.Ignore())
	maps := cmp.FilterValues(func(a, b map[string]string) bool { return len(a)+len(b) == 0 }, cmp.Ignore())
	if diff := cmp.Diff(want, got, null, empty, maps); diff != "" {
		t.Errorf("%s (-jsonl +parquet):\n%s", filepath.Base(path), diff)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	pf, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := pf.Lookup("schema_version"); !ok || v != schemaVersion {
		t.Errorf("%s: schema_version %q", path, v)
	}
	checkNulls(t, pf)
}

// checkNulls looks for columns that hold nothing in the corpus.
func checkNulls(t *testing.T, f *parquet.File) {
	t.Helper()
	nulls := map[string]bool{"path": true, "exif_make": true, "exif_latitude": true}
	for _, group := range f.RowGroups() {
		for i, chunk := range group.ColumnChunks() {
			name := f.Schema().Columns()[i][0]
			pages := chunk.Pages()
			for page, err := pages.ReadPage(); err == nil; page, err = pages.ReadPage() {
				if all := page.NumNulls() == page.NumValues(); nulls[name] && !all || name == "url" && page.NumNulls() > 0 {
					t.Errorf("column %s: %d of %d are null", name, page.NumNulls(), page.NumValues())
				}
			}
			if err := pages.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestChanges follows URLs through three runs.
func TestChanges(t *testing.T) {
	t.Parallel()
	a := newArchiver(t)
	text := func(seed uint64) []byte { return htmlPage(fmt.Sprint(seed), prose(seed, 80)) }
	same := &page{path: "/same", media: "text/html", body: text(1)}
	confirmed := &page{path: "/confirmed", media: "text/html", body: text(2)}
	a.run("20260101T000000Z", 1<<20, same, confirmed, &page{path: "/edited", media: "text/html", body: text(3)},
		&page{path: "/dies", media: "text/html", body: text(4)}, &page{path: "/never", status: 404, media: "text/html"})
	a.run("20260102T000000Z", 1<<20, &page{path: "/same", media: "text/html", prior: same}, &page{path: "/confirmed", status: 304, prior: confirmed},
		&page{path: "/edited", media: "text/html", body: text(5)}, &page{path: "/dies", status: 410, media: "text/html"}, &page{path: "/born", media: "text/html", body: text(6)})
	a.run("20260103T000000Z", 1<<20, &page{path: "/dies", media: "text/html", body: text(4)}, &page{path: "/born", status: 404})
	cfg := testConfig(t, a.dir)
	sum := mustRun(t, cfg)
	if sum.Items != 6 {
		t.Errorf("%d items, want one for each of 6 payloads", sum.Items)
	}
	if sum.Documents != 1 || len(sum.Runs) != 3 || sum.Run != "20260103T000000Z" {
		t.Errorf("%d documents in the newest of %d runs, %s", sum.Documents, len(sum.Runs), sum.Run)
	}
	want := []map[string]string{
		{"/same": "new", "/confirmed": "new", "/edited": "new", "/dies": "new"},
		{"/same": "unchanged", "/confirmed": "unchanged", "/edited": "changed", "/dies": "gone", "/born": "new"},
		{"/dies": "changed", "/born": "gone"},
	}
	tables := dataset(t, cfg.Dir)
	for i, run := range sum.Runs {
		got := map[string]string{}
		for path, d := range byPath(rowsOf[Document](t, tables["documents/"+run.Run+".jsonl"])) {
			got[path] = d.Change
			if gone := d.Change == "gone"; gone != (d.Text == nil) || gone != (d.Digest == nil) {
				t.Errorf("run %s: %s is %s with text %v", run.Run, path, d.Change, d.Text != nil)
			}
		}
		if diff := cmp.Diff(want[i], got); diff != "" {
			t.Errorf("run %s (-want +got):\n%s", run.Run, diff)
		}
	}
}

// TestCorruptArchive damages a record and finds everything else processed.
func TestCorruptArchive(t *testing.T) {
	t.Parallel()
	for _, as := range []string{"run directory", "file"} {
		t.Run(as, func(t *testing.T) {
			a := newArchiver(t)
			pages := corpus()
			a.run(firstRun, 64<<20, pages...)
			hurt := pages[2]
			path := filepath.Join(a.dir, archiveDir, hurt.in)
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			copy(b[hurt.at.Offset+hurt.at.Length/2:], bytes.Repeat([]byte{0xa5}, 40))
			if err := os.WriteFile(path, b, 0o644); err != nil {
				t.Fatal(err)
			}
			input := a.dir
			if as == "file" {
				input = path
			}
			sum := mustRun(t, testConfig(t, input))
			if sum.State != Complete || sum.DamagedTotal == 0 || sum.Damaged[0].Segment != path || sum.Damaged[0].Offset != hurt.at.Offset {
				t.Errorf("damage at %d: state %s, %+v", hurt.at.Offset, sum.State, sum.Damaged)
			}
			lost := int64(1)
			if as == "run directory" {
				lost = 2 // its copy has the same key
			}
			if sum.Documents < corpusDocuments-lost || sum.Images != corpusImages {
				t.Errorf("%d documents, %d images", sum.Documents, sum.Images)
			}
		})
	}
}

// TestKilledWorkers kills workers during a run: nothing is lost or
// doubled.
func TestKilledWorkers(t *testing.T) {
	t.Parallel()
	if underRace {
		t.Skip("workers take 2 s to start under the race detector")
	}
	pages := corpus()
	for i := range 300 { // long enough for a kill to come in the middle
		pages = append(pages, &page{path: fmt.Sprintf("/more/%03d", i), media: "text/html", body: htmlPage(fmt.Sprint("More ", i), prose(uint64(1000+i), 400))})
	}
	a := newArchiver(t)
	a.run(firstRun, 64<<10, pages...)
	calm := testConfig(t, a.dir)
	mustRun(t, calm)
	cfg := testConfig(t, a.dir)
	cfg.Executor = Processes
	p, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	killed := make(chan int)
	go func() { killed <- killTwice(ctx, p) }()
	sum, err := p.Run(t.Context())
	cancel()
	n := <-killed
	if err != nil {
		t.Fatal(err)
	}
	if n == 0 || sum.WorkerRestarts == 0 {
		t.Fatalf("%d workers killed, %d restarted: the test did nothing", n, sum.WorkerRestarts)
	}
	if diff := cmp.Diff(dataset(t, calm.Dir), dataset(t, cfg.Dir)); diff != "" {
		t.Errorf("rows (-calm +killed):\n%s", diff)
	}
}

// killTwice kills the oldest worker once something is done, and again later:
// never the one that has an item in hand for the second time.
func killTwice(ctx context.Context, p *Processor) (killed int) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for done := int64(1); done <= 9 && ctx.Err() == nil; {
		<-tick.C
		if p.Progress().Done < done {
			continue
		}
		p.mu.Lock()
		e := p.engine
		p.mu.Unlock()
		if w := e.stats().PerWorker; len(w) > 1 && syscall.Kill(w[0].PID, syscall.SIGKILL) == nil {
			killed++
		}
		done += 8
	}
	return killed
}

// TestDrain stops a run early and finishes it by the same command.
func TestDrain(t *testing.T) {
	t.Parallel()
	dir := newRunDir(t)
	whole := testConfig(t, dir)
	mustRun(t, whole)
	cfg := testConfig(t, dir)
	cfg.Workers, cfg.Drain = 1, new(pipeline.Event)
	p, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for p.Progress().Done == 0 {
			time.Sleep(time.Millisecond)
		}
		cfg.Drain.Set()
	}()
	sum, err := p.Run(t.Context())
	<-done
	if err != nil || sum.State != Interrupted {
		t.Fatalf("drained: %s, %v", sum.State, err)
	}
	if sum.Items == 0 || sum.Items >= corpusItems {
		t.Errorf("drained after %d items", sum.Items)
	}
	if _, err := os.Stat(filepath.Join(cfg.Dir, datasetDir, documentsDir)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a drained run wrote tables: %v", err)
	}
	cfg.Drain = nil
	rest := mustRun(t, cfg)
	if rest.Items+sum.Items != corpusItems {
		t.Errorf("%d and %d items, want %d together", sum.Items, rest.Items, corpusItems)
	}
	if diff := cmp.Diff(dataset(t, whole.Dir), dataset(t, cfg.Dir)); diff != "" {
		t.Errorf("rows (-whole +resumed):\n%s", diff)
	}
}

// TestAbort cancels the context in the middle: everything ends, what was done
// is kept.
func TestAbort(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t, newRunDir(t))
	cfg.Workers = 1
	p, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for p.Progress().Done == 0 {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	sum, err := p.Run(ctx)
	if err != nil || sum.State != Interrupted {
		t.Fatalf("aborted: %+v, %v", sum, err)
	}
	if rest := mustRun(t, cfg); rest.Items+sum.Items != corpusItems {
		t.Errorf("%d and %d items, want %d together", sum.Items, rest.Items, corpusItems)
	}
}

// TestFollow processes segments while they are written, and tells a crawl that
// ended from one that died.
func TestFollow(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"complete", "running"} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			a := newArchiver(t)
			crawl := filepath.Join(a.dir, crawlFile)
			if err := os.WriteFile(crawl, []byte(`{"state":"running"}`), 0o644); err != nil {
				t.Fatal(err)
			}
			release, _, err := fsx.Lock(filepath.Join(a.dir, crawlLock))
			if err != nil {
				t.Fatal(err)
			}
			cfg := testConfig(t, a.dir)
			cfg.Follow, cfg.FollowPoll = true, 2*time.Millisecond
			p, err := New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			type result struct {
				sum *Summary
				err error
			}
			ended := make(chan result, 1)
			go func() {
				sum, err := p.Run(t.Context())
				ended <- result{sum, err}
			}()
			pages := corpus()
			a.run(firstRun, 1<<20, pages[:5]...)
			for p.Progress().Done < 4 { // the first segment is processed before the second is written
				if len(ended) > 0 {
					t.Fatal("the run ended although the crawl goes on")
				}
				time.Sleep(time.Millisecond)
			}
			a.run(firstRun, 1<<20, pages[5:]...)
			if err := os.WriteFile(crawl, []byte(`{"state":"`+state+`"}`), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := release(); err != nil {
				t.Fatal(err)
			}
			r := <-ended
			if died := errors.Is(r.err, ErrCrawlDied); died != (state == "running") || !died && r.err != nil {
				t.Errorf("crawl %s: %v", state, r.err)
			}
			if r.sum.Documents != corpusDocuments {
				t.Errorf("%d documents", r.sum.Documents)
			}
		})
	}
}
