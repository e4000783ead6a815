package processor

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// writeFiles makes a folder with files.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestFolder processes a folder: documents, images and WARC files in it; not
// dot files, links and what is neither.
func TestFolder(t *testing.T) {
	t.Parallel()
	dir := writeFiles(t, map[string]string{
		"a.html": "<p>Hello from a page with some words in it.", "b/readme.md": "# Readme\n\ntext", "c.txt": "plain words",
		"img/x.png": string(pngImage(1, 50, 40)), "img/noext": string(pngImage(2, 50, 40)), "style.css": "a{}", "data.bin": "\x00\x01\x02",
		".hidden/d.html": "<p>no", ".e.txt": "no", "wrong.txt": string(pngImage(3, 30, 30)),
	})
	if err := os.Symlink(filepath.Join(dir, "a.html"), filepath.Join(dir, "link.html")); err != nil {
		t.Fatal(err)
	}
	a := newArchiver(t)
	a.run(firstRun, 1<<20, &page{path: "/in-warc", media: "text/html", body: htmlPage("W", prose(1, 50))})
	warc, err := os.ReadFile(filepath.Join(a.dir, archiveDir, "000001.warc.gz"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x.warc.gz"), warc, 0o644); err != nil {
		t.Fatal(err)
	}
	cfg := testConfig(t, dir)
	cfg.Dir = dir // the dataset inside the input must not become input
	sum := mustRun(t, cfg)
	tables := dataset(t, dir)
	got := map[string]string{}
	for _, d := range rowsOf[Document](t, tables["documents/"+sum.Run+".jsonl"]) {
		got[strings.TrimPrefix(d.id(), filepath.ToSlash(dir)+"/")] = "document " + d.Change
		if d.Path != nil && (d.URL != nil || d.Status != nil || d.Segment != nil) {
			t.Errorf("%s has a URL, a status or a segment", d.id())
		}
	}
	for _, m := range rowsOf[Image](t, tables["images/"+sum.Run+".jsonl"]) {
		got[strings.TrimPrefix(m.id(), filepath.ToSlash(dir)+"/")] = "image " + m.Change
	}
	want := map[string]string{"a.html": "document new", "b/readme.md": "document new", "c.txt": "document new", site + "/in-warc": "document new",
		"img/x.png": "image new", "img/noext": "image new", "wrong.txt": "image new"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	again := mustRun(t, cfg)
	if again.Run != sum.Run || again.Items != 0 || len(again.Runs) != 1 {
		t.Errorf("the same folder again: run %s after %s, %d items", again.Run, sum.Run, again.Items)
	}
}

// TestInputs looks at inputs that cannot be.
func TestInputs(t *testing.T) {
	t.Parallel()
	missing := testConfig(t, filepath.Join(t.TempDir(), "missing"))
	if _, err := New(missing); !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), "missing") {
		t.Errorf("missing: %v", err)
	}
	noOut := testConfig(t, t.TempDir())
	noOut.Dir = ""
	if _, err := New(noOut); !errors.Is(err, ErrNoOut) {
		t.Errorf("no OUT: %v", err)
	}
	p, err := New(testConfig(t, t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	if sum, err := p.Run(t.Context()); !errors.Is(err, ErrNothing) || sum.State != Failed {
		t.Errorf("empty folder: %v", err)
	}
}

// TestNoIndex processes a segment whose index is lost, and a run directory in
// which nothing is sealed.
func TestNoIndex(t *testing.T) {
	t.Parallel()
	dir := newRunDir(t)
	if err := os.Remove(filepath.Join(dir, archiveDir, "000001.cdxj")); err != nil {
		t.Fatal(err)
	}
	if sum := mustRun(t, testConfig(t, dir)); sum.Documents != corpusDocuments || sum.Images != corpusImages {
		t.Errorf("without an index: %d documents, %d images", sum.Documents, sum.Images)
	}
	cfg := testConfig(t, writeFiles(t, map[string]string{crawlFile: "{}", archiveDir + "/000001.warc.gz.open": ""}))
	cfg.Dir = "" // it is a run directory all the same
	p, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Run(t.Context()); !errors.Is(err, ErrNothing) {
		t.Errorf("nothing sealed: %v", err)
	}
}

// TestLocked finds the dataset in use.
func TestLocked(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t, writeFiles(t, map[string]string{"a.txt": "words"}))
	p, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	release, err := p.open()
	if err != nil {
		t.Fatal(err)
	}
	q, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.Run(t.Context()); !errors.Is(err, ErrLocked) {
		t.Errorf("second run: %v", err)
	}
	if err := errors.Join(p.parts.close(), release()); err != nil {
		t.Error(err)
	}
}

func TestSniff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, body, want string }{
		{"a.png", "\x89PNG\r\n\x1a\n....", "image/png"},
		{"a.txt", "\xff\xd8\xff\xe0", "image/jpeg"},
		{"a", "GIF89a", "image/gif"},
		{"a", "RIFF....WEBPVP8 ", "image/webp"},
		{"a", "....ftypavif", "image/avif"},
		{"a", "  \n<!DOCTYPE HTML>", "text/html"},
		{"a", "<?xml version='1.0'?><svg>", "image/svg+xml"},
		{"a", "BM is how this text begins, and it goes on", "text/plain"},
		{"a", "plain words", "text/plain"},
		{"a", strings.Repeat("ä", 600), "text/plain"},
		{"a", "\x00\x01\x02\x03", ""},
		{"a", "", ""},
		{"a.css", "a{}", "text/css"},
		{"a.HTM", "no tags", "text/html"},
	} {
		if got := typeOfFile(c.name, []byte(c.body)[:min(len(c.body), sniffLen)]); got != c.want {
			t.Errorf("typeOfFile(%q, %.20q) = %q, want %q", c.name, c.body, got, c.want)
		}
	}
}

