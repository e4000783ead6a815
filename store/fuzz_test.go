package store

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandem/store/fsx"
	"tandem/store/warc"
)

// FuzzScanFile reads files of anybody's making: each entry lies within the file, behind the one before, can be put into an index and
// read back from its place with the same payload. Recovery cuts a file at a place where a second recovery finds nothing to cut.
func FuzzScanFile(f *testing.F) {
	for _, packing := range []warc.Compression{warc.Gzip, warc.None, warc.Zstd} {
		file := foreignFile(f, packing)
		f.Add(file)
		f.Add(file[:len(file)*2/3])
		f.Add(append([]byte("torn"), file[9:]...))
	}
	own := filepath.Join(f.TempDir(), "own")
	w := mustOpen(f, testConfig(own))
	mustAppend(f, w, page(1))
	mustAppend(f, w, page(2))
	mustDo(f, "close", w.Close())
	segment, err := os.ReadFile(filepath.Join(own, "000001.warc.gz"))
	mustDo(f, "read", err)
	f.Add(segment)
	f.Add(segment[:len(segment)-5])
	f.Add(append(segment[:len(segment):len(segment)], segment[len(segment)/2:]...))
	path := filepath.Join(f.TempDir(), "a.warc.gz")
	f.Fuzz(func(t *testing.T, file []byte) {
		mustDo(t, "write", os.WriteFile(path, file, 0o644))
		end := int64(-1)
		for e, err := range ScanFile(path) {
			if err != nil {
				continue
			}
			if e.Length > 0 { // else it shares its gzip member, and the place is one in what that member holds
				if e.Offset <= end || e.Offset+e.Length > int64(len(file)) {
					t.Fatalf("entry at %d of %d bytes, the file has %d, the one before began at %d", e.Offset, e.Length, len(file), end)
				}
				end = e.Offset
			}
			checkScanned(t, path, e)
		}
		checkRecovery(t, path, int64(len(file)))
	})
}

// checkScanned reads a record back from its place and its entry from a line.
func checkScanned(t *testing.T, path string, e Entry) {
	t.Helper()
	if again, err := ParseLine([]byte(e.Line())); err != nil || again.URL != e.URL || again.Offset != e.Offset || again.Digest != e.Digest {
		t.Fatalf("%+v reads back from its line as %+v, %v", e, again, err)
	}
	if e.Type != warc.TypeResponse {
		return
	}
	r, err := ReadResponse(path, e.Offset, e.Length)
	if err != nil || r.Status != e.Status || warc.Digest(r.Body) != e.Digest {
		t.Fatalf("entry %+v reads back as %+v, %v", e, r, err)
	}
}

// checkRecovery cuts a file as recovery does, twice.
func checkRecovery(t *testing.T, path string, size int64) {
	t.Helper()
	first, err := scanSegment(fsx.OS(), path, "a.warc.gz", true)
	if err != nil {
		t.Fatal(err)
	}
	if first.cut < 0 || first.cut > size {
		t.Fatalf("cut at %d of %d: %+v", first.cut, size, first)
	}
	mustDo(t, "cut", os.Truncate(path, first.cut))
	second, err := scanSegment(fsx.OS(), path, "a.warc.gz", true)
	if err != nil {
		t.Fatal(err)
	}
	if second.cut != first.cut || second.damage != nil || second.records != first.records {
		t.Fatalf("cut at %d with %d records, then at %d with %d: %v", first.cut, first.records, second.cut, second.records, second.damage)
	}
	if diff := cmp.Diff(first.entries, second.entries); diff != "" {
		t.Fatalf("entries (-first recovery +second):\n%s", diff)
	}
}
