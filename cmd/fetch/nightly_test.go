package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/store"
	"tandem/store/fsx"
	"tandem/store/warc"
)

// processProgram builds process as it is shipped, beside fetch.
var processProgram = sync.OnceValues(func() (string, error) {
	dir, err := shared()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "process")
	cmd := exec.Command("go", "build", "-o", path, "../process")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build process: %w\n%s", err, out)
	}
	return path, nil
})

// nightly is a small site that changes between nights, with each way to tell that a page has not.
type nightly struct{ night atomic.Int64 }

func (n *nightly) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	night := n.night.Load()
	text := func(seed int64) string {
		var b strings.Builder
		fmt.Fprintf(&b, "<!doctype html><html lang=en><head><title>%s</title></head><body><article><h1>%s</h1><p>", r.URL.Path, r.URL.Path)
		for i := range int64(600) {
			fmt.Fprintf(&b, "The word number %d of this page is %d. ", i, i*i*(seed+7))
		}
		b.WriteString("</p></article>")
		return b.String()
	}
	page := func(etag, body string) {
		w.Header().Set("Content-Type", "text/html")
		if etag != "" {
			w.Header().Set("ETag", etag)
			if r.Header.Get("If-None-Match") == etag {
				w.WriteHeader(http.StatusNotModified)
				return
			}
		}
		fmt.Fprint(w, body)
	}
	switch r.URL.Path {
	case "/":
		links := "<a href=/etag>e</a> <a href=/modified>m</a> <a href=/bare>b</a> <a href=/stubborn>s</a> <a href=/edited>x</a> <a href=/dies>d</a> <a href=/never>n</a>"
		if night > 1 {
			links += " <a href=/born>born</a>"
		}
		page(fmt.Sprintf(`"index %t"`, night > 1), text(0)+links)
	case "/etag":
		page(`"same"`, text(1))
	case "/modified":
		w.Header().Set("Content-Type", "text/html")
		http.ServeContent(w, r, "modified.html", time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC), strings.NewReader(text(2)))
	case "/bare":
		page("", text(3))
	case "/stubborn": // names a validator and does not look at it
		w.Header().Set("ETag", `"new each time"`)
		page("", text(4))
	case "/edited":
		page(fmt.Sprintf(`"%d"`, night), text(10+night))
	case "/dies":
		if night > 1 {
			http.Error(w, "gone", http.StatusGone)
			return
		}
		page(`"dies"`, text(5))
	case "/born":
		page(`"born"`, text(6))
	default:
		http.NotFound(w, r)
	}
}