func TestTaskFor(t *testing.T) {
	t.Parallel()
	for media, want := range map[string]string{
		"text/html": "text", "application/xhtml+xml": "text", "text/markdown": "text", "text/plain": "text", "image/png": "images",
		"image/svg+xml": skipUnsupported, "text/css": skipType, "application/javascript": skipType, "video/mp4": skipType, "": "",
		"application/octet-stream": "",
	} {
		task, why := taskFor(media)
		if task+why != want {
			t.Errorf("taskFor(%q) = %q, %q, want %q", media, task, why, want)
		}
	}
}

// TestKey changes each part of a key in turn.
func TestKey(t *testing.T) {
	t.Parallel()
	keys := map[Key]int{}
	for i, k := range []Key{
		makeKey(Digest{1}, "text/html", "", "text", 1, []byte("{}")), makeKey(Digest{2}, "text/html", "", "text", 1, []byte("{}")),
		makeKey(Digest{1}, "text/plain", "", "text", 1, []byte("{}")), makeKey(Digest{1}, "text/html", "x", "text", 1, []byte("{}")),
		makeKey(Digest{1}, "text/html", "", "images", 1, []byte("{}")), makeKey(Digest{1}, "text/html", "", "text", 2, []byte("{}")),
		makeKey(Digest{1}, "text/html", "", "text", 1, []byte("{ }")), makeKey(Digest{1}, "text/htm", "l", "text", 1, []byte("{}")),
	} {
		if j, ok := keys[k]; ok {
			t.Errorf("keys %d and %d are equal", i, j)
		}
		keys[k] = i
	}
}

// TestSample offers jobs in two orders.
func TestSample(t *testing.T) {
	t.Parallel()
	var jobs []job
	for i := range 200 {
		jobs = append(jobs, job{Key: makeKey(Digest{byte(i)}, "", "", "", 0, nil)})
	}
	pick := func() []Key {
		s := newSample(20)
		for _, j := range jobs {
			s.offer(j)
			s.offer(j)
		}
		var keys []Key
		for _, j := range s.list() {
			keys = append(keys, j.Key)
		}
		return keys
	}
	first := pick()
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(jobs), func(i, j int) { jobs[i], jobs[j] = jobs[j], jobs[i] })
	if diff := cmp.Diff(first, pick()); diff != "" || len(first) != 20 {
		t.Errorf("%d jobs; in another order:\n%s", len(first), diff)
	}
}

// TestCompare runs the comparison.
func TestCompare(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t, newRunDir(t))
	cfg.Compare = 10
	sum := mustRun(t, cfg)
	if c := sum.Compare; c == nil || c.Items != 10 || !c.Equal || c.One.Workers != 1 || c.All.Workers != 2 || c.One.ItemsPerS <= 0 {
		t.Errorf("comparison: %+v", c)
	}
	if sum.Items != corpusItems {
		t.Errorf("%d items: the comparison was counted", sum.Items)
	}
}

// TestValidate wants every problem at once.
func TestValidate(t *testing.T) {
	t.Parallel()
	cfg := Config{Tasks: []string{"video"}, Executor: "threads", Format: []string{"csv"}, Workers: -1, WorkerMemory: 1}
	err := cfg.Validate()
	for _, want := range []string{"video", "threads", "csv", "workers -1", "worker-memory", "no input", "max-pixels"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no word of %s in %v", want, err)
		}
	}
}
