package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandem/store/fsx"
	"tandem/store/warc"
)

// crashed leaves an archive whose writer died with two pages in the open segment: after one sealed segment of two other pages.
func crashed(t testing.TB, c warc.Compression) (dir string, sealed, open []*Exchange, ends []int64) {
	t.Helper()
	dir = t.TempDir()
	w := mustOpen(t, packedConfig(dir, c))
	sealed = []*Exchange{page(1), page(2)}
	open = []*Exchange{page(3), page(4)}
	for _, x := range sealed {
		mustAppend(t, w, x)
	}
	mustDo(t, "seal", w.Seal())
	for _, x := range open {
		mustAppend(t, w, x)
		ends = append(ends, w.open.size)
	}
	mustDo(t, "abandon", abandon(w))
	return dir, sealed, open, ends
}

func TestRecoveryCutsAtEveryByte(t *testing.T) {
	t.Parallel()
	eachPacking(t, recoveryCutsAtEveryByte)
}

func recoveryCutsAtEveryByte(t *testing.T, c warc.Compression) {
	from, sealed, open, ends := crashed(t, c)
	name := segmentName(2, c)
	whole, err := os.ReadFile(filepath.Join(from, name+OpenSuffix))
	mustDo(t, "read", err)
	last := page(9)
	root := t.TempDir()
	for size := range len(whole) + 1 {
		dir := from // as long as nothing but the open segment changes
		if size%32 == 0 {
			dir = filepath.Join(root, fmt.Sprint(size))
			copyDir(t, from, dir)
		}
		mustDo(t, "cut", os.WriteFile(filepath.Join(dir, name+OpenSuffix), whole[:size], 0o644))
		kept := 0
		for kept < len(ends) && int64(size) >= ends[kept] {
			kept++
		}
		w := mustOpen(t, packedConfig(dir, c))
		rec := w.Recovered()
		if rec.OpenSegment != name || len(rec.Entries) != kept || rec.Cut+rec.LostBytes != int64(size) || kept > 0 && rec.Cut != ends[kept-1] {
			t.Fatalf("cut at %d: recovered %q, %d entries, cut %d, lost %d; want %d entries", size, rec.OpenSegment, len(rec.Entries), rec.Cut, rec.LostBytes, kept)
		}
		for _, e := range rec.Entries {
			if _, err := ReadResponse(rec.OpenPath, e.Offset, e.Length); err != nil {
				t.Fatalf("cut at %d: recovered entry: %v", size, err)
			}
		}
		if size%32 > 0 { // what was kept is what the file holds now; the rest of the life is the same for all cuts
			mustDo(t, "abandon", abandon(w))
			if info, err := os.Stat(rec.OpenPath); kept > 0 && (err != nil || info.Size() != rec.Cut) || kept == 0 && err == nil {
				t.Fatalf("cut at %d: the file is not cut at %d: %v", size, rec.Cut, err)
			}
			continue
		}
		mustAppend(t, w, last)
		mustDo(t, "close", w.Close())
		want := append(append([]*Exchange{last}, sealed...), open[:kept]...)
		if diff := cmp.Diff(urlsOf(want...), checkArchive(t, dir)); diff != "" {
			t.Fatalf("cut at %d: pages (-want +got):\n%s", size, diff)
		}
		again := mustOpen(t, packedConfig(dir, c))
		if diff := cmp.Diff(Recovery{}, again.Recovered()); diff != "" {
			t.Fatalf("cut at %d: a second start still recovers:\n%s", size, diff)
		}
		mustDo(t, "close", again.Close())
		mustDo(t, "remove", os.RemoveAll(dir))
	}
}

// abandon lets a writer go as a crash would.
func abandon(w *Writer) error {
	if w.open == nil {
		return nil
	}
	return w.open.file.Close()
}

func TestRecoveryCutsGarbageAndFlippedBytes(t *testing.T) {
	t.Parallel()
	eachPacking(t, recoveryCutsGarbageAndFlippedBytes)
}

func recoveryCutsGarbageAndFlippedBytes(t *testing.T, c warc.Compression) {
	from, sealed, open, ends := crashed(t, c)
	file := segmentName(2, c) + OpenSuffix
	whole, err := os.ReadFile(filepath.Join(from, file))
	mustDo(t, "read", err)
	for name, tt := range map[string]struct {
		content []byte
		kept    int
	}{
		"zeros behind":   {append(whole[:len(whole):len(whole)], make([]byte, 5000)...), 2},
		"garbage behind": {append(whole[:len(whole):len(whole)], "\x1f\x8b\x08garbage"...), 2},
		"flip in second": {flipped(whole, ends[0]+40), 1},
		"flip in first":  {flipped(whole, ends[0]-40), 0},
	} {
		dir := filepath.Join(t.TempDir(), "a")
		copyDir(t, from, dir)
		mustDo(t, "write", os.WriteFile(filepath.Join(dir, file), tt.content, 0o644))
		w := mustOpen(t, packedConfig(dir, c))
		mustDo(t, "close", w.Close())
		if diff := cmp.Diff(urlsOf(append(sealed, open[:tt.kept]...)...), checkArchive(t, dir)); diff != "" {
			t.Errorf("%s: pages (-want +got):\n%s", name, diff)
		}
	}
}

func flipped(b []byte, at int64) []byte {
	b = append([]byte(nil), b...)
	b[at] ^= 0xff
	return b
}

