package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandem/crawler"
	"tandem/internal/site"
	"tandem/store"
	"tandem/store/fsx"
	"tandem/store/warc"
)

// readSummary reads OUT/crawl.json.
func readSummary(t *testing.T, dir string) *crawler.Summary {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "crawl.json"))
	if err != nil {
		t.Fatal(err)
	}
	var sum crawler.Summary
	if err := json.Unmarshal(b, &sum); err != nil {
		t.Fatalf("crawl.json: %v", err)
	}
	return &sum
}

// checkedArchive verifies everything that an archive says about itself and
// returns what its indexes list, by run and URL: segments whole and as the
// manifest says, indexes in step with them, the merged index their sorted
// union, nothing stored twice, nothing left lying about.
func checkedArchive(t *testing.T, dir string) map[string]map[string]store.Entry {
	t.Helper()
	archive := filepath.Join(dir, "archive")
	segments, err := store.ReadManifest(fsx.OS(), archive)
	if err != nil {
		t.Fatal(err)
	}
	runs := make(map[string]map[string]store.Entry)
	for _, s := range segments {
		if runs[s.Run] == nil {
			runs[s.Run] = make(map[string]store.Entry)
		}
		for _, e := range checkedSegment(t, archive, s) {
			if first, twice := runs[s.Run][e.URL]; twice {
				t.Errorf("run %s stored %s twice: %s at %d and %s at %d", s.Run, e.URL, first.Filename, first.Offset, e.Filename, e.Offset)
			}
			runs[s.Run][e.URL] = e
		}
	}
	checkMerged(t, archive, segments)
	checkFiles(t, archive, segments)
	return runs
}

// checkedSegment compares a sealed segment with its manifest line and index.
func checkedSegment(t *testing.T, archive string, s store.Segment) []store.Entry {
	t.Helper()
	path := filepath.Join(archive, s.Segment)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b)
	if got := hex.EncodeToString(sum[:]); got != s.SHA256 || int64(len(b)) != s.Bytes {
		t.Errorf("%s has %d bytes and sha256 %s, the manifest says %d and %s", s.Segment, len(b), got, s.Bytes, s.SHA256)
	}
	type row struct {
		URL, Type      string
		Status         int
		Offset, Length int64
	}
	var scanned, indexed []row
	for e, err := range store.ScanFile(path) {
		if err != nil {
			t.Fatalf("read %s to its end: %v", s.Segment, err)
		}
		scanned = append(scanned, row{e.URL, e.Type, e.Status, e.Offset, e.Length})
	}
	var entries []store.Entry
	for e, err := range store.ReadIndex(fsx.OS(), archive, s.Segment) {
		if err != nil {
			t.Fatalf("index of %s: %v", s.Segment, err)
		}
		entries = append(entries, e)
		indexed = append(indexed, row{e.URL, e.Type, e.Status, e.Offset, e.Length})
	}
	slices.SortFunc(indexed, func(a, b row) int { return int(a.Offset - b.Offset) })
	if diff := cmp.Diff(scanned, indexed); diff != "" {
		t.Errorf("records and index of %s (-segment +index):\n%s", s.Segment, diff)
	}
	if len(entries) != s.Captures {
		t.Errorf("%s has %d captures, the manifest says %d", s.Segment, len(entries), s.Captures)
	}
	return entries
}

// checkMerged demands that index.cdxj is the sorted union of all indexes.
func checkMerged(t *testing.T, archive string, segments []store.Segment) {
	t.Helper()
	var want []string
	for _, s := range segments {
		want = append(want, lines(t, filepath.Join(archive, indexOf(s.Segment)))...)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, lines(t, filepath.Join(archive, store.IndexFile))); diff != "" {
		t.Errorf("index.cdxj (-union of the segments' +merged):\n%s", diff)
	}
}

// checkFiles demands that an archive holds what its manifest lists and no more.
func checkFiles(t *testing.T, archive string, segments []store.Segment) {
	t.Helper()
	want := []string{store.IndexFile, store.ManifestFile}
	for _, s := range segments {
		want = append(want, s.Segment, indexOf(s.Segment))
	}
	files, err := os.ReadDir(archive)
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, f := range files {
		have = append(have, f.Name())
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("files of the archive (-manifest +folder):\n%s", diff)
	}
}