// TestTheCrontabLineAsTyped runs the line of the README on three nights, with the little that cron gives to a program, and a fourth with
// a threshold that fails.
func TestTheCrontabLineAsTyped(t *testing.T) {
	t.Parallel()
	site := &nightly{}
	server := httptest.NewServer(site)
	defer server.Close()
	dir := t.TempDir()
	job := func(threshold string) {
		text := fmt.Sprintf("out: out/site\ncrawl:\n  seeds: [%s/]\n  host-rate: 0\n  compress: zstd\n  threshold: [%s]\n"+
			"process:\n  tasks: [text]\n  executor: serial\n  format: [jsonl]\n  threshold: ['documents>=1']\n", server.URL, threshold)
		if err := os.WriteFile(filepath.Join(dir, "site.yaml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	bin := programs(t)
	line := func() (int, string) {
		cmd := exec.Command("/bin/sh", "-c", "cd "+dir+" && fetch crawl --config site.yaml && process run --config site.yaml")
		cmd.Env = []string{"HOME=" + dir, "PATH=" + bin + ":/usr/bin:/bin", "SHELL=/bin/sh", "LOGNAME=nobody"}
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return cmd.ProcessState.ExitCode(), string(out)
	}
	want := []map[string]string{
		{"/": "new", "/etag": "new", "/modified": "new", "/bare": "new", "/stubborn": "new", "/edited": "new", "/dies": "new"},
		{"/": "changed", "/etag": "unchanged", "/modified": "unchanged", "/bare": "unchanged", "/stubborn": "unchanged", "/edited": "changed", "/dies": "gone", "/born": "new"},
		{"/": "unchanged", "/etag": "unchanged", "/modified": "unchanged", "/bare": "unchanged", "/stubborn": "unchanged", "/edited": "changed", "/dies": "gone", "/born": "unchanged"},
	}
	job("'pages>=1'")
	for i, want := range want {
		site.night.Add(1)
		if code, out := line(); code != 0 {
			t.Fatalf("night %d: code %d\n%s", i+1, code, out)
		}
		sum := readSummary(t, filepath.Join(dir, "out/site"))
		if diff := cmp.Diff(want, changes(t, filepath.Join(dir, "out/site"), sum.Run, server.URL)); diff != "" {
			t.Errorf("night %d, changes (-want +got):\n%s", i+1, diff)
		}
	}
	checkWarcinfo(t, filepath.Join(dir, "out/site/archive"), "compress: zstd")

	job("'pages>=1000'")
	processed := filepath.Join(dir, "out/site/dataset/process.json")
	before, err := os.Stat(processed)
	if err != nil {
		t.Fatal(err)
	}
	if code, out := line(); code != 3 || !strings.Contains(out, "pages>=1000") {
		t.Errorf("with a threshold that fails: code %d\n%s", code, out)
	}
	if after, err := os.Stat(processed); err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("process ran although the crawl failed its threshold: %v", err)
	}
}

// programs returns the folder that both programs are in.
func programs(t *testing.T) string {
	t.Helper()
	path, err := program()
	if err == nil {
		_, err = processProgram()
	}
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(path)
}

// changes reads the column change of a run's documents, by path.
func changes(t *testing.T, dir, run, base string) map[string]string {
	t.Helper()
	got := map[string]string{}
	for _, l := range lines(t, filepath.Join(dir, "dataset/documents", run+".jsonl")) {
		var row struct{ URL, Change, Text string }
		if err := json.Unmarshal([]byte(l), &row); err != nil {
			t.Fatal(err)
		}
		path := strings.TrimPrefix(row.URL, base)
		got[path] = row.Change
		if (row.Text == "") != (row.Change == "gone") {
			t.Errorf("%s is %s with %d bytes of text", path, row.Change, len(row.Text))
		}
	}
	return got
}

// checkWarcinfo demands that each segment begins with a record that names the run and holds the job as it was.
func checkWarcinfo(t *testing.T, archive, part string) {
	t.Helper()
	segments, err := store.ReadManifest(fsx.OS(), archive)
	if err != nil || len(segments) == 0 {
		t.Fatalf("%d segments: %v", len(segments), err)
	}
	for _, s := range segments {
		f, err := os.Open(filepath.Join(archive, s.Segment))
		if err != nil {
			t.Fatal(err)
		}
		rec, err := warc.NewReader(f, s.Segment, warc.Limits{}).Next()
		if err != nil || rec.Type() != warc.TypeWarcinfo {
			t.Fatalf("%s begins with %v: %v", s.Segment, rec, err)
		}
		fields := warc.ParseFields(rec.Block)
		var job string
		if err := json.Unmarshal([]byte(fields.Get("job")), &job); err != nil || !strings.Contains(job, part) {
			t.Errorf("%s: job %q does not say %q: %v", s.Segment, job, part, err)
		}
		if fields.Get("run") != s.Run {
			t.Errorf("%s: run %q, the manifest says %q", s.Segment, fields.Get("run"), s.Run)
		}
		_ = f.Close()
	}
}

// TestARecrawlCostsLittle crawls an unchanged site twice, with each packing, and compares what the second run received and stored with the
// first. Without validators the bodies travel again, but are not stored again.
func TestARecrawlCostsLittle(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		compress   warc.Compression
		validators bool
		wire, disk float64 // at most, of the first run's
	}{
		{"gzip, ETag", warc.Gzip, true, 0.05, 0.2},
		{"zstd, ETag", warc.Zstd, true, 0.05, 0.2},
		{"none, ETag", warc.None, true, 0.05, 0.12},
		{"gzip, nothing", warc.Gzip, false, 1.01, 0.2},
		{"none, nothing", warc.None, false, 1.01, 0.12},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(docs(tt.validators))
			defer server.Close()
			dir := t.TempDir()
			args := []string{"crawl", server.URL + "/", "-o", dir, "--host-rate", "0", "--compress", string(tt.compress), "-q"}
			fetch(t, 0, args...)
			first := readSummary(t, dir)
			fetch(t, 0, args...)
			second := readSummary(t, dir)
			wire, disk := float64(second.Bytes)/float64(first.Bytes), float64(second.Stored)/float64(first.Stored)
			t.Logf("wire %d of %d bytes, %.3f; disk %d of %d, %.3f", second.Bytes, first.Bytes, wire, second.Stored, first.Stored, disk)
			if second.Unchanged != second.Pages || second.Pages != first.Pages || first.Pages < 50 {
				t.Errorf("%d of %d pages are unchanged, the first run had %d", second.Unchanged, second.Pages, first.Pages)
			}
			if wire > tt.wire || disk > tt.disk {
				t.Errorf("the second run took %.3f of the first one's bytes and %.3f of its disk, want at most %v and %v", wire, disk, tt.wire, tt.disk)
			}
		})
	}
}

// docs is a site of Go's own sources as pages, 20 KB each, all linked from the first.
func docs(validators bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		if _, err := fmt.Sscanf(r.URL.Path, "/p/%d", &n); err != nil && r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		if validators {
			etag := fmt.Sprintf(`"%d"`, n)
			w.Header().Set("ETag", etag)
			if r.Header.Get("If-None-Match") == etag {
				w.WriteHeader(http.StatusNotModified)
				return
			}
		}
		out := bufio.NewWriter(w)
		defer out.Flush()
		fmt.Fprint(out, "<!doctype html><title>page</title><pre>")
		for i := range 60 {
			if r.URL.Path == "/" {
				fmt.Fprintf(out, "<a href=/p/%d>page %d</a>\n", i, i)
			}
		}
		text := sourceText()
		at := n * 977 * 16 % (len(text) - 20<<10)
		out.Write(bytes.ReplaceAll(text[at:at+20<<10], []byte("<"), []byte("&lt;")))
	})
}

// sourceText is some real text.
var sourceText = sync.OnceValue(func() []byte {
	var all []byte
	names, _ := filepath.Glob("*.go")
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err == nil {
			all = append(all, b...)
		}
	}
	return all
})