func TestRecoveryCutsTheManifestAtEveryByte(t *testing.T) {
	t.Parallel()
	from, sealed, open, _ := crashed(t, warc.Gzip)
	whole, err := os.ReadFile(filepath.Join(from, ManifestFile))
	mustDo(t, "read", err)
	for size := range len(whole) + 1 {
		dir := filepath.Join(t.TempDir(), "a")
		copyDir(t, from, dir)
		mustDo(t, "cut", os.Truncate(filepath.Join(dir, ManifestFile), int64(size)))
		torn := 0 < size && size < len(whole)
		if _, err := ReadManifest(fsx.OS(), dir); errors.Is(err, ErrTornLine) != torn {
			t.Errorf("manifest cut at %d: error = %v", size, err)
		}
		w := mustOpen(t, testConfig(dir))
		if rec := w.Recovered(); (rec.Rebuilt == 1) != (size < len(whole)) || (rec.TornLines == 1) != torn {
			t.Errorf("manifest cut at %d: %+v", size, rec)
		}
		mustDo(t, "close", w.Close())
		if diff := cmp.Diff(urlsOf(append(sealed, open...)...), checkArchive(t, dir)); diff != "" {
			t.Errorf("manifest cut at %d: pages (-want +got):\n%s", size, diff)
		}
	}
}

func TestRecoveryOfIndexesAndLeftovers(t *testing.T) {
	t.Parallel()
	eachPacking(t, recoveryOfIndexesAndLeftovers)
}

func recoveryOfIndexesAndLeftovers(t *testing.T, c warc.Compression) {
	dir, sealed, open, _ := crashed(t, c)
	at := func(name string) string { return filepath.Join(dir, name) }
	mustDo(t, "remove", os.Remove(at("000001.cdxj")))
	for _, name := range []string{"000009.cdxj", "000001.cdxj.tmp", "index.cdxj.tmp", "index.cdxj.0.tmp"} {
		mustDo(t, "write", os.WriteFile(at(name), []byte("half"), 0o644))
	}
	w := mustOpen(t, packedConfig(dir, c))
	mustDo(t, "close", w.Close())
	if diff := cmp.Diff(urlsOf(append(sealed, open...)...), checkArchive(t, dir)); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
}

func TestAnOpenSegmentOfAnotherRunIsSealedAsItsOwn(t *testing.T) {
	t.Parallel()
	eachPacking(t, anOpenSegmentOfAnotherRunIsSealedAsItsOwn)
}

func anOpenSegmentOfAnotherRunIsSealedAsItsOwn(t *testing.T, c warc.Compression) {
	dir, sealed, open, _ := crashed(t, c)
	cfg := packedConfig(dir, c)
	cfg.Run = "20270101T000000Z"
	w := mustOpen(t, cfg)
	rec := w.Recovered()
	if rec.OpenSegment != segmentName(2, c) || len(rec.Entries) != 2 || rec.OpenPath != filepath.Join(dir, segmentName(2, c)) {
		t.Errorf("recovered %+v", rec)
	}
	x := page(9)
	if pos := mustAppend(t, w, x); pos.Segment != segmentName(3, c) {
		t.Errorf("appended to %s", pos.Segment)
	}
	mustDo(t, "close", w.Close())
	var runs []string
	for _, s := range w.Segments() {
		runs = append(runs, s.Run)
	}
	if diff := cmp.Diff([]string{testRun, testRun, cfg.Run}, runs); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(urlsOf(append(append(sealed, open...), x)...), checkArchive(t, dir)); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
}

// TestCrashAtFailpoints copies the folder at each named moment, as a crash would leave it, and recovers the copy.
func TestCrashAtFailpoints(t *testing.T) {
	t.Parallel()
	eachPacking(t, func(t *testing.T, c warc.Compression) {
		for _, point := range []string{"mid-member", "after-append", "after-rename", "before-manifest", "during-merge"} {
			t.Run(point, func(t *testing.T) {
				t.Parallel()
				crashAt(t, point, c)
			})
		}
	})
}

func crashAt(t *testing.T, point string, c warc.Compression) {
	dir := filepath.Join(t.TempDir(), "archive")
	copies := filepath.Join(t.TempDir(), "copies")
	var stored []*Exchange // appended when the copy was made
	var wants [][]string
	cfg := packedConfig(dir, c)
	cfg.Failpoint = func(name string) {
		if name != point {
			return
		}
		copyDir(t, dir, filepath.Join(copies, string(rune('a'+len(wants)))))
		wants = append(wants, urlsOf(stored...))
	}
	w := mustOpen(t, cfg)
	for i := range 4 {
		if point == "after-append" {
			stored = append(stored, page(i))
		}
		mustAppend(t, w, page(i))
		if point != "after-append" {
			stored = append(stored, page(i))
		}
		if i == 2 {
			mustDo(t, "seal", w.Seal())
		}
	}
	mustDo(t, "close", w.Close())
	mustDo(t, "merge", w.MergeIndex())
	if len(wants) == 0 {
		t.Fatal("the failpoint was not reached")
	}
	for i, want := range wants {
		dir := filepath.Join(copies, string(rune('a'+i)))
		w := mustOpen(t, packedConfig(dir, c))
		mustDo(t, "close", w.Close())
		mustDo(t, "merge", w.MergeIndex())
		if diff := cmp.Diff(want, checkArchive(t, dir)); diff != "" {
			t.Errorf("copy %d: pages (-want +got):\n%s", i, diff)
		}
	}
}
