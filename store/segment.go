package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"tandem/store/fsx"
	"tandem/store/warc"
)

// Names in an archive folder.
const (
	ManifestFile = "manifest.jsonl"
	IndexFile    = "index.cdxj" // all indexes merged
	OpenSuffix   = ".open"      // of a segment that is being written

	indexSuffix = ".cdxj"

	segmentVersion = 1
	maxManifest    = 256 << 20
)

// Segment is a line of the manifest: one sealed segment.
type Segment struct {
	V        int    `json:"v"` // version of this line; 1
	Run      string `json:"run"`
	Segment  string `json:"segment"`  // file name
	Records  int    `json:"records"`  // WARC records in it: warcinfo, responses, revisits, requests, metadata
	Captures int    `json:"captures"` // lines of its index: responses and revisits
	Bytes    int64  `json:"bytes"`    // of the file
	SHA256   string `json:"sha256"`   // of the file, lower-case hex
	First    string `json:"first"`    // smallest WARC-Date of its captures
	Last     string `json:"last"`     // largest
}

func segmentName(n int, c warc.Compression) string { return fmt.Sprintf("%06d%s", n, c.Suffix()) }

// segmentNumber reads the number out of a segment's name. No two segments of an archive have the same, whatever they are packed with.
func segmentNumber(name string) (int, bool) {
	digits, c, ok := warc.CutSuffix(name)
	if !ok || len(digits) < 6 || len(digits) > 9 {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil && n > 0 && segmentName(n, c) == name
}

func indexName(segment string) string {
	stem, _, _ := warc.CutSuffix(segment)
	return stem + indexSuffix
}

// isIndexName reports a name that the index of one of our segments could have.
func isIndexName(name string) bool {
	number, ok := strings.CutSuffix(name, indexSuffix)
	_, ours := segmentNumber(number + warc.None.Suffix())
	return ok && ours
}

// ReadManifest lists the sealed segments of an archive folder in the order of sealing. A last line without its end is left out and
// reported as [ErrTornLine], beside the segments before it: a writer may be at work. A missing manifest is fs.ErrNotExist. What the
// lines say about their files (size, sum, records, captures) is not checked here.
func ReadManifest(fsys fsx.FS, dir string) ([]Segment, error) {
	segments, _, err := readManifest(fsys, filepath.Join(dir, ManifestFile))
	return segments, err
}

// readManifest also returns how many bytes of whole lines there are.
func readManifest(fsys fsx.FS, path string) (segments []Segment, whole int64, err error) {
	b, err := readFile(fsys, path, maxManifest)
	if err != nil {
		return nil, 0, fmt.Errorf("read manifest: %w", err)
	}
	for n := 1; len(b) > 0; n++ {
		l, rest, ended := bytes.Cut(b, []byte("\n"))
		if !ended {
			return segments, whole, fmt.Errorf("read manifest %q: line %d: %w", path, n, ErrTornLine)
		}
		s, err := parseSegment(l)
		if err != nil {
			return segments, whole, fmt.Errorf("read manifest %q: line %d: %w", path, n, err)
		}
		segments = append(segments, s)
		whole += int64(len(l)) + 1
		b = rest
	}
	return segments, whole, nil
}

func parseSegment(l []byte) (Segment, error) {
	var s Segment
	if err := json.Unmarshal(l, &s); err != nil {
		return s, err
	}
	if s.V != segmentVersion {
		return s, fmt.Errorf("version %d, this program knows %d", s.V, segmentVersion)
	}
	if _, ok := segmentNumber(s.Segment); !ok {
		return s, fmt.Errorf("segment name %.80q", s.Segment)
	}
	return s, nil
}

func readFile(fsys fsx.FS, path string, max int64) ([]byte, error) {
	f, err := fsys.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, max+1))
	if err == nil && int64(len(b)) > max {
		err = fmt.Errorf("%q is over %d bytes", path, max)
	}
	return b, err
}

func appendManifest(fsys fsx.FS, dir string, s Segment) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	f, err := fsys.OpenAppend(filepath.Join(dir, ManifestFile))
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// span is the range of dates in a segment.
type span struct{ first, last time.Time }

func (s *span) add(t time.Time) {
	if s.first.IsZero() || t.Before(s.first) {
		s.first = t
	}
	if t.After(s.last) {
		s.last = t
	}
}
