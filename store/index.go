package store

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"

	"tandem/store/fsx"
)

// maxLine bounds an index line: metadata of 1 MiB, each byte of which JSON may escape, and a URL.
const maxLine = 8 << 20

// ReadIndex yields the entries of a sealed segment's index, sorted by SURT and timestamp. A line that cannot be read is yielded as an
// error that names it, and reading goes on; an error of the file ends it.
func ReadIndex(fsys fsx.FS, dir, segment string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		path := filepath.Join(dir, indexName(segment))
		if _, ok := segmentNumber(segment); !ok {
			yield(Entry{}, fmt.Errorf("read index of segment %.80q: %w: bad name", segment, ErrEntry))
			return
		}
		f, err := fsys.Open(path)
		if err != nil {
			yield(Entry{}, fmt.Errorf("read index: %w", err))
			return
		}
		defer f.Close()
		n := 0
		for l, err := range lines(f) {
			n++
			if err != nil {
				yield(Entry{}, fmt.Errorf("read index %q: line %d: %w", path, n, err))
				return
			}
			e, err := ParseLine(l)
			if err != nil {
				err = fmt.Errorf("read index %q: line %d: %w", path, n, err)
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// lines yields lines without their ends; they are valid until the next one.
func lines(r io.Reader) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		s := bufio.NewScanner(r)
		s.Buffer(make([]byte, 64<<10), maxLine)
		for s.Scan() {
			if !yield(s.Bytes(), nil) {
				return
			}
		}
		if s.Err() != nil {
			yield(nil, s.Err())
		}
	}
}

// writeIndex writes the index of a segment by rename.
func writeIndex(fsys fsx.FS, dir, segment string, entries []Entry) error {
	sorted := make([][]byte, 0, len(entries))
	var size int
	for _, e := range entries {
		l := append(e.appendLine(nil), '\n')
		sorted = append(sorted, l)
		size += len(l)
	}
	slices.SortFunc(sorted, bytes.Compare)
	all := make([]byte, 0, size)
	for _, l := range sorted {
		all = append(all, l...)
	}
	return fsx.WriteFile(fsys, filepath.Join(dir, indexName(segment)), all)
}
