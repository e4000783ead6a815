package store

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandem/store/fsx"
	"tandem/store/warc"
)

// TestThePackingMayChangeBetweenTwoStarts goes through all of them in one run, each start after a crash of the one before.
func TestThePackingMayChangeBetweenTwoStarts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var xs []*Exchange
	var want []string
	for i, c := range []warc.Compression{warc.Gzip, warc.Zstd, warc.Zstd, warc.None, warc.None, warc.Gzip} {
		w := mustOpen(t, packedConfig(dir, c))
		if i > 0 {
			rec := w.Recovered()
			before := len(rec.Entries)
			if _, err := os.Stat(rec.OpenPath); err != nil || before == 0 {
				t.Errorf("start %d: recovered %+v: %v", i, rec, err)
			}
		}
		x := page(i)
		pos := mustAppend(t, w, x)
		if !strings.HasSuffix(pos.Segment, c.Suffix()) {
			t.Errorf("start %d with %s: stored in %s", i, c, pos.Segment)
		}
		xs = append(xs, x)
		if i == 5 {
			mustDo(t, "close", w.Close())
			mustDo(t, "merge", w.MergeIndex())
			break
		}
		mustDo(t, "abandon", abandon(w))
	}
	segments, err := ReadManifest(fsx.OS(), dir)
	mustDo(t, "manifest", err)
	for _, s := range segments {
		want = append(want, fmt.Sprint(s.Segment, " ", s.Captures))
	}
	if diff := cmp.Diff([]string{"000001.warc.gz 1", "000002.warc.zst 2", "000003.warc 2", "000004.warc.gz 1"}, want); diff != "" {
		t.Errorf("segments (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(urlsOf(xs...), checkArchive(t, dir)); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	merged, err := os.ReadFile(filepath.Join(dir, IndexFile))
	mustDo(t, "read", err)
	if got := strings.Count(string(merged), "\n"); got != len(xs) {
		t.Errorf("the merged index has %d lines, want %d", got, len(xs))
	}
}

// TestAnUnpackedCopyIsNoSegment: people look into an archive with gunzip -k.
func TestAnUnpackedCopyIsNoSegment(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := mustOpen(t, testConfig(dir))
	mustAppend(t, w, page(1))
	mustDo(t, "close", w.Close())
	index, err := os.ReadFile(filepath.Join(dir, "000001.cdxj"))
	mustDo(t, "read", err)
	mustDo(t, "copy", os.WriteFile(filepath.Join(dir, "000001.warc"), []byte("WARC/1.1\r\nunpacked"), 0o644))
	w = mustOpen(t, testConfig(dir))
	mustAppend(t, w, page(2))
	mustDo(t, "close", w.Close())
	if rec := w.Recovered(); rec.Rebuilt != 0 {
		t.Errorf("recovered %+v", rec)
	}
	if again, err := os.ReadFile(filepath.Join(dir, "000001.cdxj")); err != nil || !slices.Equal(again, index) {
		t.Errorf("the index was written again: %v", err)
	}
	var names []string
	for _, s := range w.Segments() {
		names = append(names, s.Segment)
	}
	if diff := cmp.Diff([]string{"000001.warc.gz", "000002.warc.gz"}, names); diff != "" {
		t.Errorf("segments (-want +got):\n%s", diff)
	}
}

// TestAPlainSegmentIsText: what a text editor shows is the records, and nothing between them.
func TestAPlainSegmentIsText(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := mustOpen(t, packedConfig(dir, warc.None))
	x := page(1)
	pos := mustAppend(t, w, x)
	mustDo(t, "close", w.Close())
	f, err := os.Open(filepath.Join(dir, "000001.warc"))
	mustDo(t, "open", err)
	defer f.Close()
	b, err := io.ReadAll(io.NewSectionReader(f, pos.Offset, pos.Length))
	mustDo(t, "read", err)
	if text := string(b); !strings.HasPrefix(text, "WARC/1.1\r\nWARC-Type: response\r\n") || !strings.HasSuffix(text, "\r\n\r\n"+string(x.Response)+"\r\n\r\n") {
		t.Errorf("the record is %q", text)
	}
}