func lines(t *testing.T, path string) []string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	scan := bufio.NewScanner(bytes.NewReader(b))
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		all = append(all, scan.Text())
	}
	return all
}

// checkTruth compares what a run stored with what the site serves: each URL
// that robots.txt allows, with its status and the digest of its payload, and
// the payload itself where it is stored.
func checkTruth(t *testing.T, dir string, have map[string]store.Entry, s *site.SyntheticSite, url string) {
	t.Helper()
	for u, want := range s.TruthAt(url) {
		e, ok := have[u]
		delete(have, u)
		switch {
		case want.Private:
			if ok {
				t.Errorf("%s is stored although robots.txt forbids it", u)
			}
			continue
		case !ok:
			t.Errorf("%s is lost", u)
			continue
		case e.Status != want.Status && !(e.Type == warc.TypeRevisit && e.Status == 304):
			t.Errorf("%s is stored with status %d, want %d", u, e.Status, want.Status)
		}
		if want.SHA256 == "" {
			continue // a redirect or an error: whatever the server said
		}
		if e.Digest != "sha256:"+want.SHA256 {
			t.Errorf("%s is stored with digest %s, want %s", u, e.Digest, want.SHA256)
		}
		if got := payloadDigest(t, dir, e); got != want.SHA256 {
			t.Errorf("the stored payload of %s has digest %s, want %s", u, got, want.SHA256)
		}
	}
	for u := range have {
		t.Errorf("%s is stored and not part of the site", u)
	}
}

// payloadDigest reads an entry's payload back; a revisit's is where it says.
func payloadDigest(t *testing.T, dir string, e store.Entry) string {
	t.Helper()
	file, off, length := e.Filename, e.Offset, e.Length
	if e.Type == warc.TypeRevisit {
		file, off, length = e.RefSegment, e.RefOffset, e.RefLength
	}
	resp, err := store.ReadResponse(filepath.Join(dir, "archive", file), off, length)
	if err != nil {
		t.Errorf("read payload of %s: %v", e.URL, err)
		return ""
	}
	sum := sha256.Sum256(resp.Body)
	return hex.EncodeToString(sum[:])
}

// inlinks reads how often each URL of OUT/inlinks.jsonl is linked, sorted and
// with the site's address taken out.
func inlinks(t *testing.T, dir, url string) []string {
	t.Helper()
	all := lines(t, filepath.Join(dir, "inlinks.jsonl"))
	for i, l := range all {
		var in struct {
			URL       string
			Inlinks   int64
			Requisite bool
		}
		if err := json.Unmarshal([]byte(l), &in); err != nil {
			t.Fatalf("inlinks.jsonl, line %d: %v", i+1, err)
		}
		all[i] = fmt.Sprintf("%s %d %v", strings.TrimPrefix(in.URL, url), in.Inlinks, in.Requisite)
	}
	slices.Sort(all)
	return all
}

// expectedRequests is how often an undisturbed crawl asks for a path.
func expectedRequests(a site.Answer) int {
	switch {
	case a.Private:
		return 0
	case a.Retried:
		return 2
	}
	return 1
}

// checkRequests compares the site's log since the given length with one crawl
// of each URL and returns the number of requests beyond it, which must not be
// more than allowed.
func checkRequests(t *testing.T, s *site.SyntheticSite, since, allowed int, retried bool) {
	t.Helper()
	asked := make(map[string]int)
	for _, r := range s.Log()[since:] {
		asked[r.URL]++
	}
	extra := 0
	for path, a := range s.Truth() {
		want := expectedRequests(a)
		if !retried && want == 2 {
			want = 1
		}
		if asked[path] < want {
			t.Errorf("%s was asked for %d times, want at least %d", path, asked[path], want)
		}
		if want == 0 && asked[path] > 0 {
			t.Errorf("%s was asked for although robots.txt forbids it", path)
		}
		extra += asked[path] - want
	}
	if extra > allowed {
		t.Errorf("%d requests more than one for each URL, want at most %d", extra, allowed)
	}
	t.Logf("%d extra requests, %d allowed", extra, allowed)
}

// indexOf names the index of a segment.
func indexOf(segment string) string {
	stem, _, _ := warc.CutSuffix(segment)
	return stem + ".cdxj"
}
